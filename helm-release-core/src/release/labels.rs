//! The labels of a stored record (`pkg/storage/driver/secrets.go`, `pkg/storage/driver/util.go`).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Status;
use crate::{ReleaseName, Revision};

/// Labels that Helm sets itself and refuses from users.
const SYSTEM: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// A label that, with any value, keeps pruning from a record.
///
/// Helm takes it for a label of the release: it survives every update of the record, and an upgrade copies it from the
/// latest revision into the next one (`pkg/action/upgrade.go`). So what is to be pinned is an older revision, or the
/// label is taken off with the next upgrade: `--labels rollback-safe/pinned=null`.
///
/// ```
/// use helm_release_core::history::{History, Spared, prunable};
/// use helm_release_core::ports::{HeadQuery, NewRecord, Storage as _};
/// use helm_release_core::release::PIN_LABEL;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let stored = shop.storage.get(&shop.key(1)?).await?;
/// let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// record.labels.insert(PIN_LABEL.to_owned(), "audit".to_owned());
/// shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
///
/// // Of three revisions two may stay: not the oldest one goes, which is pinned, but the failed one.
/// let history = History::new(shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?);
/// let gone = prunable(&history, 2, &Spared { pinned: true, ..Spared::default() });
/// assert_eq!(gone.iter().map(|head| head.key.revision.get()).collect::<Vec<_>>(), [3]);
/// # Ok(()) });
/// ```
pub const PIN_LABEL: &str = "rollback-safe/pinned";

/// A release's own labels: everything but the system labels.
///
/// ```
/// use helm_release_core::ports::Storage as _;
/// use helm_release_core::release::custom_labels;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut labels = shop.storage.get(&shop.key(2)?).await?.head.labels;
/// labels.insert("team".to_owned(), "checkout".to_owned());
/// assert_eq!(labels["status"], "deployed");
/// assert_eq!(custom_labels(&labels), [("team".to_owned(), "checkout".to_owned())].into());
/// # Ok(()) });
/// ```
#[must_use]
pub fn custom_labels(labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    labels.iter().filter(|(key, _)| !SYSTEM.contains(&key.as_str())).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn labels(
    custom: &BTreeMap<String, String>,
    name: &ReleaseName,
    revision: Revision,
    status: &Status,
    stamp: (&str, Timestamp),
) -> BTreeMap<String, String> {
    let mut labels = custom_labels(custom);
    let system = [
        ("name", name.to_string()),
        ("owner", "helm".to_owned()),
        ("status", status.to_string()),
        ("version", revision.to_string()),
        (stamp.0, stamp.1.as_second().to_string()),
    ];
    labels.extend(system.map(|(key, value)| (key.to_owned(), value)));
    labels
}

/// The labels of a record that is created: `createdAt` is the moment in Unix seconds.
///
/// A pin is about the record that it was put on, and stays behind.
///
/// ```
/// use helm_release_core::release::{Status, custom_labels, labels_for_create};
///
/// let custom = [("team".to_owned(), "shop".to_owned())].into();
/// let now = "1970-01-01T00:01:00Z".parse().unwrap();
/// let labels = labels_for_create(&custom, &"web".parse()?, "3".parse()?, &Status::Deployed, now);
/// assert_eq!((labels["owner"].as_str(), labels["version"].as_str(), labels["createdAt"].as_str()), ("helm", "3", "60"));
/// assert_eq!(custom_labels(&labels), custom);
/// # Ok::<(), helm_release_core::InvalidName>(())
/// ```
#[must_use]
pub fn labels_for_create(
    custom: &BTreeMap<String, String>,
    name: &ReleaseName,
    revision: Revision,
    status: &Status,
    now: Timestamp,
) -> BTreeMap<String, String> {
    let mut labels = labels(custom, name, revision, status, ("createdAt", now));
    labels.remove(PIN_LABEL);
    labels
}

/// The labels of a record that is replaced: `modifiedAt` in the place of `createdAt`, as Helm does.
///
/// ```
/// use helm_release_core::release::{PIN_LABEL, Status, labels_for_create, labels_for_update};
///
/// let custom = [(PIN_LABEL.to_owned(), "yes".to_owned())].into();
/// let (name, now) = ("web".parse()?, "2026-11-20T08:00:00Z".parse()?);
/// let created = labels_for_create(&custom, &name, "3".parse()?, &Status::PendingRollback, now);
/// let updated = labels_for_update(&custom, &name, "3".parse()?, &Status::Deployed, now);
/// assert_eq!((created.get("modifiedAt"), updated.get("createdAt")), (None, None));
/// assert_eq!(updated["modifiedAt"], created["createdAt"]);
/// assert_eq!((created.contains_key(PIN_LABEL), updated.contains_key(PIN_LABEL)), (false, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn labels_for_update(
    custom: &BTreeMap<String, String>,
    name: &ReleaseName,
    revision: Revision,
    status: &Status,
    now: Timestamp,
) -> BTreeMap<String, String> {
    labels(custom, name, revision, status, ("modifiedAt", now))
}
