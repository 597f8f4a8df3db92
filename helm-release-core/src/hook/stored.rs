//! A hook as a release record holds it (`pkg/release/v1/hook.go`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DeletePolicy, Event, OutputLogPolicy};
use crate::release::{HelmTime, null_is_default};

/// How a hook's last run ended.
///
/// ```
/// use helm_release_core::Record;
/// use helm_release_core::hook::Phase;
///
/// let record = Record::parse(br#"{"hooks": [{"last_run": {"phase": ""}}, {"last_run": {"phase": "Failed"}}, {}]}"#)?;
/// let phases: Vec<Phase> = record.hooks()?.into_iter().map(|hook| hook.last_run.phase).collect();
/// assert_eq!(phases, [Phase::Never, Phase::Failed, Phase::Never]);
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Phase {
    /// It has never run.
    #[default]
    Never,
    /// Helm could not say.
    Unknown,
    /// It has begun.
    Running,
    /// It ended well.
    Succeeded,
    /// It failed.
    Failed,
    /// A word that Helm does not know.
    Other(String),
}

impl Phase {
    /// The phase as Helm writes it; empty before the first run.
    ///
    /// ```
    /// use helm_release_core::hook::Phase;
    ///
    /// assert_eq!(Phase::Succeeded.as_str(), "Succeeded");
    /// assert_eq!(Phase::Never.as_str(), "");
    /// assert_eq!(Phase::from("Paused".to_owned()).as_str(), "Paused");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Never => "",
            Self::Unknown => "Unknown",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for Phase {
    fn from(word: String) -> Self {
        match word.as_str() {
            "" => Self::Never,
            "Unknown" => Self::Unknown,
            "Running" => Self::Running,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            _ => Self::Other(word),
        }
    }
}

impl From<Phase> for String {
    fn from(phase: Phase) -> Self {
        phase.as_str().to_owned()
    }
}

/// When a hook ran last and how it ended.
///
/// ```
/// use helm_release_core::hook::{LastRun, Phase};
/// use helm_release_core::release::HelmTime;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let run = LastRun {
///     started_at: HelmTime::parse("2026-11-23T09:30:00Z")?,
///     completed_at: HelmTime::parse("2026-11-23T09:30:40Z")?,
///     phase: Phase::Succeeded,
/// };
/// let record = shop.record(2).await?.with_hook_run(0, &run)?;
/// assert_eq!(record.hooks()?[0].last_run, run);
/// assert!(record.to_json().contains(r#""phase":"Succeeded""#));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LastRun {
    /// When it was created.
    #[serde(deserialize_with = "null_is_default")]
    pub started_at: HelmTime,
    /// When its end was seen.
    #[serde(deserialize_with = "null_is_default")]
    pub completed_at: HelmTime,
    /// How it ended.
    #[serde(deserialize_with = "null_is_default")]
    pub phase: Phase,
}

/// A hook as stored. `Debug` leaves the manifest out.
///
/// ```
/// use helm_release_core::hook::Event;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let hooks = shop.record(2).await?.hooks()?;
/// assert_eq!((hooks[0].name.as_str(), hooks[0].path.as_str()), ("shop-check", "shop/templates/check.yaml"));
/// assert_eq!(hooks[0].events, [Event::PostRollback]);
/// assert!(hooks[0].manifest.contains("image: shop-check:1"));
/// assert!(!format!("{:?}", hooks[0]).contains("image"));
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Hook {
    /// `metadata.name`; empty with `generateName`.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// Kind of the object.
    #[serde(deserialize_with = "null_is_default")]
    pub kind: String,
    /// Template that it came from, the chart's name in front.
    #[serde(deserialize_with = "null_is_default")]
    pub path: String,
    /// The object as YAML.
    #[serde(deserialize_with = "null_is_default")]
    pub manifest: String,
    /// Moments at which it runs.
    #[serde(deserialize_with = "null_is_default")]
    pub events: Vec<Event>,
    /// When it ran last.
    #[serde(deserialize_with = "null_is_default")]
    pub last_run: LastRun,
    /// Weight, ascending order of execution.
    #[serde(deserialize_with = "null_is_default")]
    pub weight: i64,
    /// When its object is deleted; empty means [`DeletePolicy::BeforeHookCreation`].
    #[serde(deserialize_with = "null_is_default")]
    pub delete_policies: Vec<DeletePolicy>,
    /// When its logs are shown.
    #[serde(deserialize_with = "null_is_default")]
    pub output_log_policies: Vec<OutputLogPolicy>,
}

impl LastRun {
    /// Its members as Helm writes them.
    pub(crate) const MEMBERS: [&str; 3] = ["started_at", "completed_at", "phase"];
}

impl Hook {
    /// Its members as Helm writes them.
    pub(crate) const MEMBERS: [&str; 9] =
        ["name", "kind", "path", "manifest", "events", "last_run", "weight", "delete_policies", "output_log_policies"];
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("path", &self.path)
            .field("events", &self.events)
            .field("weight", &self.weight)
            .field("last_run", &self.last_run)
            .finish_non_exhaustive()
    }
}
