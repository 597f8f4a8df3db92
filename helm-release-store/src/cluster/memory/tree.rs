//! Reaching into JSON.

use serde_json::{Map, Value};

/// The value at a path of mapping keys.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key)).filter(|value| !value.is_null())
}

/// The text at a path; empty when there is none.
pub(crate) fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    at(value, path).and_then(Value::as_str).unwrap_or_default()
}

/// The whole number at a path.
pub(crate) fn number(value: &Value, path: &[&str]) -> Option<i64> {
    at(value, path).and_then(Value::as_i64)
}

/// The items of the list at a path; none when there is no list.
pub(crate) fn items<'a>(value: &'a Value, path: &[&str]) -> &'a [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The mapping at a path, made when it is absent.
pub(crate) fn mapping<'a>(value: &'a mut Value, path: &[&str]) -> &'a mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match (value, path) {
        (Value::Object(map), []) => map,
        (Value::Object(map), [key, rest @ ..]) => mapping(map.entry((*key).to_owned()).or_insert(Value::Null), rest),
        _ => unreachable!("made an object above"),
    }
}

/// Sets the value at a path, making the mappings on the way.
pub(crate) fn set(value: &mut Value, path: &[&str], to: impl Into<Value>) {
    if let Some((last, parents)) = path.split_last() {
        mapping(value, parents).insert((*last).to_owned(), to.into());
    }
}

/// Sets the value at a path unless there is one.
pub(crate) fn set_default(value: &mut Value, path: &[&str], to: impl Into<Value>) {
    if at(value, path).is_none() {
        set(value, path, to);
    }
}

/// Removes the value at a path.
pub(crate) fn remove(value: &mut Value, path: &[&str]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let parent = parents.iter().try_fold(value, |value, key| value.get_mut(key))?;
    parent.as_object_mut()?.remove(*last)
}

/// The mutable items of the list at a path.
pub(crate) fn items_mut<'a>(value: &'a mut Value, path: &[&str]) -> &'a mut [Value] {
    let list = path.iter().try_fold(value, |value, key| value.get_mut(key)).and_then(Value::as_array_mut);
    list.map_or(&mut [], Vec::as_mut_slice)
}
