//! The world as the engine sees it: where records and live objects are, who listens, what time it is.
//!
//! Every port is object-safe and minimal; conveniences live in extension traits that every
//! implementation gets for free.

mod clock;
mod cluster;
mod journal;
mod lock;
mod observer;
mod right;
mod storage;

pub use clock::Clock;
pub use cluster::{
    Cluster, ClusterError, ClusterErrorKind, ClusterExt, Conflicts, DryRun, Kinds, ListOptions, Listing, Location, LogOptions,
    PatchBody, Preconditions, Propagation, Request, Resource, Scope, Table, TableColumn, TableOf, Validation, WatchEvent,
    WatchStream,
};
pub use journal::{Journal, JournalError, Note, NoteKey, NoteKind};
pub use lock::{Held, Holder, Lock, LockError, LockKey};
pub use observer::{NoObserver, Observer};
pub use right::{KeepersRights, Permission, Right};
pub use storage::{Head, HeadQuery, NewRecord, Payload, RecordKey, Storage, StorageError, StorageExt, StoredRecord, Version};
