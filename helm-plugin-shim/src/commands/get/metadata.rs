//! `get metadata`: a release without its content.

use std::collections::BTreeMap;

use helm_release_core::release::{Status, custom_labels};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Which;
use crate::args::OutputFormat;
use crate::commands::fetch::unreadable;
use crate::render::go_time::{GoTime, RFC3339};
use crate::render::write_data;
use crate::{Report, Settings};

/// Arguments of `get metadata`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// prints the output in the specified format: table, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    output: OutputFormat,
}

/// What Helm's `get metadata` prints, in its order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    chart: String,
    version: String,
    app_version: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<Dependency>,
    namespace: String,
    revision: u32,
    status: Status,
    deployed_at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    apply_method: String,
}

/// A dependency in Helm's order of members (`pkg/chart/v2/dependency.go`).
#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Dependency {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    repository: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    condition: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    enabled: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    import_values: Vec<Value>,
    #[serde(skip_serializing_if = "String::is_empty")]
    alias: String,
}

impl Dependency {
    /// Reads a dependency; `null` members are absent ones.
    fn read(value: Value) -> Result<Self, serde_json::Error> {
        let value = match value {
            Value::Object(members) => Value::Object(members.into_iter().filter(|(_, member)| !member.is_null()).collect()),
            other => other,
        };
        serde_json::from_value(value)
    }
}

/// The metadata.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<Vec<u8>, Report> {
    let place = crate::connect(settings).await?;
    let (stored, record) = args.which.fetch_from(&place).await?;
    let key = &stored.head.key;
    let info = record.info().map_err(unreadable(key))?;
    let Some(chart) = record.chart().map_err(unreadable(key))? else {
        return Err(crate::report::corrupt(key, "the chart or its metadata is missing"));
    };
    let dependencies = chart.dependencies.into_iter().map(Dependency::read).collect::<Result<_, _>>();
    let metadata = Metadata {
        name: key.name.to_string(),
        chart: chart.name,
        version: chart.version,
        app_version: chart.app_version,
        annotations: chart.annotations,
        // The latest is found by its labels and keeps them all; one asked for by number keeps the user's, and Helm's
        // memory driver keeps none.
        labels: if args.which.revision > 0 || place.is_memory() {
            custom_labels(&stored.head.labels)
        } else {
            stored.head.labels.clone()
        },
        dependencies: dependencies.map_err(|_| crate::report::corrupt(key, "a dependency of the chart has not Helm's form"))?,
        namespace: record.namespace().map_err(unreadable(key))?,
        revision: key.revision.get(),
        status: info.status,
        deployed_at: GoTime::of(&info.last_deployed, &TimeZone::system()).format(RFC3339),
        apply_method: record.apply_method_text().map_err(unreadable(key))?,
    };
    let mut out = Vec::new();
    match args.output {
        OutputFormat::Table => out.extend_from_slice(table(&metadata).as_bytes()),
        format => write_data(&mut out, format, &metadata)?,
    }
    Ok(out)
}

fn table(metadata: &Metadata) -> String {
    let mut dependencies: Vec<&str> = metadata.dependencies.iter().map(|dependency| dependency.name.as_str()).collect();
    dependencies.sort_unstable();
    let apply_method = match metadata.apply_method.as_str() {
        "" => "client-side apply (defaulted)".to_owned(),
        "csa" => "client-side apply".to_owned(),
        "ssa" => "server-side apply".to_owned(),
        other => format!("unknown ({other:?})"),
    };
    let lines = [
        ("NAME", metadata.name.clone()),
        ("CHART", metadata.chart.clone()),
        ("VERSION", metadata.version.clone()),
        ("APP_VERSION", metadata.app_version.clone()),
        ("ANNOTATIONS", pairs(&metadata.annotations)),
        ("LABELS", pairs(&metadata.labels)),
        ("DEPENDENCIES", dependencies.join(",")),
        ("NAMESPACE", metadata.namespace.clone()),
        ("REVISION", metadata.revision.to_string()),
        ("STATUS", metadata.status.to_string()),
        ("DEPLOYED_AT", metadata.deployed_at.clone()),
        ("APPLY_METHOD", apply_method),
    ];
    lines.map(|(name, value)| format!("{name}: {value}\n")).concat()
}

/// `a=1,b=2`, sorted by key.
fn pairs(map: &BTreeMap<String, String>) -> String {
    map.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}
