//! `rollback`, and the form without a command.

mod evidence;
mod options;
mod probe;
mod report;

use report::not_begun;
pub(super) use report::{held, no_plan};

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use helm_release_core::drift::{DriftChoice, DriftRule};
use helm_release_core::history::KEEP_GOOD;
use helm_release_core::lock::{NotTaken, acquire_unless};
use helm_release_core::plan::{Hooks, Mode, Plan, Preflight, RollbackOptions, Survey, rules};
use helm_release_core::ports::{Held, Lock as _, LockKey, NoObserver};
use helm_release_core::run::{Engine, Outcome};
use helm_release_core::survey::SurveyError;
use helm_release_core::{ReleaseName, Revision};
use helm_release_store::clock::SystemClock;
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::process::claim;

use super::operation::Operation;
use crate::args::{DryRun, OnFailure, OutputFormat, PlanFormat, ServerSide, Wait, go_duration, go_int};
use crate::connect::{LivePlace, connect_live};
use crate::progress::Progress;
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe web                 to the newest revision that worked
  helm rollback-safe web 3 --wait        to revision 3, waiting until it is ready
  helm rollback-safe web -1 --dry-run    show the plan for the revision before the latest
  helm rollback-safe web --accept 'foreign-owner=ConfigMap default/shared'";

/// The longest description that Helm takes, in characters.
const MAX_DESCRIPTION: usize = 256;

/// Arguments of `rollback`: all of Helm 3's and Helm 4's, and our own.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Helm's or ours")]
pub(crate) struct RollbackArgs {
    /// the release
    #[arg(value_name = "RELEASE")]
    pub release: String,
    /// the revision: a number, -1 for the one before the latest, or left out for the newest that worked
    #[arg(value_name = "REVISION", allow_negative_numbers = true)]
    pub revision: Option<String>,
    /// What Helm passes over without a word.
    #[arg(hide = true)]
    pub ignored: Vec<String>,
    /// run in spite of a finding, named by its id, on all objects or on one; can be repeated
    #[arg(long, value_name = "ID[=OBJECT]", action = clap::ArgAction::Append)]
    pub accept: Vec<Acceptance>,
    /// allow deletion of new resources created in this rollback when rollback fails
    #[arg(long)]
    pub cleanup_on_fail: bool,
    /// do as Helm does, in its faults too
    #[arg(long)]
    pub compat: bool,
    /// add a custom description for the rollback (max 256 characters)
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub description: String,
    /// exit with 10 when a dry run finds something to change
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// what becomes of fields that somebody changed since they were applied: restore, keep, or stop, which refuses to overwrite one
    #[arg(long, value_name = "CHOICE", default_value = "restore", conflicts_with = "compat")]
    pub drift: DriftChoice,
    /// the same for some fields of some objects, such as 'Deployment/web:spec.replicas=keep'; * stands for any signs; can be repeated
    #[arg(long, value_name = "OBJECT:FIELD=CHOICE", action = clap::ArgAction::Append, conflicts_with = "compat")]
    pub drift_rule: Vec<DriftRule>,
    /// show the plan and change nothing: client tries no write, server has the server check each write, as plan does by itself
    #[arg(long, value_name = "MODE", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client")]
    pub dry_run: DryRun,
    /// write what happens to this file as it happens, one line of JSON per event
    #[arg(long, value_name = "FILE")]
    pub events: Option<std::path::PathBuf>,
    /// when the rollback fails, write what was found to this file as JSON, and as text beside it with .txt added
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<std::path::PathBuf>,
    /// the same as --force-replace
    #[arg(long, hide = true)]
    pub force: bool,
    /// if set server-side apply will force changes against conflicts
    #[arg(long, conflicts_with_all = ["force", "force_replace"])]
    pub force_conflicts: bool,
    /// force resource updates by replacement
    #[arg(long)]
    pub force_replace: bool,
    /// limit the maximum number of revisions saved per release, 0 for no limit (default 10 or `HELM_MAX_HISTORY`)
    #[arg(long, value_name = "INT", value_parser = go_int, allow_negative_numbers = true)]
    pub history_max: Option<i64>,
    /// which revision's rollback hooks run: target, current, both, none
    #[arg(long, value_name = "WHOSE", default_value = "target", conflicts_with = "no_hooks")]
    pub hooks: Hooks,
    /// that many good revisions before the new one outlive --history-max
    #[arg(long, value_name = "N", default_value_t = KEEP_GOOD)]
    pub keep_good: usize,
    /// how long the release stays locked when this program dies, at least 1s
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = go_duration)]
    pub lock_lasts: Duration,
    /// prevent hooks from running during rollback
    #[arg(long)]
    pub no_hooks: bool,
    /// what becomes of the objects when the rollback fails: return brings them back, as Helm's --atomic does, stop leaves them
    #[arg(long, value_name = "MODE", default_value = "return")]
    pub on_failure: OnFailure,
    /// prints the result in the specified format: text, json, yaml; html for a plan
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    pub output: PlanFormat,
    /// before anything is written ask a URL, a condition such as ConfigMap/state:data.schema=5, or a shell command whether to go on; can be repeated
    #[arg(long, value_name = "CHECK", action = clap::ArgAction::Append)]
    pub probe: Vec<String>,
    /// performs pods restart for the resource if applicable (Helm 3)
    #[arg(long)]
    pub recreate_pods: bool,
    /// update objects in the server instead of the client: auto, true, false
    #[arg(long, value_name = "MODE", default_value = "auto")]
    pub server_side: ServerSide,
    /// time to wait for any individual Kubernetes operation (like Jobs for hooks)
    #[arg(long, value_name = "DURATION", default_value = "5m0s", value_parser = go_duration)]
    pub timeout: Duration,
    /// wait until resources are ready (up to --timeout): watcher, hookOnly, legacy
    #[arg(long, value_name = "STRATEGY", num_args = 0..=1, require_equals = true, default_value = "hookOnly", default_missing_value = "watcher")]
    pub wait: Wait,
    /// with --wait, wait also until all Jobs have been completed
    #[arg(long)]
    pub wait_for_jobs: bool,
    /// how long to wait while another operation holds the release, such as 2m; with a revision's number it plans after that
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = go_duration)]
    pub wait_lock: Duration,
}

/// A finding that does not stop a run: its id, and the object when only one is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    /// Id of the finding.
    pub id: String,
    /// The object; `None` means all.
    pub object: Option<String>,
}

impl std::str::FromStr for Acceptance {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, object) = text.split_once('=').map_or((text, None), |(id, object)| (id, Some(object.to_owned())));
        if id.is_empty() || object.as_ref().is_some_and(String::is_empty) {
            return Err("write the id of a finding, or ID=OBJECT");
        }
        Ok(Self { id: id.to_owned(), object })
    }
}

impl RollbackArgs {
    /// Checks what the parser cannot.
    ///
    /// # Errors
    /// A [`Report`] in Helm's words.
    pub(crate) fn check(&self) -> Result<(), Report> {
        let length = self.description.chars().count();
        if length > MAX_DESCRIPTION {
            return Err(Report::usage(format!("description must be {MAX_DESCRIPTION} characters or less, got {length}")));
        }
        super::fetch::release_name(&self.release).map(|_| ())
    }

    /// How many revisions are kept; 0 means all.
    #[must_use]
    pub(crate) fn history_max(&self, settings: &Settings) -> i64 {
        self.history_max.unwrap_or(settings.max_history)
    }

    /// Whether objects are replaced instead of patched.
    #[must_use]
    pub(crate) fn replaces(&self) -> bool {
        self.force || self.force_replace
    }
}

/// A place with live objects, what was seen there, and a plan for a release.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) place: LivePlace,
    pub(super) survey: Survey,
    pub(super) plan: Plan,
}

/// Connects, looks, and plans what a command line asks for.
pub(super) async fn look(args: &RollbackArgs, settings: &Settings, preflight: Preflight) -> Result<Looked, Report> {
    let (place, name, options) = meant(args, settings, preflight).await?;
    survey_and_plan(place, &name, &options, None).await.map_err(no_plan)
}

/// Connects; tells the release and the options that a command line means.
async fn meant(
    args: &RollbackArgs,
    settings: &Settings,
    preflight: Preflight,
) -> Result<(LivePlace, ReleaseName, RollbackOptions), Report> {
    args.check()?;
    let options = options::options(args, settings)?.with_preflight(preflight);
    let place = connect_live(settings).await?;
    Ok((place, super::fetch::release_name(&args.release)?, options))
}

/// Looks at a release, and at its lock where there is one, asks the server beforehand, and plans. A lock of one's own is none.
pub(super) async fn survey_and_plan(
    place: LivePlace,
    name: &ReleaseName,
    options: &RollbackOptions,
    own: Option<&Held>,
) -> Result<Looked, SurveyError> {
    let (lock, journal) = (LeaseLock::new(Arc::clone(&place.cluster)), SecretJournal::new(Arc::clone(&place.cluster)));
    let mut claim = claim("plan");
    claim.held = own.cloned().map(Box::new);
    let engine = Engine::new(place.storage.as_ref(), place.cluster.as_ref(), &SystemClock, &NoObserver);
    let looked = engine.with_lock(&lock, claim).with_journal(&journal).look(&place.namespace, name, options).await?;
    let probes = probe::run(&options.probes, &looked.survey, place.cluster.as_ref()).await;
    let (survey, plan) = looked.with_probes(probes).judged(&rules::all());
    Ok(Looked { place, survey, plan })
}

/// Rolls back.
pub(super) async fn run(args: RollbackArgs, settings: &Settings) -> Result<ExitCode, Report> {
    if args.dry_run != DryRun::None {
        return super::plan::show(&args, None, settings).await;
    }
    let PlanFormat::Plain(output) = args.output else {
        let report = Report::usage("the result of a rollback is no page: html is for plans");
        return Err(report.with_hint("use plan -o html, or --dry-run -o html"));
    };
    let preflight = if args.compat { Preflight::None } else { Preflight::Needed };
    let command = match &args.revision {
        Some(revision) => format!("rollback {} {revision}", args.release),
        None => format!("rollback {}", args.release),
    };
    let manner = Manner {
        command,
        lock_lasts: args.lock_lasts,
        wait_lock: args.wait_lock,
        events: args.events.as_deref(),
        evidence: args.evidence.as_deref(),
        output,
    };
    if waits_its_turn(&args) {
        return run_in_turn(&args, &manner, settings, preflight).await;
    }
    let Looked { place, plan, .. } = look(&args, settings, preflight).await?;
    let (operation, progress) = (manner.operation(&place), manner.progress(settings)?);
    carry_out(&place, &plan, &manner, (operation, &progress)).await
}

/// Whether a rollback waits for others first and plans afterwards. Who names a revision means that one, whatever happened
/// meanwhile; who does not means what was seen before, and would go back one further than the one who was first.
fn waits_its_turn(args: &RollbackArgs) -> bool {
    let is_named = args.revision.as_deref().is_some_and(|text| text.parse().ok().and_then(Revision::new).is_some());
    is_named && !args.wait_lock.is_zero() && !args.compat
}

/// Takes the lock, plans under it, and rolls back.
async fn run_in_turn(
    args: &RollbackArgs,
    manner: &Manner<'_>,
    settings: &Settings,
    preflight: Preflight,
) -> Result<ExitCode, Report> {
    let (place, name, options) = meant(args, settings, preflight).await?;
    let (mut operation, progress) = (manner.operation(&place), manner.progress(settings)?);
    let key = LockKey { namespace: place.namespace.clone(), name: name.clone() };
    let held = match acquire_unless(&operation.interrupt, &operation.lock, &SystemClock, &progress, &key, &operation.claim).await
    {
        Ok(held) => Some(held),
        Err(error @ NotTaken::Held(_)) => return Err(held(&name, &error)),
        Err(error @ NotTaken::Interrupted) => return Err(not_begun(&name, &error)),
        // The run meets it again, and either does without a lock or says why not.
        Err(_) => None,
    };
    let looked = survey_and_plan(place.clone(), &name, &options, held.as_ref()).await.map_err(no_plan);
    let is_run = looked.as_ref().is_ok_and(|looked| looked.plan.blocking().next().is_none());
    match held {
        Some(held) if is_run => operation.claim.held = Some(Box::new(held)),
        // One that cannot be given back expires.
        Some(held) => drop(operation.lock.delete(&held).await),
        None => {}
    }
    carry_out(&place, &looked?.plan, manner, (operation, &progress)).await
}

/// How a plan is run; nothing that changes the plan itself.
#[derive(Debug)]
pub(super) struct Manner<'a> {
    pub(super) command: String,
    pub(super) lock_lasts: Duration,
    pub(super) wait_lock: Duration,
    pub(super) events: Option<&'a Path>,
    pub(super) evidence: Option<&'a Path>,
    pub(super) output: OutputFormat,
}

impl Manner<'_> {
    pub(super) fn operation(&self, place: &LivePlace) -> Operation {
        Operation::new(place, self.command.clone(), self.lock_lasts, self.wait_lock)
    }

    pub(super) fn progress(&self, settings: &Settings) -> Result<Progress, Report> {
        Progress::new(settings).with_events(self.events)
    }
}

/// Tells a plan in short and runs it, unless it is blocked.
pub(super) async fn carry_out(
    place: &LivePlace,
    plan: &Plan,
    manner: &Manner<'_>,
    (operation, progress): (Operation, &Progress),
) -> Result<ExitCode, Report> {
    progress.plan(plan);
    if plan.blocking().next().is_some() {
        return Err(report::refused(plan));
    }
    let engine = Engine::new(place.storage.as_ref(), place.cluster.as_ref(), &SystemClock, progress);
    // In compat mode nothing is written that Helm would not write.
    let engine = if plan.options.mode == Mode::Compat { engine } else { operation.guard(engine) };
    let outcome = match engine.run(plan).await {
        Ok(outcome) => outcome,
        Err(failure) => {
            let unwritten = failure.evidence.as_ref().and_then(|found| evidence::tell(found, manner.evidence).err());
            let report = report::failed(plan, &failure);
            return Err(match unwritten {
                Some(error) => report.with_cause(format!("and the evidence could not be written: {error}")),
                None => report,
            });
        }
    };
    tell(manner.output, plan, outcome)?;
    Ok(ExitCode::DONE)
}

/// Says on stdout how it ended: in Helm's words, or as data.
fn tell(output: OutputFormat, plan: &Plan, outcome: Outcome) -> Result<(), Report> {
    let (done, revision) = match outcome {
        Outcome::RolledBack(revision) => ("rolled-back", Some(revision)),
        _ => ("nothing-to-do", None),
    };
    if output == OutputFormat::Table {
        let text = match revision {
            Some(_) => "Rollback was a success! Happy Helming!\n".to_owned(),
            None => format!("Nothing to do: revision {} is what runs already.\n", plan.target.revision()),
        };
        return super::print(text.as_bytes());
    }
    let mut json = serde_json::json!({
        "release": plan.name,
        "namespace": plan.namespace,
        "outcome": done,
        "from": plan.current.revision(),
        "to": plan.target.revision(),
    });
    if let Some(revision) = revision {
        json["revision"] = serde_json::json!(revision);
    }
    let mut bytes = Vec::new();
    crate::render::write_data(&mut bytes, output, &json)?;
    super::print(&bytes)
}
