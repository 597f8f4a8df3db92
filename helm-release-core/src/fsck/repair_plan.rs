//! What a repair would do, written down before anything is done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{Ailment, Class, Examination, ExaminedRecord, Remedy};
use crate::codec;
use crate::ports::{Held, NewRecord, NoteKey, Payload, RecordKey, StoredRecord};
use crate::release::{RevisionUpdate, Status, custom_labels, labels_for_update};
use crate::{Namespace, ReleaseName, Revision};

/// How far a repair goes.
///
/// ```
/// use helm_release_core::fsck::{Class, RepairOptions, check, examine, repair_plan};
/// # use helm_release_core::ports::{NewRecord, Payload, Storage as _};
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// // The payload of revision 1 is damaged.
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let record = NewRecord { payload: Payload(b"%%%".to_vec()), labels: stored.head.labels };
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// assert_eq!((plan.steps.len(), plan.left[0].class), (0, Class::UndecodablePayload), "nobody asked for its removal");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepairOptions {
    /// Whether records that cannot be decoded are removed; a backup is kept.
    pub remove_undecodable: bool,
}

impl RepairOptions {
    /// Has records removed that cannot be decoded.
    ///
    /// ```
    /// use helm_release_core::fsck::{RepairOptions, check, examine, repair_plan};
    /// # use helm_release_core::ports::{NewRecord, Payload, Storage as _};
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// # let now = "2026-11-27T03:00:00Z".parse()?;
    /// // The payload of revision 1 is damaged.
    /// # let stored = shop.storage.get(&shop.key(1)?).await?;
    /// # let record = NewRecord { payload: Payload(b"%%%".to_vec()), labels: stored.head.labels };
    /// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let options = RepairOptions::default().with_remove_undecodable(true);
    /// let plan = repair_plan(&found, &check(&found, now), options, now);
    /// assert_eq!(plan.steps[0].action.describe(), "remove record sh.helm.release.v1.shop.v1");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_remove_undecodable(mut self, remove: bool) -> Self {
        self.remove_undecodable = remove;
        self
    }
}

/// What one step does. Records are written only when they still are what was examined.
///
/// ```
/// use helm_release_core::fsck::{RepairAction, RepairOptions, check, examine, repair_plan};
/// # use helm_release_core::ports::{NewRecord, Storage as _};
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// // The label of revision 1 says failed, its payload superseded.
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// # record.labels.insert("status".to_owned(), "failed".to_owned());
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// let RepairAction::Rewrite { before, to, after } = &plan.steps[0].action else { panic!("{plan:?}") };
/// assert_eq!((to, &after.payload), (&before.head.key, &before.payload), "neither name nor payload changes");
/// assert_eq!((before.head.status_label(), after.labels["status"].as_str()), ("failed", "superseded"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RepairAction {
    /// Writes a record anew, under another name when `to` is one.
    Rewrite {
        /// As it was examined.
        before: StoredRecord,
        /// Where it is written to.
        to: RecordKey,
        /// What is written.
        after: NewRecord,
    },
    /// Removes a record.
    Remove {
        /// As it was examined.
        before: StoredRecord,
    },
    /// Removes the lock.
    RemoveLock {
        /// As it was examined.
        held: Box<Held>,
    },
    /// Removes a journal.
    RemoveNote {
        /// Which one.
        note: NoteKey,
    },
}

impl RepairAction {
    /// The record that is replaced or removed, of which a backup is kept.
    ///
    /// ```
    /// use helm_release_core::fsck::RepairAction;
    /// use helm_release_core::ports::{NoteKey, NoteKind, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let before = shop.storage.get(&shop.key(1)?).await?;
    /// let removal = RepairAction::Remove { before: before.clone() };
    /// assert_eq!(removal.before(), Some(&before));
    ///
    /// let (namespace, name) = (shop.namespace, shop.name);
    /// let note = NoteKey { namespace, name, kind: NoteKind::Journal, id: "v3".to_owned() };
    /// assert_eq!(RepairAction::RemoveNote { note }.before(), None, "of a journal no backup is kept");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn before(&self) -> Option<&StoredRecord> {
        match self {
            Self::Rewrite { before, .. } | Self::Remove { before } => Some(before),
            Self::RemoveLock { .. } | Self::RemoveNote { .. } => None,
        }
    }

    /// In words, such as `mark revision 3 failed`.
    ///
    /// ```
    /// use helm_release_core::fsck::RepairAction;
    /// use helm_release_core::ports::{NewRecord, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let before = shop.storage.get(&shop.key(1)?).await?;
    /// // The same record under another name.
    /// let after = NewRecord { payload: before.payload.clone(), labels: before.head.labels.clone() };
    /// let action = RepairAction::Rewrite { before, to: shop.key(4)?, after };
    /// assert_eq!(action.describe(), "store sh.helm.release.v1.shop.v1 as sh.helm.release.v1.shop.v4");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Rewrite { before, to, after } => {
                let (key, status) = (&before.head.key, after.labels.get("status").map_or("", String::as_str));
                if key != to {
                    return format!("store {} as {}", key.object_name(), to.object_name());
                }
                if before.payload == after.payload {
                    return format!("write the labels of revision {} anew (status {status})", key.revision);
                }
                format!("mark revision {} {status}", key.revision)
            }
            Self::Remove { before } => format!("remove record {}", before.head.key.object_name()),
            Self::RemoveLock { held } => format!("remove the lock of {}", held.holder),
            Self::RemoveNote { note } => format!("remove journal {}", note.id),
        }
    }
}

/// One step and why it is taken.
///
/// ```
/// use helm_release_core::fsck::{Class, RepairOptions, check, examine, repair_plan};
/// # use helm_release_core::ports::Storage as _;
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// // Somebody has deleted the record of revision 2, the deployed one.
/// # let head = shop.storage.get(&shop.key(2)?).await?.head;
/// # shop.storage.delete(&head.key, &head.version).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// let [step] = &plan.steps[..] else { panic!("{plan:?}") };
/// assert_eq!((step.action.describe().as_str(), &step.cures[..]), ("mark revision 1 deployed", &[Class::NoneDeployed][..]));
/// assert!(step.reasons[0].starts_with("no revision is deployed, though every object of revision 1 is live"));
/// assert!(step.keeps_backup);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RepairStep {
    /// The revision that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// What it does.
    #[serde(serialize_with = "in_words")]
    pub action: RepairAction,
    /// The classes of the ailments that it cures.
    pub cures: Vec<Class>,
    /// What was found, one text per ailment.
    pub reasons: Vec<String>,
    /// Whether a backup of a record is kept first.
    pub keeps_backup: bool,
}

fn in_words<S: Serializer>(action: &RepairAction, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&action.describe())
}

/// An ailment that a repair leaves alone.
///
/// ```
/// use helm_release_core::fsck::{Class, RepairOptions, check, examine, repair_plan};
/// use helm_release_store::storage::load_memory_data;
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// // Two days ago an upgrade was killed. Whether it is finished or undone is not for a repair to guess.
/// let upgrade = r#"[{name: shop, version: 4, info: {status: pending-upgrade, last_deployed: "2026-11-25T03:00:00Z"}}]"#;
/// load_memory_data(&shop.storage, upgrade).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let now = "2026-11-27T03:00:00Z".parse()?;
/// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// assert_eq!(plan.left[0].class, Class::StalePending);
/// assert_eq!(plan.left[0].ways_out, ["helm rollback-safe recover shop finishes or undoes it"]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// Which class.
    pub class: Class,
    /// Which revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// What a person can do.
    pub ways_out: Vec<String>,
}

/// A whole repair, not begun.
///
/// ```
/// use helm_release_core::fsck::{RepairOptions, check, examine, repair_plan};
/// # use helm_release_core::ports::{NewRecord, Payload, Storage as _};
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// // The payload of revision 1 is damaged, and the label of revision 2 says failed.
/// # let stored = shop.storage.get(&shop.key(1)?).await?;
/// # let record = NewRecord { payload: Payload(b"%%%".to_vec()), labels: stored.head.labels };
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// # let stored = shop.storage.get(&shop.key(2)?).await?;
/// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// # record.labels.insert("status".to_owned(), "failed".to_owned());
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// let json = serde_json::to_value(&plan)?;
/// assert_eq!(json["steps"][0]["action"], "write the labels of revision 2 anew (status deployed)");
/// assert_eq!(json["left"][0]["class"], "undecodable-payload");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RepairPlan {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// The steps, in order.
    pub steps: Vec<RepairStep>,
    /// What stays as it is. Notes are not among it.
    pub left: Vec<Left>,
}

/// What becomes of one record, put together from all its ailments.
#[derive(Debug, Default)]
struct Change {
    status: Option<Status>,
    is_removed: bool,
    cures: Vec<Class>,
    reasons: Vec<String>,
}

/// Plans a repair: one step per record whatever ails it, records from old to new, then journals and the lock.
///
/// Payloads are the truth: labels are made to say what they say, never the other way round.
///
/// ```
/// use helm_release_core::fsck::{RepairOptions, check, examine, repair_plan};
/// use helm_release_store::storage::load_memory_data;
/// # use helm_release_core::ports::{NewRecord, Storage as _};
/// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let now = "2026-11-27T03:00:00Z".parse()?;
/// // A second deployed revision, whose label says failed.
/// load_memory_data(&shop.storage, "[{name: shop, version: 4, info: {status: deployed}}]").await?;
/// # let stored = shop.storage.get(&shop.key(4)?).await?;
/// # let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
/// # record.labels.insert("status".to_owned(), "failed".to_owned());
/// # shop.storage.replace(&stored.head.key, &stored.head.version, &record).await?;
/// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
/// let told: Vec<String> = plan.steps.iter().map(|step| step.action.describe()).collect();
/// // At no moment are two deployed.
/// assert_eq!(told, ["mark revision 2 superseded", "write the labels of revision 4 anew (status deployed)"]);
/// # Ok(()) });
/// ```
#[must_use]
pub fn repair_plan(examination: &Examination, ailments: &[Ailment], options: RepairOptions, now: Timestamp) -> RepairPlan {
    let mut changes: BTreeMap<&RecordKey, Change> = BTreeMap::new();
    let (mut others, mut left) = (Vec::new(), Vec::new());
    for ailment in ailments {
        let is_asked_for = |remedy: &&Remedy| options.remove_undecodable || !matches!(remedy, Remedy::RemoveUndecodable { .. });
        let remedies: Vec<&Remedy> = ailment.remedies.iter().filter(is_asked_for).collect();
        if remedies.is_empty() && ailment.is_serious() {
            left.push(Left { class: ailment.class, revision: ailment.revision, ways_out: ailment.ways_out.clone() });
        }
        for remedy in remedies {
            match remedy {
                Remedy::Status { record, .. }
                | Remedy::Labels { record }
                | Remedy::Rename { record, .. }
                | Remedy::RemoveCopy { record }
                | Remedy::RemoveUndecodable { record } => {
                    let change = changes.entry(record).or_default();
                    change.cures.push(ailment.class);
                    change.reasons.push(ailment.what.clone());
                    match remedy {
                        Remedy::Status { status, .. } => change.status = Some(status.clone()),
                        Remedy::RemoveCopy { .. } | Remedy::RemoveUndecodable { .. } => change.is_removed = true,
                        // Labels and name follow from what the record itself says.
                        _ => {}
                    }
                }
                Remedy::RemoveLock => {
                    let held = examination.lock.clone().map(Box::new);
                    others.extend(held.map(|held| (ailment, RepairAction::RemoveLock { held })));
                }
                Remedy::RemoveNote(note) => others.push((ailment, RepairAction::RemoveNote { note: note.clone() })),
            }
        }
    }
    let steps = changes.into_iter().filter_map(|(key, change)| record_step(examination.find(key)?, change, now));
    let mut steps: Vec<RepairStep> = steps.collect();
    // What supersedes and fails comes before what deploys, so that no moment has two deployed.
    steps.sort_by_key(|step| (makes_deployed(&step.action), step.revision));
    others.sort_by_key(|(_, action)| matches!(action, RepairAction::RemoveLock { .. }));
    steps.extend(others.into_iter().map(|(ailment, action)| RepairStep {
        revision: ailment.revision,
        action,
        cures: vec![ailment.class],
        reasons: vec![ailment.what.clone()],
        keeps_backup: false,
    }));
    RepairPlan { namespace: examination.namespace.clone(), name: examination.name.clone(), steps, left }
}

fn makes_deployed(action: &RepairAction) -> bool {
    let deployed = Status::Deployed;
    matches!(action, RepairAction::Rewrite { after, .. } if after.labels.get("status").is_some_and(|status| status == deployed.as_str()))
}

fn record_step(record: &ExaminedRecord, change: Change, now: Timestamp) -> Option<RepairStep> {
    let Change { status, is_removed, cures, reasons } = change;
    let before = record.stored()?;
    let revision = Some(record.revision());
    let is_renamed = cures.contains(&Class::WrongObjectName);
    let action = if is_removed {
        RepairAction::Remove { before }
    } else {
        let to = if is_renamed { record.proper_key() } else { record.key().clone() };
        let after = rewritten(record, &before, status, now)?;
        RepairAction::Rewrite { before, to, after }
    };
    Some(RepairStep { revision, action, cures, reasons, keeps_backup: true })
}

/// The record with that status in payload and labels, and labels that say what the payload says.
fn rewritten(record: &ExaminedRecord, before: &StoredRecord, status: Option<Status>, now: Timestamp) -> Option<NewRecord> {
    let content = record.content.as_ref().ok()?;
    let said = content.info.status.clone();
    let payload: Payload = match &status {
        Some(status) if *status != said => {
            let update = RevisionUpdate { status: Some(status.clone()), description: None };
            codec::encode(&content.record.updated(&update))
        }
        _ => before.payload.clone(),
    };
    let custom = custom_labels(&before.head.labels);
    let RecordKey { name, revision, .. } = record.proper_key();
    let labels = labels_for_update(&custom, &name, revision, &status.unwrap_or(said), now);
    Some(NewRecord { payload, labels })
}

impl RepairPlan {
    /// Whether there is nothing to do.
    ///
    /// ```
    /// use helm_release_core::fsck::{RepairOptions, check, examine, repair_plan};
    /// # use helm_release_store::{journal::SecretJournal, lock::LeaseLock};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
    /// let found = examine(&shop.storage, &lock, &journal, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let now = "2026-11-27T03:00:00Z".parse()?;
    /// let plan = repair_plan(&found, &check(&found, now), RepairOptions::default(), now);
    /// assert!(plan.is_idle());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.steps.is_empty()
    }
}
