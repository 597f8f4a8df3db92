//! Merging a strategic merge patch into an object, or into another patch.

use serde_json::{Map, Value};

use super::list::{self, Element};
use super::{DELETE_FROM_LIST, DIRECTIVE, ELEMENT_ORDER, Known, RETAIN_KEYS, Strategic, order};
use crate::patch::error::{PatchProblem, Trouble};
use crate::patch::schema::{ListMerge, Node};

/// What a patch is merged into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Into {
    /// An object: directives are obeyed.
    Object,
    /// A patch: directives and nulls are kept for the server.
    Patch,
}

type Mapping = Map<String, Value>;

impl Strategic {
    pub(super) fn merge(
        self,
        mut original: Mapping,
        mut patch: Mapping,
        node: Known<'_>,
        into: Into,
    ) -> Result<Mapping, Trouble> {
        match patch.get(DIRECTIVE).map(Value::as_str) {
            None => {}
            Some(Some("replace")) => {
                patch.remove(DIRECTIVE);
                return Ok(patch);
            }
            Some(Some("delete")) => return Ok(Mapping::new()),
            Some(_) => return Err(PatchProblem::Directive.into()),
        }
        retain_keys(&mut original, &mut patch, into)?;
        self.merge_ordered_lists(&mut original, &mut patch, node, into)?;
        for (key, value) in patch {
            match key.strip_prefix(DELETE_FROM_LIST) {
                None => self.merge_field(&mut original, key, value, node, into)?,
                Some(_) if into == Into::Patch => {
                    original.insert(key, value);
                }
                Some(name) => {
                    let name = name.strip_prefix('/').ok_or(PatchProblem::DirectiveName)?;
                    delete_entries(&mut original, name, &value).map_err(|trouble| trouble.within(name))?;
                }
            }
        }
        Ok(original)
    }

    fn merge_field(
        self,
        original: &mut Mapping,
        key: String,
        mut value: Value,
        node: Known<'_>,
        into: Into,
    ) -> Result<(), Trouble> {
        if value.is_null() {
            original.remove(&key);
            if into == Into::Patch {
                original.insert(key, value);
            }
            return Ok(());
        }
        let merged = match (original.remove(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let field = self.field(node, &key)?;
                if field.is_some_and(Node::is_replaced) {
                    Some(Value::Object(new))
                } else {
                    let merged = self.merge(old, new, field, into);
                    Some(Value::Object(merged.map_err(|trouble| trouble.within(&key))?))
                }
            }
            (Some(Value::Array(old)), Value::Array(new)) => {
                let field = self.field(node, &key)?;
                let merged = self.merge_lists(old, new, field, into);
                Some(Value::Array(merged.map_err(|trouble| trouble.within(&key))?))
            }
            (_, new) => {
                value = new;
                if into == Into::Object {
                    discard_nulls(&mut value);
                }
                without_directives(value)
            }
        };
        if let Some(merged) = merged {
            original.insert(key, merged);
        }
        Ok(())
    }

    fn merge_lists(self, original: Vec<Value>, patch: Vec<Value>, field: Known<'_>, into: Into) -> Result<Vec<Value>, Trouble> {
        let Some(ListMerge::Merge { key }) = field.map(Node::list_merge) else { return Ok(patch) };
        if original.is_empty() && patch.is_empty() {
            return Ok(original);
        }
        if list::element_of([&original, &patch])? != Element::Mapping {
            let mut all = original.clone();
            all.extend(patch.iter().cloned());
            list::deduplicate(&mut all);
            return order::arrange(all, &patch, &original, None);
        }
        let key = key.ok_or(PatchProblem::NotMergeable)?;
        let (original, patch) = obey_entry_directives(original, patch, key)?;
        let mut merged = original.clone();
        for entry in &patch {
            let Value::Object(entry) = entry else { return Err(PatchProblem::NotAMapping.into()) };
            let value = entry.get(key).ok_or_else(|| list::no_merge_key(key))?;
            match list::position_by_key(&merged, key, value)? {
                None => merged.push(Value::Object(entry.clone())),
                Some(at) => {
                    if let Some(Value::Object(old)) = merged.get_mut(at) {
                        let old = std::mem::take(old);
                        let items = field.and_then(Node::items);
                        merged[at] = Value::Object(self.merge(old, entry.clone(), items, into)?);
                    }
                }
            }
        }
        order::arrange(merged, &patch, &original, Some(key))
    }

    /// Merges every list for which the patch says the order of entries: that order comes first,
    /// then the order in the patch, then the order in the object.
    fn merge_ordered_lists(
        self,
        original: &mut Mapping,
        patch: &mut Mapping,
        node: Known<'_>,
        into: Into,
    ) -> Result<(), Trouble> {
        let directives: Vec<String> = patch.keys().filter(|key| key.starts_with(ELEMENT_ORDER)).cloned().collect();
        for directive in directives {
            let Some(wanted) = patch.remove(&directive) else { continue };
            if into == Into::Patch && *original.entry(directive.clone()).or_insert_with(|| wanted.clone()) != wanted {
                return Err(Trouble::from(PatchProblem::ElementOrder).within(&directive));
            }
            let Value::Array(wanted) = wanted else { return Err(Trouble::from(PatchProblem::NotAList).within(&directive)) };
            let name = directive.strip_prefix(ELEMENT_ORDER).and_then(|rest| rest.strip_prefix('/'));
            let name = name.ok_or(PatchProblem::DirectiveName)?;
            let old = take_list(original, name)?;
            let new = take_list(patch, name)?;
            let field = self.field(node, name)?;
            let merged = self.merge_ordered(old, new, &wanted, field, into).map_err(|trouble| trouble.within(name))?;
            if let Some(merged) = merged {
                original.insert(name.to_owned(), Value::Array(merged));
            }
        }
        Ok(())
    }

    fn merge_ordered(
        self,
        old: Option<Vec<Value>>,
        new: Option<Vec<Value>>,
        wanted: &[Value],
        field: Known<'_>,
        into: Into,
    ) -> Result<Option<Vec<Value>>, Trouble> {
        let key = match field.map(Node::list_merge) {
            Some(ListMerge::Merge { key }) => key,
            _ => None,
        };
        order::check(new.as_deref().unwrap_or_default(), wanted, key)?;
        if old.is_none() && new.is_none() {
            return Ok(None);
        }
        let element = list::element_of([&old, &new].map(|list| list.as_deref().unwrap_or_default()))?;
        if element == Element::Mapping && key.is_none() {
            return Err(PatchProblem::NotMergeable.into());
        }
        let before = match (&old, &new, key) {
            (Some(old), Some(new), Some(key)) => order_after_merge(old, new, key),
            _ => old.clone().unwrap_or_default(),
        };
        let merged = match (old, new) {
            (Some(old), Some(new)) => self.merge_lists(old, new, field, into)?,
            (None, Some(new)) => new.into_iter().filter_map(without_directives).collect(),
            (old, None) => old.unwrap_or_default(),
        };
        order::arrange(merged, wanted, &before, key.filter(|_| element == Element::Mapping)).map(Some)
    }
}

fn take_list(from: &mut Mapping, name: &str) -> Result<Option<Vec<Value>>, Trouble> {
    match from.remove(name) {
        None => Ok(None),
        Some(Value::Array(list)) => Ok(Some(list)),
        Some(_) => Err(Trouble::from(PatchProblem::NotAList).within(name)),
    }
}

/// Clears the fields that `$retainKeys` does not name; between two patches, hands the directive on.
fn retain_keys(original: &mut Mapping, patch: &mut Mapping, into: Into) -> Result<(), Trouble> {
    let Some(keys) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    if into == Into::Patch {
        let there = original.entry(RETAIN_KEYS).or_insert_with(|| keys.clone());
        return if *there == keys { Ok(()) } else { Err(PatchProblem::RetainKeys.into()) };
    }
    let Value::Array(keys) = keys else { return Err(PatchProblem::RetainKeys.into()) };
    let named = |name: &str| keys.iter().any(|key| key.as_str() == Some(name));
    let complete = patch.iter().all(|(name, value)| {
        value.is_null() || name.starts_with(DELETE_FROM_LIST) || name.starts_with(ELEMENT_ORDER) || named(name)
    });
    if !complete {
        return Err(PatchProblem::RetainKeys.into());
    }
    original.retain(|name, _| named(name));
    Ok(())
}

/// Obeys `$deleteFromPrimitiveList`.
fn delete_entries(original: &mut Mapping, name: &str, gone: &Value) -> Result<(), Trouble> {
    if gone.is_null() {
        original.remove(name);
        return Ok(());
    }
    // A list that is not there, or is something else, has nothing to delete from.
    if let (Some(Value::Array(list)), Value::Array(gone)) = (original.get_mut(name), gone) {
        if list.is_empty() && gone.is_empty() {
            return Ok(());
        }
        if list::element_of([list.as_slice(), gone])? == Element::Mapping {
            return Err(PatchProblem::NotMergeable.into());
        }
        list.retain(|entry| !gone.contains(entry));
    }
    Ok(())
}

/// The old order as Go's library sees it after the merge. That deletes and appends in the memory of the old list, so
/// entries that are added count as old ones in as many places as entries were deleted.
fn order_after_merge(old: &[Value], new: &[Value], key: &str) -> Vec<Value> {
    let directive = |entry: &Value| entry.get(DIRECTIVE).and_then(Value::as_str).map(str::to_owned);
    let deleted =
        |entry: &Value| new.iter().any(|gone| directive(gone).as_deref() == Some("delete") && gone.get(key) == entry.get(key));
    let mut order: Vec<Value> = old.iter().filter(|entry| !deleted(entry)).cloned().collect();
    let replaces = new.iter().any(|entry| directive(entry).as_deref() == Some("replace"));
    for entry in new.iter().filter(|entry| !replaces && entry.get(DIRECTIVE).is_none()) {
        if order.len() < old.len() && !order.iter().any(|other| other.get(key) == entry.get(key)) {
            order.push(entry.clone());
        }
    }
    order
}

/// Obeys `$patch` in the entries of a list; returns both lists without such entries.
fn obey_entry_directives(mut original: Vec<Value>, patch: Vec<Value>, key: &str) -> Result<(Vec<Value>, Vec<Value>), Trouble> {
    let mut kept = Vec::with_capacity(patch.len());
    let mut replace = false;
    for entry in patch {
        match entry.get(DIRECTIVE).map(Value::as_str) {
            None => kept.push(entry),
            Some(Some("delete")) => {
                let gone = entry.get(key).ok_or_else(|| list::no_merge_key(key))?;
                original.retain(|entry| entry.get(key) != Some(gone));
            }
            Some(Some("replace")) => replace = true,
            Some(_) => return Err(PatchProblem::Directive.into()),
        }
    }
    Ok(if replace { (kept, Vec::new()) } else { (original, kept) })
}

fn discard_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(discard_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(discard_nulls),
        _ => {}
    }
}

/// What is added where nothing was cannot hold directives: mappings that carry `$patch` are left out.
fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(DIRECTIVE) => None,
        Value::Object(map) => {
            let kept = map.into_iter().filter_map(|(key, value)| Some((key, without_directives(value)?)));
            Some(Value::Object(kept.collect()))
        }
        Value::Array(list) => Some(Value::Array(list.into_iter().filter_map(without_directives).collect())),
        value => Some(value),
    }
}
