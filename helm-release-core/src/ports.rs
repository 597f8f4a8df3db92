//! The world as the engine sees it: where records and live objects are, who listens, what time it is.
//!
//! Every port is object-safe and minimal; conveniences live in extension traits that every
//! implementation gets for free.
//!
//! ```
//! use helm_release_core::Gvk;
//! use helm_release_core::ports::{Cluster, ClusterExt as _, HeadQuery, Storage};
//! use serde_json::json;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! // Both are in memory here; with adapters of a real cluster nothing below changes.
//! let (storage, cluster): (&dyn Storage, &dyn Cluster) = (&shop.storage, &shop.cluster);
//! let revisions = storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
//! assert_eq!(revisions.len(), 3);
//!
//! let kinds = cluster.kinds(false).await?;
//! let deployments = kinds.find(&Gvk::new("apps/v1", "Deployment")).ok_or("not served")?;
//! let live = cluster.find(&deployments.at("default", "shop")).await?.ok_or("not there")?;
//! assert_eq!(live.at(&["spec", "replicas"]), Some(&json!(5)));
//! # Ok(()) });
//! ```

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
