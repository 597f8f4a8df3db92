//! An API server that answers from a script, for tests.

use std::sync::{Arc, Mutex};

use helm_release_core::Namespace;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::{Value, json};

use super::Connection;

/// One answer.
pub(crate) enum Answer {
    /// A status code and a JSON body.
    Json(u16, Value),
    /// A status code and a body that is no JSON.
    Text(u16, &'static str),
    /// A status code, headers and a JSON body.
    With(u16, (&'static str, &'static str), Value),
    /// A status code and a body of bytes.
    Bytes(u16, Vec<u8>),
    /// A success whose body is one JSON value a line.
    Lines(Vec<Value>),
    /// The connection breaks before any answer.
    Break,
    /// Nothing ever comes.
    Silence,
}

/// What the server saw of one request.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// `GET /api/v1/…`
    pub(crate) line: String,
    pub(crate) accept: String,
    pub(crate) accept_encoding: String,
    pub(crate) content_type: String,
    pub(crate) body: Value,
}

/// A `Status` as the API server sends it.
pub(crate) fn status(code: u16, reason: &str, message: &str) -> Answer {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message
    });
    Answer::Json(code, body)
}

/// The requests that came so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    pub(crate) fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.all().into_iter().map(|seen| seen.line).collect()
    }
}

/// A connection to a server that gives these answers in turn and 418 ever after.
pub(crate) fn scripted(answers: impl IntoIterator<Item = Answer>) -> (Connection, Log) {
    let (service, mut handle) = tower_test::mock::pair::<Request<Body>, Response<Body>>();
    let log = Log::default();
    let mut answers = answers.into_iter().collect::<Vec<_>>().into_iter();
    let seen = log.clone();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Some((request, send)) = handle.next_request().await {
            note(&seen, request).await;
            let response = Response::builder();
            let (response, body) = match answers.next().unwrap_or(Answer::Text(418, "the script is over")) {
                Answer::Json(code, body) => (response.status(code), body.to_string().into_bytes()),
                Answer::Text(code, body) => (response.status(code), body.as_bytes().to_vec()),
                Answer::Bytes(code, body) => (response.status(code), body),
                Answer::With(code, (name, value), body) => {
                    (response.status(code).header(name, value), body.to_string().into_bytes())
                }
                Answer::Lines(lines) => {
                    let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
                    (response, (lines.join("\n") + "\n").into_bytes())
                }
                Answer::Break => {
                    send.send_error(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "reset by peer"));
                    continue;
                }
                Answer::Silence => {
                    silent.push(send);
                    continue;
                }
            };
            send.send_response(response.body(Body::from(body)).unwrap());
        }
    });
    let client = kube::Client::new(service, "default");
    (Connection::from_client(client, Namespace::new("default").unwrap(), "https://scripted"), log)
}

async fn note(log: &Log, request: Request<Body>) {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let (accept, accept_encoding, content_type) = (header("accept"), header("accept-encoding"), header("content-type"));
    let line = format!("{} {}", head.method, head.uri);
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    log.0.lock().unwrap().push(Seen { line, accept, accept_encoding, content_type, body });
}
