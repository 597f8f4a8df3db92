//! Looks at the cluster when a run fails, before anything is cleaned up or undone.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::RunError;
use super::writer::Writer;
use crate::evidence::{Evidence, Limits, Scene, Timeline, collect};
use crate::plan::Plan;
use crate::ports::{Clock, Observer};

/// Hears everything that a run tells, and keeps what was found when it failed first.
#[derive(Debug)]
pub(super) struct Witness<'a> {
    pub(super) timeline: Timeline<'a>,
    limits: Option<Limits>,
    began: Timestamp,
    found: Mutex<Option<Box<Evidence>>>,
}

impl<'a> Witness<'a> {
    /// A witness of a run that begins; without limits it looks at nothing.
    pub(super) fn new(observer: &'a dyn Observer, clock: &'a dyn Clock, limits: Option<Limits>) -> Self {
        let began = clock.now().timestamp();
        Self { timeline: Timeline::new(observer, clock), limits, began, found: Mutex::default() }
    }

    /// Collects the evidence of the first error; later ones are what came of it.
    pub(super) async fn look(&self, writer: &Writer<'_>, plan: &Plan, error: &RunError) {
        let Some(limits) = self.limits.clone() else { return };
        let is_plain = matches!(error, RunError::Interrupted | RunError::LockLost { .. } | RunError::Panicked { .. });
        if is_plain || self.found.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return;
        }
        let scene = Scene::of_plan(plan, writer.progress.phase(), error, self.began);
        let scene = scene.with_timeline(self.timeline.moments()).with_limits(limits);
        let evidence = collect(writer.cluster, writer.clock, &scene).await;
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(evidence));
    }

    /// What was found.
    pub(super) fn take(&self) -> Option<Box<Evidence>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
