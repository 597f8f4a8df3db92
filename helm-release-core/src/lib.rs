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
