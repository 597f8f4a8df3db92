//! `get all`: everything of a record that people read.

use super::{Which, hooks, values};
use crate::commands::fetch::unreadable;
use crate::commands::status::{Metadata, headline, section, tests};
use crate::render::color::Palette;
use crate::{Report, Settings};

/// Arguments of `get all`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Helm's Go template; refused.
    #[arg(long, value_name = "TEMPLATE", default_value = "", hide = true)]
    template: String,
}

/// Status, values, hooks, manifest and notes.
pub(super) async fn run(args: &Args, settings: &Settings) -> Result<Vec<u8>, Report> {
    if !args.template.is_empty() {
        return Err(Report::usage("--template is not supported: Go templates are Helm's own")
            .with_hint(format!("`helm get all {0} --template …` reads the same record", args.which.release))
            .with_hint(format!(
                "the fields as data: `helm rollback-safe status {0} -o json`, `get metadata -o json`, `get values -o json`",
                args.which.release
            )));
    }
    let (stored, record) = args.which.fetch(settings).await?;
    let key = &stored.head.key;
    let info = record.info().map_err(unreadable(key))?;
    let stored_hooks = record.hooks().map_err(unreadable(key))?;
    let mut text = headline(&record, key, Metadata::Shown, Palette::new(settings.colors_stdout()))?;
    text.push_str(&tests(&record, key)?);
    let mut veil = args.which.veil(&record, key)?;
    text.push_str(&values::section("USER-SUPPLIED VALUES", &veil.values(values::supplied(&record, key)?)));
    text.push_str(&values::section("COMPUTED VALUES", &veil.values(values::computed(&record, key)?)));
    text.push_str("HOOKS:\n");
    text.push_str(&hooks::text(&stored_hooks, &mut veil));
    text.push_str(&section("MANIFEST", &veil.manifest(&record.manifest().map_err(unreadable(key))?)));
    if !info.notes.is_empty() {
        text.push_str(&section("NOTES", &veil.text(info.notes.trim())));
    }
    Ok(text.into_bytes())
}
