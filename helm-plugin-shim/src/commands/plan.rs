//! `plan`: the whole plan of a rollback, and nothing done.

use helm_release_core::run::Preview;

use super::rollback::{RollbackArgs, look};
use crate::args::{DryRun, OutputFormat};
use crate::render::plan as text;
use crate::{ExitCode, Report, Settings};

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe plan web            what a rollback to the newest good revision would do
  helm rollback-safe plan web 3 -o json  the same for revision 3, with every request
  helm rollback-safe plan web --dry-run=server   and what the server says to each write";

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

/// Plans, prints the plan on stdout, and says by exit code what it comes to.
pub(super) async fn show(args: &RollbackArgs, settings: &Settings) -> Result<ExitCode, Report> {
    let (place, plan) = look(args, settings).await?;
    let preview = match args.dry_run {
        DryRun::Server => Some(Preview::ask(place.cluster.as_ref(), &plan).await),
        DryRun::None | DryRun::Client => None,
    };
    match args.output {
        OutputFormat::Table => super::print(text::whole(&plan, preview.as_ref(), settings.colors_stdout()).as_bytes())?,
        format => {
            let mut json = plan.to_json();
            if let Some(preview) = &preview {
                json["preview"] = text::preview_json(preview);
            }
            let mut bytes = Vec::new();
            crate::render::write_data(&mut bytes, format, &json)?;
            super::print(&bytes)?;
        }
    }
    let is_refused = preview.is_some_and(|preview| preview.refusals().next().is_some());
    if is_refused || plan.blocking().next().is_some() {
        return Ok(ExitCode::REFUSED);
    }
    Ok(if args.detailed_exitcode && !plan.is_idle() { ExitCode::DIFFERENT } else { ExitCode::DONE })
}
