//! The classes of ailments, one file each.

mod identity_mismatch;
mod laundered_superseded;
mod leftover_hook;
mod near_size_limit;
mod none_deployed;
mod number_gap;
mod orphaned_object;
mod several_deployed;
mod stale_journal;
mod stale_lock;
mod stale_pending;
mod status_mismatch;
mod undecodable_payload;
mod wrong_object_name;

use jiff::Timestamp;

use super::{Ailment, Examination};

/// Looks for one class of ailment.
pub(super) type Look = fn(&Examination, Timestamp) -> Vec<Ailment>;

/// Every class.
pub(super) const ALL: [Look; 14] = [
    undecodable_payload::look,
    identity_mismatch::look,
    wrong_object_name::look,
    status_mismatch::look,
    several_deployed::look,
    none_deployed::look,
    laundered_superseded::look,
    stale_pending::look,
    stale_lock::look,
    stale_journal::look,
    number_gap::look,
    near_size_limit::look,
    leftover_hook::look,
    orphaned_object::look,
];

/// Whether a controller made the object: it is that one's business.
fn is_controlled(object: &crate::Object) -> bool {
    let owners = object.metadata().and_then(|metadata| metadata.get("ownerReferences")).and_then(serde_json::Value::as_array);
    owners.is_some_and(|owners| !owners.is_empty())
}
