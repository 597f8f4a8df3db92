//! `get manifest`: the objects of a release but hooks.

use super::Which;
use crate::commands::fetch::unreadable;
use crate::{Report, Settings};

/// Arguments of `get manifest`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

/// The manifest and one newline more.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<Vec<u8>, Report> {
    let (stored, record) = args.which.fetch(settings).await?;
    let manifest = record.manifest().map_err(unreadable(&stored.head.key))?;
    let mut veil = args.which.veil(&record, &stored.head.key)?;
    Ok(format!("{}\n", veil.manifest(&manifest)).into_bytes())
}
