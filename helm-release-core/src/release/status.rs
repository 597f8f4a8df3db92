//! What Helm says a revision is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The status of a revision. Helm checks nothing when reading, so any other text is kept.
///
/// ```
/// use helm_release_core::release::Status;
///
/// let read = |text: &str| Status::from(text.to_owned());
/// assert_eq!(read("pending-upgrade"), Status::PendingUpgrade);
/// // What a later Helm may write is kept as it is.
/// assert_eq!(read("paused"), Status::Other("paused".to_owned()));
/// assert_eq!(read("paused").to_string(), "paused");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Status {
    /// Helm could not say.
    #[default]
    Unknown,
    /// This revision runs.
    Deployed,
    /// Removed, its record kept.
    Uninstalled,
    /// It ran until a later revision replaced it.
    Superseded,
    /// Its operation failed.
    Failed,
    /// Being removed.
    Uninstalling,
    /// Its install has begun and not ended.
    PendingInstall,
    /// Its upgrade has begun and not ended.
    PendingUpgrade,
    /// Its rollback has begun and not ended.
    PendingRollback,
    /// A text that Helm does not know.
    Other(String),
}

impl Status {
    /// The eight statuses that Helm's `list` can show, in its order.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    /// use helm_release_core::release::Status;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
    /// let count = |status: &Status| heads.iter().filter(|head| head.status_label() == status.as_str()).count();
    /// // Deployed, uninstalled, superseded, failed, and four that are under way.
    /// assert_eq!(Status::LISTED.each_ref().map(count), [1, 0, 1, 1, 0, 0, 0, 0]);
    /// # Ok(()) });
    /// ```
    pub const LISTED: [Self; 8] = [
        Self::Deployed,
        Self::Uninstalled,
        Self::Superseded,
        Self::Failed,
        Self::Uninstalling,
        Self::PendingInstall,
        Self::PendingUpgrade,
        Self::PendingRollback,
    ];

    /// The status as Helm writes it.
    ///
    /// ```
    /// use helm_release_core::release::Status;
    ///
    /// assert_eq!(Status::default().as_str(), "unknown");
    /// let listed = Status::LISTED.map(|status| status.as_str().to_owned()).join(",");
    /// assert!(listed.starts_with("deployed,uninstalled,superseded,failed,"));
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Unknown => "unknown",
            Self::Deployed => "deployed",
            Self::Uninstalled => "uninstalled",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Uninstalling => "uninstalling",
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
            Self::Other(text) => text,
        }
    }

    /// Whether an operation has begun and not ended.
    ///
    /// ```
    /// use helm_release_core::release::Status;
    ///
    /// let pending: Vec<Status> = Status::LISTED.into_iter().filter(Status::is_pending).collect();
    /// assert_eq!(pending, [Status::PendingInstall, Status::PendingUpgrade, Status::PendingRollback]);
    /// ```
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback)
    }

    /// Whether the release was removed, or is being removed: its objects are gone on purpose.
    ///
    /// ```
    /// use helm_release_core::release::Status;
    ///
    /// let removed: Vec<Status> = Status::LISTED.into_iter().filter(Status::is_removed).collect();
    /// assert_eq!(removed, [Status::Uninstalled, Status::Uninstalling]);
    /// ```
    #[must_use]
    pub fn is_removed(&self) -> bool {
        matches!(self, Self::Uninstalled | Self::Uninstalling)
    }
}

impl From<String> for Status {
    fn from(text: String) -> Self {
        if text == "unknown" {
            return Self::Unknown;
        }
        Self::LISTED.into_iter().find(|status| status.as_str() == text).unwrap_or(Self::Other(text))
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.as_str().to_owned()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
