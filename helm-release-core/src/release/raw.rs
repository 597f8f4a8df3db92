//! An ordered map of raw JSON members.

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::json::raw_json;

/// A JSON object whose members are kept as text, in order; of duplicate keys the last wins, as in Go.
#[derive(Clone, Default)]
pub(super) struct RawMap(IndexMap<String, Box<RawValue>>);

/// A parser's complaint without the text that it complains about.
fn complaint(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // serde's "invalid type: string \"…\", expected u32" quotes content, which may be a secret.
    match (text.find("invalid "), text.find(", expected ")) {
        (Some(start), Some(end)) if start < end => {
            let kind = text[start..end].split(['"', '`']).next().unwrap_or_default().trim_end();
            format!("{kind}{}", &text[end..])
        }
        _ => text,
    }
}

impl RawMap {
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map(Self).map_err(|error| complaint(&error))
    }

    /// The members of an object; none when it is absent or something else.
    pub(super) fn parse_member(member: Option<&RawValue>) -> Self {
        member.and_then(|raw| Self::parse(raw.get().as_bytes()).ok()).unwrap_or_default()
    }

    pub(super) fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.get(key).map(Box::as_ref)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Reads a member; absent and `null` give the default, as in Go.
    pub(super) fn view<T: DeserializeOwned + Default>(&self, key: &str) -> Result<T, String> {
        match self.get(key).map(RawValue::get) {
            None | Some("null") => Ok(T::default()),
            Some(text) => serde_json::from_str(text).map_err(|error| complaint(&error)),
        }
    }

    /// Sets a member in its place, or before the first present one of `before`, or at the end.
    pub(super) fn set(&mut self, key: &str, value: Box<RawValue>, before: &[&str]) {
        if let Some(slot) = self.0.get_mut(key) {
            *slot = value;
            return;
        }
        let index = before.iter().filter_map(|key| self.0.get_index_of(*key)).min().unwrap_or(self.0.len());
        self.0.shift_insert(index, key.to_owned(), value);
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.0.shift_remove(key);
    }

    pub(super) fn to_json(&self) -> String {
        let size = self.0.iter().map(|(key, value)| key.len() + value.get().len() + 4).sum::<usize>() + 2;
        let mut json = String::with_capacity(size);
        json.push('{');
        for (index, (key, value)) in self.0.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(raw_json(key).get());
            json.push(':');
            json.push_str(value.get());
        }
        json.push('}');
        json
    }

    pub(super) fn to_raw(&self) -> Box<RawValue> {
        RawValue::from_string(self.to_json()).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }
}
