//! `history`: the revisions of a release (`pkg/cmd/history.go`).

use helm_release_core::codec::Summary;
use helm_release_core::ports::{RecordKey, Storage};
use helm_release_core::release::Status;
use helm_release_core::{Namespace, ReleaseName};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{fetch, list};
use crate::args::{OutputFormat, go_int};
use crate::render::go_time::{ANSIC, GoTime, RFC3339_NANO};
use crate::render::table::Table;
use crate::render::write_data;
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe history web
  helm rollback-safe history web --max 5 --show-rollback-revision
  helm rollback-safe history web -o yaml";

/// Arguments of `history`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// the release
    #[arg(value_name = "RELEASE_NAME")]
    release: String,
    /// maximum number of revisions to include in history
    #[arg(long, value_name = "INT", default_value = "256", value_parser = go_int, allow_negative_numbers = true)]
    max: i64,
    /// prints the output in the specified format: table, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    output: OutputFormat,
    /// show the rollback revision column in table output
    #[arg(long)]
    show_rollback_revision: bool,
}

#[derive(Serialize)]
struct Row {
    revision: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    status: Status,
    chart: String,
    app_version: String,
    #[serde(skip_serializing_if = "is_zero")]
    rollback_revision: u32,
    description: String,
    /// The time as tables show it.
    #[serde(skip)]
    shown: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Row {
    fn new(key: &RecordKey, summary: Summary, local: &TimeZone) -> Self {
        let (chart, app_version) = list::chart_columns(&summary);
        let info = summary.info;
        let time = GoTime::of(&info.last_deployed, local);
        Self {
            revision: key.revision.get(),
            updated: (!info.last_deployed.is_zero()).then(|| time.format(RFC3339_NANO)),
            status: info.status,
            chart,
            app_version,
            rollback_revision: info.rollback_revision,
            description: info.description,
            shown: time.format(ANSIC),
        }
    }
}

/// Shows the newest revisions of a release, oldest first.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let name = fetch::release_name(&args.release)?;
    let (storage, namespace) = crate::storage(settings).await?;
    // A maximum of 0 or less shows nothing, unlike that of `list`.
    let max = usize::try_from(args.max).unwrap_or(0);
    let rows = rows(storage.as_ref(), &namespace, &name, max).await?;
    let mut out = Vec::new();
    match args.output {
        OutputFormat::Table => table(&rows, args.show_rollback_revision).write(&mut out)?,
        format => write_data(&mut out, format, &rows)?,
    }
    super::print(&out)?;
    Ok(ExitCode::DONE)
}

/// Shows every revision of a release as a table.
pub(super) async fn show(storage: &dyn Storage, namespace: &Namespace, name: &ReleaseName) -> Result<(), Report> {
    let rows = rows(storage, namespace, name, usize::MAX).await?;
    let mut out = Vec::new();
    table(&rows, false).write(&mut out)?;
    super::print(&out)
}

async fn rows(storage: &dyn Storage, namespace: &Namespace, name: &ReleaseName, max: usize) -> Result<Vec<Row>, Report> {
    let heads = fetch::heads(storage, namespace, name).await?;
    let keys: Vec<RecordKey> = heads.into_iter().map(|head| head.key).rev().take(max).collect();
    let local = TimeZone::system();
    let mut rows: Vec<Row> = Vec::with_capacity(keys.len());
    for (key, summary) in keys.iter().zip(fetch::summaries(storage, &keys).await) {
        match summary {
            Ok(summary) => rows.push(Row::new(key, summary, &local)),
            Err(report) => super::warn(&format!("{}: {}", report.message, report.causes.join(": "))),
        }
    }
    rows.reverse();
    Ok(rows)
}

fn table(rows: &[Row], shows_rollback: bool) -> Table {
    let mut table = Table::new();
    let mut headers = vec!["REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION"];
    if shows_rollback {
        headers.insert(5, "ROLLBACK");
    }
    table.row(headers);
    for row in rows {
        let mut cells = vec![
            row.revision.to_string(),
            row.shown.clone(),
            row.status.to_string(),
            row.chart.clone(),
            row.app_version.clone(),
            row.description.clone(),
        ];
        if shows_rollback {
            cells.insert(5, if row.rollback_revision == 0 { String::new() } else { row.rollback_revision.to_string() });
        }
        table.row(cells);
    }
    table
}
