//! `plan`: the whole plan of a rollback, and nothing done.

use std::path::{Path, PathBuf};

use helm_release_core::run::Preview;

use super::rollback::{Looked, RollbackArgs, look};
use crate::args::{DryRun, OutputFormat, PlanFormat};
use crate::render::{html, plan as text};
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe plan web            what a rollback to the newest good revision would do
  helm rollback-safe plan web 3 -o json  the same for revision 3, with every request
  helm rollback-safe plan web --dry-run=server   and what the server says to each write
  helm rollback-safe plan web -o html > web.html a page for people who decide
  helm rollback-safe plan web --out web.plan     seal it; apply web.plan runs it when nothing moved since";

/// Arguments of `plan`: those of `rollback`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    rollback: RollbackArgs,
    /// seal the plan into this file, for apply to run later; a plan with blocking findings is not sealed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Shows a plan.
pub(super) async fn run(args: Args, settings: &Settings) -> Result<ExitCode, Report> {
    show(&args.rollback, args.out.as_deref(), settings).await
}

/// Plans, prints the plan on stdout, and says by exit code what it comes to.
pub(super) async fn show(args: &RollbackArgs, out: Option<&Path>, settings: &Settings) -> Result<ExitCode, Report> {
    let looked = look(args, settings).await?;
    let Looked { place, survey, plan } = &looked;
    let preview = match args.dry_run {
        DryRun::Server => Some(Preview::ask(place.cluster.as_ref(), plan).await),
        DryRun::None | DryRun::Client => None,
    };
    match args.output {
        PlanFormat::Html => super::print(html::page(survey, plan, preview.as_ref())?.as_bytes())?,
        PlanFormat::Plain(OutputFormat::Table) => {
            super::print(text::whole(plan, preview.as_ref(), settings.colors_stdout()).as_bytes())?;
        }
        PlanFormat::Plain(format) => {
            let mut json = plan.to_json();
            if let Some(preview) = &preview {
                json["preview"] = text::preview_json(preview);
            }
            let mut bytes = Vec::new();
            crate::render::write_data(&mut bytes, format, &json)?;
            super::print(&bytes)?;
        }
    }
    let is_refused = preview.as_ref().is_some_and(|preview| preview.refusals().next().is_some());
    let is_blocked = plan.blocking().next().is_some();
    if let Some(file) = out {
        if is_blocked || is_refused {
            let why = if is_blocked { "it has blocking findings" } else { "the server refuses a write" };
            super::warn(&format!("the plan was not sealed into {}: {why}", file.display()));
        } else {
            super::apply::seal(&looked, file, settings).await?;
            super::note(&format!("sealed into {0}; run it with: helm rollback-safe apply {0}", file.display()));
        }
    }
    if is_refused || is_blocked {
        return Ok(ExitCode::REFUSED);
    }
    Ok(if args.detailed_exitcode && !plan.is_idle() { ExitCode::DIFFERENT } else { ExitCode::DONE })
}
