//! What every command that writes brings with it: a claim on the release, a journal, and an ear for signals.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use helm_release_core::evidence::Limits;
use helm_release_core::lock::Claim;
use helm_release_core::run::{Engine, Interrupt};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;

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

/// A claim of this process on a release.
pub(super) fn claim(command: String) -> Claim {
    Claim::new(random_id(), who(), std::process::id(), command)
}

/// Sixteen digits that no other process has: the standard library seeds each of these hashers anew.
pub(super) fn random_id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// `user@host`, as far as the environment tells.
fn who() -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = variable("USER").or_else(|| variable("LOGNAME")).unwrap_or_else(|| "unknown".to_owned());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let host = host.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty()).or_else(|| variable("HOSTNAME"));
    format!("{user}@{}", host.unwrap_or_else(|| "unknown".to_owned()))
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
