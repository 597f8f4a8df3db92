//! Seals a plan into a file, and tells later whether everything that the plan rests on is still as it was.
//!
//! A sealed plan holds the plan as people read it, secret values masked, what was asked for, and *bindings*: one for each
//! thing that the plan rests on. [`Seal::moved`] binds a plan that was made anew and names every difference. What does not
//! matter to the plan is not bound, so that it may change: `status` and the server's own counters, objects that the plan
//! leaves alone, other releases, kinds that nobody here uses (`docs/adr/0008-a-sealed-plan-binds-what-it-touches.md`).
//!
//! No digest covers a secret value, for a short one could be guessed from it: Secrets are bound by the version of the live
//! object and of the record that they come from.
//!
//! ```
//! use helm_release_core::plan::{RollbackOptions, rules};
//! use helm_release_core::ports::NoObserver;
//! use helm_release_core::run::{Engine, Outcome};
//! use helm_release_core::seal::{Place, Seal, cluster_identity};
//! use helm_release_store::clock::SystemClock;
//! use helm_release_store::process::random_id;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
//! let looked = engine.look(&shop.namespace, &shop.name, &RollbackOptions::default()).await?;
//! let (survey, plan) = looked.judged(&rules::all());
//! assert_eq!(plan.blocking().count(), 0, "what is blocked need not be sealed");
//! let here = Place {
//!     tool: "1.0.0".to_owned(),
//!     records: shop.storage.to_string(),
//!     cluster: cluster_identity(&shop.cluster, &shop.namespace).await,
//! };
//! let seal = Seal::of(&survey, &plan, here.clone(), &random_id(), jiff::Timestamp::now());
//! let file = seal.to_json().to_string();
//!
//! // The next day, in another process: the same place, asked and judged in the same way, and nothing has moved.
//! let seal = Seal::from_json(&file)?;
//! assert_eq!(seal.place, here);
//! let (survey, plan) = engine.look(&seal.namespace, &seal.release, &seal.options).await?.judged(&rules::all());
//! assert_eq!(seal.moved(&survey, &plan, "1.0.0"), []);
//! assert_eq!(engine.run(&plan).await?, Outcome::RolledBack(plan.new_revision));
//! # Ok(()) });
//! ```
//!
//! When so much moved that there is no plan, [`Seal::moved_records`] says which records did.

mod bind;
mod binding;
mod compare;
mod content;
mod digest;
mod file;
mod options;

pub use binding::{Binding, Bound};
pub use compare::{How, Moved};
pub use file::{SEALED_PLAN_FORMAT, SealError};

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use crate::plan::{Plan, RollbackOptions, Survey};
use crate::ports::{Cluster, Head};
use crate::{Gvk, Namespace, ReleaseName};

/// Who seals, when and where.
///
/// ```
/// use helm_release_core::seal::{Place, Seal, cluster_identity};
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let place = Place {
///     tool: env!("CARGO_PKG_VERSION").to_owned(),
///     records: "Secrets".to_owned(),
///     cluster: cluster_identity(&shop.cluster, &shop.namespace).await,
/// };
/// # let options = RollbackOptions::default();
/// # let (survey, plan) = (shop.survey(&options).await?, shop.plan(&options).await?);
/// let seal = Seal::of(&survey, &plan, place.clone(), "a salt of its own", jiff::Timestamp::now());
/// // Whoever applies the file compares all three with where they are.
/// assert_eq!(Seal::from_json(&seal.to_json().to_string())?.place, place);
/// assert!(place.cluster.is_some());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Version of the program, whose rules made the plan.
    pub tool: String,
    /// What kind of objects records are kept in, such as `Secrets`.
    pub records: String,
    /// What tells the cluster from every other, see [`cluster_identity`]; `None` when it may not be read.
    pub cluster: Option<String>,
}

/// A sealed plan.
///
/// ```
/// use helm_release_core::plan::{RollbackOptions, plan};
/// use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
/// use helm_release_core::seal::{Place, Seal};
/// use helm_release_core::survey::survey;
/// use helm_release_core::Gvk;
/// use helm_release_store::cluster::{MemoryCluster, seed};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
/// use serde_json::json;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let storage = MemoryStorage::new();
/// let releases = r#"
/// - name: web
///   version: 1
///   info: {status: superseded, description: Install complete}
///   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// - name: web
///   version: 2
///   info: {status: deployed, description: Upgrade complete}
///   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
/// "#;
/// load_memory_data(&storage, releases).await?;
/// let cluster = MemoryCluster::new();
/// seed(&cluster, &storage).await?;
/// let (namespace, name) = ("default".parse()?, "web".parse()?);
/// let options = RollbackOptions::default();
/// let place = Place { tool: "1.0.0".to_owned(), records: "memory".to_owned(), cluster: None };
///
/// let seen = survey(&storage, &cluster, &namespace, &name, &options).await?;
/// let file = Seal::of(&seen, &plan(&seen, &options), place, "a salt of its own", jiff::Timestamp::now()).to_json();
///
/// // Later, and after somebody has edited the object:
/// let seal = Seal::from_json(&file.to_string())?;
/// let kinds = cluster.kinds(false).await?;
/// let at = kinds.find(&Gvk::new("v1", "ConfigMap")).expect("it is served").at("default", "web");
/// let patch = PatchBody::Merge(json!({"data": {"color": "green"}}));
/// let edit = Request::Patch { at, patch, manager: "somebody".to_owned(), validation: Validation::Ignore };
/// cluster.write(&edit, DryRun::No).await?;
///
/// let seen = survey(&storage, &cluster, &namespace, &name, &seal.options).await?;
/// let moved = seal.moved(&seen, &plan(&seen, &seal.options), "1.0.0");
/// assert_eq!(moved[0].to_string(), "object ConfigMap default/web: data.color was changed, and so was who owns which field");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Seal {
    /// Who sealed it, and where.
    pub place: Place,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub release: ReleaseName,
    /// What was asked for; the plan is made anew from this.
    pub options: RollbackOptions,
    /// The plan as [`Plan::to_json`] shows it.
    pub plan: Value,
    /// What makes the digests of this file unlike those of any other.
    pub salt: String,
    /// What the plan rests on.
    pub bindings: Vec<Binding>,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal")
            .field("place", &self.place)
            .field("sealed_at", &self.sealed_at)
            .field("namespace", &self.namespace)
            .field("release", &self.release)
            .finish_non_exhaustive()
    }
}

impl Seal {
    /// Seals a plan. The `salt` must be unlike that of any other file.
    ///
    /// ```
    /// use helm_release_core::seal::Seal;
    /// # use helm_release_core::plan::RollbackOptions;
    /// # use helm_release_core::seal::Place;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = shop.survey(&options).await?;
    /// # let plan = shop.plan(&options).await?;
    /// # let place = Place { tool: "1.0.0".to_owned(), records: "memory".to_owned(), cluster: None };
    /// let now = "2026-11-24T08:00:00Z".parse()?;
    /// let seal = Seal::of(&survey, &plan, place, "a salt of its own", now);
    /// assert_eq!((seal.release.as_str(), seal.sealed_at), ("shop", now));
    /// assert_eq!(seal.options, plan.options);
    /// assert_eq!(seal.plan, plan.to_json());
    /// assert!(!seal.bindings.is_empty());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn of(survey: &Survey, plan: &Plan, place: Place, salt: &str, now: Timestamp) -> Self {
        Self {
            bindings: bind::all(survey, plan, &bind::touched(plan), &place.tool, salt),
            place,
            sealed_at: now,
            namespace: plan.namespace.clone(),
            release: plan.name.clone(),
            options: plan.options.clone(),
            plan: plan.to_json(),
            salt: salt.to_owned(),
        }
    }

    /// What a plan that was made anew rests on and this one did not, or the other way round; empty when it is the same plan.
    ///
    /// `tool` is the version of the program that made it. What the server was asked about for this plan has to be asked for the
    /// other one as well ([`crate::run::Engine::plan`] does).
    ///
    /// ```
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
    /// assert!(seal.moved(&survey, &plan, "1.0.0").is_empty());
    /// // A newer program may have other rules.
    /// let moved = seal.moved(&survey, &plan, "1.1.0");
    /// let expected = "rule the version of this program: it was 1.0.0 when the plan was sealed, and is 1.1.0";
    /// assert_eq!(moved.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn moved(&self, survey: &Survey, plan: &Plan, tool: &str) -> Vec<Moved> {
        // An object that the other plan alone works on is told by its step, for this one knows nothing of it.
        let objects = self.bindings.iter().filter(|binding| binding.what == Bound::Object);
        let objects = objects.map(|binding| binding.name.clone()).collect();
        let mut moved = compare::compare(&self.bindings, &bind::all(survey, plan, &objects, tool, &self.salt));
        let rights = self.bindings.iter().filter(|binding| binding.what == Bound::Right).count();
        // The same steps need the same rights: whoever made the other plan did not ask.
        if moved.is_empty() && rights > 0 && survey.answers.needs.is_empty() {
            let how = How::Became { was: "asked for".to_owned(), is: "not asked for".to_owned() };
            moved.push(Moved { what: Bound::Right, name: format!("that the plan needs ({rights} in all)"), how });
        }
        moved
    }

    /// Which records moved, for when so much did that there is no plan at all.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
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
    /// // Somebody has deleted the record of revision 2, to which the plan returns.
    /// # let record = shop.storage.get(&shop.key(2)?).await?;
    /// # shop.storage.delete(&shop.key(2)?, &record.head.version).await?;
    /// let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
    /// let moved = seal.moved_records(&heads);
    /// assert_eq!(moved[0].to_string(), "record of revision 2: it was deployed when the plan was sealed, and is no more");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn moved_records(&self, heads: &[Head]) -> Vec<Moved> {
        let sealed: Vec<Binding> = self.bindings.iter().filter(|binding| binding.what == Bound::Record).cloned().collect();
        let fresh: Vec<Binding> = heads.iter().map(bind::head).collect();
        compare::compare(&bind::heads_alone(sealed), &fresh)
    }
}

/// What tells the cluster from every other one: the uid of the release's namespace. `None` when it may not be read.
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::seal::cluster_identity;
/// use helm_release_store::cluster::MemoryCluster;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let identity = cluster_identity(&shop.cluster, &shop.namespace).await.expect("the namespace is there");
/// let namespace = shop.cluster.objects().into_iter().find(|object| object.id().to_string() == "Namespace default");
/// assert_eq!(namespace.as_ref().and_then(|namespace| namespace.uid()), Some(identity.as_str()));
/// assert_eq!(cluster_identity(&MemoryCluster::new(), &"nowhere".parse()?).await, None);
/// # Ok(()) });
/// ```
pub async fn cluster_identity(cluster: &dyn Cluster, namespace: &Namespace) -> Option<String> {
    let kinds = cluster.kinds(false).await.ok()?;
    let at = kinds.find(&Gvk::new("v1", "Namespace"))?.at("", namespace.as_str());
    cluster.get(&at).await.ok()?.uid().map(str::to_owned)
}

#[cfg(test)]
mod tests;
