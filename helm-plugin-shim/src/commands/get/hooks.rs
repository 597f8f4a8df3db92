//! `get hooks`: the hooks of a release in stored order, which is not the order in which they run.

use helm_release_core::hook::Hook;

use super::Which;
use super::veil::Veil;
use crate::commands::fetch::unreadable;
use crate::{Report, Settings};

/// Arguments of `get hooks`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

/// Each hook with its template's path.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<Vec<u8>, Report> {
    let (stored, record) = args.which.fetch(settings).await?;
    let hooks = record.hooks().map_err(unreadable(&stored.head.key))?;
    let mut veil = args.which.veil(&record, &stored.head.key)?;
    Ok(text(&hooks, &mut veil).into_bytes())
}

/// Hooks as `get hooks` and `get all` print them.
pub(super) fn text(hooks: &[Hook], veil: &mut Veil) -> String {
    let texts: Vec<String> = hooks.iter().map(|hook| with_source(hook, &veil.manifest(&hook.manifest))).collect();
    texts.concat()
}

/// A hook's manifest under its template's path.
pub(in crate::commands) fn with_source(hook: &Hook, manifest: &str) -> String {
    format!("---\n# Source: {}\n{manifest}\n", hook.path)
}
