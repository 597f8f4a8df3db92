//! The flags of Helm's logging library: Helm takes them with every command and shows them in no help.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{go_bool, go_int};

/// From this verbosity on client-go tells of each request.
const TELLS_REQUESTS: i64 = 6;

const VERBOSITY: &str = "v";

/// Passed over: there are no files and headers of a log here (`klog.go`, `init`).
const VALUES: [&str; 7] =
    ["alsologtostderrthreshold", "log-backtrace-at", "log-dir", "log-file", "log-file-max-size", "stderrthreshold", "vmodule"];
const SWITCHES: [&str; 7] = [
    "add-dir-header",
    "alsologtostderr",
    "legacy-stderr-threshold-behavior",
    "logtostderr",
    "one-output",
    "skip-headers",
    "skip-log-headers",
];

/// The command with these flags, hidden.
pub(super) fn added(command: Command) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).global(true).hide(true);
    let switch = |name| {
        flag(name).num_args(0..=1).require_equals(true).default_missing_value("true").value_parser(go_bool).action(ArgAction::Set)
    };
    command
        .arg(flag(VERBOSITY).short('v').value_parser(go_int).allow_negative_numbers(true))
        .args(VALUES.map(flag))
        .args(SWITCHES.map(switch))
}

/// Whether the verbosity asks to be told of each request.
pub(super) fn asks_for_requests(matches: &ArgMatches) -> bool {
    let verbosity = matches.get_one::<i64>(VERBOSITY).copied();
    verbosity.is_some_and(|verbosity| verbosity >= TELLS_REQUESTS)
}

#[cfg(test)]
mod tests;
