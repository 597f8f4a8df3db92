//! Brings back records as they were before a repair.

use std::collections::BTreeMap;

use serde::Serialize;

use super::repair::{create, end};
use super::{Backup, Bench, RepairError, RepairFailure, Repaired};
use crate::ports::{Head, Journal, NewRecord, NoteKey, NoteKind, RecordKey, Version};
use crate::{Namespace, ReleaseName, Revision};

/// One record that is brought back.
///
/// ```
/// use helm_release_core::fsck::{Backup, restore_plan};
/// use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let stored = shop.storage.get(&shop.key(2)?).await?;
/// let backup = Backup::of(&stored, "mark revision 2 superseded", "2026-11-27T03:15:00Z".parse()?);
/// let plan = restore_plan(&shop.namespace, &shop.name, vec![(backup.note_key(0), backup)], &[stored.head]);
/// let step = &plan.steps[0];
/// assert_eq!((step.backup.as_str(), step.undoes.as_str()), ("v2-20261127t031500", "mark revision 2 superseded"));
/// assert_eq!((step.status.as_deref(), step.becomes.as_str()), (Some("deployed"), "deployed"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RestoreStep {
    /// Which revision.
    pub revision: Revision,
    /// The id of the backup.
    pub backup: String,
    /// What the repair did that is taken back.
    pub undoes: String,
    /// The status that the record has, when it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The status label that it gets back.
    pub becomes: String,
    /// How many older backups of the same revision stay.
    pub older: usize,
    #[serde(skip)]
    note: NoteKey,
    #[serde(skip)]
    kept: Backup,
    /// The state of the record that is replaced.
    #[serde(skip)]
    expected: Option<Version>,
}

impl RestoreStep {
    /// In words, such as `bring revision 3 back as it was (deployed)`.
    ///
    /// ```
    /// use helm_release_core::fsck::{Backup, restore_plan};
    /// # use helm_release_core::ports::Storage as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let stored = shop.storage.get(&shop.key(3)?).await?;
    /// # let backup = Backup::of(&stored, "remove record", "2026-11-27T03:15:00Z".parse()?);
    /// # let backups = vec![(backup.note_key(0), backup)];
    /// // The backup is that of revision 3, which had failed.
    /// let plan = restore_plan(&shop.namespace, &shop.name, backups, &[]);
    /// assert_eq!(plan.steps[0].describe(), "bring revision 3 back as it was (failed)");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn describe(&self) -> String {
        let was = if self.becomes.is_empty() { String::new() } else { format!(" ({})", self.becomes) };
        format!("bring revision {} back as it was{was}", self.revision)
    }
}

/// What a restore would do, not begun.
///
/// ```
/// use helm_release_core::fsck::{Backup, restore_plan};
/// use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let (mut backups, taken) = (Vec::new(), "2026-11-27T03:15:00Z".parse()?);
/// for revision in [3, 1] {
///     let backup = Backup::of(&shop.storage.get(&shop.key(revision)?).await?, "remove record", taken);
///     backups.push((backup.note_key(0), backup));
/// }
/// let plan = restore_plan(&shop.namespace, &shop.name, backups, &[]);
/// let json = serde_json::to_value(&plan)?;
/// assert_eq!((&json["steps"][0]["revision"], &json["steps"][1]["revision"]), (&1.into(), &3.into()));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RestorePlan {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// The newest backup of each revision, by revision.
    pub steps: Vec<RestoreStep>,
}

/// Reads the backups of a release.
///
/// # Errors
/// [`RepairFailure::Journal`], or [`RepairFailure::Backup`] for a note of another form.
///
/// # Cancellation
/// Nothing is left behind: nothing is written.
///
/// ```
/// use helm_release_core::fsck::{Backup, backups};
/// use helm_release_core::ports::{Journal as _, Storage as _};
/// use helm_release_store::journal::SecretJournal;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let journal = SecretJournal::new(shop.cluster.clone());
/// let backup = Backup::of(&shop.storage.get(&shop.key(1)?).await?, "remove record", "2026-11-27T03:15:00Z".parse()?);
/// journal.create(&backup.note_key(0), &backup.to_note()?).await?;
///
/// let kept = backups(&journal, &shop.namespace, &shop.name).await?;
/// assert_eq!(kept, [(backup.note_key(0), backup)]);
/// # Ok(()) });
/// ```
pub async fn backups(
    journal: &dyn Journal,
    namespace: &Namespace,
    name: &ReleaseName,
) -> Result<Vec<(NoteKey, Backup)>, RepairFailure> {
    let notes = journal.list(Some(namespace), Some(name)).await?;
    let mut backups = Vec::new();
    for key in notes.into_iter().filter(|note| note.kind == NoteKind::Backup) {
        let note = journal.read(&key).await?;
        let backup = Backup::read(&key, &note)?;
        backups.push((key, backup));
    }
    Ok(backups)
}

/// Plans to bring back the newest backup of each record, over what is there now.
///
/// ```
/// use std::time::Duration;
/// use helm_release_core::fsck::{Backup, restore_plan};
/// use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let stored = shop.storage.get(&shop.key(2)?).await?;
/// let kept = |seconds| {
///     let taken = jiff::Timestamp::UNIX_EPOCH + Duration::from_secs(seconds);
///     let backup = Backup::of(&stored, format!("repair {seconds}"), taken);
///     (backup.note_key(0), backup)
/// };
/// let plan = restore_plan(&shop.namespace, &shop.name, vec![kept(1), kept(3), kept(2)], &[stored.head.clone()]);
/// let [step] = &plan.steps[..] else { panic!("{plan:?}") };
/// assert_eq!((step.undoes.as_str(), step.older), ("repair 3", 2));
/// # Ok(()) });
/// ```
#[must_use]
pub fn restore_plan(namespace: &Namespace, name: &ReleaseName, backups: Vec<(NoteKey, Backup)>, heads: &[Head]) -> RestorePlan {
    let mut newest: BTreeMap<RecordKey, (NoteKey, Backup, usize)> = BTreeMap::new();
    for (note, backup) in backups {
        let count = newest.get(&backup.key).map_or(0, |(_, _, older)| older + 1);
        let known = newest.remove(&backup.key);
        // Ids of one second are told apart by a number that grows.
        let is_newer = |known: &(NoteKey, Backup, usize)| {
            (known.1.taken, known.0.id.len(), &known.0.id) > (backup.taken, note.id.len(), &note.id)
        };
        let kept = match known.filter(is_newer) {
            Some((note, backup, _)) => (note, backup, count),
            None => (note, backup, count),
        };
        newest.insert(kept.1.key.clone(), kept);
    }
    let steps = newest.into_iter().map(|(key, (note, kept, older))| {
        let head = heads.iter().find(|head| head.key == key);
        RestoreStep {
            revision: key.revision,
            backup: note.id.clone(),
            undoes: kept.reason.clone(),
            status: head.map(|head| head.status_label().to_owned()),
            becomes: kept.labels.get("status").cloned().unwrap_or_default(),
            older,
            expected: head.map(|head| head.version.clone()),
            note,
            kept,
        }
    });
    RestorePlan { namespace: namespace.clone(), name: name.clone(), steps: steps.collect() }
}

/// Brings records back under the release's lock, each backup removed after that.
///
/// # Errors
/// [`RepairError`]; every write is conditional on what the plan saw.
///
/// # Cancellation
/// A record that is back may still have its backup; restoring again changes nothing then.
///
/// ```
/// use helm_release_core::fsck::{Backup, Bench, backups, restore, restore_plan};
/// # use helm_release_core::lock::Claim;
/// # use helm_release_core::ports::{Journal as _, Storage as _};
/// # use helm_release_store::{clock::SystemClock, journal::SecretJournal, lock::LeaseLock};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let (lock, journal) = (LeaseLock::new(shop.cluster.clone()), SecretJournal::new(shop.cluster.clone()));
/// # let claim = Claim::new("9b07", "bob@laptop", 815, "fsck shop --restore");
/// # let bench = Bench { storage: &shop.storage, lock: &lock, journal: &journal, clock: &SystemClock, claim: &claim };
/// # let before = shop.storage.get(&shop.key(1)?).await?;
/// # let backup = Backup::of(&before, "remove record", "2026-11-27T03:15:00Z".parse()?);
/// # journal.create(&backup.note_key(0), &backup.to_note()?).await?;
/// # shop.storage.delete(&before.head.key, &before.head.version).await?;
/// // A repair has removed the record of revision 1, and kept a backup of it.
/// let kept = backups(&journal, &shop.namespace, &shop.name).await?;
/// let plan = restore_plan(&shop.namespace, &shop.name, kept, &[]);
/// let done = restore(&plan, bench).await?;
/// assert_eq!(done[0].action, "bring revision 1 back as it was (superseded)");
/// assert_eq!(shop.storage.get(&shop.key(1)?).await?.payload, before.payload);
/// assert!(journal.list(None, None).await?.is_empty(), "the backup has done its work");
/// # Ok(()) });
/// ```
pub async fn restore(plan: &RestorePlan, bench: Bench<'_>) -> Result<Vec<Repaired>, RepairError> {
    let (gate, key) = bench.begin(&plan.namespace, &plan.name).await?;
    let mut done = Vec::new();
    let work = async {
        for step in &plan.steps {
            let _ticket = gate.enter().await;
            match bring_back(step, bench).await {
                Ok(()) => done.push(Repaired { action: step.describe(), backup: Some(step.backup.clone()) }),
                Err(failure) => return Err((step.describe(), failure)),
            }
        }
        Ok(())
    };
    let worked = gate.guard(work).await;
    end((gate, key), done, worked).await
}

async fn bring_back(step: &RestoreStep, bench: Bench<'_>) -> Result<(), RepairFailure> {
    let Backup { key, labels, payload, .. } = step.kept.clone();
    let record = NewRecord { payload, labels };
    match &step.expected {
        Some(version) => bench.storage.replace(&key, version, &record).await.map(drop)?,
        None => create(bench.storage, &key, &record).await?,
    }
    bench.journal.delete(&step.note).await?;
    Ok(())
}
