use std::ffi::OsString;

use crate::Environment;
use crate::args::{Cli, Stop, parse};
use crate::commands::Command;

fn read(line: &str) -> Result<Cli, Stop> {
    let words = std::iter::once("helm-rollback-safe").chain(line.split_whitespace());
    parse(words.map(OsString::from), &Environment::default())
}

#[test]
fn helms_hidden_flags_stand_anywhere_and_change_no_meaning() {
    for line in [
        "-v 4 history web",
        "history -v=4 web",
        "history web -v4",
        "history web --v 4 -v -1",
        "--logtostderr --alsologtostderr=false history web --stderrthreshold 2 --vmodule x=1",
        "history --log-dir /tmp --log-file x --log-file-max-size 5 --log-backtrace-at a.go:1 --alsologtostderrthreshold=INFO web",
        "history --one-output --skip-headers --skip-log-headers --add-dir-header=true --legacy-stderr-threshold-behavior web",
    ] {
        let cli = read(line).unwrap_or_else(|stop| panic!("{line}: {stop:?}"));
        assert!(matches!(cli.command, Command::History(_)), "{line}");
        assert_eq!(cli.globals.debug, None, "{line}");
    }
}

#[test]
fn a_verbosity_at_which_client_go_tells_of_requests_is_debug() {
    let debug = |line: &str| read(line).unwrap().globals.debug;
    assert_eq!(debug("web -v 6"), Some(true));
    assert_eq!(debug("-v 8 web"), Some(true));
    assert_eq!(debug("web -v 5"), None);
    assert_eq!(debug("web -v 8 --debug=false"), Some(false));
}

#[test]
fn a_wrong_value_is_refused_in_helms_words() {
    let Err(Stop::Report(report)) = read("list --v=x") else { panic!("it was taken") };
    assert_eq!(report.message, "invalid argument \"x\" for \"-v, --v\" flag: strconv.ParseInt: parsing \"x\": invalid syntax");
    let Err(Stop::Report(report)) = read("list --log_dir /tmp") else { panic!("it was taken") };
    assert_eq!(report.message, "unknown flag: --log_dir");
}

#[test]
fn no_help_shows_them() {
    for line in ["--help", "rollback --help"] {
        let Err(Stop::Help(text)) = read(line) else { panic!("{line}") };
        let text = text.to_string();
        assert!(text.contains("--debug"), "{text}");
        assert!(!text.contains("-v,") && !text.contains("vmodule") && !text.contains("logtostderr"), "{text}");
    }
}
