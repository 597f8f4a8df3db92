//! The command line: flags as Helm has them, given through Helm or directly.

mod duration;
mod failure;
mod globals;
mod klog;
mod normalize;
mod values;

pub(crate) use duration::go_duration;
pub(crate) use globals::Globals;
pub(crate) use values::go_int;
pub(crate) use values::{DryRun, OnFailure, OutputFormat, PlanFormat, ServerSide, Wait, go_bool};

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser};

use crate::commands::Command;
use crate::{Environment, Report};

const ABOUT: &str = "Brings a Helm release back to a revision that works, or changes nothing and says why.";

const EXAMPLES: &str = "\
Examples:
  helm rollback-safe web                roll back to the newest revision that worked
  helm rollback-safe web 3              roll back to revision 3
  helm rollback-safe rollback list      roll back a release that is called like a command
  helm rollback-safe history web        show the revisions
  helm rollback-safe list -A            show the releases of all namespaces";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "helm-rollback-safe",
    bin_name = "helm rollback-safe",
    version,
    about = ABOUT,
    after_help = EXAMPLES,
    override_usage = "helm rollback-safe RELEASE [REVISION] [flags]\n       helm rollback-safe COMMAND [flags]",
    args_override_self = true,
    propagate_version = false,
    infer_long_args = false,
    max_term_width = 120
)]
pub(crate) struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Help or version was asked for; the text goes to stdout.
    Help(clap::builder::StyledStr),
    /// The command line cannot be read.
    Report(Report),
}

/// Reads a command line, the program's own name first.
///
/// # Errors
/// [`Stop`] when there is nothing to run.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>, environment: &Environment) -> Result<Cli, Stop> {
    let command = klog::added(Cli::command());
    let arguments = normalize::normalize(&command, arguments.skip(1)).map_err(|report| Stop::Report(*report))?;
    if arguments.is_empty() {
        return Err(Stop::Report(failure::no_release("helm rollback-safe", environment)));
    }
    let program = OsString::from("helm-rollback-safe");
    let matches = command.clone().try_get_matches_from(std::iter::once(program).chain(arguments.iter().cloned()));
    let cli = matches.and_then(|mut matches| {
        let is_verbose = klog::asks_for_requests(&matches);
        let mut cli = Cli::from_arg_matches_mut(&mut matches)?;
        cli.globals.debug = cli.globals.debug.or(is_verbose.then_some(true));
        Ok(cli)
    });
    cli.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Help(error.render()),
        _ => Stop::Report(failure::report(&command, &arguments, &error, environment)),
    })
}
