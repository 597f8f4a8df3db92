//! Reads what the API server wrote down about each request.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cluster::Cluster;

/// One request as the API server saw it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `apply`, `delete`, `deletecollection`; of a path outside resources the method.
    pub verb: String,
    /// Path and query.
    pub uri: String,
    /// Who sent it.
    pub user: String,
    /// The program, as it calls itself.
    pub user_agent: String,
    /// Group of the resource, empty for the core group.
    pub group: String,
    /// Plural name of the resource, empty for paths outside resources.
    pub resource: String,
    /// Subresource such as `status`, empty for none.
    pub subresource: String,
    /// Namespace, empty for none.
    pub namespace: String,
    /// Name, empty for collections (a `create` has it in [`Request::body`]).
    pub name: String,
    /// HTTP status of the answer.
    pub code: u64,
    /// Body that was sent; null for none.
    pub body: Value,
    /// Body of the answer; null for none.
    pub answer: Value,
}

impl Request {
    /// Tells whether the request asked for a dry run.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.uri.split_once('?').is_some_and(|(_, query)| query.split('&').any(|pair| pair == "dryRun=All"))
            || self.body["dryRun"] == serde_json::json!(["All"])
    }

    /// Tells whether the request changes something on the server. Questions about rights are created too, but change nothing.
    #[must_use]
    pub fn is_write(&self) -> bool {
        ["create", "update", "patch", "apply", "delete", "deletecollection"].contains(&self.verb.as_str())
            && self.group != "authorization.k8s.io"
            && self.group != "authentication.k8s.io"
            && !self.is_dry_run()
    }
}

/// A place in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(u64);

impl Cluster {
    /// Gives the present end of the audit log.
    #[must_use]
    pub fn audit_mark(&self) -> Mark {
        Mark(std::fs::metadata(self.dir().join("audit.log")).map_or(0, |meta| meta.len()))
    }

    /// Gives all finished requests since a mark that `wanted` accepts, in the order of their end.
    #[must_use]
    pub fn audit_since(&self, mark: Mark, wanted: impl Fn(&Request) -> bool) -> Vec<Request> {
        let text = self.audit_text(mark);
        text.lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|event| request(&event))
            .filter(wanted)
            .collect()
    }

    /// Reads the log from the mark on, once it holds all that was answered before this call.
    fn audit_text(&self, mark: Mark) -> String {
        // An event is written at the end of its request, which may be shortly after the client has the answer.
        // A request of ours, sent later, shows that the log has come that far.
        let fence = format!("/api/v1/namespaces/fence-{}-{}", std::process::id(), self.take_fence());
        let _ = self.get(&fence);
        thread::sleep(Duration::from_millis(50));
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let mut text = String::new();
            let path = self.dir().join("audit.log");
            let mut log = File::open(&path).expect("the audit log is there");
            log.seek(SeekFrom::Start(mark.0)).expect("the audit log can be read from the middle");
            log.read_to_string(&mut text).expect("the audit log is text");
            if text.contains(&fence) {
                return text;
            }
            assert!(Instant::now() < until, "the audit log does not show {fence}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Reads an event; `None` for the other stages of a request.
fn request(event: &Value) -> Option<Request> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let verb = text(&event["verb"]);
    let wanted = if verb == "watch" { "ResponseStarted" } else { "ResponseComplete" };
    let stage = event["stage"].as_str()?;
    if stage != wanted && stage != "Panic" {
        return None;
    }
    let object = &event["objectRef"];
    Some(Request {
        verb,
        uri: text(&event["requestURI"]),
        user: text(&event["user"]["username"]),
        user_agent: text(&event["userAgent"]),
        group: text(&object["apiGroup"]),
        resource: text(&object["resource"]),
        subresource: text(&object["subresource"]),
        namespace: text(&object["namespace"]),
        name: text(&object["name"]),
        code: event["responseStatus"]["code"].as_u64().unwrap_or_default(),
        body: event["requestObject"].clone(),
        answer: event["responseObject"].clone(),
    })
}
