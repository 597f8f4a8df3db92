//! Names what differs between two lists of bindings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::bind::PODS_OF;
use super::binding::{Binding, Bound};
use super::content::{OWNERS, UID, VERSION};

/// How something that a plan rests on moved.
///
/// ```
/// use helm_release_core::ports::Head;
/// use helm_release_core::seal::How;
/// # use helm_release_core::ports::{HeadQuery, Storage as _};
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::seal::{Place, Seal};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// # let plan = shop.plan(&options).await?;
/// # let place = Place { tool: "1.0.0".to_owned(), records: "memory".to_owned(), cluster: None };
/// # let seal = Seal::of(&survey, &plan, place, "a salt of its own", jiff::Timestamp::now());
/// # let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
/// let how = |heads: &[Head]| seal.moved_records(heads).pop().map(|moved| moved.how);
/// assert_eq!(how(&heads), None);
/// assert_eq!(how(&heads[..2]), Some(How::Gone("failed".to_owned())));
///
/// let mut finished = heads.clone();
/// finished[2].labels.insert("status".to_owned(), "superseded".to_owned());
/// assert_eq!(how(&finished), Some(How::Became { was: "failed".to_owned(), is: "superseded".to_owned() }));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// The sealed plan did not know it; its state.
    Appeared(String),
    /// It is no more; the state in which it was.
    Gone(String),
    /// It is in another state.
    Became {
        /// The state when the plan was sealed.
        was: String,
        /// The state in which it is.
        is: String,
    },
    /// It is in the same state, and these parts of it differ.
    Changed(Vec<String>),
}

/// Something that a plan rests on and that is not as it was when the plan was sealed.
///
/// ```
/// use helm_release_core::seal::{Bound, How};
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::seal::{Place, Seal};
/// # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// # let plan = shop.plan(&options).await?;
/// # let place = Place { tool: "1.0.0".to_owned(), records: "memory".to_owned(), cluster: None };
/// # let seal = Seal::of(&survey, &plan, place, "a salt of its own", jiff::Timestamp::now());
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let at = kinds.find(&helm_release_core::Gvk::new("apps/v1", "Deployment")).unwrap().at("default", "shop");
/// # let patch = PatchBody::Merge(serde_json::json!({"spec": {"paused": true}}));
/// # let edit = Request::Patch { at, patch, manager: "kubectl-edit".to_owned(), validation: Validation::Ignore };
/// # shop.cluster.write(&edit, DryRun::No).await?;
/// # let survey = shop.survey(&options).await?;
/// # let plan = helm_release_core::plan::plan(&survey, &options);
/// // Somebody has paused the Deployment since then; `survey` and `plan` were made anew.
/// let moved = &seal.moved(&survey, &plan, "1.0.0")[0];
/// assert_eq!((moved.what, moved.name.as_str()), (Bound::Object, "Deployment default/shop"));
/// assert_eq!(moved.how, How::Changed(vec!["owners".to_owned(), "spec.paused".to_owned()]));
/// assert!(moved.to_string().starts_with("object Deployment default/shop: spec.paused was changed"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// What kind of thing.
    pub what: Bound,
    /// Which one.
    pub name: String,
    /// What became of it.
    pub how: How,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, name, how } = self;
        match how {
            How::Became { was, is } if *what == Bound::Step => {
                write!(f, "{what} {name}: the sealed plan says {was}, and one made anew says {is}")
            }
            How::Appeared(is) => write!(f, "{what} {name}: it is {is}, and was not there when the plan was sealed"),
            How::Gone(was) => write!(f, "{what} {name}: it was {was} when the plan was sealed, and is no more"),
            How::Became { was, is } => write!(f, "{what} {name}: it was {was} when the plan was sealed, and is {is}"),
            How::Changed(parts) if parts.iter().any(|part| part == UID) => {
                write!(f, "{what} {name}: another one of that name took its place")
            }
            How::Changed(parts) if *what == Bound::Object => write_parts(f, name, parts),
            How::Changed(_) if *what == Bound::Record => write!(f, "{what} {name}: it was written since the plan was sealed"),
            How::Changed(_) => write!(f, "{what} {name}: it is another one than when the plan was sealed"),
        }
    }
}

fn write_parts(f: &mut fmt::Formatter<'_>, name: &str, parts: &[String]) -> fmt::Result {
    let fields: Vec<&str> = parts.iter().map(String::as_str).filter(|part| ![OWNERS, VERSION].contains(part)).collect();
    let has_owners = parts.iter().any(|part| part == OWNERS);
    write!(f, "object {name}: ")?;
    match (fields.as_slice(), has_owners) {
        ([], true) => f.write_str("who owns which field was changed"),
        ([], false) => f.write_str("it was written since the plan was sealed"),
        ([field], false) => write!(f, "{field} was changed"),
        ([field], true) => write!(f, "{field} was changed, and so was who owns which field"),
        (fields, false) => write!(f, "{} were changed", fields.join(", ")),
        (fields, true) => write!(f, "{} were changed, and so was who owns which field", fields.join(", ")),
    }
}

type Key<'a> = (Bound, &'a str, usize);

/// Bindings by kind and name; of several with one name, each by its turn.
fn index(bindings: &[Binding]) -> BTreeMap<Key<'_>, &Binding> {
    let mut turns: BTreeMap<(Bound, &str), usize> = BTreeMap::new();
    let keyed = bindings.iter().map(|binding| {
        let turn = turns.entry((binding.what, &binding.name)).or_default();
        *turn += 1;
        ((binding.what, binding.name.as_str(), *turn), binding)
    });
    keyed.collect()
}

/// Everything that moved, causes first. What follows from a cause that is named is left out.
pub(super) fn compare(sealed: &[Binding], fresh: &[Binding]) -> Vec<Moved> {
    let (before, after) = (index(sealed), index(fresh));
    let mut moved: Vec<Moved> = Vec::new();
    for (key, was) in &before {
        let how = match after.get(key) {
            // Who made the other plan had no reason to look at it, or to ask for it.
            None if matches!(was.what, Bound::Object | Bound::Right) => continue,
            None => How::Gone(was.state.clone()),
            Some(is) if is.state != was.state => How::Became { was: was.state.clone(), is: is.state.clone() },
            Some(is) => {
                let mut parts = differing(&was.parts, &is.parts);
                // Nor to read what every record holds.
                parts.retain(|part| was.what != Bound::Record || was.parts.contains_key(part) && is.parts.contains_key(part));
                if parts.is_empty() {
                    continue;
                }
                How::Changed(parts)
            }
        };
        moved.push(Moved { what: was.what, name: was.name.clone(), how });
    }
    let added = after.iter().filter(|(key, _)| !before.contains_key(*key) && key.0 != Bound::Right);
    moved.extend(added.map(|(_, is)| Moved { what: is.what, name: is.name.clone(), how: How::Appeared(is.state.clone()) }));
    moved.sort_by_key(|moved| moved.what);
    without_consequences(moved)
}

fn differing(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<String> {
    let names = was.keys().chain(is.keys().filter(|name| !was.contains_key(*name)));
    let mut names: Vec<String> = names.filter(|name| was.get(*name) != is.get(*name)).cloned().collect();
    names.sort();
    names
}

/// A record, a kind, a right or a rule moves many steps, an object its own, all but objects and rules the findings too, and
/// anything at all the plan as a whole: the causes say it all.
fn without_consequences(moved: Vec<Moved>) -> Vec<Moved> {
    let has = |causes: &[Bound]| moved.iter().any(|moved| causes.contains(&moved.what));
    let moves_steps = has(&[Bound::Record, Bound::Kind, Bound::Right, Bound::Rule]);
    let moves_findings = has(&[Bound::Record, Bound::Kind, Bound::Right]);
    let objects: BTreeSet<String> =
        moved.iter().filter(|moved| moved.what == Bound::Object).map(|moved| moved.name.clone()).collect();
    let follows = |moved: &Moved| {
        let own = moved.name.strip_prefix(PODS_OF).unwrap_or(&moved.name);
        match moved.what {
            Bound::Step => moves_steps || objects.contains(own),
            Bound::Finding => moves_findings,
            _ => false,
        }
    };
    let told: Vec<Moved> = moved.into_iter().filter(|moved| !follows(moved)).collect();
    let has_cause = told.iter().any(|moved| moved.what != Bound::Plan);
    told.into_iter().filter(|moved| moved.what != Bound::Plan || !has_cause).collect()
}
