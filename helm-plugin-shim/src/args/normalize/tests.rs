use clap::CommandFactory as _;

use super::*;
use crate::args::Cli;

fn normalized(line: &str) -> String {
    let words = normalize(&Cli::command(), line.split_whitespace().map(OsString::from)).unwrap();
    words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_line_without_a_command_is_a_rollback() {
    assert_eq!(normalized("web 3"), "rollback web 3");
    assert_eq!(normalized("-n shop web"), "rollback -n shop web");
    assert_eq!(normalized("--timeout 5m web"), "rollback --timeout 5m web");
    assert_eq!(normalized("web -1"), "rollback web -1");
}

#[test]
fn a_command_is_found_behind_flags_and_their_values() {
    assert_eq!(normalized("-n history list -q"), "list -n history -q");
    assert_eq!(normalized("--qps 5 get --debug values web"), "get values --qps 5 --debug web");
    assert_eq!(normalized("-nshop history web"), "history -nshop web");
}

#[test]
fn a_release_called_like_a_command_is_reached_by_naming_rollback() {
    assert_eq!(normalized("rollback list"), "rollback list");
    assert_eq!(normalized("-- list"), "rollback -- list");
}

#[test]
fn a_boolean_may_have_a_value_and_the_last_one_counts() {
    assert_eq!(normalized("list --short=true"), "list --short");
    assert_eq!(normalized("--short list --short=false --reverse"), "list --reverse");
    let report = normalize(&Cli::command(), ["list", "--short=maybe"].map(OsString::from).into_iter()).unwrap_err();
    assert_eq!(
        report.message,
        "invalid argument \"maybe\" for \"--short\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax"
    );
}

#[test]
fn an_optional_value_never_takes_the_next_word() {
    assert_eq!(normalized("--wait web 2"), "rollback --wait web 2");
    assert_eq!(normalized("--dry-run web"), "rollback --dry-run web");
    assert_eq!(normalized("--kube-insecure-skip-tls-verify web"), "rollback --kube-insecure-skip-tls-verify web");
}

#[test]
fn help_and_version_need_no_release() {
    assert_eq!(normalized("--help"), "--help");
    assert_eq!(normalized("--version"), "--version");
    assert_eq!(normalized("web --help"), "rollback web --help");
}

#[test]
fn a_flag_that_two_commands_have_means_what_it_means_to_the_one_that_is_named() {
    assert_eq!(normalized("recover web --dry-run=true"), "recover web --dry-run");
    assert_eq!(normalized("web --dry-run=server"), "rollback web --dry-run=server");
}
