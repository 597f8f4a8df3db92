//! What a manifest's annotations say about hooks, by Helm's rules (`pkg/releaseutil/manifest_sorter.go`,
//! in Helm 4 `pkg/release/v1/util/manifest_sorter.go`).
//!
//! ```
//! use helm_release_core::hook::{HookReading, annotations};
//! use helm_release_core::manifest::{ManifestObject, read_objects};
//!
//! let rendered = "
//! apiVersion: v1
//! kind: Service
//! metadata: {name: web}
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
//! ";
//! let objects = read_objects(rendered).collect::<Result<Vec<_>, _>>()?;
//! let is_hook = |found: &&ManifestObject| matches!(annotations::read(&found.object), HookReading::Hook(_));
//! let (hooks, resources): (Vec<_>, Vec<_>) = objects.iter().partition(is_hook);
//! assert_eq!(hooks[0].object.name(), "migrate");
//! assert_eq!(resources[0].object.name(), "web");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use serde_json::{Map, Number, Value};

use super::{DeletePolicy, Event, OutputLogPolicy, Weight};
use crate::Object;

/// The annotation that makes a manifest a hook.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::hook::{HookReading, annotations};
/// use serde_json::json;
///
/// let mut job = Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "check"}}))?;
/// assert_eq!(annotations::read(&job), HookReading::NotAHook);
/// job.set_annotation(annotations::HOOK, "test");
/// assert!(matches!(annotations::read(&job), HookReading::Hook(_)));
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
pub const HOOK: &str = "helm.sh/hook";

/// The annotation with the hook's weight.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::hook::{HookReading, annotations};
/// use serde_json::json;
///
/// # let metadata = json!({"name": "check"});
/// # let mut job = Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}))?;
/// job.set_annotation(annotations::HOOK, "pre-rollback");
/// job.set_annotation(annotations::WEIGHT, "-5");
/// let HookReading::Hook(hook) = annotations::read(&job) else { panic!("it is a hook") };
/// assert_eq!(hook.weight.get(), -5);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
pub const WEIGHT: &str = "helm.sh/hook-weight";

/// The annotation with the hook's delete policies.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::hook::{DeletePolicy, HookReading, annotations};
/// use serde_json::json;
///
/// # let metadata = json!({"name": "check"});
/// # let mut job = Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}))?;
/// job.set_annotation(annotations::HOOK, "post-upgrade");
/// job.set_annotation(annotations::DELETE_POLICY, "hook-succeeded, hook-failed");
/// let HookReading::Hook(hook) = annotations::read(&job) else { panic!("it is a hook") };
/// assert_eq!(hook.delete_policies, [DeletePolicy::HookSucceeded, DeletePolicy::HookFailed]);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
pub const DELETE_POLICY: &str = "helm.sh/hook-delete-policy";

/// The annotation with the hook's log policies.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::hook::{HookReading, OutputLogPolicy, annotations};
/// use serde_json::json;
///
/// # let metadata = json!({"name": "check"});
/// # let mut job = Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}))?;
/// job.set_annotation(annotations::HOOK, "test");
/// job.set_annotation(annotations::OUTPUT_LOG_POLICY, "hook-failed");
/// let HookReading::Hook(hook) = annotations::read(&job) else { panic!("it is a hook") };
/// assert_eq!(hook.output_log_policies, [OutputLogPolicy::HookFailed]);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
pub const OUTPUT_LOG_POLICY: &str = "helm.sh/hook-output-log-policy";

/// What Helm makes of a manifest when it sorts hooks from resources.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::hook::{HookReading, annotations};
/// use serde_json::{Value, json};
///
/// let read = |notes: Value| {
///     let metadata = json!({"name": "check", "annotations": notes});
///     annotations::read(&Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata})).unwrap())
/// };
/// assert_eq!(read(json!({"owner": "me"})), HookReading::NotAHook);
/// assert!(matches!(read(json!({"helm.sh/hook": "test"})), HookReading::Hook(_)));
/// assert_eq!(read(json!({"helm.sh/hook": "Tests"})), HookReading::Dropped { word: "tests".to_owned() });
/// assert_eq!(read(json!({"helm.sh/hook": ["test"]})), HookReading::Refused { key: "helm.sh/hook".to_owned() });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HookReading {
    /// An ordinary resource.
    NotAHook,
    /// A hook.
    Hook(Declaration),
    /// Neither hook nor resource: Helm leaves the manifest out without an error.
    Dropped {
        /// The first word that names no event, trimmed and in lower case.
        word: String,
    },
    /// Helm refuses the whole chart: an annotation's value is a list or mapping.
    Refused {
        /// The annotation's key.
        key: String,
    },
}

/// What the annotations of a hook declare.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::hook::{DeletePolicy, Event, HookReading, Weight, annotations};
/// use serde_json::json;
///
/// let notes = json!({"helm.sh/hook": "test, test", "helm.sh/hook-delete-policy": ""});
/// let metadata = json!({"name": "check", "annotations": notes});
/// let job = Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}))?;
/// let HookReading::Hook(declared) = annotations::read(&job) else { panic!("it is a hook") };
/// assert_eq!(declared.events, [Event::Test, Event::Test]);
/// assert_eq!(declared.weight, Weight::default());
/// assert_eq!(declared.delete_policies, [DeletePolicy::Other(String::new())]);
/// assert!(declared.output_log_policies.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Declaration {
    /// When it runs, in the annotation's order; an event may stand there twice.
    pub events: Vec<Event>,
    /// Its place among the hooks of an event.
    pub weight: Weight,
    /// When its object is deleted. An annotation that is there but empty gives one empty policy,
    /// which keeps the default policy from being applied.
    pub delete_policies: Vec<DeletePolicy>,
    /// When its logs are shown.
    pub output_log_policies: Vec<OutputLogPolicy>,
}

/// Reads a manifest's annotations.
///
/// Numbers and booleans count as the text that YAML writes for them, so Helm accepts an unquoted weight here,
/// and fails only when the hook is to run: see [`not_text`].
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::hook::{Event, HookReading, annotations};
/// use serde_json::json;
///
/// let object = |hook: &str| {
///     let metadata = json!({"name": "check", "annotations": {"helm.sh/hook": hook, "helm.sh/hook-weight": "-5"}});
///     Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata})).unwrap()
/// };
/// let HookReading::Hook(hook) = annotations::read(&object("pre-rollback, post-rollback")) else { panic!("it is a hook") };
/// assert_eq!(hook.events, [Event::PreRollback, Event::PostRollback]);
/// assert_eq!(hook.weight.get(), -5);
/// assert_eq!(annotations::read(&object("before-rollback")), HookReading::Dropped { word: "before-rollback".to_owned() });
/// ```
#[must_use]
pub fn read(object: &Object) -> HookReading {
    let Some(annotations) = annotations(object) else { return HookReading::NotAHook };
    if let Some((key, _)) = annotations.iter().find(|(_, value)| value.is_array() || value.is_object()) {
        return HookReading::Refused { key: key.clone() };
    }
    let Some(hook) = annotations.get(HOOK) else { return HookReading::NotAHook };
    let mut events = Vec::new();
    for word in words(hook) {
        match event(word) {
            Event::Other(word) => return HookReading::Dropped { word },
            event => events.push(event),
        }
    }
    HookReading::Hook(Declaration {
        events,
        weight: annotations.get(WEIGHT).map(|value| Weight::from_text(&text(value))).unwrap_or_default(),
        delete_policies: annotations.get(DELETE_POLICY).into_iter().flat_map(words).map(DeletePolicy::from).collect(),
        output_log_policies: annotations.get(OUTPUT_LOG_POLICY).into_iter().flat_map(words).map(OutputLogPolicy::from).collect(),
    })
}

/// The annotations whose value is no text, because of which the object can never be built.
///
/// A chart with such a hook installs without complaint, and gets stuck when the hook's event comes.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::hook::{HookReading, annotations};
/// use serde_json::json;
///
/// let notes = json!({"helm.sh/hook": "pre-rollback", "helm.sh/hook-weight": 5});
/// let metadata = json!({"name": "check", "annotations": notes});
/// let job = Object::new(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}))?;
/// assert!(matches!(annotations::read(&job), HookReading::Hook(hook) if hook.weight.get() == 5));
/// assert_eq!(annotations::not_text(&job), ["helm.sh/hook-weight"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn not_text(object: &Object) -> Vec<&str> {
    let entries = annotations(object).into_iter().flatten();
    entries.filter(|(_, value)| !value.is_string() && !value.is_null()).map(|(key, _)| key.as_str()).collect()
}

/// The event that a word means; Helm 2's `test-success` means `test`.
fn event(word: String) -> Event {
    if word == "test-success" { Event::Test } else { Event::from(word) }
}

fn annotations(object: &Object) -> Option<&Map<String, Value>> {
    object.metadata()?.get("annotations")?.as_object()
}

/// The words of a value, divided by commas.
fn words(value: &Value) -> Vec<String> {
    text(value).split(',').map(|word| lower(word.trim())).collect()
}

/// A scalar as the text that Helm's YAML library makes of it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number_text(number),
        _ => String::new(),
    }
}

/// A number as that library writes it: a fraction in the shortest form that single precision needs,
/// with an exponent below 1e-4 and from 1e6.
fn number_text(number: &Number) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the library drops to single precision too")]
    let single = number.as_f64().filter(|_| number.is_f64()).map(|double| double as f32);
    let Some(single) = single else { return number.to_string() };
    let exponent = format!("{single:e}");
    let power: i32 = exponent.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or_default();
    if (-4..6).contains(&power) { single.to_string() } else { with_go_exponent(&exponent) }
}

/// Go writes a sign and at least two digits after the `e`.
fn with_go_exponent(text: &str) -> String {
    match text.split_once('e') {
        Some((digits, power)) => match power.strip_prefix('-') {
            Some(power) => format!("{digits}e-{power:0>2}"),
            None => format!("{digits}e+{power:0>2}"),
        },
        None => text.to_owned(),
    }
}

/// Lower case, letter by letter, as Go does: there the dotted capital I becomes a plain i.
fn lower(text: &str) -> String {
    text.chars().map(|letter| if letter == '\u{130}' { 'i' } else { letter.to_lowercase().next().unwrap_or(letter) }).collect()
}

#[cfg(test)]
mod tests;
