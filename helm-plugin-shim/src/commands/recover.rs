//! `recover`: finishes or undoes an operation that was cut off.

use std::fmt::Write as _;
use std::time::Duration;

use helm_release_core::lock::NotTaken;
use helm_release_core::ports::{Clock as _, Lock as _, LockKey, Observer};
use helm_release_core::recover::{Evidence, Eyes, Likeness, LookError, RecoveryPlan, Vitality, Way, Wish, decide, look};
use helm_release_core::run::{Engine, Event, FailedPhase, Failure, RunError};
use helm_release_store::clock::SystemClock;

use super::operation::Operation;
use crate::args::{OutputFormat, go_duration};
use crate::connect::connect_live;
use crate::progress::Progress;
use crate::{ExitCode, Report, ReportKind, Settings};

/// How often a lock that somebody holds is looked at again.
const POLL: Duration = Duration::from_millis(250);

const ABOUT: &str = "\
Looks at the records, the lock, the journal and the live objects of a release, decides whether its last operation is to be
finished or undone or only its records are to be put right, says why, and does it.

After a rollback of this tool that was killed the journal tells how to go either way. After an operation of Helm's that was
killed the live objects are compared with what the interrupted revision wants and with the last good one.";

/// Arguments of `recover`.
#[derive(Debug, clap::Args)]
#[command(long_about = ABOUT)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Args {
    /// the release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// bring the interrupted operation to its end
    #[arg(long, conflicts_with = "undo")]
    finish: bool,
    /// bring every object back to what it was
    #[arg(long)]
    undo: bool,
    /// show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// go on though nobody can tell whether the operation is still at work
    #[arg(long)]
    assume_dead: bool,
    /// how long to wait while another operation holds the release, such as 2m
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = go_duration)]
    wait_lock: Duration,
    /// how long the release stays locked when this program dies, at least 1s
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = go_duration)]
    lock_lasts: Duration,
    /// prints the result in the specified format: text, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    output: OutputFormat,
}

impl Args {
    fn wish(&self) -> Wish {
        match (self.finish, self.undo) {
            (true, _) => Wish::Finish,
            (_, true) => Wish::Undo,
            _ => Wish::Either,
        }
    }
}

pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let place = connect_live(settings).await?;
    let name = super::fetch::release_name(&args.release)?;
    let operation = Operation::new(&place, format!("recover {name}"), args.lock_lasts, args.wait_lock);
    let (storage, cluster) = (place.storage.as_ref(), place.cluster.as_ref());
    let progress = Progress::new(settings);
    if !args.dry_run && !args.wait_lock.is_zero() {
        let key = LockKey { namespace: place.namespace.clone(), name: name.clone() };
        wait_until_free(&operation, &progress, &key, args.wait_lock).await;
        if operation.interrupt.is_requested() {
            return Err(Report::new(
                ReportKind::Unexpected,
                format!("recovery of \"{name}\" was not begun, and nothing was changed"),
            )
            .with_cause("it was asked to stop"));
        }
    }
    let eyes = Eyes { storage, cluster, lock: &operation.lock, journal: &operation.journal, clock: &SystemClock };
    let situation = look(eyes, &place.namespace, &name).await.map_err(unseen)?;
    let plan = decide(&situation, args.wish());
    if args.dry_run {
        show(args, &plan)?;
        return Ok(ExitCode::DONE);
    }
    if plan.vitality != Vitality::Dead && !plan.is_idle() && plan.interrupted.is_some() {
        let is_unknown = plan.vitality == Vitality::Unknown;
        if !(is_unknown && args.assume_dead) {
            return Err(not_dead(&plan));
        }
    }
    if args.output == OutputFormat::Table {
        super::note(text(&plan).trim_end());
    }
    let engine = operation.guard(Engine::new(storage, cluster, &SystemClock, &progress));
    engine.recover(&plan).await.map_err(|failure| failed(&plan, &failure))?;
    if args.output == OutputFormat::Table {
        let done = match plan.way {
            Way::Finish => "Recovered: the interrupted operation is finished.\n",
            Way::Undo => "Recovered: the interrupted operation is undone.\n",
            Way::RecordsOnly => "Recovered: the records say what is true.\n",
            _ => "Nothing to recover.\n",
        };
        super::print(done.as_bytes())?;
    } else {
        show(args, &plan)?;
    }
    Ok(ExitCode::DONE)
}

/// Waits until nobody holds the release, or the patience is at its end: what is decided must rest on what is seen after that.
///
/// What cannot be read is for the look at everything to tell.
async fn wait_until_free(operation: &Operation, observer: &dyn Observer, key: &LockKey, patience: Duration) {
    let began = SystemClock.elapsed();
    let mut told = false;
    while let Ok(Some(held)) = operation.lock.find(key).await {
        let is_free = held.holder.is_expired(SystemClock.now().timestamp());
        if is_free || operation.interrupt.is_requested() || SystemClock.elapsed().saturating_sub(began) >= patience {
            return;
        }
        if !std::mem::replace(&mut told, true) {
            observer.event(&Event::LockAwaited { holder: held.holder });
        }
        SystemClock.sleep(POLL).await;
    }
}

fn unseen(error: LookError) -> Report {
    match error {
        LookError::Survey(error) => super::rollback::no_plan(error),
        other => Report::new(ReportKind::Unexpected, other.to_string()),
    }
}

fn show(args: &Args, plan: &RecoveryPlan) -> Result<(), Report> {
    if args.output == OutputFormat::Table {
        return super::print(text(plan).as_bytes());
    }
    let mut bytes = Vec::new();
    crate::render::write_data(&mut bytes, args.output, &plan.to_json())?;
    super::print(&bytes)
}

/// The recovery for people.
fn text(plan: &RecoveryPlan) -> String {
    let mut text = format!("Recovery: {}\n", plan.way.as_str());
    let mut line = |line: &str| {
        text += line;
        text.push('\n');
    };
    if let Some(interrupted) = &plan.interrupted {
        let info = &interrupted.info;
        line(&format!(
            "Release:  {} in namespace {}, revision {} is {} ({})",
            plan.name,
            plan.namespace,
            interrupted.revision(),
            info.status,
            info.description
        ));
    } else {
        line(&format!("Release:  {} in namespace {}", plan.name, plan.namespace));
    }
    for reason in &plan.reasons {
        line(&format!("Because:  {reason}"));
    }
    for caution in &plan.cautions {
        line(&format!("Note:     {caution}"));
    }
    let telling = |evidence: &&Evidence| evidence.likeness != Likeness::Both;
    for Evidence { object, likeness, .. } in plan.evidence.iter().filter(telling) {
        let words = match likeness {
            Likeness::After => "is as the interrupted revision wants it",
            Likeness::Before => "is as it was before",
            _ => "is in between",
        };
        line(&format!("  {object} {words}"));
    }
    line("Steps:");
    let mut number = 0;
    let mut step = |what: &str| {
        number += 1;
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {number:2}. {what}");
    };
    for entry in plan.log.iter().flat_map(|log| log.entries.iter().rev()) {
        step(&format!("bring back {}", entry.object()));
    }
    for planned in plan.object_steps() {
        if planned.action.writes_object() || planned.action == helm_release_core::plan::Action::RunHook {
            let subject = planned.object().map_or_else(|| "a hook".to_owned(), |object| object.to_string());
            step(&format!("{} {subject}: {}", planned.action, planned.reason));
        }
    }
    for repair in &plan.records {
        step(&format!("revision {} becomes {}: {}", repair.revision, repair.status, repair.reason));
    }
    for head in &plan.prune {
        step(&format!("delete the record of revision {}: the history is limited", head.key.revision));
    }
    for key in &plan.spent {
        step(&format!("remove journal {}", key.id));
    }
    if number == 0 {
        text += "  none\n";
    }
    text
}

fn not_dead(plan: &RecoveryPlan) -> Report {
    let name = &plan.name;
    let report = Report::new(
        ReportKind::Held,
        format!("the operation on release \"{name}\" may still be at work, and nothing was changed"),
    );
    let report = plan.cautions.iter().fold(report, Report::with_cause);
    if plan.vitality == Vitality::Alive {
        return report.with_hint("wait for it with --wait-lock 5m; a holder that died loses its lock by itself");
    }
    report.with_hint("when you know that its process is gone, say so with --assume-dead; --dry-run shows what would be done")
}

fn failed(plan: &RecoveryPlan, failure: &Failure) -> Report {
    let name = &plan.name;
    if let RunError::NotLocked(error @ NotTaken::Held(_)) = &failure.error {
        return super::rollback::held(name, error);
    }
    if failure.phase == FailedPhase::Start {
        return Report::new(ReportKind::Held, format!("release \"{name}\" is not recovered, and nothing was changed"))
            .with_error(failure)
            .with_hint("look again with recover --dry-run");
    }
    let report =
        Report::new(ReportKind::Failed, format!("recovery of \"{name}\" failed; its journal is kept")).with_error(failure);
    let report = match &failure.unrecorded {
        Some(error) => report.with_cause(format!("and its record could not be written: {error}")),
        None => report,
    };
    report.with_hint("put the cause right and run recover again, or go the other way with --finish or --undo")
}
