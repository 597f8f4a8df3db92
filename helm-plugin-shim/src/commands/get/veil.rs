//! `--mask-secrets`: hides what a release's Secrets hold, wherever it is printed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::Record;
use helm_release_core::manifest::read_yaml;
use helm_release_core::mask::Masker;
use helm_release_core::ports::RecordKey;
use serde_json::Value;

use crate::Report;
use crate::commands::fetch::unreadable;
use crate::render::yaml;

/// A text shorter than this is hidden only where it is the whole value: it would be found in every other word.
const SHORTEST_PART: usize = 4;

/// Hides the values of a release's Secrets, or nothing.
#[derive(Debug)]
pub(in crate::commands) struct Veil {
    masker: Option<Masker>,
    secrets: Vec<Secret>,
}

struct Secret {
    /// As it is used.
    plain: String,
    /// As the Secret stores it, which is what marks are numbered by.
    stored: String,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} bytes)", self.plain.len())
    }
}

impl Veil {
    /// A veil over the Secrets of a record's manifest and hooks.
    pub(in crate::commands) fn over(record: &Record, key: &RecordKey, is_wanted: bool) -> Result<Self, Report> {
        let mut veil = Self { masker: is_wanted.then(Masker::default), secrets: Vec::new() };
        if is_wanted {
            veil.collect(&record.manifest().map_err(unreadable(key))?);
            for hook in record.hooks().map_err(unreadable(key))? {
                veil.collect(&hook.manifest);
            }
            // A long secret may contain a short one.
            veil.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.plain.len()));
        }
        Ok(veil)
    }

    fn collect(&mut self, manifest: &str) {
        for document in documents(manifest) {
            if let Ok(value) = read_yaml(document) {
                self.collect_object(&value);
            }
        }
    }

    fn collect_object(&mut self, object: &Value) {
        for item in object.get("items").and_then(Value::as_array).into_iter().flatten() {
            self.collect_object(item);
        }
        if object.get("kind").and_then(Value::as_str) != Some("Secret") {
            return;
        }
        let members = |name: &str| object.get(name).and_then(Value::as_object).into_iter().flatten();
        for stored in members("data").filter_map(|(_, value)| value.as_str()) {
            let plain = STANDARD
                .decode(stored.split_whitespace().collect::<String>())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            if let Some(plain) = plain {
                self.secrets.push(Secret { plain, stored: stored.to_owned() });
            }
        }
        for stored in members("stringData").filter_map(|(_, value)| value.as_str()) {
            self.secrets.push(Secret { plain: stored.to_owned(), stored: stored.to_owned() });
        }
    }

    /// A manifest: Secrets are written anew with marks, all else stays as it is.
    pub(in crate::commands) fn manifest(&mut self, manifest: &str) -> String {
        let Some(masker) = &mut self.masker else { return manifest.to_owned() };
        documents(manifest).into_iter().map(|document| masked_document(masker, document)).collect()
    }

    /// Text such as notes: what a Secret holds is replaced in it.
    pub(in crate::commands) fn text(&mut self, text: &str) -> String {
        let Some(masker) = &mut self.masker else { return text.to_owned() };
        let mut text = text.to_owned();
        for secret in self.secrets.iter().filter(|secret| secret.plain.len() >= SHORTEST_PART) {
            if text.contains(&secret.plain) {
                text = text.replace(&secret.plain, &masker.mark(&secret.stored));
            }
        }
        text
    }

    /// Values: texts and numbers that a Secret holds are replaced.
    pub(in crate::commands) fn values(&mut self, values: Value) -> Value {
        match values {
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.values(item)).collect()),
            Value::Object(members) => Value::Object(members.into_iter().map(|(key, value)| (key, self.values(value))).collect()),
            Value::String(text) => Value::String(self.whole(&text).unwrap_or_else(|| self.text(&text))),
            Value::Number(number) => self.whole(&number.to_string()).map_or(Value::Number(number), Value::String),
            other => other,
        }
    }

    /// A live object, or a list of some: what its Secrets hold, and what is repeated of that elsewhere.
    pub(in crate::commands) fn object(&mut self, mut object: Value) -> Value {
        let Some(masker) = &mut self.masker else { return object };
        let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        masker.mask_object(&kind, &mut object);
        self.values(object)
    }

    fn whole(&mut self, value: &str) -> Option<String> {
        let masker = self.masker.as_mut()?;
        let secret = self.secrets.iter().find(|secret| secret.plain == value && !value.is_empty())?;
        Some(masker.mark(&secret.stored))
    }
}

/// The documents of a manifest, each with the separator before it.
fn documents(manifest: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = vec![0];
    starts.extend(manifest.match_indices("\n---").map(|(at, _)| at + 1));
    starts.push(manifest.len());
    starts.windows(2).map(|ends| &manifest[ends[0]..ends[1]]).collect()
}

fn masked_document(masker: &mut Masker, document: &str) -> String {
    // The separator and comments at the front name the template.
    let is_front = |line: &str| line.starts_with("---") || line.starts_with('#') || line.trim().is_empty();
    let front: usize = document.split_inclusive('\n').take_while(|line| is_front(line)).map(str::len).sum();
    let Ok(mut value) = read_yaml(document) else {
        let may_hold_secrets = document.contains("Secret");
        return if may_hold_secrets {
            format!("{}# masked: not readable as YAML\n", &document[..front])
        } else {
            document.to_owned()
        };
    };
    let original = value.clone();
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    masker.mask_object(&kind, &mut value);
    if value == original { document.to_owned() } else { format!("{}{}", &document[..front], yaml::to_string(&value)) }
}

#[cfg(test)]
mod tests;
