//! `stringData` of Secrets: written by people, never shown by the server.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::Object;

/// The live Secret with the `stringData` that its `data` came from, as far as the wanted one names the same values.
///
/// The server turns `stringData` into `data` and forgets it, so without this every such Secret would seem to differ.
pub(crate) fn with_string_data<'a>(live: &'a Object, wanted: &Object) -> Cow<'a, Object> {
    let is_secret = wanted.kind() == "Secret" && wanted.api_version() == "v1";
    let Some(texts) = wanted.at(&["stringData"]).and_then(Value::as_object).filter(|_| is_secret) else {
        return Cow::Borrowed(live);
    };
    let is_stored =
        |key: &str, text: &str| live.at(&["data", key]).and_then(Value::as_str) == Some(STANDARD.encode(text).as_str());
    let stored = texts.iter().filter(|(key, text)| text.as_str().is_some_and(|text| is_stored(key, text)));
    let stored: Map<String, Value> = stored.map(|(key, text)| (key.clone(), text.clone())).collect();
    if stored.is_empty() {
        return Cow::Borrowed(live);
    }
    let mut value = live.as_value().clone();
    value["stringData"] = Value::Object(stored);
    Object::new(value).map_or(Cow::Borrowed(live), Cow::Owned)
}

#[cfg(test)]
mod tests;
