//! What lists hold, and finding entries in them.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::patch::error::{PatchProblem, Trouble};

/// What a list is a list of. Whole numbers and fractions are different things, as they are in Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Boolean,
    Whole,
    Fraction,
    Text,
    Mapping,
}

/// What the entries of all the lists are; they must agree.
pub(super) fn element_of<'a>(lists: impl IntoIterator<Item = impl AsRef<[Value]> + 'a>) -> Result<Element, Trouble> {
    let mut found = None;
    for list in lists {
        for value in list.as_ref() {
            let element = match value {
                Value::Bool(_) => Element::Boolean,
                Value::Number(number) if number.is_i64() => Element::Whole,
                Value::Number(_) => Element::Fraction,
                Value::String(_) => Element::Text,
                Value::Object(_) => Element::Mapping,
                Value::Array(_) if found.is_none() => return Err(PatchProblem::ListOfLists.into()),
                Value::Array(_) | Value::Null => return Err(PatchProblem::MixedList.into()),
            };
            if *found.get_or_insert(element) != element {
                return Err(PatchProblem::MixedList.into());
            }
        }
    }
    found.ok_or_else(|| PatchProblem::EmptyList.into())
}

pub(super) fn no_merge_key(key: &str) -> Trouble {
    PatchProblem::NoMergeKey { key: key.to_owned() }.into()
}

/// Where the entry is whose `key` has that value.
pub(super) fn position_by_key(list: &[Value], key: &str, value: &Value) -> Result<Option<usize>, Trouble> {
    for (at, entry) in list.iter().enumerate() {
        let Value::Object(entry) = entry else { return Err(PatchProblem::NotAMapping.into()) };
        if entry.get(key) == Some(value) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Drops repeated entries. The last entry moves to where a repeated one was, as in Go's library:
/// the order decides what a patch looks like, so it must be that one.
pub(super) fn deduplicate(list: &mut Vec<Value>) {
    let mut first = 0;
    while first < list.len() {
        let mut other = first + 1;
        while other < list.len() {
            if list[first] == list[other] {
                list.swap_remove(other);
            } else {
                other += 1;
            }
        }
        first += 1;
    }
}

/// A mapping in a list with the value of its merge key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyed<'a, T> {
    pub(super) entry: &'a Map<String, Value>,
    pub(super) value: &'a Value,
    pub(super) text: T,
}

/// The entries in the order of their merge keys' texts.
pub(super) fn sorted_by_key<'a>(list: &'a [Value], key: &str) -> Result<Vec<Keyed<'a, Cow<'a, str>>>, Trouble> {
    let keyed = list.iter().map(|entry| {
        let entry = entry.as_object().ok_or(PatchProblem::NotAMapping)?;
        let value = entry.get(key).ok_or_else(|| no_merge_key(key))?;
        Ok(Keyed { entry, value, text: text(value) })
    });
    let mut keyed = keyed.collect::<Result<Vec<_>, Trouble>>()?;
    go_sort(&mut keyed, |entry| &entry.text);
    Ok(keyed)
}

/// Texts and numbers in the order of their texts.
pub(super) fn sorted_scalars(list: &[Value]) -> Vec<Value> {
    let mut sorted = list.to_vec();
    sorted.sort_by(|left, right| text(left).cmp(&text(right)));
    sorted
}

/// Go's library sorts by "not greater" instead of "less", which turns entries with equal keys around
/// in short lists: two ports with one number and two protocols change places.
fn go_sort<T, K: Ord + ?Sized>(list: &mut [T], key: impl Fn(&T) -> &K) {
    const INSERTION_SORT_UP_TO: usize = 12;
    if list.len() <= INSERTION_SORT_UP_TO {
        list.reverse();
    }
    list.sort_by(|left, right| key(left).cmp(key(right)));
}

/// A value as Go prints it with `%v`.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed("<nil>"),
        other => Cow::Owned(other.to_string()),
    }
}
