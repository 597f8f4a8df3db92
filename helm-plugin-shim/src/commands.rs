//! The commands, one file each.
//!
//! A command is a variant of [`Command`] and a line in [`Command::run`]; everything else about it is in its own file.

mod apply;
mod complete;
mod demo;
mod diff;
mod drift;
mod fetch;
mod fsck;
mod get;
mod history;
mod list;
mod lock;
mod operation;
mod plan;
mod prune;
mod recover;
mod rollback;
mod status;

pub(crate) use rollback::RollbackArgs;

use clap::Subcommand;

use crate::{ExitCode, Report, Settings};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// roll back a release; the same as the form without a command
    Rollback(Box<RollbackArgs>),
    /// show what a rollback would do, and do nothing
    Plan(Box<plan::Args>),
    /// run a plan that was sealed with plan --out, unless something moved since
    Apply(apply::Args),
    /// show what differs between two revisions, or between a revision and the cluster
    Diff(diff::Args),
    /// show who changed which field of a release's objects since they were applied
    Drift(drift::Args),
    /// finish or undo an operation that was cut off
    Recover(recover::Args),
    /// show who works on a release, or end a lock by force
    #[command(subcommand)]
    Lock(lock::Lock),
    /// list releases
    #[command(visible_alias = "ls")]
    List(list::Args),
    /// fetch release history
    #[command(visible_alias = "hist")]
    History(history::Args),
    /// display the status of the named release
    Status(status::Args),
    /// download extended information of a named release
    #[command(subcommand)]
    Get(get::Get),
    /// find what is broken in a release's records and around them, and repair it on request
    Fsck(fsck::Args),
    /// remove old revisions, never one that is needed
    Prune(prune::Args),
    /// show the whole story on a cluster in memory, without Kubernetes
    Demo(demo::Args),
    /// answers Helm's and the shell's completion
    #[command(name = "__complete", hide = true)]
    Complete(complete::Args),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// A [`Report`] that says what failed, why, and what can be done.
    ///
    /// # Cancellation
    /// Reading commands leave nothing behind.
    pub(crate) async fn run(self, settings: &Settings) -> Result<ExitCode, Report> {
        match self {
            Self::Rollback(args) => rollback::run(*args, settings).await,
            Self::Plan(args) => plan::run(*args, settings).await,
            Self::Apply(args) => apply::run(&args, settings).await,
            Self::Diff(args) => diff::run(&args, settings).await,
            Self::Drift(args) => drift::run(&args, settings).await,
            Self::Recover(args) => recover::run(&args, settings).await,
            Self::Lock(args) => lock::run(&args, settings).await,
            Self::List(args) => list::run(&args, settings).await,
            Self::History(args) => history::run(&args, settings).await,
            Self::Status(args) => status::run(&args, settings).await,
            Self::Get(args) => get::run(&args, settings).await,
            Self::Fsck(args) => fsck::run(&args, settings).await,
            Self::Prune(args) => prune::run(&args, settings).await,
            Self::Demo(demo::Args {}) => demo::run(settings).await,
            Self::Complete(args) => Ok(complete::run(&args, settings).await),
        }
    }
}

/// Writes a result to stdout; a reader that has gone away is no failure.
pub(crate) fn print(text: &[u8]) -> Result<(), Report> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Tells something on stderr.
pub(crate) fn note(text: &str) {
    use std::io::Write as _;
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Tells what `--debug` asks to be told.
pub(crate) fn debug(text: &dyn std::fmt::Display) {
    note(&format!("Debug: {text}"));
}

/// Tells something on stderr that stops nothing.
pub(crate) fn warn(text: &str) {
    note(&format!("Warning: {text}"));
}
