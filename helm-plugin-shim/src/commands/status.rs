//! `status`: a release's state, its live objects and its notes (`pkg/cmd/status.go`).

mod release_json;
mod resources;

use std::fmt::Write as _;

use helm_release_core::Record;
use helm_release_core::hook::{Event, Hook};
use helm_release_core::ports::{RecordKey, StoredRecord};
use helm_release_core::release::HelmTime;
use jiff::tz::TimeZone;

use super::fetch::{self, unreadable};
use super::get::hooks::with_source;
use super::get::veil::Veil;
use crate::args::{OutputFormat, go_int};
use crate::render::color::Palette;
use crate::render::go_time::{ANSIC, GoTime};
use crate::render::write_data;
use crate::{ExitCode, Report, Settings};
use release_json::ReleaseJson;
use resources::{Live, Resources};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe status web
  helm rollback-safe status web --revision 3 -o json";

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// the release
    #[arg(value_name = "RELEASE_NAME")]
    release: String,
    /// prints the output in the specified format: table, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    output: OutputFormat,
    /// if set, display the status of the named release with revision
    #[arg(long, value_name = "INT", default_value = "0", value_parser = go_int, allow_negative_numbers = true, hide_default_value = true)]
    revision: i64,
    /// hide what the release's Secrets hold, equal values under the same mark
    #[arg(long)]
    mask_secrets: bool,
    /// Helm 3's; the description is always shown.
    #[arg(long, hide = true)]
    show_desc: bool,
    /// Helm 3's; live objects are always shown.
    #[arg(long, hide = true)]
    show_resources: bool,
}

/// Whether the lines of `get all` about the chart are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metadata {
    /// They are.
    Shown,
    /// They are not.
    Hidden,
}

/// Shows the status of a release.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let place = crate::connect(settings).await?;
    let record = fetch::record(place.storage.as_ref(), &place.namespace, &args.release, args.revision);
    let (record, live) = futures::join!(record, Live::of(&place));
    let (StoredRecord { head, .. }, record) = record?;
    let manifest = record.manifest().map_err(unreadable(&head.key))?;
    let live = live?;
    let mut veil = Veil::over(&record, &head.key, args.mask_secrets)?;
    let mut out = Vec::new();
    match args.output {
        OutputFormat::Table => {
            let resources = Resources::read(live.as_ref(), &manifest, &place.namespace).await;
            let palette = Palette::new(settings.colors_stdout());
            out.extend_from_slice(table(&record, &head.key, &resources.text(), &mut veil, palette)?.as_bytes());
        }
        format => {
            let resources = Resources::read(live.as_ref(), &manifest, &place.namespace).await;
            write_data(&mut out, format, &ReleaseJson::of(&record, &head.key, resources.into_members(), &mut veil)?)?;
        }
    }
    super::print(&out)?;
    Ok(ExitCode::DONE)
}

fn table(record: &Record, key: &RecordKey, resources: &str, veil: &mut Veil, palette: Palette) -> Result<String, Report> {
    let info = record.info().map_err(unreadable(key))?;
    let mut text = headline(record, key, Metadata::Hidden, palette)?;
    text.push_str(resources);
    text.push_str(&tests(record, key)?);
    if info.description.eq_ignore_ascii_case("Dry run complete") {
        let hooks = record.hooks().map_err(unreadable(key))?;
        text.push_str("HOOKS:\n");
        for hook in hooks {
            text.push_str(&with_source(&hook, &veil.manifest(&hook.manifest)));
        }
        text.push_str(&section("MANIFEST", &veil.manifest(&record.manifest().map_err(unreadable(key))?)));
    }
    if !info.notes.is_empty() {
        text.push_str(&section("NOTES", &veil.text(info.notes.trim())));
    }
    Ok(text)
}

/// A headline and the text under it.
pub(super) fn section(headline: &str, text: &str) -> String {
    format!("{headline}:\n{text}\n")
}

/// The lines of `status` down to the description.
pub(super) fn headline(record: &Record, key: &RecordKey, metadata: Metadata, palette: Palette) -> Result<String, Report> {
    let info = record.info().map_err(unreadable(key))?;
    let local = TimeZone::system();
    let shown = |time: &HelmTime| GoTime::of(time, &local).format(ANSIC);
    let mut lines = vec![format!("NAME: {}", key.name)];
    if !info.last_deployed.is_zero() {
        lines.push(format!("LAST DEPLOYED: {}", shown(&info.last_deployed)));
    }
    lines.push(format!("NAMESPACE: {}", palette.namespace(&record.namespace().map_err(unreadable(key))?)));
    lines.push(format!("STATUS: {}", palette.status(&info.status)));
    lines.push(format!("REVISION: {}", key.revision));
    if metadata == Metadata::Shown {
        let chart = record.chart().map_err(unreadable(key))?;
        let (name, version, app_version) = match chart {
            Some(chart) => (chart.name, chart.version, chart.app_version),
            None => ("MISSING".to_owned(), "MISSING".to_owned(), "MISSING".to_owned()),
        };
        lines.push(format!("CHART: {name}"));
        lines.push(format!("VERSION: {version}"));
        lines.push(format!("APP_VERSION: {app_version}"));
    }
    lines.push(format!("DESCRIPTION: {}", info.description));
    Ok(lines.join("\n") + "\n")
}

/// The lines of `status` about the test suite.
pub(super) fn tests(record: &Record, key: &RecordKey) -> Result<String, Report> {
    let hooks = record.hooks().map_err(unreadable(key))?;
    let local = TimeZone::system();
    let shown = |time: &HelmTime| GoTime::of(time, &local).format(ANSIC);
    // A hook with the event twice is shown twice.
    let tests: Vec<&Hook> =
        hooks.iter().flat_map(|hook| hook.events.iter().filter(|event| **event == Event::Test).map(move |_| hook)).collect();
    if tests.is_empty() {
        return Ok("TEST SUITE: None\n".to_owned());
    }
    let mut text = String::new();
    for test in tests.iter().filter(|test| !test.last_run.started_at.is_zero()) {
        let run = &test.last_run;
        let (started, completed) = (shown(&run.started_at), shown(&run.completed_at));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "TEST SUITE:     {}\nLast Started:   {started}", test.name);
        let _ = writeln!(text, "Last Completed: {completed}\nPhase:          {}", run.phase.as_str());
    }
    Ok(text)
}
