//! `prune`: removes old revisions, never one that is needed.

mod values;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use helm_release_core::ReleaseName;
use helm_release_core::history::{Fate, KEEP_GOOD, PruneRules};
use helm_release_core::ports::{Lock as _, LockKey};
use helm_release_core::prune::{self, PruneError, PrunePlan};
use helm_release_core::release::Status;
use helm_release_store::clock::SystemClock;
use helm_release_store::lock::LeaseLock;
use helm_release_store::process::claim;
use jiff::Timestamp;
use serde_json::json;

use super::fetch;
use super::fsck::{held, not_taken, of_lock};
use crate::args::{DryRun, OutputFormat};
use crate::connect::{LivePlace, connect_live};
use crate::{ExitCode, Report, ReportKind, Settings};
use values::{age, bytes, known_status};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe prune web                      keep HELM_MAX_HISTORY revisions (10 when it is not set)
  helm rollback-safe prune web --keep 5 --dry-run   what would go to keep 5
  helm rollback-safe prune web --status failed      remove every failed revision that is not the latest
  helm rollback-safe prune web --older-than 90d --max-size 5Mi

Never removed: the deployed revision, the latest, pending ones, the newest good ones to which a rollback could return
(--keep-good), those that cannot be read (see fsck), and those whose record carries the label rollback-safe/pinned:
  kubectl label secret sh.helm.release.v1.web.v3 rollback-safe/pinned=yes";

/// Arguments of `prune`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// the release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// show what would go and remove nothing
    #[arg(long, value_name = "MODE", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client")]
    dry_run: DryRun,
    /// remove the oldest until that many revisions are left
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    /// how many good revisions before the latest stay
    #[arg(long, value_name = "N", default_value_t = KEEP_GOOD)]
    keep_good: usize,
    /// remove the oldest until the records take no more than that, such as 500Ki or 5Mi
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_size: Option<usize>,
    /// remove only what was deployed longer ago than that, such as 90d or 12h
    #[arg(long, value_name = "DURATION", value_parser = age)]
    older_than: Option<Duration>,
    /// prints the result in the specified format: text, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    output: OutputFormat,
    /// remove only revisions of that status; can be repeated
    #[arg(long, value_name = "STATUS", value_parser = known_status, action = clap::ArgAction::Append)]
    status: Vec<Status>,
}

impl Args {
    fn rules(&self, settings: &Settings, now: Timestamp) -> Result<PruneRules, Report> {
        let mut rules = PruneRules::default();
        rules.keep = self.keep;
        rules.max_size = self.max_size;
        rules.statuses.clone_from(&self.status);
        rules.keep_good = self.keep_good;
        if let Some(age) = self.older_than {
            rules.older_than = Some(now.checked_sub(age).unwrap_or(Timestamp::MIN));
        }
        if rules.keep.is_none() && rules.max_size.is_none() && rules.older_than.is_none() && rules.statuses.is_empty() {
            let keep = usize::try_from(settings.max_history).ok().filter(|keep| *keep > 0);
            rules.keep = Some(keep.ok_or_else(|| {
                Report::usage("nothing says what is to go: the history has no limit")
                    .with_hint("say how many are to stay: --keep N")
            })?);
        }
        Ok(rules)
    }
}

/// Removes old revisions, or shows which would go.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let name = fetch::release_name(&args.release)?;
    let now = Timestamp::now();
    let rules = args.rules(settings, now)?;
    let LivePlace { storage, cluster, namespace } = connect_live(settings).await?;
    let plan = prune::plan(storage.as_ref(), &namespace, &name, &rules).await?;
    let plan = plan.ok_or_else(|| fetch::no_release(&name, &namespace))?;
    let is_for_real = args.dry_run == DryRun::None && !plan.is_idle();
    if is_for_real {
        let lock = LeaseLock::new(Arc::clone(&cluster));
        let key = LockKey { namespace, name: name.clone() };
        let locked = match lock.find(&key).await {
            Ok(locked) => locked,
            // Without the right to Leases the records alone tell whether somebody is at work, as with Helm.
            Err(helm_release_core::ports::LockError::Forbidden { .. }) => None,
            Err(error) => return Err(of_lock(error)),
        };
        if let Some(hold) = plan.hold(locked.as_ref(), now) {
            return Err(held(&name, "pruned", &hold));
        }
        let claim = claim(format!("prune {name}"));
        let done = prune::run(&plan, storage.as_ref(), &lock, &SystemClock, &claim).await;
        done.map_err(|error| stopped(&name, error))?;
    }
    match args.output {
        OutputFormat::Table => super::print(text(&plan, args.dry_run == DryRun::None).as_bytes())?,
        format => {
            let json = json!({
                "format": "helm-rollback-safe/prune/v1",
                "namespace": plan.namespace,
                "name": plan.name,
                "dryRun": args.dry_run != DryRun::None,
                "removed": plan.selection.remove,
                "kept": plan.selection.keep,
                "unmet": plan.selection.unmet,
                "bytes": plan.bytes,
            });
            let mut bytes = Vec::new();
            crate::render::write_data(&mut bytes, format, &json)?;
            super::print(&bytes)?;
        }
    }
    Ok(ExitCode::DONE)
}

/// Tells what was not removed, and what was before.
fn stopped(name: &ReleaseName, error: PruneError) -> Report {
    let (removed, revision, source) = match error {
        PruneError::Stopped { removed, revision, source } => (removed, revision, source),
        PruneError::NotTaken(error) => return not_taken(error),
        other => return Report::new(ReportKind::Unexpected, other.to_string()),
    };
    let removed: Vec<String> = removed.iter().map(ToString::to_string).collect();
    let before = if removed.is_empty() { "nothing".to_owned() } else { removed.join(", ") };
    let mut report = Report::from(source);
    let message = format!("release \"{name}\" is not wholly pruned: cannot remove revision {revision}");
    report.causes.insert(0, std::mem::replace(&mut report.message, message));
    report.with_cause(format!("removed before that: {before}"))
}

// Writing to a String cannot fail, so the results of `writeln!` are dropped.
fn text(plan: &PrunePlan, is_done: bool) -> String {
    let (remove, keep) = (&plan.selection.remove, &plan.selection.keep);
    let verb = if is_done { "removed" } else { "would go" };
    let mut text = format!(
        "{} in namespace {}: {} of {} revisions {verb}, {} bytes\n",
        plan.name,
        plan.namespace,
        remove.len(),
        remove.len() + keep.len(),
        plan.bytes
    );
    let mut rows: Vec<(&Fate, &str)> = remove.iter().map(|fate| (fate, verb)).collect();
    rows.extend(keep.iter().map(|fate| (fate, "stays")));
    rows.sort_by_key(|(fate, _)| fate.revision);
    for (fate, what) in rows {
        let _ = writeln!(text, "  revision {} {what}: {}", fate.revision, fate.reason);
    }
    for unmet in &plan.selection.unmet {
        let _ = writeln!(text, "The limit is not met: {unmet}.");
    }
    text
}
