//! Brings back records as they were before a repair.

use std::collections::BTreeMap;

use serde::Serialize;

use super::repair::{create, end};
use super::{Backup, Bench, RepairError, RepairFailure, Repaired};
use crate::ports::{Head, Journal, NewRecord, NoteKey, NoteKind, RecordKey, Version};
use crate::{Namespace, ReleaseName, Revision};

/// One record that is brought back.
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
    #[must_use]
    pub fn describe(&self) -> String {
        let was = if self.becomes.is_empty() { String::new() } else { format!(" ({})", self.becomes) };
        format!("bring revision {} back as it was{was}", self.revision)
    }
}

/// What a restore would do, not begun.
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
