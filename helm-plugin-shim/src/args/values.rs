//! Values of flags, read and refused as Helm does.

use std::str::FromStr;

/// A value that Helm would refuse, in Helm's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct InvalidValue(String);

/// Reads a boolean as Go's `strconv.ParseBool` does.
///
/// # Errors
/// [`InvalidValue`] with Go's text.
pub(crate) fn go_bool(text: &str) -> Result<bool, InvalidValue> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(InvalidValue(format!("strconv.ParseBool: parsing {text:?}: invalid syntax"))),
    }
}

/// Reads a whole number; Helm takes negative ones everywhere and gives them a meaning.
pub(crate) fn go_int(text: &str) -> Result<i64, InvalidValue> {
    text.parse().map_err(|_| InvalidValue(format!("strconv.ParseInt: parsing {text:?}: invalid syntax")))
}

/// In which form a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OutputFormat {
    /// For people.
    #[default]
    Table,
    /// One line of JSON.
    Json,
    /// YAML.
    Yaml,
}

impl FromStr for OutputFormat {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text {
            // Commands that show no table call their readable form text.
            "table" | "text" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "yaml" => Ok(Self::Yaml),
            _ => Err(InvalidValue("invalid format type".to_owned())),
        }
    }
}

/// In which form a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanFormat {
    /// As a result of other commands is.
    Plain(OutputFormat),
    /// One page for a browser.
    Html,
}

impl FromStr for PlanFormat {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        if text == "html" { Ok(Self::Html) } else { text.parse().map(Self::Plain) }
    }
}

/// What `--dry-run` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DryRun {
    /// Not a dry run.
    #[default]
    None,
    /// The plan alone.
    Client,
    /// The plan, and every write tried on the server without being kept.
    Server,
}

impl FromStr for DryRun {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text {
            "none" => Ok(Self::None),
            "client" => Ok(Self::Client),
            "server" => Ok(Self::Server),
            _ => match go_bool(text) {
                Ok(true) => Ok(Self::Client),
                Ok(false) => Ok(Self::None),
                Err(_) => {
                    Err(InvalidValue(format!("invalid dry-run value ({text:?}). Must be \"none\", \"server\", or \"client\"")))
                }
            },
        }
    }
}

/// What `--wait` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Wait {
    /// Until all objects are ready, by Helm 4's rules.
    Watcher,
    /// For hooks only.
    #[default]
    HookOnly,
    /// Until all objects are ready, by Helm 3's rules.
    Legacy,
}

impl FromStr for Wait {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text {
            "watcher" | "true" => Ok(Self::Watcher),
            "hookOnly" | "false" => Ok(Self::HookOnly),
            "legacy" => Ok(Self::Legacy),
            _ => Err(InvalidValue(format!("invalid wait input {text:?}. Valid inputs are watcher, hookOnly, and legacy"))),
        }
    }
}

/// What `--server-side` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ServerSide {
    /// As the target revision was written.
    #[default]
    Auto,
    /// Server-side apply.
    Yes,
    /// Client-side three-way merge.
    No,
}

impl FromStr for ServerSide {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text {
            "auto" => Ok(Self::Auto),
            "true" => Ok(Self::Yes),
            "false" => Ok(Self::No),
            _ => Err(InvalidValue(format!("invalid/unknown release server-side apply method: {text}"))),
        }
    }
}

/// What `--on-failure` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OnFailure {
    /// Every object is brought back.
    #[default]
    Return,
    /// The objects are left as they are.
    Stop,
}

impl FromStr for OnFailure {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text {
            "return" => Ok(Self::Return),
            "stop" => Ok(Self::Stop),
            _ => Err(InvalidValue(format!("{text:?} is neither return nor stop"))),
        }
    }
}
