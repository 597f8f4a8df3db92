//! `drift`: who changed which field of a release's objects since they were applied.

use std::io::Write as _;

use helm_release_core::drift::{DriftReport, Drifted, Fate, ObjectDrift, look};
use helm_release_core::mask::Masker;
use serde_json::Value;

use super::fetch;
use crate::args::OutputFormat;
use crate::connect::connect_live;
use crate::render::changes::short;
use crate::render::table::Table;
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe drift web                       what differs from what the deployed revision applied, by whom, since when
  helm rollback-safe drift web --adopt               the changed fields as YAML, to be taken into the chart
  helm rollback-safe drift web --detailed-exitcode   exit with 10 when something drifted
  helm rollback-safe web --drift keep                roll back and leave what was changed by hand";

/// Arguments of `drift`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// the release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// print the changed fields as YAML of partial objects, as a chart would have to say them
    #[arg(long, conflicts_with = "output")]
    adopt: bool,
    /// exit with 10 when something drifted
    #[arg(long)]
    detailed_exitcode: bool,
    /// prints the result in the specified format: text, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    output: OutputFormat,
}

/// Shows what drifted, secret values masked.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let name = fetch::release_name(&args.release)?;
    let place = connect_live(settings).await?;
    let found = look(place.storage.as_ref(), place.cluster.as_ref(), &place.namespace, &name).await;
    let found = found.map_err(super::rollback::no_plan)?.masked(&mut Masker::default());
    for unseen in &found.unseen {
        super::warn(&format!("not looked at: {unseen}"));
    }
    let mut bytes = Vec::new();
    match args.output {
        _ if args.adopt => adoption(&mut bytes, &found)?,
        OutputFormat::Table => text(&mut bytes, &found)?,
        format => crate::render::write_data(&mut bytes, format, &found.to_json())?,
    }
    super::print(&bytes)?;
    Ok(if args.detailed_exitcode && !found.is_clean() { ExitCode::DIFFERENT } else { ExitCode::DONE })
}

/// A table with one line per field.
fn text(bytes: &mut Vec<u8>, found: &DriftReport) -> Result<(), Report> {
    if found.objects.is_empty() && found.status.is_removed() {
        let (revision, status) = (found.revision, &found.status);
        writeln!(bytes, "No drift: revision {revision} is {status}, and what is gone of it went on purpose.")?;
        return Ok(());
    }
    if found.objects.is_empty() {
        writeln!(bytes, "No drift: every object is as revision {} applied it.", found.revision)?;
        return Ok(());
    }
    let mut table = Table::new();
    table.row(["OBJECT", "FIELD", "WAS", "IS", "BY", "WHEN"]);
    for object in &found.objects {
        rows(&mut table, object);
    }
    Ok(table.write(bytes)?)
}

fn rows(table: &mut Table, object: &ObjectDrift) {
    let name = object.at.to_string();
    let whole = match object.fate {
        Fate::Gone => Some(("applied", "gone")),
        Fate::Leaving => Some(("applied", "being deleted")),
        Fate::Extra => Some(("", "left by a later revision that failed")),
        _ => None,
    };
    if let Some((was, is)) = whole {
        table.row([name.as_str(), "", was, is, "", ""]);
    }
    for field in &object.fields {
        let path = field.path.to_string();
        let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), short);
        table.row([name.clone(), path, value(&field.was), value(&field.is), by(field), when(field)]);
    }
}

fn by(field: &Drifted) -> String {
    let names: Vec<String> = field.by.iter().map(ToString::to_string).collect();
    let names = if names.is_empty() { "unknown".to_owned() } else { names.join(", ") };
    match (&field.held_by, field.left_by) {
        (Some(holder), _) => format!("{names} (held by {holder})"),
        (None, Some(revision)) => format!("{names} (revision {revision}, which is not deployed)"),
        (None, None) => names,
    }
}

fn when(field: &Drifted) -> String {
    let times: Vec<&str> = field.by.iter().filter_map(|manager| manager.time.as_deref()).collect();
    if times.is_empty() { "-".to_owned() } else { times.join(", ") }
}

/// The changed fields as a stream of YAML documents.
fn adoption(bytes: &mut Vec<u8>, found: &DriftReport) -> Result<(), Report> {
    let objects = found.adoption();
    if objects.is_empty() {
        super::note("Nothing to adopt: no field differs.");
    }
    for object in objects {
        bytes.extend_from_slice(b"---\n");
        crate::render::write_data(bytes, OutputFormat::Yaml, &object)?;
    }
    Ok(())
}
