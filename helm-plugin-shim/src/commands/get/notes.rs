//! `get notes`: the chart's notes.

use super::Which;
use crate::commands::fetch::unreadable;
use crate::{Report, Settings};

/// Arguments of `get notes`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

/// The notes under a headline, or nothing at all.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<Vec<u8>, Report> {
    let (stored, record) = args.which.fetch(settings).await?;
    let notes = record.info().map_err(unreadable(&stored.head.key))?.notes;
    let notes = args.which.veil(&record, &stored.head.key)?.text(&notes);
    Ok(if notes.is_empty() { Vec::new() } else { format!("NOTES:\n{notes}\n").into_bytes() })
}
