//! An ordered map of raw JSON members.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;

use super::json::raw_json;
use super::scan::find_members;

/// A JSON object whose members are kept as text, in order; of duplicate keys the last wins, as in Go.
///
/// Members that were read are places in one text, which copies of the map share.
#[derive(Clone, Default)]
pub(super) struct RawMap {
    text: Arc<String>,
    members: IndexMap<String, Member>,
}

#[derive(Clone)]
enum Member {
    Read(Range<usize>),
    Set(Box<RawValue>),
}

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

/// What is wrong with a text that is no JSON object, in the words of a reader that is slower and knows where.
fn complaint_about(json: &[u8]) -> String {
    match serde_json::from_slice::<IndexMap<String, IgnoredAny>>(json) {
        Err(error) => complaint(&error),
        // It does not look at bytes that it ignores.
        Ok(_) => "invalid unicode code point".to_owned(),
    }
}

impl RawMap {
    pub(super) fn parse(json: Vec<u8>) -> Result<Self, String> {
        let text = String::from_utf8(json).map_err(|error| complaint_about(error.as_bytes()))?;
        let found = find_members(&text).ok_or_else(|| complaint_about(text.as_bytes()))?;
        let mut members = IndexMap::with_capacity(found.len());
        for member in found {
            let key = &text[member.key];
            let key = match key.strip_prefix('"').and_then(|key| key.strip_suffix('"')) {
                Some(plain) if !plain.contains('\\') => plain.to_owned(),
                _ => serde_json::from_str(key).map_err(|error| complaint(&error))?,
            };
            members.insert(key, Member::Read(member.value));
        }
        Ok(Self { text: Arc::new(text), members })
    }

    /// The members of an object; none when it is absent or something else.
    pub(super) fn parse_member(member: Option<&str>) -> Self {
        member.and_then(|text| Self::parse(text.into()).ok()).unwrap_or_default()
    }

    fn text_of<'a>(&'a self, member: &'a Member) -> &'a str {
        match member {
            Member::Read(place) => &self.text[place.clone()],
            Member::Set(value) => value.get(),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.members.get(key).map(|member| self.text_of(member))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.members.keys()
    }

    /// Reads a member; absent and `null` give the default, as in Go.
    pub(super) fn view<T: DeserializeOwned + Default>(&self, key: &str) -> Result<T, String> {
        match self.get(key) {
            None | Some("null") => Ok(T::default()),
            Some(text) => serde_json::from_str(text).map_err(|error| complaint(&error)),
        }
    }

    /// Sets a member in its place, or before the first present one of `before`, or at the end.
    pub(super) fn set(&mut self, key: &str, value: Box<RawValue>, before: &[&str]) {
        if let Some(slot) = self.members.get_mut(key) {
            *slot = Member::Set(value);
            return;
        }
        let index = before.iter().filter_map(|key| self.members.get_index_of(*key)).min().unwrap_or(self.members.len());
        self.members.shift_insert(index, key.to_owned(), Member::Set(value));
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.members.shift_remove(key);
    }

    pub(super) fn to_json(&self) -> String {
        let size = self.members.iter().map(|(key, member)| key.len() + self.text_of(member).len() + 4).sum::<usize>() + 2;
        let mut json = String::with_capacity(size);
        json.push('{');
        for (index, (key, member)) in self.members.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(raw_json(key).get());
            json.push(':');
            json.push_str(self.text_of(member));
        }
        json.push('}');
        json
    }

    pub(super) fn to_raw(&self) -> Box<RawValue> {
        RawValue::from_string(self.to_json()).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }
}
