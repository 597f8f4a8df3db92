//! A release that another operation holds, or that cannot be held.

use crate::plan::{Finding, FindingId, LockSeen, Mode, RollbackOptions, Rule, Severity, Step, Survey};

/// A release that another operation holds, or that cannot be held.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReleaseLock;

impl Rule for ReleaseLock {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        if options.mode == Mode::Compat {
            return Vec::new();
        }
        match &survey.lock {
            LockSeen::Held(held) if !held.holder.is_expired(survey.looked) => {
                let what = format!("another operation holds the release: {}", held.holder);
                let why = "a rollback ends at once with exit code 5 while that is so";
                vec![
                    Finding::new(FindingId::RELEASE_HELD, Severity::Caution, what, why)
                        .way_out("wait for it with --wait-lock 5m")
                        .way_out(format!("when its process is gone, lock release {} --force", survey.name)),
                ]
            }
            LockSeen::Hidden(reason) => {
                let why = "the create of the new record alone keeps other operations off, as in helm";
                vec![
                    Finding::new(FindingId::NO_LOCK, Severity::Caution, reason.clone(), why).way_out(
                        "grant get, create, update and delete on leases of coordination.k8s.io in the release's namespace",
                    ),
                ]
            }
            LockSeen::Held(_) | LockSeen::Free | LockSeen::NotLookedAt => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
