//! Brings a command line into the one form that the parser takes.
//!
//! Helm lets flags stand before and after the command, booleans take `=true` and `=false`, and the plugin's own bare
//! form has no command at all: `helm rollback-safe RELEASE`.

use std::collections::HashMap;
use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};

use super::go_bool;
use crate::Report;

/// How much a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Nothing; `=true` and `=false` are allowed.
    Nothing,
    /// A value only after `=`.
    AttachedValue,
    /// A value, which may be the next word.
    Value,
}

struct Flags {
    long: HashMap<String, Takes>,
    short: HashMap<char, Takes>,
}

impl Flags {
    /// The flags of every command: enough to find the command, since those that take the next word agree.
    fn of(command: &Command) -> Self {
        let mut flags = Self { long: HashMap::new(), short: HashMap::new() };
        flags.add(command);
        flags
    }

    /// The flags that one command takes: those of a word that is no command are those of `rollback`.
    fn of_word(command: &Command, word: Option<&str>) -> Self {
        let mut flags = Self::of(command);
        let named = word.and_then(|word| command.find_subcommand(word)).or_else(|| command.find_subcommand("rollback"));
        if let Some(named) = named {
            flags.add(named);
        }
        flags
    }

    fn add(&mut self, command: &Command) {
        for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
            let takes = takes(arg);
            self.long.extend(arg.get_long_and_visible_aliases().into_iter().flatten().map(|name| (name.to_owned(), takes)));
            self.long.extend(arg.get_all_aliases().into_iter().flatten().map(|name| (name.to_owned(), takes)));
            self.short.extend(arg.get_short_and_visible_aliases().into_iter().flatten().map(|name| (name, takes)));
        }
        for subcommand in command.get_subcommands() {
            self.add(subcommand);
        }
    }
}

fn takes(arg: &Arg) -> Takes {
    match arg.get_action() {
        ArgAction::Set | ArgAction::Append if arg.is_require_equals_set() => Takes::AttachedValue,
        ArgAction::Set | ArgAction::Append => Takes::Value,
        _ => Takes::Nothing,
    }
}

/// A word of the command line that is no flag and no flag's value.
fn is_plain(word: &str) -> bool {
    // `-1` is a revision, counted from the latest.
    !word.starts_with('-') || word == "-" || word[1..].bytes().all(|byte| byte.is_ascii_digit())
}

/// Moves the command to the front, puts `rollback` there when there is none, and resolves `=true` and `=false`.
///
/// # Errors
/// A [`Report`] when a boolean flag has another value.
pub(super) fn normalize(command: &Command, arguments: impl Iterator<Item = OsString>) -> Result<Vec<OsString>, Box<Report>> {
    let arguments: Vec<OsString> = arguments.collect();
    let flags = Flags::of_word(command, first_plain(&Flags::of(command), &arguments));
    let mut words: Vec<OsString> = Vec::new();
    let mut plain: Vec<usize> = Vec::new();
    let mut only_plain = false;
    let mut asks_for_help = false;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let Some(word) = argument.to_str().filter(|word| !only_plain && !is_plain(word)) else {
            if !only_plain {
                plain.push(words.len());
            }
            words.push(argument);
            continue;
        };
        // What a completion asks about is not ours to read.
        if plain.first().is_some_and(|first| words[*first] == "__complete") {
            words.push(argument);
            continue;
        }
        if word == "--" {
            only_plain = true;
            words.push(argument);
            continue;
        }
        asks_for_help |= matches!(word, "-h" | "--help" | "-V" | "--version");
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        match (lookup(&flags, name), value) {
            (Some(Takes::Nothing), Some(value)) => {
                let on = go_bool(value).map_err(|error| {
                    Box::new(Report::usage(format!("invalid argument {value:?} for \"{name}\" flag: {error}")))
                })?;
                // The last one counts, so that a false takes back an earlier true.
                let name = OsString::from(name);
                if on {
                    words.push(name);
                } else {
                    remove_all(&mut words, &mut plain, &name);
                }
            }
            (Some(Takes::Value), None) => {
                words.push(argument);
                words.extend(arguments.next());
            }
            _ => words.push(argument),
        }
    }
    arrange(command, &mut words, &plain, asks_for_help);
    Ok(words)
}

/// The first word that is no flag and no flag's value.
fn first_plain<'a>(flags: &Flags, arguments: &'a [OsString]) -> Option<&'a str> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let word = word.to_str()?;
        match lookup(flags, word) {
            _ if is_plain(word) => return Some(word),
            Some(Takes::Value) => {
                words.next();
            }
            _ => {}
        }
    }
    None
}

fn remove_all(words: &mut Vec<OsString>, plain: &mut [usize], name: &OsString) {
    while let Some(at) = words.iter().position(|word| word == name) {
        words.remove(at);
        for index in plain.iter_mut().filter(|index| **index > at) {
            *index -= 1;
        }
    }
}

/// What a flag takes; of several short ones in one word the last decides.
fn lookup(flags: &Flags, name: &str) -> Option<Takes> {
    if let Some(long) = name.strip_prefix("--") {
        return flags.long.get(long).copied();
    }
    let letters = name.strip_prefix('-')?;
    for (at, letter) in letters.char_indices() {
        match flags.short.get(&letter)? {
            // The rest of the word is the value.
            Takes::Value if at + letter.len_utf8() < letters.len() => return Some(Takes::AttachedValue),
            Takes::Nothing if at + letter.len_utf8() < letters.len() => {}
            takes => return Some(*takes),
        }
    }
    None
}

fn arrange(command: &Command, words: &mut Vec<OsString>, plain: &[usize], asks_for_help: bool) {
    let named = |command: &Command, at: Option<&usize>| -> Option<Command> {
        let word = words[*at?].to_str()?;
        command.find_subcommand(word).cloned()
    };
    let is_help = |at: Option<&usize>| at.is_some_and(|at| words[*at] == "help");
    if is_help(plain.first()) {
        return words.rotate_to_front(plain[0], 0);
    }
    match named(command, plain.first()) {
        Some(subcommand) => {
            let nested = subcommand.has_subcommands().then(|| plain.get(1)).flatten();
            words.rotate_to_front(plain[0], 0);
            if let Some(nested) = nested {
                words.rotate_to_front(*nested, 1);
            }
        }
        None if plain.is_empty() && (asks_for_help || words.is_empty()) => {}
        None => words.insert(0, OsString::from("rollback")),
    }
}

trait RotateToFront {
    /// Moves the element at `from` to `to`, which is not behind it; those between move back by one.
    fn rotate_to_front(&mut self, from: usize, to: usize);
}

impl RotateToFront for Vec<OsString> {
    fn rotate_to_front(&mut self, from: usize, to: usize) {
        if to < from && from < self.len() {
            self[to..=from].rotate_right(1);
        }
    }
}

#[cfg(test)]
mod tests;
