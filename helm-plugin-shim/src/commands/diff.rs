//! `diff`: what differs between two revisions, or between a revision and the cluster.

use std::fmt::Write as _;

use helm_release_core::diff::{self, Diff, Fate, ObjectDiff};
use helm_release_core::mask::Masker;
use helm_release_core::patch::Schemas;
use helm_release_core::plan::Contents;
use helm_release_core::ports::{ClusterErrorKind, Location};
use helm_release_core::{Namespace, Object, Record};

use super::fetch;
use crate::args::OutputFormat;
use crate::connect::{LivePlace, connect_live};
use crate::render::changes;
use crate::render::color::Palette;
use crate::{ExitCode, Report, ReportKind, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe diff web 2 3        what revision 3 changed
  helm rollback-safe diff web 2          what differs between revision 2 and the latest
  helm rollback-safe diff web 3 live     what somebody changed in the cluster since";

/// Arguments of `diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// the release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// the revision to start from
    #[arg(value_name = "A")]
    first: i64,
    /// the other revision, or live for the cluster; the latest revision when left out
    #[arg(value_name = "B")]
    second: Option<String>,
    /// exit with 10 when there are differences
    #[arg(long)]
    detailed_exitcode: bool,
    /// prints the result in the specified format: text, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    output: OutputFormat,
}

/// Shows the differences, secret values masked.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let found = match args.second.as_deref() {
        Some("live") => against_cluster(args, settings).await?,
        Some(text) => {
            let revision = text.parse().map_err(|_| Report::usage(format!("{text:?} is neither a revision nor live")))?;
            between_revisions(args, revision, settings).await?
        }
        None => between_revisions(args, 0, settings).await?,
    };
    let found = found.masked(&mut Masker::default());
    let bytes = match args.output {
        OutputFormat::Table => text(&found, Palette::new(settings.colors_stdout())).into_bytes(),
        format => {
            let mut bytes = Vec::new();
            crate::render::write_data(&mut bytes, format, &found.to_json())?;
            bytes
        }
    };
    super::print(&bytes)?;
    Ok(if args.detailed_exitcode && !found.is_empty() { ExitCode::DIFFERENT } else { ExitCode::DONE })
}

fn failed(error: &diff::DiffError) -> Report {
    Report::new(ReportKind::Corrupt, "the two cannot be compared").with_error(error)
}

async fn between_revisions(args: &Args, second: i64, settings: &Settings) -> Result<Diff, Report> {
    let (storage, namespace) = crate::storage(settings).await?;
    let (_, one) = fetch::record(storage.as_ref(), &namespace, &args.release, args.first).await?;
    let (_, two) = fetch::record(storage.as_ref(), &namespace, &args.release, second).await?;
    diff::between(Schemas::built_in(), &one, &two).map_err(|error| failed(&error))
}

async fn against_cluster(args: &Args, settings: &Settings) -> Result<Diff, Report> {
    let place = connect_live(settings).await?;
    let (stored, record) = fetch::record(place.storage.as_ref(), &place.namespace, &args.release, args.first).await?;
    let unreadable = fetch::unreadable(&stored.head.key);
    let manifest = record.manifest().map_err(&unreadable)?;
    let mut found = Diff::default();
    found.objects = live_objects(&place, &place.namespace, &manifest, &record).await?;
    Ok(found)
}

async fn live_objects(
    place: &LivePlace,
    namespace: &Namespace,
    manifest: &str,
    record: &Record,
) -> Result<Vec<ObjectDiff>, Report> {
    let kinds = place.cluster.kinds(false).await?;
    let contents = Contents::read(manifest, &kinds, namespace);
    if let Some(problem) = contents.unreadable.first() {
        let revision = record.version().unwrap_or_default();
        return Err(
            Report::new(ReportKind::Corrupt, format!("the manifest of revision {revision} cannot be read")).with_cause(problem)
        );
    }
    for unplaced in &contents.unplaced {
        super::warn(&format!("the server does not know {}: {:?} is left out", unplaced.gvk, unplaced.name));
    }
    let gvks: Vec<_> = contents.placed.iter().map(|placed| placed.location.resource.gvk.clone()).collect();
    let schemas = place.cluster.schemas(&gvks).await?;
    let lookups = contents.placed.iter().map(|placed| find(place, &placed.location));
    let live = futures::future::try_join_all(lookups).await?;
    let mut diffs = Vec::new();
    for (placed, live) in contents.placed.iter().zip(live) {
        let difference = diff::with_live(&schemas, &placed.object.unpack(), live.as_ref()).map_err(|error| failed(&error))?;
        diffs.extend(difference);
    }
    Ok(diffs)
}

async fn find(place: &LivePlace, at: &Location) -> Result<Option<Object>, Report> {
    match place.cluster.get(at).await {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.kind == ClusterErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn text(found: &Diff, palette: Palette) -> String {
    let mut text = String::new();
    if found.is_empty() {
        return "No differences.\n".to_owned();
    }
    section(&mut text, "", &found.objects, palette);
    section(&mut text, "hook ", &found.hooks, palette);
    for (title, changes) in [("values", &found.values), ("notes", &found.notes)] {
        if !changes.is_empty() {
            let _ = writeln!(text, "{title}:");
            changes::write(&mut text, changes, "    ", palette);
        }
    }
    text
}

fn section(text: &mut String, word: &str, diffs: &[ObjectDiff], palette: Palette) {
    for diff in diffs {
        let line = match diff.fate {
            Fate::Added => palette.added(&format!("{word}{}: added", diff.object)),
            Fate::Removed => palette.removed(&format!("{word}{}: removed", diff.object)),
            Fate::Changed => format!("{word}{}:", diff.object),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{line}");
        changes::write(text, &diff.changes, "    ", palette);
    }
}
