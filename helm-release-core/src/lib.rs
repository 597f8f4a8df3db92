//! Thinks about Helm releases: records, hooks, history, the rollback plan and the rollback engine.
//!
//! The way of a rollback, module by module: [`ports`] say where records and live objects come from,
//! [`release`] and [`codec`] read Helm's records, [`manifest`] reads the objects inside,
//! [`hook`] puts hooks into order, [`history`] chooses the revision to return to,
//! [`patch`] and [`readiness`] know Kubernetes' rules, [`plan`] writes down every step before
//! the first one is taken, [`lock`] keeps others off, [`run`] takes the steps,
//! and [`recover`] decides what to do when a run was cut off.
//!
//! This crate knows no Kubernetes client, no environment and no terminal.
//!
//! # Where to begin
//!
//! 1. Read a history: [`ports::Storage::heads`] lists revisions, [`codec`] decodes them, [`history::History`] tells which of
//!    them really were deployed. Which releases there are tells [`fsck::releases`].
//! 2. Plan: [`run::Engine::plan`] looks, asks the server beforehand and writes the plan down. Its parts are
//!    [`survey::survey`], [`inquiry::inquire`] and [`plan::plan`]; [`plan::Rule`] is for dangers of one's own.
//! 3. Run: [`run::Engine::run`] takes the steps of a plan, with [`run::Engine::with_lock`] and [`run::Engine::with_journal`], so
//!    that nobody comes between and a process that dies can be followed by another.
//! 4. Recover: [`recover::look`] and [`recover::decide`] say what to do after a run that was cut off, [`run::Engine::recover`]
//!    does it.
//! 5. Drift: [`drift::look`] tells what somebody changed in the cluster, [`drift::DriftChoice`] what a rollback does with it.
//! 6. Seal: [`seal::Seal`] keeps a plan in a file, and tells later whether what it rests on has moved.
//! 7. Check: [`fsck::examine`] and [`fsck::check`] find what is broken in records, [`fsck::repair`] repairs it.
//!
//! # What the examples begin with
//!
//! Their world is `Shop`, of the crate `examples` in this repository: a release of three revisions, in memory. Revision 1 worked,
//! 2 is deployed, 3 is an upgrade that failed; the objects are live as 3 left them. Examples leave out the lines that open it.
//! What they call:
//!
//! | name | is |
//! |---|---|
//! | `shop.storage` | the records: `MemoryStorage`; in a cluster `SecretStorage` |
//! | `shop.cluster` | the live objects: `Arc<MemoryCluster>`; in a cluster `KubernetesCluster` |
//! | `shop.namespace`, `shop.name` | `default` and `shop`, by which every call says which release is meant |
//! | `shop.key(2)`, `shop.record(2)` | the [`ports::RecordKey`] of revision 2, and its [`Record`] |
//! | `shop.survey(…)`, `shop.plan(…)` | [`survey::survey`], and [`plan::plan`] of it, for this release |
//! | `lock` | `LeaseLock::new(shop.cluster.clone())`: a [`ports::Lock`] in a Lease of that cluster |
//! | `journal` | `SecretJournal::new(shop.cluster.clone())`: a [`ports::Journal`] in Secrets of that cluster |
//! | `claim` | a [`lock::Claim`]: who takes the lock, and what for |
//! | `eyes` | a [`recover::Eyes`] of all these: what a recovery looks with |
//! | `options`, `survey`, `plan` | what is asked for, by default nothing special; what was read for it; what follows |
//!
//! Where `storage`, `cluster`, `namespace` and `name` stand alone they are the same of a smaller release, mostly `web`. Storages,
//! clusters, `LeaseLock` and `SecretJournal` are of the crate `helm_release_store`. Every example runs in an async function that
//! takes any error, so that it may use `await` and `?`.

pub mod api;
pub mod codec;
pub mod diff;
pub mod drift;
pub mod evidence;
pub mod fsck;
pub mod history;
pub mod hold;
pub mod hook;
pub mod inquiry;
pub mod lock;
pub mod manifest;
pub mod mask;
pub mod name;
pub mod object;
pub mod patch;
pub mod plan;
pub mod ports;
pub mod prune;
pub mod quantity;
pub mod readiness;
pub mod recover;
pub mod release;
pub mod reverse;
pub mod run;
pub mod seal;
pub mod structural;
pub mod survey;

pub use name::{InvalidName, Namespace, ReleaseName, Revision};
pub use object::{Gvk, Object, ObjectId, PackedObject};
pub use release::{HelmLine, Record};
