//! Executes a plan through the ports; the only module that writes.
//!
//! Every write, to a record or to an object, passes through one place (`run/writer.rs`). Whatever goes wrong once the
//! new record exists ends in a record that says so: `failed`, with the first error, and every object is brought back to what
//! it was unless the plan says otherwise.
//!
//! ```
//! use helm_release_core::plan::RollbackOptions;
//! use helm_release_core::ports::NoObserver;
//! use helm_release_core::run::{Engine, Outcome};
//! use helm_release_store::clock::SystemClock;
//! use helm_release_store::cluster::{MemoryCluster, seed};
//! use helm_release_store::storage::{MemoryStorage, load_memory_data};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let storage = MemoryStorage::new();
//! let releases = r#"
//! - name: web
//!   version: 1
//!   info: {status: superseded, description: Install complete}
//!   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
//! - name: web
//!   version: 2
//!   info: {status: deployed, description: Upgrade complete}
//!   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
//! "#;
//! load_memory_data(&storage, releases).await?;
//! let cluster = MemoryCluster::new();
//! seed(&cluster, &storage).await?;
//!
//! let engine = Engine::new(&storage, &cluster, &SystemClock, &NoObserver);
//! let plan = engine.plan(&"default".parse()?, &"web".parse()?, &RollbackOptions::default()).await?;
//! assert_eq!(engine.run(&plan).await?, Outcome::RolledBack(plan.new_revision));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apply;
mod engine;
mod error;
mod event;
mod gate;
mod hooks;
mod interrupt;
mod journal;
mod look;
mod outcome;
mod progress;
mod records;
mod recover;
mod recreate_pods;
mod undo;
mod undo_log;
mod wait;
mod watch;
mod witness;
mod writer;

pub(crate) use gate::{Closed, Gate};
pub(crate) use recreate_pods::pod_selector;

pub use engine::Engine;
pub use error::{FailedPhase, RunError};
pub use event::{EVENT_FORMAT, Event};
pub use interrupt::Interrupt;
pub use look::Looked;
pub use outcome::{Failure, Left, Outcome};
pub use undo_log::{Asked, HookTrace, JOURNAL_FORMAT, UndoLog};
