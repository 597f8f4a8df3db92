//! A revision's times, status, description and notes.

use serde::{Deserialize, Deserializer, Serialize};

use super::{HelmTime, Status};

/// Reads `null` as the default, as Go does.
pub(crate) fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// What a record says of its revision (`pkg/release/v1/info.go`).
///
/// ```
/// use helm_release_core::release::Status;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let info = shop.record(2).await?.info()?;
/// assert_eq!((info.status, info.description.as_str()), (Status::Deployed, "Upgrade complete"));
/// assert!(info.first_deployed.timestamp() < info.last_deployed.timestamp(), "it is not the first revision");
/// assert!(info.deleted.is_zero());
/// assert_eq!(info.rollback_revision, 0, "an upgrade made it");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Info {
    /// When the release was first installed.
    #[serde(deserialize_with = "null_is_default")]
    pub first_deployed: HelmTime,
    /// When this revision's operation began.
    #[serde(deserialize_with = "null_is_default")]
    pub last_deployed: HelmTime,
    /// When it was uninstalled.
    #[serde(deserialize_with = "null_is_default")]
    pub deleted: HelmTime,
    /// A sentence by whoever wrote the status.
    #[serde(deserialize_with = "null_is_default")]
    pub description: String,
    /// The status.
    #[serde(deserialize_with = "null_is_default")]
    pub status: Status,
    /// The revision that this one was rolled back to; 0 when it was not (Helm 4).
    #[serde(deserialize_with = "null_is_default")]
    pub rollback_revision: u32,
    /// The chart's rendered notes.
    #[serde(deserialize_with = "null_is_default")]
    pub notes: String,
}

impl Info {
    /// Its members as Helm writes them.
    pub(crate) const MEMBERS: [&str; 7] =
        ["first_deployed", "last_deployed", "deleted", "description", "status", "rollback_revision", "notes"];
}
