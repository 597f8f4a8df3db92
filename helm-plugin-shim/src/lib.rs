//! Talks to people: arguments, environment, connection, rendering and exit codes of `helm rollback-safe`.
//!
//! No decision about a release is taken here; those are in [`helm_release_core`]. A command is one file in `commands`, and
//! `commands::Command` lists them all. Other programs embed the two libraries, not this.

mod args;
mod commands;
mod connect;
mod environment;
mod exit_code;
mod progress;
mod render;
mod report;
mod settings;

pub use exit_code::ExitCode;

pub(crate) use connect::{Place, connect, storage};
pub(crate) use environment::Environment;
pub(crate) use report::{Report, ReportKind};
pub(crate) use settings::{Color, Settings};

use std::ffi::OsString;
use std::io::Write as _;

use args::Stop;

/// Runs the program with the process's environment and says with which code to exit.
///
/// Results go to stdout, failures to stderr.
///
/// # Cancellation
/// As of the command that runs: reading commands leave nothing behind.
///
/// ```
/// use std::ffi::OsString;
///
/// use helm_plugin_shim::ExitCode;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let line = ["helm-rollback-safe", "--version"].map(OsString::from);
/// assert_eq!(helm_plugin_shim::main(line.into_iter()).await, ExitCode::DONE);
/// // No release is named.
/// let line = ["helm-rollback-safe", "--timeout", "5m"].map(OsString::from);
/// assert_eq!(helm_plugin_shim::main(line.into_iter()).await, ExitCode::USAGE);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let environment = Environment::read();
    let cli = match args::parse(arguments, &environment) {
        Ok(cli) => cli,
        Err(Stop::Help(text)) => {
            let mut out = anstream::stdout().lock();
            // A reader that has gone away is no failure of ours.
            let _ = write!(out, "{text}").and_then(|()| out.flush());
            return ExitCode::DONE;
        }
        Err(Stop::Report(report)) => return tell(&report),
    };
    let settings = match Settings::resolve(cli.globals, environment) {
        Ok(settings) => settings,
        Err(report) => return tell(&report),
    };
    match Box::pin(cli.command.run(&settings)).await {
        Ok(code) => code,
        Err(report) => tell(&report),
    }
}

fn tell(report: &Report) -> ExitCode {
    // Where even stderr is closed only the code is left to tell.
    let _ = writeln!(anstream::stderr().lock(), "{report}");
    report.exit_code
}
