//! `status`: a release's state and its notes, without the live objects that Helm 4 adds (`pkg/cmd/status.go`).

mod release_json;

use helm_release_core::hook::{Event, Hook};
use helm_release_core::ports::RecordKey;
use helm_release_core::release::HelmTime;
use helm_release_core::{Record, ports::StoredRecord};
use jiff::tz::TimeZone;

use super::fetch::{self, unreadable};
use super::get::hooks::with_source;
use crate::args::{OutputFormat, go_int};
use crate::render::color::Palette;
use crate::render::go_time::{ANSIC, GoTime};
use crate::render::write_data;
use crate::{ExitCode, Report, Settings};
use release_json::ReleaseJson;

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe status web
  helm rollback-safe status web --revision 3 -o json";

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// the release
    #[arg(value_name = "RELEASE_NAME")]
    release: String,
    /// prints the output in the specified format: table, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    output: OutputFormat,
    /// if set, display the status of the named release with revision
    #[arg(long, value_name = "INT", default_value = "0", value_parser = go_int, allow_negative_numbers = true, hide_default_value = true)]
    revision: i64,
    /// Helm 3's; the description is always shown.
    #[arg(long, hide = true)]
    show_desc: bool,
    /// Helm 3's; taken and without effect: live objects are not shown.
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
    let (storage, namespace) = crate::storage(settings).await?;
    let (StoredRecord { head, .. }, record) = fetch::record(storage.as_ref(), &namespace, &args.release, args.revision).await?;
    let mut out = Vec::new();
    match args.output {
        OutputFormat::Table => {
            out.extend_from_slice(table(&record, &head.key, Palette::new(settings.colors_stdout()))?.as_bytes());
        }
        format => write_data(&mut out, format, &ReleaseJson::of(&record, &head.key)?)?,
    }
    super::print(&out)?;
    Ok(ExitCode::DONE)
}

fn table(record: &Record, key: &RecordKey, palette: Palette) -> Result<String, Report> {
    let info = record.info().map_err(unreadable(key))?;
    let mut text = headline(record, key, Metadata::Hidden, palette)?;
    if info.description.eq_ignore_ascii_case("Dry run complete") {
        let hooks = record.hooks().map_err(unreadable(key))?;
        text.push_str("HOOKS:\n");
        for hook in hooks {
            text.push_str(&with_source(&hook, &hook.manifest));
        }
        text.push_str(&section("MANIFEST", &record.manifest().map_err(unreadable(key))?));
    }
    if !info.notes.is_empty() {
        text.push_str(&section("NOTES", info.notes.trim()));
    }
    Ok(text)
}

/// A headline and the text under it.
pub(super) fn section(headline: &str, text: &str) -> String {
    format!("{headline}:\n{text}\n")
}

/// The lines of `status` down to the test suite.
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
    let hooks = record.hooks().map_err(unreadable(key))?;
    // A hook with the event twice is shown twice.
    let tests: Vec<&Hook> =
        hooks.iter().flat_map(|hook| hook.events.iter().filter(|event| **event == Event::Test).map(move |_| hook)).collect();
    if tests.is_empty() {
        lines.push("TEST SUITE: None".to_owned());
    }
    for test in tests.iter().filter(|test| !test.last_run.started_at.is_zero()) {
        lines.push(format!("TEST SUITE:     {}", test.name));
        lines.push(format!("Last Started:   {}", shown(&test.last_run.started_at)));
        lines.push(format!("Last Completed: {}", shown(&test.last_run.completed_at)));
        lines.push(format!("Phase:          {}", test.last_run.phase.as_str()));
    }
    Ok(lines.join("\n") + "\n")
}
