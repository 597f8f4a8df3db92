//! An ordered map of raw JSON members.

use std::borrow::Cow;
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

/// Reads a value; absent and `null` give the default, as in Go.
pub(super) fn view<T: DeserializeOwned + Default>(text: Option<&str>) -> Result<T, String> {
    match text {
        None | Some("null") => Ok(T::default()),
        Some(text) => serde_json::from_str(text).map_err(|error| complaint(&error)),
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

/// The known key that Go takes a key for: it goes by any case (`encoding/json`).
fn meant<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    known.iter().find(|known| known.eq_ignore_ascii_case(key)).copied()
}

/// An object in which each known member is written once and as it is known: of several that Go takes for the same the last wins. What
/// is so already, and what is no object, stays as it is.
pub(crate) fn in_known_case<'a>(json: &'a str, known: &[&str]) -> Cow<'a, str> {
    let Some(found) = find_members(json) else { return Cow::Borrowed(json) };
    let mut seen: Vec<&str> = Vec::with_capacity(found.len());
    let is_plain = found.into_iter().all(|member| {
        let key = json[member.key].trim_matches('"');
        match meant(key, known) {
            None => !key.contains('\\'),
            Some(known) if known == key && !seen.contains(&known) => {
                seen.push(known);
                true
            }
            Some(_) => false,
        }
    });
    if is_plain { Cow::Borrowed(json) } else { Cow::Owned(RawMap::parse_member(Some(json)).in_known_case(known).to_json()) }
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

    /// The same with the keys of known members as they are known; see [`in_known_case`].
    pub(super) fn in_known_case(mut self, known: &[&str]) -> Self {
        if self.members.keys().any(|key| meant(key, known).is_some_and(|known| known != key)) {
            let members = std::mem::take(&mut self.members).into_iter();
            self.members = members.map(|(key, member)| (meant(&key, known).map_or(key, str::to_owned), member)).collect();
        }
        self
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
        view(self.get(key))
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
