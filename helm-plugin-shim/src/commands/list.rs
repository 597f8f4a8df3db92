//! `list`: the releases of a namespace or of all (`pkg/cmd/list.go`, `pkg/action/list.go`).

use std::collections::BTreeMap;

use helm_release_core::codec::Summary;
use helm_release_core::ports::{Head, HeadQuery, Storage};
use helm_release_core::release::Status;
use helm_release_core::{Namespace, ReleaseName};
use helm_release_store::selector::Selector;
use jiff::tz::TimeZone;
use regex::Regex;
use serde::Serialize;

use super::fetch;
use crate::args::{OutputFormat, go_int};
use crate::render::color::Palette;
use crate::render::go_time::{GoTime, STRING};
use crate::render::table::Table;
use crate::render::write_data;
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe list -A
  helm rollback-safe list --filter 'ara[a-z]+' --failed
  helm rollback-safe list -d -r -m 5 -o json";

/// Flags of `list`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Helm's")]
pub(crate) struct Args {
    /// show releases in any status, which is the default
    #[arg(long, short)]
    all: bool,
    /// list releases across all namespaces
    #[arg(long, short = 'A')]
    all_namespaces: bool,
    /// sort by release date
    #[arg(long, short)]
    date: bool,
    /// show deployed releases
    #[arg(long)]
    deployed: bool,
    /// show failed releases
    #[arg(long)]
    failed: bool,
    /// a regular expression; releases whose name matches are shown
    #[arg(long, short, value_name = "REGEX", default_value = "", hide_default_value = true)]
    filter: String,
    /// maximum number of releases to fetch, 0 for no limit
    #[arg(long, short, value_name = "INT", default_value = "256", value_parser = go_int, allow_negative_numbers = true)]
    max: i64,
    /// don't print headers when using the default output format
    #[arg(long)]
    no_headers: bool,
    /// next release index in the list, used to offset from start value
    #[arg(long, value_name = "INT", default_value = "0", value_parser = go_int, allow_negative_numbers = true)]
    offset: i64,
    /// prints the output in the specified format: table, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    output: OutputFormat,
    /// show pending releases
    #[arg(long)]
    pending: bool,
    /// reverse the sort order
    #[arg(long, short)]
    reverse: bool,
    /// selector (label query) to filter on, such as team=a,tier!=web
    #[arg(long, short = 'l', value_name = "SELECTOR", default_value = "", hide_default_value = true)]
    selector: String,
    /// output short (quiet) listing format
    #[arg(long, short = 'q')]
    short: bool,
    /// show superseded releases
    #[arg(long)]
    superseded: bool,
    /// format time using golang time formatter, such as "2006-01-02 15:04:05Z0700"
    #[arg(long, value_name = "LAYOUT", default_value = "", hide_default_value = true)]
    time_format: String,
    /// show uninstalled releases (if 'helm uninstall --keep-history' was used)
    #[arg(long)]
    uninstalled: bool,
    /// show releases that are currently being uninstalled
    #[arg(long)]
    uninstalling: bool,
}

impl Args {
    fn wants(&self, status: &Status) -> bool {
        let any = self.deployed || self.failed || self.pending || self.superseded || self.uninstalled || self.uninstalling;
        if self.all || !any {
            return Status::LISTED.contains(status);
        }
        match status {
            Status::Deployed => self.deployed,
            Status::Failed => self.failed,
            Status::Superseded => self.superseded,
            Status::Uninstalled => self.uninstalled,
            Status::Uninstalling => self.uninstalling,
            status => self.pending && status.is_pending(),
        }
    }

    /// Only then are earlier revisions shown: a release's latest is never superseded.
    fn wants_superseded_only(&self) -> bool {
        self.superseded && !(self.all || self.deployed || self.failed || self.pending || self.uninstalled || self.uninstalling)
    }
}

struct Row {
    head: Head,
    summary: Summary,
}

/// Lists releases.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let filter = (!args.filter.is_empty())
        .then(|| Regex::new(&args.filter))
        .transpose()
        .map_err(|error| Report::usage(format!("--filter {:?} is not a regular expression", args.filter)).with_cause(error))?;
    let selector: Selector = args
        .selector
        .parse()
        .map_err(|error| Report::usage(format!("--selector {:?} cannot be read", args.selector)).with_cause(error))?;
    let (storage, namespace) = crate::storage(settings).await?;
    let query = HeadQuery::all((!args.all_namespaces).then_some(namespace));
    let mut heads = storage.heads(&query).await?;
    heads.retain(|head| filter.as_ref().is_none_or(|filter| filter.is_match(head.key.name.as_str())));
    let mut rows = if args.wants_superseded_only() {
        heads.retain(|head| head.status_label() == Status::Superseded.as_str());
        all(storage.as_ref(), heads).await
    } else {
        latest(storage.as_ref(), heads).await
    };
    rows.retain(|row| args.wants(&row.summary.info.status) && selector.matches(&row.head.labels));
    sort(&mut rows, args);
    let rows = page(rows, args);
    print(&rows, args, settings)
}

/// Each release's latest revision that can be read; Helm passes over the others too, without a word.
async fn latest(storage: &dyn Storage, heads: Vec<Head>) -> Vec<Row> {
    let mut releases: BTreeMap<(Namespace, ReleaseName), Vec<Head>> = BTreeMap::new();
    for head in heads {
        releases.entry((head.key.namespace.clone(), head.key.name.clone())).or_default().push(head);
    }
    let mut stacks: Vec<Vec<Head>> = releases.into_values().collect();
    for stack in &mut stacks {
        stack.sort_by_key(|head| head.key.revision);
    }
    let mut rows = Vec::with_capacity(stacks.len());
    while !stacks.is_empty() {
        let tops: Vec<Head> = stacks.iter_mut().filter_map(Vec::pop).collect();
        let read = summaries(storage, tops).await;
        let mut left = Vec::new();
        for (stack, row) in std::mem::take(&mut stacks).into_iter().zip(read) {
            match row {
                Some(row) => rows.push(row),
                None if stack.is_empty() => {}
                None => left.push(stack),
            }
        }
        stacks = left;
    }
    rows
}

async fn all(storage: &dyn Storage, heads: Vec<Head>) -> Vec<Row> {
    summaries(storage, heads).await.into_iter().flatten().collect()
}

async fn summaries(storage: &dyn Storage, heads: Vec<Head>) -> Vec<Option<Row>> {
    let keys: Vec<_> = heads.iter().map(|head| head.key.clone()).collect();
    let summaries = fetch::summaries(storage, &keys).await;
    heads
        .into_iter()
        .zip(summaries)
        .map(|(head, summary)| match summary {
            Ok(summary) => Some(Row { head, summary }),
            Err(report) => {
                super::warn(&format!("{}: {}", report.message, report.causes.join(": ")));
                None
            }
        })
        .collect()
}

fn sort(rows: &mut [Row], args: &Args) {
    rows.sort_by(|left, right| left.head.key.name.cmp(&right.head.key.name));
    if args.date {
        // The sort is stable, so that names decide between equal seconds.
        rows.sort_by_key(|row| row.summary.info.last_deployed.timestamp().map_or(i64::MIN, jiff::Timestamp::as_second));
    }
    if args.reverse {
        rows.reverse();
    }
}

fn page(rows: Vec<Row>, args: &Args) -> Vec<Row> {
    let offset = usize::try_from(args.offset).unwrap_or(0);
    let limit = usize::try_from(args.max).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    rows.into_iter().skip(offset).take(limit).collect()
}

#[derive(Serialize)]
struct Element {
    name: String,
    namespace: String,
    revision: String,
    updated: String,
    status: Status,
    chart: String,
    app_version: String,
}

impl Element {
    fn new(row: &Row, layout: &str, local: &TimeZone) -> Self {
        let info = &row.summary.info;
        let updated =
            if info.last_deployed.is_zero() { "-".to_owned() } else { GoTime::of(&info.last_deployed, local).format(layout) };
        let (chart, app_version) = chart_columns(&row.summary);
        Self {
            name: row.head.key.name.to_string(),
            namespace: row.head.key.namespace.to_string(),
            revision: row.head.key.revision.to_string(),
            updated,
            status: info.status.clone(),
            chart,
            app_version,
        }
    }
}

/// The columns `CHART` and `APP VERSION`.
pub(super) fn chart_columns(summary: &Summary) -> (String, String) {
    match &summary.chart {
        Some(chart) => (chart.full_name(), chart.app_version.clone()),
        None => ("MISSING".to_owned(), "MISSING".to_owned()),
    }
}

fn print(rows: &[Row], args: &Args, settings: &Settings) -> Result<ExitCode, Report> {
    let mut out = Vec::new();
    if args.short {
        let names: Vec<&str> = rows.iter().map(|row| row.head.key.name.as_str()).collect();
        match args.output {
            OutputFormat::Table => out.extend(names.iter().flat_map(|name| [name.as_bytes(), b"\n"]).flatten()),
            format => write_data(&mut out, format, &names)?,
        }
    } else {
        let local = TimeZone::system();
        let layout = if args.time_format.is_empty() { STRING } else { &args.time_format };
        let elements: Vec<Element> = rows.iter().map(|row| Element::new(row, layout, &local)).collect();
        match args.output {
            OutputFormat::Table => table(&elements, args.no_headers, Palette::new(settings.colors_stdout())).write(&mut out)?,
            format => write_data(&mut out, format, &elements)?,
        }
    }
    super::print(&out)?;
    Ok(ExitCode::DONE)
}

fn table(elements: &[Element], no_headers: bool, palette: Palette) -> Table {
    let mut table = Table::new();
    if !no_headers {
        let headers = ["NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"];
        table.row(headers.map(|header| palette.header(header)));
    }
    for element in elements {
        table.row([
            element.name.clone(),
            palette.namespace(&element.namespace),
            element.revision.clone(),
            element.updated.clone(),
            palette.status(&element.status),
            element.chart.clone(),
            element.app_version.clone(),
        ]);
    }
    table
}
