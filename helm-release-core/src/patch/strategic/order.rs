//! The order of entries in a merged list.

use std::collections::VecDeque;

use serde_json::Value;

use super::{DIRECTIVE, list};
use crate::patch::error::{PatchProblem, Trouble};

/// Puts the entries of a merged list into order: those that `wanted` names in its order, and the others, in the order
/// that they have in `before`, each ahead of the first one that followed it in `before`.
///
/// `key` is the merge key of a list of mappings.
pub(super) fn arrange(merged: Vec<Value>, wanted: &[Value], before: &[Value], key: Option<&str>) -> Result<Vec<Value>, Trouble> {
    let mut named = Vec::new();
    let mut others = Vec::new();
    for entry in merged {
        if let Some(key) = key {
            let entry = entry.as_object().ok_or(PatchProblem::NotAMapping)?;
            entry.get(key).ok_or_else(|| list::no_merge_key(key))?;
        }
        if position(wanted, &entry, key).is_some() { named.push(entry) } else { others.push(entry) }
    }
    let named = sort_by(named, wanted, key)?;
    let others = sort_by(others, before, key)?;
    Ok(interleave(others, named, before, key))
}

/// Sorts entries by their place in `order`; entries that carry `$patch: delete` come last.
pub(super) fn sort_by(entries: Vec<Value>, order: &[Value], key: Option<&str>) -> Result<Vec<Value>, Trouble> {
    let mut gone = Vec::new();
    let mut kept = entries;
    if let Some(key) = key {
        for entry in kept.iter().chain(order) {
            let entry = entry.as_object().ok_or(PatchProblem::NotAMapping)?;
            entry.get(key).ok_or_else(|| list::no_merge_key(key))?;
        }
        (gone, kept) = kept.into_iter().partition(is_deleted);
    }
    let mut placed: Vec<(Option<usize>, Value)> = kept.into_iter().map(|entry| (position(order, &entry, key), entry)).collect();
    if placed.iter().all(|(place, _)| place.is_some()) {
        placed.sort_by_key(|(place, _)| *place);
    } else {
        // Go compares an entry without a place as smaller than everything, so each of them
        // moves to the front of those before it. An insertion sort does the same.
        for from in 1..placed.len() {
            let mut at = from;
            while at > 0 && goes_first(placed[at].0, placed[at - 1].0) {
                placed.swap(at, at - 1);
                at -= 1;
            }
        }
    }
    Ok(placed.into_iter().map(|(_, entry)| entry).chain(gone).collect())
}

fn goes_first(left: Option<usize>, right: Option<usize>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => left < right,
        _ => true,
    }
}

fn is_deleted(entry: &Value) -> bool {
    entry.get(DIRECTIVE).and_then(Value::as_str) == Some("delete")
}

fn position(order: &[Value], entry: &Value, key: Option<&str>) -> Option<usize> {
    match key {
        None => order.iter().position(|other| other == entry),
        Some(key) => order.iter().position(|other| other.get(key) == entry.get(key)),
    }
}

/// Merges two lists and keeps the order of each; an entry of `left` goes ahead when `before` has both in that order.
fn interleave(left: Vec<Value>, right: Vec<Value>, before: &[Value], key: Option<&str>) -> Vec<Value> {
    let place = |entry: Value| (position(before, &entry, key), entry);
    let mut left: VecDeque<_> = left.into_iter().map(place).collect();
    let mut right: VecDeque<_> = right.into_iter().map(place).collect();
    let mut all = Vec::with_capacity(left.len() + right.len());
    loop {
        let left_first = match (left.front(), right.front()) {
            (None, None) => return all,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some((left, _)), Some((right, _))) => left.zip(*right).is_some_and(|(left, right)| left < right),
        };
        let next = if left_first { left.pop_front() } else { right.pop_front() };
        all.extend(next.map(|(_, entry)| entry));
    }
}

/// Checks that a patch's list follows the order that the patch asks for.
pub(super) fn check(patch: &[Value], wanted: &[Value], key: Option<&str>) -> Result<(), Trouble> {
    if patch.is_empty() || wanted.is_empty() {
        return Ok(());
    }
    let mut wanted = wanted.iter();
    for entry in patch {
        let named = match key {
            None => wanted.any(|other| other == entry),
            Some(_) if entry.get(DIRECTIVE).is_some() => true,
            Some(key) => {
                let value = entry.as_object().ok_or(PatchProblem::NotAMapping)?.get(key);
                let value = value.ok_or_else(|| list::no_merge_key(key))?;
                wanted.any(|other| other.get(key) == Some(value))
            }
        };
        if !named {
            return Err(PatchProblem::ElementOrder.into());
        }
    }
    Ok(())
}
