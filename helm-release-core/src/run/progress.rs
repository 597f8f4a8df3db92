//! How far a run has come: what the way back needs to know when the run is stopped anywhere.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::FailedPhase;
use crate::ports::Location;

/// Noted before each thing is begun, so that it is true wherever the run stops.
#[derive(Debug)]
pub(super) struct Progress(Mutex<Noted>);

#[derive(Debug)]
struct Noted {
    phase: FailedPhase,
    begun: BTreeSet<Location>,
    committed: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Noted { phase: FailedPhase::Start, begun: BTreeSet::new(), committed: false }))
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        // A panic of another holder leaves nothing half-written here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, phase: FailedPhase) {
        self.noted().phase = phase;
    }

    pub(super) fn phase(&self) -> FailedPhase {
        self.noted().phase
    }

    /// Notes that the new record says `deployed`: nothing is undone any more.
    pub(super) fn commit(&self) {
        self.noted().committed = true;
    }

    pub(super) fn is_committed(&self) -> bool {
        self.noted().committed
    }

    /// Notes that an object is about to be written.
    pub(super) fn begin(&self, location: &Location) {
        self.noted().begun.insert(location.clone());
    }

    /// Whether an object may have been written.
    pub(super) fn has_begun(&self, location: &Location) -> bool {
        self.noted().begun.contains(location)
    }
}
