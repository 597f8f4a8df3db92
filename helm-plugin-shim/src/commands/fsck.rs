//! `fsck`: what is broken in a release's records and around them, and its repair.

mod report;
mod text;

pub(super) use report::{held, not_taken, of_lock};

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use helm_release_core::fsck::{
    Ailment, Bench, Examination, Ports, RepairOptions, RepairPlan, Repaired, RestorePlan, backups, check, examine,
    examine_listed, releases, repair, repair_plan, restore, restore_plan,
};
use helm_release_core::lock::Claim;
use helm_release_core::ports::{HeadQuery, NoteKind};
use helm_release_core::{Namespace, ReleaseName};
use helm_release_store::clock::SystemClock;
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::process::claim;
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

/// How long a lock is held at most: the writes of a repair take moments, and each keeps its own condition.
const LASTS: Duration = Duration::from_secs(60);

/// The form of the data that is printed.
const FORMAT: &str = "helm-rollback-safe/fsck/v1";

/// Arguments of `fsck`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Args {
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
    /// What ails after a repair, by a second look.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<Vec<Ailment>>,
}

impl Told {
    /// Whether something stays broken.
    fn is_ill(&self) -> bool {
        self.remaining.as_ref().unwrap_or(&self.ailments).iter().any(Ailment::is_serious)
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

    fn bench<'a>(&'a self, claim: &'a Claim) -> Bench<'a> {
        let Self { place, lock, journal } = self;
        Bench { storage: place.storage.as_ref(), lock, journal, clock: &SystemClock, claim }
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
    let outcome = if args.restore {
        around.restored(args, name, Timestamp::now()).await
    } else {
        around.examined(args, name, Timestamp::now()).await
    };
    let Outcome { told, failure } = outcome?;
    match (args.output, &failure) {
        // Of one release that was not even looked at there is nothing to tell but that.
        (_, Some(_)) if told.is_empty() => {}
        (OutputFormat::Table, _) => super::print(text::whole(&told, settings.colors_stdout()).as_bytes())?,
        (format, _) => {
            let mut bytes = Vec::new();
            crate::render::write_data(&mut bytes, format, &Data { format: FORMAT, releases: &told })?;
            super::print(&bytes)?;
        }
    }
    match failure {
        Some(report) => Err(report),
        None if told.iter().any(Told::is_ill) => Ok(ExitCode::REFUSED),
        None => Ok(ExitCode::DONE),
    }
}

/// What came of all releases, and the first failure among them.
#[derive(Default)]
struct Outcome {
    told: Vec<Told>,
    failure: Option<Report>,
}

impl Outcome {
    fn add(&mut self, told: Told, failure: Option<Report>) {
        self.told.push(told);
        match &self.failure {
            None => self.failure = failure,
            // The exit code is the first failure's; the others are told all the same.
            Some(_) => failure.iter().for_each(|report| super::warn(&report.message)),
        }
    }
}

impl Surroundings {
    /// Looks at each release that is meant, a few at once, and repairs one after the other.
    async fn examined(&self, args: &Args, name: Option<ReleaseName>, now: Timestamp) -> Result<Outcome, Report> {
        let Ports { storage, lock, journal, cluster } = self.ports();
        let namespace = &self.place.namespace;
        let mut outcome = Outcome::default();
        if let Some(name) = name {
            let found = examine(storage, lock, journal, cluster, namespace, &name).await.map_err(report::not_examined)?;
            let (told, failure) = self.treat(args, found, now).await;
            outcome.add(told, failure);
            return Ok(outcome);
        }
        let heads = storage.heads(&HeadQuery::all((!args.all_namespaces).then(|| namespace.clone()))).await?;
        let each = futures::stream::iter(releases(&heads)).map(|(namespace, name)| {
            let heads = &heads;
            async move { examine_listed(self.ports(), heads, &namespace, &name).await }
        });
        let mut each = std::pin::pin!(each.buffered(CONCURRENCY));
        while let Some(found) = each.next().await {
            let Some(found) = found.map_err(report::not_examined)? else { continue };
            let (told, failure) = self.treat(args, found, now).await;
            outcome.add(told, failure);
        }
        Ok(outcome)
    }

    /// Judges a release, and repairs it when that is asked for.
    async fn treat(&self, args: &Args, found: Examination, now: Timestamp) -> (Told, Option<Report>) {
        let options = RepairOptions::default().with_remove_undecodable(args.remove_undecodable);
        let ailments = check(&found, now);
        let is_planned = args.repair || args.dry_run != DryRun::None;
        let plan = is_planned.then(|| repair_plan(&found, &ailments, options, now));
        let hold = found.hold(now);
        let mut told = Told {
            namespace: found.namespace,
            name: found.name,
            revisions: found.records.len(),
            ailments,
            unseen: found.unseen,
            repair: plan.clone(),
            restore: None,
            done: None,
            remaining: None,
        };
        let is_for_real = args.repair && args.dry_run == DryRun::None;
        let Some(plan) = plan.filter(|plan| is_for_real && !plan.is_idle()) else { return (told, None) };
        if let Some(hold) = hold {
            let report = held(&plan.name, "repaired", &hold);
            return (told, Some(report));
        }
        let claim = claim(format!("fsck {} --repair", plan.name)).with_lasts(LASTS);
        match repair(&plan, self.bench(&claim)).await {
            Ok(done) => told.done = Some(done),
            Err(error) => {
                let (done, report) = report::stopped(&plan.name, "repaired", error);
                told.done = Some(done);
                return (told, Some(report));
            }
        }
        // One repair may bring to light what another ailment hid.
        let Ports { storage, lock, journal, cluster } = self.ports();
        match examine(storage, lock, journal, cluster, &told.namespace, &told.name).await {
            Ok(found) => told.remaining = Some(check(&found, now)),
            Err(error) => return (told, Some(report::not_examined(error))),
        }
        (told, None)
    }

    /// Brings back what the last repair changed.
    async fn restored(&self, args: &Args, name: Option<ReleaseName>, now: Timestamp) -> Result<Outcome, Report> {
        let Ports { storage, journal, .. } = self.ports();
        let within = (!args.all_namespaces).then(|| self.place.namespace.clone());
        let heads = storage.heads(&HeadQuery::all(within.clone())).await?;
        let notes = journal.list(within.as_ref(), name.as_ref()).await.map_err(report::of_journal)?;
        let kept = notes.into_iter().filter(|note| note.kind == NoteKind::Backup);
        let mut places: BTreeSet<(Namespace, ReleaseName)> = kept.map(|note| (note.namespace, note.name)).collect();
        if let Some(name) = name {
            places.insert((self.place.namespace.clone(), name));
        }
        let mut outcome = Outcome::default();
        for (namespace, name) in places {
            let kept = backups(journal, &namespace, &name).await.map_err(report::of_failure)?;
            let plan = restore_plan(&namespace, &name, kept, &heads);
            let found = examine_listed(self.ports(), &heads, &namespace, &name).await.map_err(report::not_examined)?;
            if found.is_none() && plan.steps.is_empty() {
                return Err(fetch::no_release(&name, &namespace));
            }
            let (told, failure) = self.bring_back(args, plan, found.as_ref(), now).await;
            outcome.add(told, failure);
        }
        Ok(outcome)
    }

    async fn bring_back(
        &self,
        args: &Args,
        plan: RestorePlan,
        found: Option<&Examination>,
        now: Timestamp,
    ) -> (Told, Option<Report>) {
        let mut told = Told {
            namespace: plan.namespace.clone(),
            name: plan.name.clone(),
            revisions: found.map_or(0, |found| found.records.len()),
            ailments: Vec::new(),
            unseen: Vec::new(),
            repair: None,
            restore: Some(plan.clone()),
            done: None,
            remaining: None,
        };
        if plan.steps.is_empty() || args.dry_run != DryRun::None {
            return (told, None);
        }
        if let Some(hold) = found.and_then(|found| found.hold(now)) {
            return (told, Some(held(&plan.name, "restored", &hold)));
        }
        let claim = claim(format!("fsck {} --restore", plan.name)).with_lasts(LASTS);
        match restore(&plan, self.bench(&claim)).await {
            Ok(done) => {
                told.done = Some(done);
                (told, None)
            }
            Err(error) => {
                let (done, report) = report::stopped(&plan.name, "restored", error);
                told.done = Some(done);
                (told, Some(report))
            }
        }
    }
}
