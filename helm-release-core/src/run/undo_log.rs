//! What the journal keeps while a rollback runs: how to undo it, whoever does it and whenever.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RunError;
use crate::plan::{Plan, Undo};
use crate::ports::{Location, Note, NoteKey, NoteKind};
use crate::{Namespace, Object, ReleaseName, Revision};

mod asked;

pub use asked::Asked;

/// Name and version of the form. A reader refuses a higher version than it knows.
///
/// ```
/// # use std::sync::Arc;
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::ports::{Journal, NoObserver};
/// # use helm_release_core::run::Engine;
/// # use helm_release_store::clock::SystemClock;
/// # use helm_release_store::crash::{Crash, Moment};
/// # use helm_release_store::journal::SecretJournal;
/// use helm_release_core::run::{JOURNAL_FORMAT, UndoLog};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let journal = SecretJournal::new(shop.cluster.clone());
/// # let crash = Arc::new(Crash::at(1, Moment::Before));
/// # let cluster = crash.cluster(shop.cluster.clone());
/// # let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
/// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
/// # let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
/// # let mut log = UndoLog::decode(&key, &journal.read(&key).await?)?;
/// // A newer version has begun the rollback, and nobody else is to guess what its journal means.
/// log.format = "helm-rollback-safe/journal/v3".to_owned();
/// let refusal = UndoLog::decode(&key, &log.encode()?).unwrap_err().to_string();
/// assert!(refusal.contains(&format!("this version knows {JOURNAL_FORMAT:?}; use the newer version")));
/// # Ok(()) });
/// ```
pub const JOURNAL_FORMAT: &str = "helm-rollback-safe/journal/v2";
/// The form before: `runHooks` said whether the target's hooks run, and one good revision outlived the history's limit.
const FORMAT_V1: &str = "helm-rollback-safe/journal/v1";
/// No journal is larger than this when it is unpacked, in bytes.
const MAX_SIZE: u64 = 256 << 20;

/// A hook's object, and which object was in its place before the rollback.
///
/// ```
/// # use std::sync::Arc;
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::ports::{Journal, NoObserver};
/// # use helm_release_core::run::Engine;
/// # use helm_release_store::clock::SystemClock;
/// # use helm_release_store::crash::{Crash, Moment};
/// # use helm_release_store::journal::SecretJournal;
/// use helm_release_core::run::UndoLog;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let journal = SecretJournal::new(shop.cluster.clone());
/// # let crash = Arc::new(Crash::at(1, Moment::Before));
/// # let cluster = crash.cluster(shop.cluster.clone());
/// # let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
/// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
/// # let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
/// # let log = UndoLog::decode(&key, &journal.read(&key).await?)?;
/// // `log` is the journal of a rollback that was cut off.
/// let trace = &log.hooks[0];
/// assert_eq!(trace.at.to_string(), "Job default/shop-check");
/// // Before the rollback there was no such Job: one that is there now is the rollback's own.
/// assert_eq!(trace.before, None);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HookTrace {
    /// Where.
    pub at: Location,
    /// The uid of the one that was there; `None` when none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// How to undo one rollback, and how to finish it. `Debug` prints no value.
///
/// ```
/// # use std::sync::Arc;
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::ports::{Journal, NoObserver};
/// # use helm_release_core::run::Engine;
/// # use helm_release_store::clock::SystemClock;
/// # use helm_release_store::crash::{Crash, Moment};
/// # use helm_release_store::journal::SecretJournal;
/// use helm_release_core::plan::Undo;
/// use helm_release_core::run::{JOURNAL_FORMAT, UndoLog};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let journal = SecretJournal::new(shop.cluster.clone());
/// # let crash = Arc::new(Crash::at(1, Moment::Before));
/// # let cluster = crash.cluster(shop.cluster.clone());
/// # let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
/// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
/// // A rollback from revision 3 to 2 was killed; its journal is still there.
/// let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
/// let log = UndoLog::decode(&key, &journal.read(&key).await?)?;
/// assert_eq!(log.format, JOURNAL_FORMAT);
/// assert_eq!((log.from.get(), log.to.get(), log.revision.get()), (3, 2, 4));
/// let mut made_again = log.entries.iter().filter(|entry| matches!(entry, Undo::MakeAgain { .. }));
/// assert!(made_again.any(|entry| entry.at().name == "shop-feature"));
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UndoLog {
    /// [`JOURNAL_FORMAT`].
    pub format: String,
    /// The release's namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: ReleaseName,
    /// The revision that the rollback makes.
    pub revision: Revision,
    /// The revision that it started from.
    pub from: Revision,
    /// The revision that it goes to.
    pub to: Revision,
    /// When it began.
    pub began: Timestamp,
    /// The revisions that were deployed before.
    pub deployed: Vec<Revision>,
    /// The way back, in the order of the plan's steps.
    pub entries: Vec<Undo>,
    /// The hooks that the plan runs.
    pub hooks: Vec<HookTrace>,
    /// How many hooks of the run's record are its own; `None` is all. Those behind are the other revision's, lent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_hooks: Option<usize>,
    /// What the user asked for, as far as finishing needs it.
    pub asked: Asked,
}

/// What every version of the form has.
#[derive(Deserialize)]
struct Form {
    format: String,
}

impl fmt::Debug for UndoLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, name, revision, entries, hooks, .. } = self;
        write!(f, "UndoLog({namespace}/{name} revision {revision}, {} entries, {} hooks)", entries.len(), hooks.len())
    }
}

impl UndoLog {
    /// The way back from a plan.
    pub(super) fn of(plan: &Plan, hooks: Vec<HookTrace>, began: Timestamp) -> Self {
        Self {
            format: JOURNAL_FORMAT.to_owned(),
            namespace: plan.namespace.clone(),
            name: plan.name.clone(),
            revision: plan.new_revision,
            from: plan.current.revision(),
            to: plan.target.revision(),
            began,
            deployed: plan.deployed.iter().map(|head| head.key.revision).collect(),
            entries: plan.steps.iter().filter_map(|step| step.undo.clone()).collect(),
            hooks,
            own_hooks: Some(plan.target.hooks.len()).filter(|_| !plan.lent_hooks.is_empty()),
            asked: Asked::of(plan),
        }
    }

    /// The objects that the plan deletes to make others in their place: uid, and what they were.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use helm_release_core::plan::{Acceptance, RollbackOptions, plan};
    /// # use helm_release_core::ports::{Journal, NoObserver};
    /// # use helm_release_core::run::Engine;
    /// use helm_release_core::run::UndoLog;
    /// # use helm_release_core::survey::survey;
    /// # use helm_release_store::clock::SystemClock;
    /// # use helm_release_store::cluster::{MemoryCluster, seed};
    /// # use helm_release_store::crash::{Crash, Moment};
    /// # use helm_release_store::journal::SecretJournal;
    /// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
    /// use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let (storage, live) = (MemoryStorage::new(), Arc::new(MemoryCluster::new()));
    /// # let releases = r#"
    /// # - name: web
    /// #   version: 1
    /// #   info: {status: superseded, description: Install complete}
    /// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, immutable: true, data: {color: blue}}"
    /// # - name: web
    /// #   version: 2
    /// #   info: {status: deployed, description: Upgrade complete}
    /// #   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, immutable: true, data: {color: red}}"
    /// # "#;
    /// # load_memory_data(&storage, releases).await?;
    /// # seed(&live, &storage).await?;
    /// # let options = RollbackOptions::default().with_accepted([Acceptance::parse("immutable-field")]);
    /// # let plan = plan(&survey(&storage, &live, &"default".parse()?, &"web".parse()?, &options).await?, &options);
    /// # let journal = SecretJournal::new(live.clone());
    /// # let crash = Arc::new(Crash::at(1, Moment::Before));
    /// # let cluster = crash.cluster(live.clone());
    /// # let engine = Engine::new(&storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
    /// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
    /// # let key = UndoLog::key(&plan.namespace, &plan.name, plan.new_revision);
    /// # let log = UndoLog::decode(&key, &journal.read(&key).await?)?;
    /// // `log` is of a rollback that makes an immutable ConfigMap anew, since its color is to be blue again.
    /// let exchanged = log.exchanged();
    /// let (at, (_uid, object)) = exchanged.first_key_value().unwrap();
    /// assert_eq!(at.to_string(), "ConfigMap default/web");
    /// assert_eq!(object.at(&["data", "color"]), Some(&json!("red")));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn exchanged(&self) -> BTreeMap<Location, (String, Object)> {
        let exchanged = self.entries.iter().filter_map(|entry| match entry {
            Undo::PutBack { at, uid, object, .. } => Some((at.clone(), (uid.clone(), object.clone()))),
            _ => None,
        });
        exchanged.collect()
    }

    /// Under which key the journal of a revision lies.
    ///
    /// ```
    /// use helm_release_core::Revision;
    /// use helm_release_core::run::UndoLog;
    ///
    /// let key = UndoLog::key(&"default".parse()?, &"shop".parse()?, Revision::new(4).unwrap());
    /// assert_eq!(key.to_string(), "journal v4 of default/shop");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key(namespace: &Namespace, name: &ReleaseName, revision: Revision) -> NoteKey {
        let (namespace, name) = (namespace.clone(), name.clone());
        NoteKey { namespace, name, kind: NoteKind::Journal, id: format!("v{revision}") }
    }

    /// The journal's own key.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use helm_release_core::plan::RollbackOptions;
    /// # use helm_release_core::ports::{Journal, NoObserver};
    /// # use helm_release_core::run::Engine;
    /// # use helm_release_store::clock::SystemClock;
    /// # use helm_release_store::crash::{Crash, Moment};
    /// # use helm_release_store::journal::SecretJournal;
    /// use helm_release_core::run::UndoLog;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let journal = SecretJournal::new(shop.cluster.clone());
    /// # let crash = Arc::new(Crash::at(1, Moment::Before));
    /// # let cluster = crash.cluster(shop.cluster.clone());
    /// # let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
    /// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
    /// # let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
    /// # let log = UndoLog::decode(&key, &journal.read(&key).await?)?;
    /// // `log` is the only journal. Whoever has put things right by hand throws it away.
    /// assert_eq!(journal.list(None, None).await?, [log.own_key()]);
    /// journal.delete(&log.own_key()).await?;
    /// assert!(journal.list(None, None).await?.is_empty());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn own_key(&self) -> NoteKey {
        Self::key(&self.namespace, &self.name, self.revision)
    }

    /// As bytes: gzip of JSON.
    ///
    /// # Errors
    /// [`RunError::UnusableJournal`], which no value of this type leads to.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use helm_release_core::plan::RollbackOptions;
    /// # use helm_release_core::ports::{Journal, NoObserver};
    /// # use helm_release_core::run::Engine;
    /// # use helm_release_store::clock::SystemClock;
    /// # use helm_release_store::crash::{Crash, Moment};
    /// # use helm_release_store::journal::SecretJournal;
    /// use helm_release_core::run::UndoLog;
    /// # use helm_release_store::cluster::MemoryCluster;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let journal = SecretJournal::new(shop.cluster.clone());
    /// # let crash = Arc::new(Crash::at(1, Moment::Before));
    /// # let cluster = crash.cluster(shop.cluster.clone());
    /// # let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
    /// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
    /// # let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
    /// # let log = UndoLog::decode(&key, &journal.read(&key).await?)?;
    /// // `log` is the journal of a rollback that was cut off; `elsewhere` is another place for journals.
    /// # let elsewhere = SecretJournal::new(Arc::new(MemoryCluster::new()));
    /// elsewhere.create(&log.own_key(), &log.encode()?).await?;
    /// let copied = elsewhere.read(&log.own_key()).await?;
    /// assert_eq!(UndoLog::decode(&log.own_key(), &copied)?, log);
    /// # Ok(()) });
    /// ```
    pub fn encode(&self) -> Result<Note, RunError> {
        let unusable = |reason: String| RunError::UnusableJournal { what: self.own_key().to_string(), reason };
        let json = serde_json::to_vec(self).map_err(|error| unusable(error.to_string()))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&json).map_err(|error| unusable(error.to_string()))?;
        Ok(Note(encoder.finish().map_err(|error| unusable(error.to_string()))?))
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`RunError::UnusableJournal`] when they are something else, or of a version that this one does not know.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use helm_release_core::plan::RollbackOptions;
    /// # use helm_release_core::ports::{Journal, NoObserver};
    /// # use helm_release_core::run::Engine;
    /// # use helm_release_store::clock::SystemClock;
    /// # use helm_release_store::crash::{Crash, Moment};
    /// # use helm_release_store::journal::SecretJournal;
    /// use helm_release_core::ports::Note;
    /// use helm_release_core::run::{RunError, UndoLog};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let journal = SecretJournal::new(shop.cluster.clone());
    /// # let crash = Arc::new(Crash::at(1, Moment::Before));
    /// # let cluster = crash.cluster(shop.cluster.clone());
    /// # let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
    /// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
    /// for key in journal.list(None, None).await? {
    ///     let log = UndoLog::decode(&key, &journal.read(&key).await?)?;
    ///     assert_eq!((log.name.as_str(), log.own_key()), ("shop", key));
    /// }
    /// let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
    /// let error = UndoLog::decode(&key, &Note(b"no journal".to_vec())).unwrap_err();
    /// assert!(matches!(error, RunError::UnusableJournal { .. }));
    /// # Ok(()) });
    /// ```
    pub fn decode(key: &NoteKey, note: &Note) -> Result<Self, RunError> {
        let unusable = |reason: String| RunError::UnusableJournal { what: key.to_string(), reason };
        let mut json = Vec::new();
        let read = GzDecoder::new(note.0.as_slice()).take(MAX_SIZE).read_to_end(&mut json);
        read.map_err(|error| unusable(error.to_string()))?;
        // The form is looked at first: a newer one may be anything.
        let form: Form = serde_json::from_slice(&json).map_err(|error| unusable(error.to_string()))?;
        if ![JOURNAL_FORMAT, FORMAT_V1].contains(&form.format.as_str()) {
            let reason =
                format!("it has the form {:?}, and this version knows {JOURNAL_FORMAT:?}; use the newer version", form.format);
            return Err(unusable(reason));
        }
        serde_json::from_slice(&json).map_err(|error| unusable(error.to_string()))
    }
}

#[cfg(test)]
mod tests;
