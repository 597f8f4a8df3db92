//! The port through which a run tells what it does.

use std::fmt::Debug;

use crate::run::Event;

/// Hears what a run does while it does it. Called in order, never twice at once; must return quickly.
pub trait Observer: Debug + Send + Sync {
    /// Hears one event.
    fn event(&self, event: &Event);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn event(&self, _event: &Event) {}
}
