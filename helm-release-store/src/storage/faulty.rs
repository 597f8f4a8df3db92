//! A storage that fails on purpose.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use helm_release_core::Namespace;
use helm_release_core::ports::{
    Head, HeadQuery, KeepersRights, NewRecord, RecordKey, Storage, StorageError, StoredRecord, Version,
};

/// What goes wrong with a write.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_core::ports::{Storage as _, StorageError, StorageExt as _};
/// use helm_release_store::storage::{Fault, FaultyStorage};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let newest = shop.key(3)?;
/// let records = Arc::new(shop.storage);
/// let version = records.get(&newest).await?.head.version;
/// for (fault, is_conflict, is_done) in [
///     (Fault::Fail, false, false),
///     (Fault::Conflict, true, false),
///     (Fault::Die, false, false),
///     (Fault::LoseAnswer, false, true),
/// ] {
///     let storage = FaultyStorage::new(records.clone(), fault, 1);
///     let error = storage.delete(&newest, &version).await.unwrap_err();
///     assert_eq!(matches!(error, StorageError::Conflict { .. }), is_conflict);
///     assert_eq!(records.find(&newest).await?.is_none(), is_done);
///     // Only a dead process reads nothing any more.
///     assert_eq!(storage.find(&newest).await.is_err(), fault == Fault::Die);
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// It is not done, and the caller cannot know.
    Fail,
    /// It is done, but the answer is lost: the caller cannot know.
    LoseAnswer,
    /// It is not done, because somebody else was first.
    Conflict,
    /// It is not done, and neither is anything after it: the process is dead for the storage.
    Die,
}

/// Passes everything on to another storage, except that one write goes wrong.
///
/// ```
/// use helm_release_store::storage::{Fault, FaultyStorage, MemoryStorage};
///
/// let storage = FaultyStorage::new(MemoryStorage::new(), Fault::LoseAnswer, 3);
/// assert_eq!(storage.writes(), 0);
/// ```
#[derive(Debug)]
pub struct FaultyStorage<S> {
    inner: S,
    fault: Fault,
    nth: usize,
    writes: AtomicUsize,
}

/// The failure that a [`FaultyStorage`] makes up.
#[derive(Debug, thiserror::Error)]
#[error("a fault was injected into write {0}")]
struct Injected(usize);

impl<S> FaultyStorage<S> {
    /// Lets the `nth` write (counted from 1) of `inner` go wrong.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::{Engine, Left};
    /// use helm_release_store::clock::SystemClock;
    /// use helm_release_store::storage::{Fault, FaultyStorage};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// // The first write of a rollback is its new record.
    /// let storage = FaultyStorage::new(shop.storage, Fault::Fail, 1);
    /// let failure = Engine::new(&storage, &shop.cluster, &SystemClock, &NoObserver).run(&plan).await.unwrap_err();
    /// assert_eq!(failure.left, Left::Untouched);
    /// # Ok(()) });
    /// ```
    pub fn new(inner: S, fault: Fault, nth: usize) -> Self {
        Self { inner, fault, nth, writes: AtomicUsize::new(0) }
    }

    /// How many writes were tried.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    /// use helm_release_store::storage::{Fault, FaultyStorage};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let storage = FaultyStorage::new(shop.storage, Fault::Conflict, 1);
    /// // Reads are not counted.
    /// let heads = storage.heads(&HeadQuery::default()).await?;
    /// assert!(storage.delete(&heads[0].key, &heads[0].version).await.is_err());
    /// storage.delete(&heads[0].key, &heads[0].version).await?;
    /// assert_eq!(storage.writes(), 2);
    /// # Ok(()) });
    /// ```
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// The storage behind.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    /// use helm_release_store::storage::{Fault, FaultyStorage};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let storage = FaultyStorage::new(shop.storage, Fault::Die, 0);
    /// assert!(storage.heads(&HeadQuery::default()).await.is_err());
    /// // What the dead process has left behind.
    /// assert_eq!(storage.inner().heads(&HeadQuery::default()).await?.len(), 3);
    /// # Ok(()) });
    /// ```
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// The number of this write and what goes wrong with it.
    fn next(&self) -> (usize, Option<Fault>) {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let hit = number == self.nth || (self.fault == Fault::Die && number > self.nth);
        (number, hit.then_some(self.fault))
    }

    fn alive(&self) -> Result<(), StorageError> {
        let writes = self.writes();
        if self.fault == Fault::Die && writes >= self.nth { Err(injected("read records", writes)) } else { Ok(()) }
    }
}

fn injected(action: &str, number: usize) -> StorageError {
    StorageError::Other { action: action.to_owned(), source: Box::new(Injected(number)) }
}

/// Does or does not do one write, as the fault says.
async fn perform<T>(
    turn: (usize, Option<Fault>),
    key: &RecordKey,
    write: impl Future<Output = Result<T, StorageError>> + Send,
) -> Result<T, StorageError> {
    let (number, fault) = turn;
    let failure = || injected(&format!("write record {key}"), number);
    match fault {
        None => write.await,
        Some(Fault::LoseAnswer) => write.await.and(Err(failure())),
        Some(Fault::Conflict) => Err(StorageError::Conflict { key: key.clone() }),
        Some(Fault::Fail | Fault::Die) => Err(failure()),
    }
}

#[async_trait]
impl<S: Storage> Storage for FaultyStorage<S> {
    async fn heads(&self, query: &HeadQuery) -> Result<Vec<Head>, StorageError> {
        self.alive()?;
        self.inner.heads(query).await
    }

    async fn get(&self, key: &RecordKey) -> Result<StoredRecord, StorageError> {
        self.alive()?;
        self.inner.get(key).await
    }

    async fn create(&self, key: &RecordKey, record: &NewRecord) -> Result<Head, StorageError> {
        perform(self.next(), key, self.inner.create(key, record)).await
    }

    async fn replace(&self, key: &RecordKey, expected: &Version, record: &NewRecord) -> Result<Head, StorageError> {
        perform(self.next(), key, self.inner.replace(key, expected, record)).await
    }

    async fn delete(&self, key: &RecordKey, expected: &Version) -> Result<(), StorageError> {
        perform(self.next(), key, self.inner.delete(key, expected)).await
    }

    fn rights(&self, namespace: &Namespace) -> KeepersRights {
        self.inner.rights(namespace)
    }
}

impl<S: fmt::Display> fmt::Display for FaultyStorage<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.inner, f)
    }
}

#[cfg(test)]
mod tests;
