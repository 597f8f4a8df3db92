//! Tells on stderr what a run does, one line per event, and in a file as data where that is asked for.

use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use helm_release_core::plan::Plan;
use helm_release_core::ports::Observer;
use helm_release_core::readiness::State;
use helm_release_core::run::Event;

use crate::render::color::Palette;
use crate::render::plan as text;
use crate::{Color, Report, ReportKind, Settings};

/// Writes events to stderr as they come, and to a file.
#[derive(Debug)]
pub(crate) struct Progress {
    palette: Palette,
    color: bool,
    events: Option<File>,
}

impl Progress {
    /// Colours as the settings say, by default on a terminal only.
    pub(crate) fn new(settings: &Settings) -> Self {
        let color = match settings.color {
            Color::Never => false,
            Color::Always => true,
            Color::Auto => std::io::stderr().is_terminal(),
        };
        Self { palette: Palette::new(color), color, events: None }
    }

    /// Writes events to that file too, one line of JSON each; what it held is gone.
    pub(crate) fn with_events(self, file: Option<&Path>) -> Result<Self, Report> {
        let failed = |file: &Path, error| {
            Report::new(ReportKind::Unexpected, format!("{} cannot be written", file.display())).with_cause(error)
        };
        let open = |file: &Path| File::create(file).map_err(|error| failed(file, error));
        let events = file.map(open).transpose()?;
        Ok(Self { events, ..self })
    }

    fn keep(&self, event: &Event) {
        let Some(mut events) = self.events.as_ref() else { return };
        let line = format!("{}\n", event.to_json(jiff::Timestamp::now()));
        // A run does not end because nobody can read of it any more.
        if let Err(error) = events.write_all(line.as_bytes()) {
            say(&format!("Warning: an event could not be written: {error}"));
        }
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
        self.keep(event);
        if let Some(line) = self.line(event) {
            say(&line);
        }
    }
}

fn say(line: &str) {
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
