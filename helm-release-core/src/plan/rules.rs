//! The dangers that a plan looks for, one file each.

mod carried_over;
mod crd_in_use;
mod data_removed;
mod duplicate_object;
mod foreign_owner;
mod immutable_field;
mod invalid_manifest;
mod no_right;
mod nothing_to_change;
mod odd_resource_policy;
mod option_clash;
mod pending_revision;
mod record_too_large;
mod release_lock;
mod target_not_good;
mod unbuildable_hook;
mod undecodable_record;
mod unknown_kind;

use super::Rule;

/// Every rule of this crate.
#[must_use]
pub fn all() -> Vec<Box<dyn Rule>> {
    vec![
        Box::new(carried_over::CarriedOver),
        Box::new(crd_in_use::CrdInUse),
        Box::new(data_removed::DataRemoved),
        Box::new(duplicate_object::DuplicateObject),
        Box::new(foreign_owner::ForeignOwner),
        Box::new(immutable_field::ImmutableField),
        Box::new(invalid_manifest::InvalidManifest),
        Box::new(no_right::NoRight),
        Box::new(nothing_to_change::NothingToChange),
        Box::new(odd_resource_policy::OddResourcePolicy),
        Box::new(option_clash::OptionClash),
        Box::new(pending_revision::PendingRevision),
        Box::new(record_too_large::RecordTooLarge),
        Box::new(release_lock::ReleaseLock),
        Box::new(target_not_good::TargetNotGood),
        Box::new(unbuildable_hook::UnbuildableHook),
        Box::new(undecodable_record::UndecodableRecord),
        Box::new(unknown_kind::UnknownKind),
    ]
}

/// `block` with this tool's differences on, `caution` where Helm would go ahead.
fn block_unless_compat(options: &super::RollbackOptions) -> super::Severity {
    match options.mode {
        super::Mode::Safe => super::Severity::Block,
        super::Mode::Compat => super::Severity::Caution,
    }
}
