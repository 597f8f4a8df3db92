//! Computing strategic merge patches.

use serde_json::{Map, Value};

use super::list::{self, Element};
use super::{DELETE_FROM_LIST, DIRECTIVE, ELEMENT_ORDER, Known, RETAIN_KEYS, Strategic, merge, order};
use crate::patch::error::{PatchProblem, Trouble};
use crate::patch::schema::{ListMerge, Node};

type Mapping = Map<String, Value>;

/// Which half of the difference between two objects goes into a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// What was added or changed.
    Additions,
    /// What was deleted.
    Deletions,
}

/// The difference between two lists as the members that go into a patch.
#[derive(Debug, Default)]
struct ListDifference {
    entries: Vec<Value>,
    /// Texts and numbers to delete.
    gone: Vec<Value>,
    order: Vec<Value>,
}

impl Strategic {
    /// The patch that brings `live` to `target`: additions and changes against `live`, deletions against `original`.
    pub(in crate::patch) fn three_way(
        self,
        original: &Mapping,
        target: &Mapping,
        live: &Mapping,
        node: Known<'_>,
    ) -> Result<Mapping, Trouble> {
        let additions = self.difference(live, target, node, Keep::Additions, false)?;
        let deletions = self.difference(original, target, node, Keep::Deletions, false)?;
        self.merge(deletions, additions, node, merge::Into::Patch)
    }

    fn difference(
        self,
        before: &Mapping,
        after: &Mapping,
        node: Known<'_>,
        keep: Keep,
        retain_keys: bool,
    ) -> Result<Mapping, Trouble> {
        let mut patch = Mapping::new();
        for (key, new) in after {
            match (before.get(key), new) {
                (Some(Value::String(old)), Value::String(_)) if key == DIRECTIVE => {
                    if new != old {
                        patch.insert(key.clone(), new.clone());
                    }
                }
                (Some(_), _) if key == DIRECTIVE => return Err(PatchProblem::Directive.into()),
                (Some(Value::Object(old)), Value::Object(inner)) => {
                    let Some(field) = self.field_of_changed(node, key, before.get(key) == Some(new))? else { continue };
                    if field.is_some_and(Node::is_replaced) {
                        if keep == Keep::Additions {
                            patch.insert(key.clone(), new.clone());
                        }
                        continue;
                    }
                    let retain_keys = field.is_some_and(Node::retain_keys);
                    let below = self.difference(old, inner, field, keep, retain_keys);
                    let below = below.map_err(|trouble| trouble.within(key))?;
                    if !below.is_empty() {
                        patch.insert(key.clone(), Value::Object(below));
                    }
                }
                (Some(Value::Array(old)), Value::Array(inner)) => {
                    let Some(field) = self.field_of_changed(node, key, old == inner)? else { continue };
                    if let Some(ListMerge::Merge { key: merge_key }) = field.map(Node::list_merge) {
                        let difference = self.list_difference(old, inner, field, merge_key, keep);
                        insert_list(&mut patch, key, difference.map_err(|trouble| trouble.within(key))?);
                    } else if keep == Keep::Additions && old != inner {
                        patch.insert(key.clone(), new.clone());
                    }
                }
                (old, new) => {
                    if keep == Keep::Additions && old != Some(new) {
                        patch.insert(key.clone(), new.clone());
                    }
                }
            }
        }
        if keep == Keep::Deletions {
            let gone = before.keys().filter(|key| !after.contains_key(*key));
            patch.extend(gone.map(|key| (key.clone(), Value::Null)));
        }
        if retain_keys {
            let retained = after.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| Value::from(key.as_str()));
            let retained = list::sorted_scalars(&retained.collect::<Vec<_>>());
            let cleared = || before.iter().any(|(key, value)| !value.is_null() && !after.contains_key(key));
            if !retained.is_empty() && (!patch.is_empty() || cleared()) {
                patch.insert(RETAIN_KEYS.to_owned(), Value::Array(retained));
            }
        }
        Ok(patch)
    }

    /// A field that the schema does not know is no matter as long as it did not change: then `None`.
    fn field_of_changed<'a>(self, node: Known<'a>, key: &str, same: bool) -> Result<Option<Known<'a>>, Trouble> {
        match self.field(node, key) {
            Ok(field) => Ok(Some(field)),
            Err(_) if same => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    fn list_difference(
        self,
        before: &[Value],
        after: &[Value],
        field: Known<'_>,
        key: Option<&str>,
        keep: Keep,
    ) -> Result<ListDifference, Trouble> {
        if before.is_empty() {
            let entries = if keep == Keep::Additions { after.to_vec() } else { Vec::new() };
            return Ok(ListDifference { entries, ..ListDifference::default() });
        }
        if list::element_of([before, after])? != Element::Mapping {
            return difference_of_scalars(before, after, keep);
        }
        let key = key.ok_or(PatchProblem::NotMergeable)?;
        let (entries, gone) = self.difference_by_key(before, after, field, key, keep)?;
        let mut entries = order::sort_by(entries, after, Some(key))?;
        entries.extend(gone);
        let moved = keep == Keep::Additions && !same_order(before, after, key)?;
        let mut wanted = Vec::new();
        if !entries.is_empty() || moved {
            for entry in after {
                let value = entry.get(key).cloned().unwrap_or_default();
                wanted.push(Value::Object(Mapping::from_iter([(key.to_owned(), value)])));
            }
        }
        Ok(ListDifference { entries, gone: Vec::new(), order: wanted })
    }

    /// Walks both lists in the order of their merge keys; returns what goes into the patch and directives to delete.
    fn difference_by_key(
        self,
        before: &[Value],
        after: &[Value],
        field: Known<'_>,
        key: &str,
        keep: Keep,
    ) -> Result<(Vec<Value>, Vec<Value>), Trouble> {
        let items = field.and_then(Node::items);
        let retain_keys = field.is_some_and(Node::retain_keys);
        let before = list::sorted_by_key(before, key)?;
        let after = list::sorted_by_key(after, key)?;
        let (mut old_entries, mut new_entries) = (before.iter().peekable(), after.iter().peekable());
        let (mut entries, mut gone) = (Vec::new(), Vec::new());
        loop {
            let comparison = match (old_entries.peek(), new_entries.peek()) {
                (None, None) => return Ok((entries, gone)),
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(_), None) => std::cmp::Ordering::Less,
                (Some(old), Some(new)) => old.text.cmp(&new.text),
            };
            let old = if comparison.is_le() { old_entries.next() } else { None };
            let new = if comparison.is_ge() { new_entries.next() } else { None };
            match (old, new) {
                (Some(old), Some(new)) => {
                    let mut changed = self.difference(old.entry, new.entry, items, keep, retain_keys)?;
                    if !changed.is_empty() {
                        changed.insert(key.to_owned(), new.value.clone());
                        entries.push(Value::Object(changed));
                    }
                }
                (None, Some(new)) if keep == Keep::Additions => entries.push(Value::Object(new.entry.clone())),
                (Some(old), None) if keep == Keep::Deletions => {
                    let members = [(key.to_owned(), old.value.clone()), (DIRECTIVE.to_owned(), "delete".into())];
                    gone.push(Value::Object(Mapping::from_iter(members)));
                }
                _ => {}
            }
        }
    }
}

fn difference_of_scalars(before: &[Value], after: &[Value], keep: Keep) -> Result<ListDifference, Trouble> {
    let (before, sorted) = (list::sorted_scalars(before), list::sorted_scalars(after));
    let mut difference = ListDifference::default();
    let (mut old_entries, mut new_entries) = (before.iter().peekable(), sorted.iter().peekable());
    loop {
        let comparison = match (old_entries.peek(), new_entries.peek()) {
            (None, None) => break,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(_), None) => std::cmp::Ordering::Less,
            (Some(old), Some(new)) => list::text(old).cmp(&list::text(new)),
        };
        let old = if comparison.is_le() { old_entries.next() } else { None };
        let new = if comparison.is_ge() { new_entries.next() } else { None };
        match (old, new) {
            (None, Some(new)) if keep == Keep::Additions => difference.entries.push(new.clone()),
            (Some(old), None) if keep == Keep::Deletions => difference.gone.push(old.clone()),
            _ => {}
        }
    }
    list::deduplicate(&mut difference.gone);
    difference.entries = order::sort_by(difference.entries, after, None)?;
    // Kubernetes' library has sorted the old list in place when it compares it with the unsorted one,
    // so a list that is not in alphabetical order always gets an order directive.
    let ordered = match keep {
        Keep::Additions => before != after,
        Keep::Deletions => !difference.gone.is_empty(),
    };
    if ordered {
        difference.order = after.to_vec();
    }
    Ok(difference)
}

fn same_order(before: &[Value], after: &[Value], key: &str) -> Result<bool, Trouble> {
    if before.len() != after.len() {
        return Ok(false);
    }
    for (old, new) in before.iter().zip(after) {
        let old = old.get(key).ok_or_else(|| list::no_merge_key(key))?;
        let new = new.get(key).ok_or_else(|| list::no_merge_key(key))?;
        if old != new {
            return Ok(false);
        }
    }
    Ok(true)
}

fn insert_list(patch: &mut Mapping, key: &str, difference: ListDifference) {
    let members = [
        (key.to_owned(), difference.entries),
        (format!("{DELETE_FROM_LIST}/{key}"), difference.gone),
        (format!("{ELEMENT_ORDER}/{key}"), difference.order),
    ];
    patch.extend(members.into_iter().filter(|(_, list)| !list.is_empty()).map(|(key, list)| (key, Value::Array(list))));
}
