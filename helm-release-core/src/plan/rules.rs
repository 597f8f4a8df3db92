//! The dangers that a plan looks for, one file each.
//!
//! ```
//! use helm_release_core::plan::{FindingId, RollbackOptions, plan_with, rules};
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! # let options = RollbackOptions::default();
//! # let survey = shop.survey(&options).await?;
//! let bare = plan_with(&survey, &options, &[]);
//! let plan = plan_with(&survey, &options, &rules::all());
//! assert_eq!(plan.findings[0].id, FindingId::IMAGE_NOT_RUNNING);
//! // Rules tell what they see, and change no step.
//! assert!(bare.findings.is_empty());
//! assert_eq!(bare.steps, plan.steps);
//! # Ok(()) });
//! ```

mod blind_webhook;
mod carried_over;
mod converted_api;
mod crd_changes;
mod crd_files;
mod crd_in_use;
mod data_removed;
mod data_touched;
mod downtime;
mod drift;
mod duplicate_object;
mod foreign_owner;
mod held_replicas;
mod hook_clash;
mod image_not_running;
mod immutable_field;
mod invalid_manifest;
mod job_again;
mod managed_elsewhere;
mod migration_ran;
mod mutable_image;
mod no_return;
mod no_right;
mod nothing_to_change;
mod odd_resource_policy;
mod option_clash;
mod pending_revision;
mod probe_failed;
mod quota_exceeded;
mod record_too_large;
mod refused_by_server;
mod release_lock;
mod rotated_secret;
mod target_not_good;
mod unbuildable_hook;
mod undecodable_record;
mod unknown_kind;
mod unnoticed_config;
mod webhook_in_rollback;

use super::Rule;
pub(crate) use crd_files::crd_files;

/// Every rule of this crate.
///
/// ```
/// use helm_release_core::plan::{RollbackOptions, rules};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// # let steps = shop.plan(&options).await?.steps;
/// // Which of them have something to say?
/// let found = rules::all().into_iter().filter(|rule| !rule.look(&survey, &options, &steps).is_empty());
/// let names: Vec<String> = found.map(|rule| format!("{rule:?}")).collect();
/// assert_eq!(names, ["ImageNotRunning"]);
/// # Ok(()) });
/// ```
#[must_use]
pub fn all() -> Vec<Box<dyn Rule>> {
    vec![
        Box::new(blind_webhook::BlindWebhook),
        Box::new(converted_api::ConvertedApi),
        Box::new(crd_changes::CrdChanges),
        Box::new(crd_files::CrdFiles),
        Box::new(carried_over::CarriedOver),
        Box::new(crd_in_use::CrdInUse),
        Box::new(data_removed::DataRemoved),
        Box::new(data_touched::DataTouched),
        Box::new(downtime::Downtime),
        Box::new(drift::Drift),
        Box::new(duplicate_object::DuplicateObject),
        Box::new(foreign_owner::ForeignOwner),
        Box::new(held_replicas::HeldReplicas),
        Box::new(hook_clash::HookClash),
        Box::new(image_not_running::ImageNotRunning),
        Box::new(immutable_field::ImmutableField),
        Box::new(invalid_manifest::InvalidManifest),
        Box::new(job_again::JobAgain),
        Box::new(managed_elsewhere::ManagedElsewhere),
        Box::new(migration_ran::MigrationRan),
        Box::new(mutable_image::MutableImage),
        Box::new(no_return::NoReturn),
        Box::new(no_right::NoRight),
        Box::new(nothing_to_change::NothingToChange),
        Box::new(odd_resource_policy::OddResourcePolicy),
        Box::new(option_clash::OptionClash),
        Box::new(pending_revision::PendingRevision),
        Box::new(probe_failed::ProbeFailed),
        Box::new(quota_exceeded::QuotaExceeded),
        Box::new(record_too_large::RecordTooLarge),
        Box::new(refused_by_server::RefusedByServer),
        Box::new(release_lock::ReleaseLock),
        Box::new(rotated_secret::RotatedSecret),
        Box::new(target_not_good::TargetNotGood),
        Box::new(unbuildable_hook::UnbuildableHook),
        Box::new(undecodable_record::UndecodableRecord),
        Box::new(unknown_kind::UnknownKind),
        Box::new(unnoticed_config::UnnoticedConfig),
        Box::new(webhook_in_rollback::WebhookInRollback),
    ]
}

/// `block` with this tool's differences on, `caution` where Helm would go ahead.
fn block_unless_compat(options: &super::RollbackOptions) -> super::Severity {
    match options.mode {
        super::Mode::Safe => super::Severity::Block,
        super::Mode::Compat => super::Severity::Caution,
    }
}
