//! Tells on stderr what a run does, one line per event.

use std::io::{IsTerminal as _, Write as _};

use helm_release_core::plan::Plan;
use helm_release_core::ports::Observer;
use helm_release_core::readiness::State;
use helm_release_core::run::Event;

use crate::render::color::Palette;
use crate::render::plan as text;
use crate::{Color, Settings};

/// Writes events to stderr as they come.
#[derive(Debug)]
pub(crate) struct Progress {
    palette: Palette,
    color: bool,
}

impl Progress {
    /// Colours as the settings say, by default on a terminal only.
    pub(crate) fn new(settings: &Settings) -> Self {
        let color = match settings.color {
            Color::Never => false,
            Color::Always => true,
            Color::Auto => std::io::stderr().is_terminal(),
        };
        Self { palette: Palette::new(color), color }
    }

    /// Tells in short what is about to be done.
    pub(crate) fn plan(&self, plan: &Plan) {
        say(text::brief(plan, self.color).trim_end());
    }

    fn line(&self, event: &Event) -> Option<String> {
        let line = match event {
            Event::RecordWritten { revision, status } => format!("revision {revision}: {}", self.palette.status(status)),
            Event::RecordPruned { revision } => format!("revision {revision}: record deleted"),
            Event::ObjectWritten { object, action } => format!("{object}: {}", past(action.as_str())),
            Event::HookStarted { event, hook } => format!("{event} hook {hook}: started"),
            Event::HookEnded { event, hook, failure: None } => {
                format!("{event} hook {hook}: {}", self.palette.added("succeeded"))
            }
            Event::HookEnded { event, hook, failure: Some(_) } => {
                format!("{event} hook {hook}: {}", self.palette.removed("failed"))
            }
            Event::HookLog { source, line } => format!("{source}: {line}"),
            Event::ObjectState { object, state, reason } => {
                let word = match state {
                    State::Ready => self.palette.added("ready"),
                    State::Failed => self.palette.removed("failed"),
                    other => other.to_string(),
                };
                format!("{object}: {word}: {reason}")
            }
            Event::LockAwaited { holder } => format!("waiting for the lock: {holder}"),
            Event::ReturnBegun { cause } => format!("{}: bringing every object back", self.palette.removed(cause)),
            Event::ObjectReturned { object, how } => format!("{object}: {how}"),
            Event::Warning { message } => format!("Warning: {message}"),
            _ => return None,
        };
        Some(line)
    }
}

/// `create` as something that is done.
fn past(action: &str) -> String {
    match action {
        "patch" => "patched".to_owned(),
        word if word.ends_with('e') => format!("{word}d"),
        word => format!("{word}ed"),
    }
}

impl Observer for Progress {
    fn event(&self, event: &Event) {
        if let Some(line) = self.line(event) {
            say(&line);
        }
    }
}

fn say(line: &str) {
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
