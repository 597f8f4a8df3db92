//! An event as JSON.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Event;

/// Name and version of the JSON form. A reader passes over kinds of events that it does not know, and refuses a higher version.
///
/// ```
/// use helm_release_core::run::EVENT_FORMAT;
///
/// let lines = [
///     r#"{"format": "helm-rollback-safe/event/v1", "event": "warning", "message": "the server is slow"}"#,
///     r#"{"format": "helm-rollback-safe/event/v1", "event": "tea-break"}"#,
/// ];
/// let mut warnings = Vec::new();
/// for line in lines {
///     let event: serde_json::Value = serde_json::from_str(line)?;
///     assert_eq!(event["format"], EVENT_FORMAT);
///     if event["event"] == "warning" {
///         warnings.push(event["message"].clone());
///     }
/// }
/// assert_eq!(warnings, ["the server is slow"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub const EVENT_FORMAT: &str = "helm-rollback-safe/event/v1";

impl Event {
    /// The event as JSON: `format`, `time`, `event`, and what belongs to its kind.
    ///
    /// ```
    /// use helm_release_core::run::Event;
    ///
    /// let event = Event::Warning { message: "the server is slow".to_owned() };
    /// let json = event.to_json("2026-01-02T03:04:05Z".parse()?);
    /// assert_eq!(json["event"], "warning");
    /// assert_eq!(json["message"], "the server is slow");
    /// # Ok::<(), jiff::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self, at: Timestamp) -> Value {
        let (name, mut json) = match self {
            Self::LockAwaited { holder } => ("lock-awaited", json!({ "holder": holder })),
            Self::ReturnBegun { cause } => ("return-begun", json!({ "cause": cause })),
            Self::ObjectReturned { object, how } => ("object-returned", json!({ "object": object, "how": how })),
            Self::RecordWritten { revision, status } => ("record-written", json!({ "revision": revision, "status": status })),
            Self::RecordPruned { revision } => ("record-pruned", json!({ "revision": revision })),
            Self::ObjectWritten { object, action } => ("object-written", json!({ "object": object, "action": action })),
            Self::HookStarted { event, hook } => ("hook-started", json!({ "moment": event, "hook": hook })),
            Self::HookEnded { event, hook, failure } => {
                ("hook-ended", json!({ "moment": event, "hook": hook, "succeeded": failure.is_none(), "failure": failure }))
            }
            Self::HookLog { source, line } => ("hook-log", json!({ "source": source, "line": line })),
            Self::ObjectState { object, state, reason } => {
                ("object-state", json!({ "object": object, "state": state, "reason": reason }))
            }
            Self::Warning { message } => ("warning", json!({ "message": message })),
        };
        json["format"] = json!(EVENT_FORMAT);
        json["time"] = json!(at);
        json["event"] = json!(name);
        if json["failure"].is_null()
            && let Some(members) = json.as_object_mut()
        {
            members.remove("failure");
        }
        json
    }
}
