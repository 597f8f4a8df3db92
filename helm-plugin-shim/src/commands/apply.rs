//! `apply`: runs a sealed plan when nothing that it rests on moved.

use std::path::{Path, PathBuf};
use std::time::Duration;

use helm_release_core::Namespace;
use helm_release_core::ports::HeadQuery;
use helm_release_core::seal::{Moved, Seal, SealError};
use helm_release_core::survey::SurveyError;

use super::rollback::{self, Looked, Manner};
use crate::args::{OutputFormat, go_duration};
use crate::connect::{LivePlace, connect_live, kept_in};
use crate::{ExitCode, Report, ReportKind, Settings};
use helm_release_store::process::random_id;

/// Whose rules make the plans of this program.
pub(super) const TOOL: &str = env!("CARGO_PKG_VERSION");

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe plan web --out web.plan   seal what a rollback would do
  helm rollback-safe apply web.plan            do exactly that, or exit with 4 and name what moved since

What was asked of the plan, such as the revision, --wait, --timeout or --accept, is in the file.";

/// Arguments of `apply`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// the file that plan --out wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// write what happens to this file as it happens, one line of JSON per event
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// when the rollback fails, write what was found to this file as JSON, and as text beside it with .txt added
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// how long the release stays locked when this program dies, at least 1s
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = go_duration)]
    lock_lasts: Duration,
    /// prints the result in the specified format: text, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    output: OutputFormat,
    /// how long to wait while another operation holds the release, such as 2m
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = go_duration)]
    wait_lock: Duration,
}

/// Makes the plan anew, compares, and runs it.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let seal = read(&args.file)?;
    let place = connect_live(&within(&seal, settings)?).await?;
    check_place(&seal, &place, settings).await?;
    let looked = match rollback::survey_and_plan(place.clone(), &seal.release, &seal.options, None).await {
        Ok(looked) => looked,
        Err(error) => return Err(no_plan_any_more(&seal, &place, error).await?),
    };
    let Looked { place, survey, plan } = looked;
    let moved = seal.moved(&survey, &plan, TOOL);
    if !moved.is_empty() {
        return Err(stale(&seal, &moved));
    }
    let manner = Manner {
        command: format!("apply {}", plan.name),
        lock_lasts: args.lock_lasts,
        wait_lock: args.wait_lock,
        events: args.events.as_deref(),
        evidence: args.evidence.as_deref(),
        output: args.output,
    };
    let (operation, progress) = (manner.operation(&place), manner.progress(settings)?);
    rollback::carry_out(&place, &plan, &manner, (operation, &progress)).await
}

fn read(file: &Path) -> Result<Seal, Report> {
    let failed = || format!("{} cannot be applied", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| Report::usage(failed()).with_cause(error))?;
    Seal::from_json(&text).map_err(|error| {
        let report = Report::usage(failed()).with_cause(&error);
        match error {
            SealError::OtherVersion { .. } => report.with_hint("use the version of this program that sealed it, or plan again"),
            SealError::Altered => report.with_hint("plan again: a sealed plan is not to be edited"),
            _ => report.with_hint("name a file that `helm rollback-safe plan RELEASE --out FILE` wrote"),
        }
    })
}

/// The settings with the plan's namespace, unless they name another.
fn within(seal: &Seal, settings: &Settings) -> Result<Settings, Report> {
    let is_other = |named: &&Namespace| **named != seal.namespace;
    if let Some(other) = settings.namespace.as_ref().filter(is_other) {
        let message =
            format!("the plan is for release \"{}\" in namespace \"{}\", not in \"{other}\"", seal.release, seal.namespace);
        return Err(Report::usage(message).with_hint(format!("say so with --namespace {}", seal.namespace)));
    }
    let mut settings = settings.clone();
    settings.namespace = Some(seal.namespace.clone());
    Ok(settings)
}

/// Whether it is the place where the plan was sealed.
async fn check_place(seal: &Seal, place: &LivePlace, settings: &Settings) -> Result<(), Report> {
    let here = kept_in(settings);
    if here != seal.place.records {
        let message = format!("the plan is for records in {}, and those in {here} are meant here", seal.place.records);
        return Err(Report::usage(message).with_hint("set HELM_DRIVER to what it was when the plan was sealed"));
    }
    let cluster = helm_release_core::seal::cluster_identity(place.cluster.as_ref(), &seal.namespace).await;
    match (&seal.place.cluster, cluster) {
        (Some(sealed), Some(found)) if *sealed != found => {
            let message = format!("the plan was sealed on another cluster than {}", place.cluster);
            let cause = format!("namespace \"{}\" has the uid {found} here, and {sealed} there", seal.namespace);
            Err(Report::usage(message).with_cause(cause).with_hint("choose the cluster with --kube-context or --kubeconfig"))
        }
        _ => Ok(()),
    }
}

/// Tells that so much moved that there is no plan any more; an error that says nothing of the release is told as it is.
async fn no_plan_any_more(seal: &Seal, place: &LivePlace, error: SurveyError) -> Result<Report, Report> {
    let text = error.to_string();
    let is_of_release = matches!(
        error,
        SurveyError::ReleaseNotFound { .. }
            | SurveyError::NoTarget(_)
            | SurveyError::NoneReadable { .. }
            | SurveyError::Undecodable { .. }
    );
    if !is_of_release {
        return Err(rollback::no_plan(error));
    }
    let heads = place.storage.heads(&HeadQuery::release(&seal.namespace, &seal.release)).await?;
    Ok(stale(seal, &seal.moved_records(&heads)).with_cause(text))
}

/// Tells what moved, one cause each.
fn stale(seal: &Seal, moved: &[Moved]) -> Report {
    let message = format!("release \"{}\" is not rolled back, and nothing was changed: the sealed plan is stale", seal.release);
    let report = moved.iter().fold(Report::new(ReportKind::Stale, message), Report::with_cause);
    report.with_hint(format!("look at a new plan and seal that: helm rollback-safe plan {} --out FILE", seal.release))
}

/// Seals a plan into a file that only its owner may read.
pub(super) async fn seal(looked: &Looked, file: &Path, settings: &Settings) -> Result<(), Report> {
    let Looked { place, survey, plan } = looked;
    let cluster = helm_release_core::seal::cluster_identity(place.cluster.as_ref(), &place.namespace).await;
    let here = helm_release_core::seal::Place { tool: TOOL.to_owned(), records: kept_in(settings).to_owned(), cluster };
    let salt = format!("{}{}", random_id(), random_id());
    let json = Seal::of(survey, plan, here, &salt, jiff::Timestamp::now()).to_json();
    let mut text = serde_json::to_string_pretty(&json).map_err(std::io::Error::from)?;
    text.push('\n');
    write_whole(file, text.as_bytes())
        .map_err(|error| Report::new(ReportKind::Unexpected, format!("{} cannot be written", file.display())).with_cause(error))
}

/// Writes a file beside its place and moves it there: never half of it is seen, and nobody else may read it.
fn write_whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let name = file.file_name().ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}", random_id()));
    let beside = file.with_file_name(beside);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&beside)?;
    let written = out.write_all(bytes).and_then(|()| out.sync_all()).and_then(|()| std::fs::rename(&beside, file));
    if written.is_err() {
        // What is left of a file that could not be written helps nobody.
        let _ = std::fs::remove_file(&beside);
    }
    written
}
