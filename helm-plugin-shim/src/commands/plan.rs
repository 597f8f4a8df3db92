//! `plan`: the whole plan of a rollback, and nothing done.

use helm_release_core::plan::Preflight;

use super::rollback::{RollbackArgs, look};
use crate::args::{DryRun, OutputFormat};
use crate::render::plan as text;
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe plan web            what a rollback to the newest good revision would do
  helm rollback-safe plan web 3 -o json  the same for revision 3, with every request
  helm rollback-safe plan web --dry-run=client   the same without trying each write on the server";

/// Arguments of `plan`: those of `rollback`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    rollback: RollbackArgs,
}

/// Shows a plan.
pub(super) async fn run(args: Args, settings: &Settings) -> Result<ExitCode, Report> {
    show(&args.rollback, settings).await
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
pub(super) async fn show(args: &RollbackArgs, settings: &Settings) -> Result<ExitCode, Report> {
    let (_, plan) = look(args, settings, preflight(args)).await?;
    match args.output {
        OutputFormat::Table => super::print(text::whole(&plan, settings.colors_stdout()).as_bytes())?,
        format => {
            let json = plan.to_json();
            let mut bytes = Vec::new();
            crate::render::write_data(&mut bytes, format, &json)?;
            super::print(&bytes)?;
        }
    }
    if plan.blocking().next().is_some() {
        return Ok(ExitCode::REFUSED);
    }
    Ok(if args.detailed_exitcode && !plan.is_idle() { ExitCode::DIFFERENT } else { ExitCode::DONE })
}
