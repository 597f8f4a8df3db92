//! What becomes of which request.

use std::time::Duration;

use super::Passed;

/// When a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before its request reaches the server.
    Before,
    /// After the server has done it, before the answer comes.
    Unanswered,
    /// After the answer came.
    After,
}

/// Which requests count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Traffic {
    /// Those that change something, but for renewals of a lock, whose number goes by the clock.
    Writes,
    /// All but those renewals.
    All,
    /// Those with this method and a path that ends so.
    To(&'static str, String),
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing passes any more, from this request or its answer on: the test ends the process.
    Die(Moment),
    /// The connection ends before the request is passed on.
    CutBefore,
    /// The connection ends after the server has answered, without the answer.
    CutAfter,
    /// It is passed on only after that long.
    Stall(Duration),
    /// It is not passed on, and answered with that status.
    Answer(u16),
    /// It is passed on, and answered with that status all the same.
    AnswerAfter(u16),
}

/// Something that goes wrong, once or a few times in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What counts.
    pub of: Traffic,
    /// Which of those, counted from 1.
    pub nth: usize,
    /// How many from there on.
    pub times: usize,
    /// What becomes of it.
    pub act: Act,
}

impl Fault {
    /// Something that happens to one write.
    #[must_use]
    pub fn at_write(nth: usize, act: Act) -> Self {
        Self { of: Traffic::Writes, nth, times: 1, act }
    }

    /// Something that happens to one request.
    #[must_use]
    pub fn at_request(nth: usize, act: Act) -> Self {
        Self { of: Traffic::All, nth, times: 1, act }
    }

    /// Something that happens to the first request with this method and a path that ends so.
    #[must_use]
    pub fn to(method: &'static str, path: impl Into<String>, act: Act) -> Self {
        Self { of: Traffic::To(method, path.into()), nth: 1, times: 1, act }
    }

    pub(super) fn means(&self, request: &Passed) -> bool {
        match &self.of {
            Traffic::Writes => request.is_write() && !request.is_renewal(),
            Traffic::All => !request.is_renewal(),
            Traffic::To(method, path) => request.method == *method && request.path().ends_with(path.as_str()),
        }
    }
}
