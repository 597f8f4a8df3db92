//! `plan`: the whole plan of a rollback, and nothing done.

use std::path::{Path, PathBuf};

use helm_release_core::plan::Preflight;

use super::rollback::{Looked, RollbackArgs, look};
use crate::args::{DryRun, OutputFormat, PlanFormat};
use crate::render::{html, plan as text};
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe plan web            what a rollback to the newest good revision would do
  helm rollback-safe plan web 3 -o json  the same for revision 3, with every request
  helm rollback-safe plan web --dry-run=client   the same without trying each write on the server
  helm rollback-safe plan web -o html > web.html a page for people who decide
  helm rollback-safe plan web --out web.plan     seal it; apply web.plan runs it when nothing moved since";

/// Arguments of `plan`: those of `rollback`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, next_display_order = None)]
pub(crate) struct Args {
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

/// How much is asked before a plan that is only shown: everything, unless the user wants the server left alone.
fn preflight(args: &RollbackArgs) -> Preflight {
    match (args.dry_run, args.compat) {
        (DryRun::Server, _) | (DryRun::None, false) => Preflight::All,
        (DryRun::Client, false) => Preflight::Reads,
        (DryRun::None | DryRun::Client, true) => Preflight::None,
    }
}

/// Plans, prints the plan on stdout, and says by exit code what it comes to.
pub(super) async fn show(args: &RollbackArgs, out: Option<&Path>, settings: &Settings) -> Result<ExitCode, Report> {
    let looked = look(args, settings, preflight(args)).await?;
    let Looked { survey, plan, .. } = &looked;
    match args.output {
        PlanFormat::Html => super::print(html::page(survey, plan)?.as_bytes())?,
        PlanFormat::Plain(OutputFormat::Table) => super::print(text::whole(plan, settings.colors_stdout()).as_bytes())?,
        PlanFormat::Plain(format) => {
            let json = plan.to_json();
            let mut bytes = Vec::new();
            crate::render::write_data(&mut bytes, format, &json)?;
            super::print(&bytes)?;
        }
    }
    let is_blocked = plan.blocking().next().is_some();
    if let Some(file) = out {
        if is_blocked {
            super::warn(&format!("the plan was not sealed into {}: it has blocking findings", file.display()));
        } else {
            super::apply::seal(&looked, file, settings).await?;
            super::note(&format!("sealed into {0}; run it with: helm rollback-safe apply {0}", file.display()));
        }
    }
    if is_blocked {
        return Ok(ExitCode::REFUSED);
    }
    Ok(if args.detailed_exitcode && !plan.is_idle() { ExitCode::DIFFERENT } else { ExitCode::DONE })
}
