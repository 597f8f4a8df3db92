//! `fsck`: what is broken in a release's records and around them, and its repair.

mod report;
mod text;

pub(super) use report::{held, of_lock};

use std::sync::Arc;

use futures::StreamExt as _;
use helm_release_core::fsck::{
    Ailment, Examination, Ports, RepairOptions, RepairPlan, Repaired, RestorePlan, backups, check, examine, examine_listed,
    releases, repair, repair_plan, restore, restore_plan,
};
use helm_release_core::ports::HeadQuery;
use helm_release_core::{Namespace, ReleaseName};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use jiff::Timestamp;
use serde::Serialize;

use super::fetch;
use crate::args::{DryRun, OutputFormat};
use crate::connect::{LivePlace, connect_live};
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe fsck web                      what is broken in release web
  helm rollback-safe fsck -A -o json               the same for every release of the cluster
  helm rollback-safe fsck web --repair --dry-run   what a repair would do
  helm rollback-safe fsck web --repair             repair it; each record is kept as a backup first
  helm rollback-safe fsck web --restore            bring back what the last repair changed

Exit code 0 means healthy or repaired, 3 that something is broken and was not repaired, 5 that another operation is at work.";

/// How many releases are looked at at once.
const CONCURRENCY: usize = 4;

/// The form of the data that is printed.
const FORMAT: &str = "helm-rollback-safe/fsck/v1";

/// Arguments of `fsck`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Args {
    /// the release; all releases of the namespace when left out
    #[arg(value_name = "RELEASE")]
    release: Option<String>,
    /// look at the releases of all namespaces
    #[arg(long, short = 'A')]
    all_namespaces: bool,
    /// show what a repair or restore would do and change nothing
    #[arg(long, value_name = "MODE", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client")]
    dry_run: DryRun,
    /// prints the result in the specified format: text, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    output: OutputFormat,
    /// with --repair, remove records that cannot be decoded; a backup is kept
    #[arg(long)]
    remove_undecodable: bool,
    /// repair what can be repaired without guessing
    #[arg(long)]
    repair: bool,
    /// bring back what the last repair changed
    #[arg(long, conflicts_with = "repair")]
    restore: bool,
}

/// What is told of one release.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    namespace: Namespace,
    name: ReleaseName,
    revisions: usize,
    ailments: Vec<Ailment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unseen: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<RepairPlan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore: Option<RestorePlan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<Vec<Repaired>>,
}

impl Told {
    /// Whether something stays broken.
    fn is_ill(&self) -> bool {
        match (&self.repair, &self.done) {
            (Some(plan), Some(_)) => !plan.left.is_empty(),
            _ => self.restore.is_none() && self.ailments.iter().any(Ailment::is_serious),
        }
    }
}

#[derive(Serialize)]
struct Data<'a> {
    format: &'static str,
    releases: &'a [Told],
}

/// The release's surroundings that locks and notes live in.
struct Surroundings {
    place: LivePlace,
    lock: LeaseLock,
    journal: SecretJournal,
}

impl Surroundings {
    fn ports(&self) -> Ports<'_> {
        let Self { place, lock, journal } = self;
        Ports { storage: place.storage.as_ref(), lock, journal, cluster: place.cluster.as_ref() }
    }
}

/// Examines, and repairs or restores when that is asked for.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    if args.remove_undecodable && !args.repair {
        return Err(Report::usage("--remove-undecodable is part of a repair").with_hint("add --repair"));
    }
    if args.release.is_some() && args.all_namespaces {
        return Err(Report::usage("a release and --all-namespaces cannot be used together")
            .with_hint("name the namespace of the release with --namespace"));
    }
    let name = args.release.as_deref().map(fetch::release_name).transpose()?;
    let place = connect_live(settings).await?;
    let (lock, journal) = (LeaseLock::new(Arc::clone(&place.cluster)), SecretJournal::new(Arc::clone(&place.cluster)));
    let around = Surroundings { place, lock, journal };
    let now = Timestamp::now();
    let mut told = Vec::new();
    let outcome = if args.restore {
        restored(args, &around, name, now, &mut told).await
    } else {
        examined(args, &around, name, now, &mut told).await
    };
    // What was done before something failed is told too.
    if outcome.is_ok() || !told.is_empty() {
        match args.output {
            OutputFormat::Table => super::print(text::whole(&told, settings.colors_stdout()).as_bytes())?,
            format => {
                let mut bytes = Vec::new();
                crate::render::write_data(&mut bytes, format, &Data { format: FORMAT, releases: &told })?;
                super::print(&bytes)?;
            }
        }
    }
    outcome?;
    Ok(if told.iter().any(Told::is_ill) { ExitCode::REFUSED } else { ExitCode::DONE })
}

/// The examinations that were asked for.
async fn examinations(args: &Args, around: &Surroundings, name: Option<ReleaseName>) -> Result<Vec<Examination>, Report> {
    let Ports { storage, lock, journal, cluster } = around.ports();
    let namespace = &around.place.namespace;
    if let Some(name) = name {
        let found = examine(storage, lock, journal, cluster, namespace, &name).await.map_err(report::not_examined)?;
        return Ok(vec![found]);
    }
    let heads = storage.heads(&HeadQuery::all((!args.all_namespaces).then(|| namespace.clone()))).await?;
    let each = futures::stream::iter(releases(&heads)).map(|(namespace, name)| {
        let heads = &heads;
        async move { examine_listed(around.ports(), heads, &namespace, &name).await }
    });
    let found: Vec<_> = each.buffered(CONCURRENCY).collect().await;
    found.into_iter().filter_map(Result::transpose).collect::<Result<_, _>>().map_err(report::not_examined)
}

async fn examined(
    args: &Args,
    around: &Surroundings,
    name: Option<ReleaseName>,
    now: Timestamp,
    told: &mut Vec<Told>,
) -> Result<(), Report> {
    let options = RepairOptions::default().with_remove_undecodable(args.remove_undecodable);
    let is_for_real = args.repair && args.dry_run == DryRun::None;
    for found in examinations(args, around, name).await? {
        let ailments = check(&found, now);
        let plans = args.repair || args.dry_run != DryRun::None;
        let plan = plans.then(|| repair_plan(&found, &ailments, options, now));
        let hold = found.hold(now);
        told.push(Told {
            namespace: found.namespace,
            name: found.name,
            revisions: found.records.len(),
            ailments,
            unseen: found.unseen,
            repair: plan.clone(),
            restore: None,
            done: None,
        });
        let Some(plan) = plan.filter(|plan| is_for_real && !plan.is_idle()) else { continue };
        if let Some(hold) = hold {
            return Err(held(&plan.name, "repaired", &hold));
        }
        let Ports { storage, lock, journal, .. } = around.ports();
        let done = repair(&plan, storage, lock, journal, now).await;
        let (done, outcome) = match done {
            Ok(done) => (done, Ok(())),
            Err(error) => report::stopped(&plan.name, "repaired", error),
        };
        if let Some(told) = told.last_mut() {
            told.done = Some(done);
        }
        outcome?;
    }
    Ok(())
}

async fn restored(
    args: &Args,
    around: &Surroundings,
    name: Option<ReleaseName>,
    now: Timestamp,
    told: &mut Vec<Told>,
) -> Result<(), Report> {
    let Ports { storage, journal, .. } = around.ports();
    let within = (!args.all_namespaces).then(|| around.place.namespace.clone());
    let heads = storage.heads(&HeadQuery::all(within.clone())).await?;
    let notes = journal.list(within.as_ref(), name.as_ref()).await;
    let mut places: Vec<(Namespace, ReleaseName)> =
        notes.map_err(report::of_journal)?.into_iter().map(|note| (note.namespace, note.name)).collect();
    if let Some(name) = name.filter(|_| places.is_empty()) {
        places.push((around.place.namespace.clone(), name));
    }
    places.sort();
    places.dedup();
    for (namespace, name) in places {
        let kept = backups(journal, &namespace, &name).await.map_err(report::of_failure)?;
        let plan = restore_plan(&namespace, &name, kept, &heads);
        let found = examine_listed(around.ports(), &heads, &namespace, &name).await.map_err(report::not_examined)?;
        let hold = found.as_ref().and_then(|found| found.hold(now));
        told.push(Told {
            namespace,
            name: name.clone(),
            revisions: found.map_or(0, |found| found.records.len()),
            ailments: Vec::new(),
            unseen: Vec::new(),
            repair: None,
            restore: Some(plan.clone()),
            done: None,
        });
        if plan.steps.is_empty() || args.dry_run != DryRun::None {
            continue;
        }
        if let Some(hold) = hold {
            return Err(held(&name, "restored", &hold));
        }
        let (done, outcome) = match restore(&plan, storage, journal).await {
            Ok(done) => (done, Ok(())),
            Err(error) => report::stopped(&name, "restored", error),
        };
        if let Some(told) = told.last_mut() {
            told.done = Some(done);
        }
        outcome?;
    }
    Ok(())
}
