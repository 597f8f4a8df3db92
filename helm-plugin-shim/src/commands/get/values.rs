//! `get values`: the user's values, or those over the chart's defaults.

use helm_release_core::Record;
use helm_release_core::ports::RecordKey;
use helm_release_core::release::coalesce_values;
use serde_json::Value;

use super::Which;
use crate::args::OutputFormat;
use crate::commands::fetch::unreadable;
use crate::render::json::through_go;
use crate::render::{write_data, yaml};
use crate::{Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe get values web
  helm rollback-safe get values web --all --revision 2 -o json";

/// Arguments of `get values`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// dump all (computed) values
    #[arg(long, short)]
    all: bool,
    /// prints the output in the specified format: table, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    output: OutputFormat,
}

/// The values, under a headline in the table form.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<Vec<u8>, Report> {
    let (stored, record) = args.which.fetch(settings).await?;
    let key = &stored.head.key;
    let values = if args.all { computed(&record, key)? } else { supplied(&record, key)? };
    let values = args.which.veil(&record, key)?.values(values);
    let mut out = Vec::new();
    if args.output == OutputFormat::Table {
        out.extend_from_slice(if args.all { b"COMPUTED VALUES:\n" } else { b"USER-SUPPLIED VALUES:\n" });
    }
    write_data(&mut out, args.output, &values)?;
    Ok(out)
}

/// The user's values as Go prints them; `null` when there are none.
pub(super) fn supplied(record: &Record, key: &RecordKey) -> Result<Value, Report> {
    let Some(config) = record.config() else { return Ok(Value::Null) };
    Ok(through_go(parse(config, "config", key)?))
}

/// The user's values over the chart's defaults.
pub(super) fn computed(record: &Record, key: &RecordKey) -> Result<Value, Report> {
    let defaults = match record.chart_values().map_err(unreadable(key))? {
        Some(defaults) => parse(defaults.get(), "chart.values", key)?,
        None => Value::Null,
    };
    let given = record.config().map_or(Ok(Value::Null), |config| parse(config, "config", key))?;
    Ok(through_go(coalesce_values(given, defaults)))
}

/// A section of `get all`: a headline, YAML and an empty line.
pub(super) fn section(headline: &str, values: &Value) -> String {
    format!("{headline}:\n{}\n", yaml::to_string(values))
}

fn parse(json: &str, member: &str, key: &RecordKey) -> Result<Value, Report> {
    // The parser's own text may quote a value.
    serde_json::from_str(json).map_err(|_| crate::report::corrupt(key, format!("member {member:?} is not readable JSON")))
}
