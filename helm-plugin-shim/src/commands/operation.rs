//! What every command that writes brings with it: a claim on the release, a journal, and an ear for signals.

use std::sync::Arc;
use std::time::Duration;

use helm_release_core::evidence::Limits;
use helm_release_core::lock::Claim;
use helm_release_core::run::{Engine, Interrupt};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::process::claim;

use crate::connect::LivePlace;
use crate::exit_code::ExitCode;

/// The lock, the journal and the interrupt of one operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) lock: LeaseLock,
    pub(super) journal: SecretJournal,
    pub(super) claim: Claim,
    pub(super) interrupt: Interrupt,
}

impl Operation {
    /// Prepares an operation; from here on signals are heard.
    pub(super) fn new(place: &LivePlace, command: String, lasts: Duration, patience: Duration) -> Self {
        let interrupt = Interrupt::new();
        listen(interrupt.clone());
        Self {
            lock: LeaseLock::new(Arc::clone(&place.cluster)),
            journal: SecretJournal::new(Arc::clone(&place.cluster)),
            claim: claim(command).with_lasts(lasts).with_patience(patience),
            interrupt,
        }
    }

    /// Gives an engine all three, and eyes for the evidence of a failure.
    pub(super) fn guard<'a>(&'a self, engine: Engine<'a>) -> Engine<'a> {
        let engine = engine.with_lock(&self.lock, self.claim.clone()).with_journal(&self.journal);
        engine.with_interrupt(&self.interrupt).with_evidence(Limits::default())
    }
}

/// The first signal asks the run to stop at its next safe point and to go back; the second ends the program on the spot.
fn listen(interrupt: Interrupt) {
    tokio::spawn(async move {
        if signal().await.is_none() {
            return;
        }
        super::warn("stopping at the next safe point; once more stops at once and leaves the journal for `recover`");
        interrupt.request();
        if signal().await.is_some() {
            super::warn("stopped at once; `helm rollback-safe recover` finishes or undoes what was begun");
            std::process::exit(ExitCode::FAILED.get().into());
        }
    });
}

/// Waits for a signal that asks to stop; `None` where signals cannot be heard.
#[cfg(unix)]
async fn signal() -> Option<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).ok()?;
    let mut terminate = signal(SignalKind::terminate()).ok()?;
    tokio::select! {
        heard = interrupt.recv() => heard,
        heard = terminate.recv() => heard,
    }
}

/// Waits for Ctrl-C; `None` where it cannot be heard.
#[cfg(not(unix))]
async fn signal() -> Option<()> {
    tokio::signal::ctrl_c().await.ok()
}
