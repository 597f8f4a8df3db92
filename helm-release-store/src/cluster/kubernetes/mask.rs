//! Keeps what a write puts into Secrets out of what the server says about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::ports::{PatchBody, Request};
use serde_json::Value;

/// The values of one write that no text may repeat.
#[derive(Default)]
pub(super) struct Mask {
    values: Vec<String>,
}

/// What stands for a value.
const MASKED: &str = "***";

/// A value this short is only masked where it stands as a value: between quotes, braces or the like.
const SHORT: usize = 4;

impl Mask {
    /// The values that a write puts into a Secret; nothing for other kinds.
    pub(super) fn of(request: &Request) -> Self {
        let resource = &request.at().resource;
        let mut mask = Self::default();
        if resource.gvk.kind == "Secret" && resource.gvk.group.is_empty() {
            match request {
                Request::Create { object, .. } | Request::Replace { object, .. } | Request::Apply { object, .. } => {
                    mask.collect_data(object.as_value());
                }
                Request::Patch { patch: PatchBody::Json(operations), .. } => {
                    let operations = operations.as_array().into_iter().flatten();
                    operations.filter_map(|operation| operation.get("value")).for_each(|value| mask.collect(value));
                }
                Request::Patch { patch, .. } => mask.collect_data(patch.value()),
                Request::Delete { .. } => {}
            }
        }
        // A value that holds another is masked first, or its rest would show.
        mask.values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        mask.values.dedup();
        mask
    }

    fn collect_data(&mut self, object: &Value) {
        for field in ["data", "stringData"] {
            if let Some(data) = object.get(field) {
                self.collect(data);
            }
        }
        // The whole data may be repeated here by kubectl's annotation.
        if let Some(annotations) = object.get("metadata").and_then(|metadata| metadata.get("annotations")) {
            self.collect(annotations);
        }
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::Object(map) => map.values().for_each(|value| self.collect(value)),
            Value::Array(list) => list.iter().for_each(|value| self.collect(value)),
            Value::String(text) => {
                let plain = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                self.values.extend(plain.into_iter().chain([text.clone()]).filter(|text| !text.trim().is_empty()));
            }
            Value::Number(number) => self.values.push(number.to_string()),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The text without any of the values.
    pub(super) fn apply(&self, mut text: String) -> String {
        for value in &self.values {
            // The server's text was put on one line, and Go quotes what it repeats.
            let one_line = value.split_whitespace().collect::<Vec<_>>().join(" ");
            let quoted = format!("{value:?}");
            for form in [value.as_str(), one_line.as_str(), &quoted[1..quoted.len() - 1]] {
                text = if form.len() < SHORT { mask_standing_alone(&text, form) } else { text.replace(form, MASKED) };
            }
        }
        text
    }
}

fn mask_standing_alone(text: &str, value: &str) -> String {
    let is_part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let (before, after) = (&rest[..at], &rest[at + value.len()..]);
        let alone = !before.chars().next_back().or(out.chars().next_back()).is_some_and(is_part_of_word)
            && !after.chars().next().is_some_and(is_part_of_word);
        out.push_str(before);
        out.push_str(if alone { MASKED } else { value });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
