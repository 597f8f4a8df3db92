//! Decides whether a live object is ready, by the rules of Helm 3 and of Helm 4.
//!
//! [`legacy`] holds the rules of Helm 3, which Helm 4 keeps as its wait strategy `legacy`; [`watcher`] holds those of
//! Helm 4's strategy `watcher`. Both are pure: they look at one object and at those that belong to it ([`Related`]),
//! send no request and read no clock.
//!
//! ```
//! use helm_release_core::readiness::{Related, legacy, watcher};
//! use helm_release_core::{HelmLine, Object};
//! use serde_json::json;
//!
//! let service = Object::new(json!({
//!     "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
//!     "spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}, "status": {"loadBalancer": {}},
//! }))?;
//! let helm_3 = legacy::ready(&service, &Related::none(), &legacy::Options::of(HelmLine::V3));
//! assert_eq!(helm_3.to_string(), "waiting: its load balancer has no address yet");
//! let now = "2026-11-20T08:00:00Z".parse()?;
//! let helm_4 = watcher::status(&service, &Related::none(), &watcher::Options::at(now));
//! assert!(helm_4.is_some_and(|readiness| readiness.is_ready()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

mod field;
pub mod legacy;
mod related;
mod selector;
pub mod watcher;

pub use related::{Need, Related};
pub use selector::{InvalidSelector, Selector};

/// How far an object is.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::readiness::watcher::{Options, status};
/// use helm_release_core::readiness::{Related, State};
/// use serde_json::{Value, json};
///
/// let options = Options::at("2026-11-20T08:00:00Z".parse()?);
/// let state = |metadata: Value, phase: &str| {
///     let phase = json!({"phase": phase});
///     let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "status": phase});
///     status(&Object::new(claim).unwrap(), &Related::none(), &options).unwrap().state
/// };
/// assert_eq!(state(json!({"name": "data"}), "Bound"), State::Ready);
/// assert_eq!(state(json!({"name": "data"}), "Pending"), State::Waiting);
/// let deleted = json!({"name": "data", "deletionTimestamp": "2026-11-20T07:59:00Z"});
/// assert_eq!(state(deleted, "Bound"), State::Terminating);
/// assert_eq!(State::NotFound.to_string(), "not found");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Everything asked for is there and works.
    Ready,
    /// On the way; may still become ready by itself.
    Waiting,
    /// Will not become ready without somebody's help.
    Failed,
    /// Told to go and not gone yet.
    Terminating,
    /// Absent.
    NotFound,
    /// Cannot be told from the object.
    Unknown,
}

impl State {
    /// The word of kstatus, which Helm 4 prints.
    ///
    /// ```
    /// use helm_release_core::readiness::State;
    ///
    /// assert_eq!(State::Ready.kstatus(), "Current");
    /// assert_eq!(State::Waiting.kstatus(), "InProgress");
    /// assert_eq!(State::Waiting.to_string(), "waiting", "the word for people is another one");
    /// ```
    #[must_use]
    pub const fn kstatus(self) -> &'static str {
        match self {
            Self::Ready => "Current",
            Self::Waiting => "InProgress",
            Self::Failed => "Failed",
            Self::Terminating => "Terminating",
            Self::NotFound => "NotFound",
            Self::Unknown => "Unknown",
        }
    }
}

/// A word for people: `ready`, `waiting`, and so on.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Terminating => "terminating",
            Self::NotFound => "not found",
            Self::Unknown => "unknown",
        })
    }
}

/// How far an object is, and why.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::readiness::{State, watcher};
/// use serde_json::json;
///
/// let job = Object::new(json!({
///     "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"},
///     "status": {"failed": 7, "conditions": [{"type": "Failed", "status": "True", "message": "too many retries"}]},
/// }))?;
/// let readiness = watcher::hook_status(&job);
/// assert_eq!(readiness.state, State::Failed);
/// assert_eq!(readiness.reason, "it has failed: too many retries");
/// assert_eq!(readiness.message, "Job Failed. failed: 7/1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Readiness {
    /// How far it is.
    pub state: State,
    /// Why, for people: `2 of 3 replicas are ready`.
    pub reason: String,
    /// Helm's own words: with the watcher rules kstatus' message, with the legacy rules the text of Helm's error.
    /// Empty where Helm says nothing.
    pub message: String,
}

impl Readiness {
    fn new(state: State, message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into(), message: message.into() }
    }

    fn ready(message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(State::Ready, message, reason)
    }

    fn waiting(message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(State::Waiting, message, reason)
    }

    fn failed(message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(State::Failed, message, reason)
    }

    /// The readiness of an object that is absent.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::readiness::{Readiness, State, watcher};
    ///
    /// let judge = |live: Option<&Object>| live.map_or_else(Readiness::not_found, watcher::hook_status);
    /// assert_eq!(judge(None).state, State::NotFound);
    /// assert_eq!(judge(None).to_string(), "not found: it does not exist");
    /// ```
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(State::NotFound, "Resource not found", "it does not exist")
    }

    /// The readiness of an object that has not been looked at, or cannot be judged.
    ///
    /// ```
    /// use helm_release_core::readiness::{Readiness, State};
    ///
    /// let readiness = Readiness::unknown("the server did not answer");
    /// assert_eq!(readiness.state, State::Unknown);
    /// assert_eq!(readiness.to_string(), "unknown: the server did not answer");
    /// assert!(readiness.message.is_empty(), "Helm has no words for it");
    /// ```
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::new(State::Unknown, "", reason)
    }

    /// Whether nothing more needs to be waited for.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::readiness::{Readiness, watcher};
    /// use serde_json::json;
    ///
    /// let judge = |phase: &str| {
    ///     let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "check"}, "status": {"phase": phase}});
    ///     Object::new(pod).map(|pod| watcher::hook_status(&pod))
    /// };
    /// let pods = [judge("Succeeded")?, judge("Running")?, judge("Failed")?];
    /// assert_eq!(pods.map(|readiness| readiness.is_ready()), [true, false, false]);
    /// assert!(!Readiness::not_found().is_ready());
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state == State::Ready
    }

    /// The line that Helm 4 prints for an object that did not become ready in time.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::readiness::{Related, watcher};
    /// use serde_json::json;
    ///
    /// let deployment = Object::new(json!({
    ///     "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop", "namespace": "prod"},
    ///     "spec": {"replicas": 5, "selector": {}}, "status": {"replicas": 5, "updatedReplicas": 5},
    /// }))?;
    /// let options = watcher::Options::at("2026-11-20T08:00:00Z".parse()?);
    /// let readiness = watcher::status(&deployment, &Related::none(), &options).unwrap();
    /// assert_eq!(
    ///     readiness.helm_error("Deployment", "prod", "shop"),
    ///     "resource Deployment/prod/shop not ready. status: InProgress, message: Available: 0/5"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn helm_error(&self, kind: &str, namespace: &str, name: &str) -> String {
        format!("resource {kind}/{namespace}/{name} not ready. status: {}, message: {}", self.state.kstatus(), self.message)
    }
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.state, self.reason)
    }
}

#[cfg(test)]
mod tests;
