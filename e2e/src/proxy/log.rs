//! What went through the doors, in the order of arrival.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::StatusCode;
use http::request::Parts;
use hyper::body::Bytes;
use serde_json::Value;

/// One request.
#[derive(Debug, Clone)]
pub struct Passed {
    number: usize,
    /// The door that it came to.
    pub door: String,
    /// The connection that it came on.
    pub connection: usize,
    /// The method.
    pub method: String,
    /// Path and query.
    pub uri: String,
    /// The body; empty for none.
    pub body: Bytes,
    /// When it came.
    pub came: Instant,
    /// When the server had answered.
    pub done: Option<Instant>,
    /// The server's answer; `None` when it was not passed on, or is not answered.
    pub code: Option<u16>,
    /// What the door said in the server's place.
    pub replaced: Option<u16>,
}

impl Passed {
    /// The path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.split_once('?').map_or(self.uri.as_str(), |(path, _)| path)
    }

    /// Tells whether it changes something.
    #[must_use]
    pub fn is_write(&self) -> bool {
        ["POST", "PUT", "PATCH", "DELETE"].contains(&self.method.as_str())
            && !self.uri.contains("dryRun=All")
            && !self.path().contains("/authorization.k8s.io/")
    }

    /// Tells whether it renews a lock, or takes one over.
    #[must_use]
    pub fn is_renewal(&self) -> bool {
        self.method == "PUT" && self.path().contains("/leases/")
    }

    /// Tells whether the server did it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.code.is_some_and(|code| code < 300)
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The object that it names: the last part of the path or, of a collection, the name in the body.
    #[must_use]
    pub fn name(&self) -> String {
        if self.method == "POST" {
            return self.json()["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        }
        self.path().rsplit('/').next().unwrap_or_default().to_owned()
    }
}

impl std::fmt::Display for Passed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {} -> {:?}", self.door, self.method, self.uri, self.code.or(self.replaced))
    }
}

/// A list that doors write into.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    requests: Vec<Passed>,
    connections: usize,
}

impl Log {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take_connection(&self) -> usize {
        let mut entries = self.entries();
        entries.connections += 1;
        entries.connections
    }

    pub(super) fn note(&self, door: &str, connection: usize, parts: &Parts, body: &Bytes) -> Passed {
        let mut entries = self.entries();
        let passed = Passed {
            number: entries.requests.len(),
            door: door.to_owned(),
            connection,
            method: parts.method.to_string(),
            uri: parts.uri.to_string(),
            body: body.clone(),
            came: Instant::now(),
            done: None,
            code: None,
            replaced: None,
        };
        entries.requests.push(passed.clone());
        passed
    }

    pub(super) fn answered(&self, passed: &Passed, code: Option<StatusCode>) {
        if let Some(entry) = self.entries().requests.get_mut(passed.number) {
            entry.code = code.map(|code| code.as_u16());
            entry.done = Some(Instant::now());
        }
    }

    pub(super) fn replaced(&self, passed: &Passed, code: u16) {
        if let Some(entry) = self.entries().requests.get_mut(passed.number) {
            entry.replaced = Some(code);
        }
    }

    /// All requests so far.
    #[must_use]
    pub fn all(&self) -> Vec<Passed> {
        self.entries().requests.clone()
    }

    /// The requests that change something.
    #[must_use]
    pub fn writes(&self) -> Vec<Passed> {
        self.entries().requests.iter().filter(|request| request.is_write()).cloned().collect()
    }
}
