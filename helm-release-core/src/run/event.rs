//! What a run tells while it works.

/// One thing that happened during a run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {}
