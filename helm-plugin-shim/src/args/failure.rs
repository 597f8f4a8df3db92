//! A command line that cannot be read, told in Helm's words.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use crate::{Environment, Report};

const TLS_TRAP: &str = "Helm takes the word after --kube-insecure-skip-tls-verify for its value; \
    write --kube-insecure-skip-tls-verify=true";

/// No release was named.
pub(super) fn no_release(path: &str, environment: &Environment) -> Report {
    let mut report = Report::usage(format!("{path:?} requires at least 1 argument"));
    if environment.kube_insecure_skip_tls_verify {
        report = report.with_hint(TLS_TRAP);
    }
    report.with_hint(format!("usage: {path} RELEASE [REVISION] [flags]; `{path} --help` tells more"))
}

/// Tells what the parser did not like.
pub(super) fn report(root: &Command, words: &[OsString], error: &Error, environment: &Environment) -> Report {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let (path, command) = command_of(root, words);
    let help = format!("`{path} --help` lists the flags");
    let usage = format!("usage: {}", usage_line(&path, command));
    match error.kind() {
        ErrorKind::UnknownArgument => unknown(&path, &text(ContextKind::InvalidArg), &usage, error),
        ErrorKind::InvalidSubcommand => {
            let word = text(ContextKind::InvalidSubcommand);
            let report = Report::usage(format!("unknown command {word:?} for {path:?}"));
            suggest(report, &word, error, ContextKind::SuggestedSubcommand)
                .with_hint(format!("`{path} --help` lists the commands"))
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Report::usage(format!("{path:?} needs a command after it")).with_hint(format!("`{path} --help` lists the commands"))
        }
        ErrorKind::MissingRequiredArgument => {
            if path.ends_with(" rollback") {
                return no_release("helm rollback-safe", environment);
            }
            let mut report = Report::usage(format!("{path:?} requires 1 argument"));
            if environment.kube_insecure_skip_tls_verify {
                report = report.with_hint(TLS_TRAP);
            }
            report.with_hint(usage)
        }
        ErrorKind::InvalidValue
        | ErrorKind::ValueValidation
        | ErrorKind::NoEquals
        | ErrorKind::TooManyValues
        | ErrorKind::WrongNumberOfValues => {
            let flag = flag_names(root, command, &text(ContextKind::InvalidArg));
            let value = text(ContextKind::InvalidValue);
            if value.is_empty() && error.kind() == ErrorKind::InvalidValue {
                return Report::usage(format!("flag needs an argument: {}", flag.rsplit(", ").next().unwrap_or(&flag)))
                    .with_hint(help);
            }
            let reason = std::error::Error::source(error).map_or_else(String::new, |source| format!(": {source}"));
            Report::usage(format!("invalid argument {value:?} for \"{flag}\" flag{reason}")).with_hint(help)
        }
        ErrorKind::ArgumentConflict => {
            let (one, other) = (bare(&text(ContextKind::InvalidArg)), bare(&text(ContextKind::PriorArg)));
            Report::usage(format!("{one} and {other} cannot be used together")).with_hint(help)
        }
        _ => Report::usage(first_line(error)).with_hint(help),
    }
}

fn unknown(path: &str, word: &str, usage: &str, error: &Error) -> Report {
    let help = format!("`{path} --help` lists the flags");
    if word.starts_with("--") {
        let name = word.split('=').next().unwrap_or(word);
        return suggest(Report::usage(format!("unknown flag: {name}")), name, error, ContextKind::SuggestedArg).with_hint(help);
    }
    match word.strip_prefix('-').and_then(|letters| letters.chars().next()) {
        Some(letter) => Report::usage(format!("unknown shorthand flag: '{letter}' in {word}")).with_hint(help),
        None if usage.contains("RELEASE") => {
            Report::usage(format!("{path:?} takes no argument {word:?}")).with_hint(usage.to_owned())
        }
        None => Report::usage(format!("{path:?} accepts no arguments")).with_hint(usage.to_owned()),
    }
}

/// How alike two words must be, of 1, for one to be taken for a slip of the other.
const ALIKE: f64 = 0.6;

fn suggest(report: Report, word: &str, error: &Error, kind: ContextKind) -> Report {
    match error.get(kind) {
        Some(ContextValue::String(name)) if strsim::normalized_levenshtein(word, &bare(name)) < ALIKE => report,
        Some(ContextValue::String(name)) => report.with_hint(format!("did you mean {}?", bare(name))),
        Some(ContextValue::Strings(names)) if !names.is_empty() => {
            report.with_hint(format!("did you mean {}?", names.join(" or ")))
        }
        _ => report,
    }
}

/// The command that a line in normal form is about, and how it is called.
fn command_of<'a>(root: &'a Command, words: &[OsString]) -> (String, &'a Command) {
    let mut found = (String::from("helm rollback-safe"), root);
    for word in words {
        match word.to_str().and_then(|word| found.1.find_subcommand(word)) {
            Some(command) => found = (format!("{} {}", found.0, command.get_name()), command),
            None => break,
        }
    }
    found
}

fn usage_line(path: &str, command: &Command) -> String {
    let positionals: Vec<String> = command
        .get_positionals()
        .map(|arg| {
            let name = arg.get_value_names().and_then(|names| names.first()).map_or_else(String::new, ToString::to_string);
            if arg.is_required_set() { name } else { format!("[{name}]") }
        })
        .collect();
    [&[path.to_owned()], positionals.as_slice(), &["[flags]".to_owned()]].concat().join(" ")
}

/// `-o, --output`, as Helm names a flag.
fn flag_names(root: &Command, command: &Command, shown: &str) -> String {
    let long = bare(shown);
    let named = |command: &'_ Command| {
        let mut arguments = command.get_arguments();
        arguments.find(|arg| arg.get_long().is_some_and(|name| long == format!("--{name}"))).and_then(Arg::get_short)
    };
    match named(command).or_else(|| named(root)) {
        Some(short) => format!("-{short}, {long}"),
        None => long,
    }
}

/// `--output` of `--output <FORMAT>`.
fn bare(shown: &str) -> String {
    shown.split([' ', '=', '[']).next().unwrap_or(shown).to_owned()
}

fn first_line(error: &Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
