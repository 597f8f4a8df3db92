//! Streams of changes, from any moment that is remembered.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::StreamExt;
use helm_release_core::Gvk;
use helm_release_core::ports::{ClusterError, ClusterErrorKind, WatchEvent, WatchStream};
use tokio::sync::watch::Receiver;

use super::refusal::Refusal;
use super::select::Choice;
use super::state::{Change, State};
use super::{Server, present};

/// One watch.
#[derive(Debug)]
struct Watch {
    server: Arc<Server>,
    choice: Choice,
    gvk: Gvk,
    action: String,
    /// The last change that was told.
    seen: u64,
    told: VecDeque<WatchEvent>,
    changes: Receiver<u64>,
    over: bool,
}

/// The changes after `from`, as a stream.
pub(crate) fn stream(server: Arc<Server>, choice: Choice, gvk: Gvk, action: String, from: u64) -> WatchStream {
    let changes = server.changes();
    let watch = Watch { server, choice, gvk, action, seen: from, told: VecDeque::new(), changes, over: false };
    futures::stream::unfold(watch, |mut watch| async move { watch.next().await.map(|event| (event, watch)) }).boxed()
}

pub(crate) fn too_old(from: u64, oldest: u64) -> Refusal {
    Refusal::new(ClusterErrorKind::Expired, format!("too old resource version: {from} ({oldest})"))
}

impl Watch {
    async fn next(&mut self) -> Option<Result<WatchEvent, ClusterError>> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            // Changes that come while the state is read must wake the wait below.
            self.changes.borrow_and_update();
            let server = Arc::clone(&self.server);
            let (read, alarm) = server.read(|state| (self.read(state), state.next_alarm()));
            if let Err(refusal) = read {
                self.over = true;
                return Some(Err(refusal.during(self.action.clone())));
            }
            if !self.told.is_empty() {
                continue;
            }
            match alarm {
                None => self.changes.changed().await.ok()?,
                Some(alarm) => {
                    tokio::select! {
                        changed = self.changes.changed() => changed.ok()?,
                        () = tokio::time::sleep_until(alarm) => {}
                    }
                }
            }
        }
    }

    fn read(&mut self, state: &State) -> Result<(), Refusal> {
        if self.seen < state.oldest {
            return Err(too_old(self.seen, state.oldest));
        }
        let fresh = state.history.partition_point(|change| change.revision <= self.seen);
        for change in state.history.range(fresh..) {
            self.seen = change.revision;
            if self.choice.covers(&change.id) {
                self.told.extend(self.tell(change));
            }
        }
        Ok(())
    }

    /// What a change is to this watch: an object that is selected no longer is gone.
    fn tell(&self, change: &Change) -> Option<WatchEvent> {
        let selected = |object: &Option<Arc<serde_json::Value>>| object.as_ref().is_some_and(|value| self.choice.takes(value));
        let object = present(&change.last, &self.gvk)?;
        if selected(&change.after) {
            Some(WatchEvent::Changed(object))
        } else if selected(&change.before) {
            Some(WatchEvent::Deleted(object))
        } else {
            None
        }
    }
}
