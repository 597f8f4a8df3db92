//! Watches: answers that never end, one event a line.

use std::collections::VecDeque;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use helm_release_core::Object;
use helm_release_core::ports::{ClusterError, ListOptions, Resource, WatchEvent, WatchStream};
use kube::client::Body;
use serde::Deserialize;
use serde_json::Value;

use super::{complete, error, listing, parse, paths};
use crate::connection::{Connection, Effect, Failure, Refusal};

/// After that many seconds the server ends the watch.
const LASTS: &str = "270";

/// A connection that is silent for so long is dead: the server has ended the watch or sent a bookmark by then.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) async fn watch(
    connection: &Connection,
    resource: &Resource,
    options: &ListOptions,
    from: &str,
) -> Result<WatchStream, ClusterError> {
    let action = listing("watch", resource, options);
    let call = paths::list(resource, options)
        .param("watch", "1")
        .param("allowWatchBookmarks", "true")
        .param("timeoutSeconds", LASTS)
        .param("resourceVersion", from);
    let body = connection.open_body(&call).await.map_err(|failure| error(&failure, Effect::Read, action.as_str()))?;
    let state =
        Watch { connection: connection.clone(), resource: resource.clone(), action, body: Some(body), lines: Lines::default() };
    Ok(stream::unfold(state, |mut watch| async move { Some((watch.next().await?, watch)) }).boxed())
}

struct Watch {
    connection: Connection,
    resource: Resource,
    action: String,
    /// `None` once the watch is over.
    body: Option<Body>,
    lines: Lines,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    object: Value,
}

impl Watch {
    /// The next event. A connection that breaks ends the stream without an error: the watch can go on from the last version seen.
    async fn next(&mut self) -> Option<Result<WatchEvent, ClusterError>> {
        loop {
            let body = self.body.as_mut()?;
            if let Some(line) = self.lines.next() {
                if let Some(event) = self.event(&line) {
                    return Some(event);
                }
                continue;
            }
            match self.connection.next_part(body, PATIENCE).await {
                Ok(Some(part)) => self.lines.add(&part),
                Ok(None) | Err(_) => self.body = None,
            }
        }
    }

    /// `None` for an event that tells nothing about an object.
    fn event(&mut self, line: &[u8]) -> Option<Result<WatchEvent, ClusterError>> {
        let Event { kind, mut object } = match parse(line) {
            Ok(event) => event,
            Err(failure) => return Some(Err(self.fail(&failure))),
        };
        match kind.as_str() {
            "BOOKMARK" => None,
            "ERROR" => Some(Err(self.fail(&Failure::Refused(Refusal::from_event(&object))))),
            _ => {
                complete(&mut object, &self.resource.gvk);
                let event = Object::new(object).map(|object| match kind.as_str() {
                    "DELETED" => WatchEvent::Deleted(object),
                    _ => WatchEvent::Changed(object),
                });
                Some(event.map_err(|error| self.fail(&Failure::unusable(&error))))
            }
        }
    }

    /// Nothing comes after an error.
    fn fail(&mut self, failure: &Failure) -> ClusterError {
        self.body = None;
        error(failure, Effect::Read, self.action.as_str())
    }
}

/// Cuts what arrives in any pieces into lines.
#[derive(Default)]
pub(super) struct Lines {
    whole: VecDeque<Vec<u8>>,
    begun: Vec<u8>,
}

impl Lines {
    pub(super) fn add(&mut self, mut part: &[u8]) {
        while let Some(end) = part.iter().position(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(&part[..end]);
            part = &part[end + 1..];
            let line = std::mem::take(&mut self.begun);
            if !line.is_empty() {
                self.whole.push_back(line);
            }
        }
        self.begun.extend_from_slice(part);
    }

    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        self.whole.pop_front()
    }
}
