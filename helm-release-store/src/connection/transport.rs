//! Sends single requests to the API server: no request that may have an effect is ever sent twice.

use std::time::{Duration, Instant};

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, Method};
use http_body_util::BodyExt as _;
use kube::client::Body;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize};

mod failure;
pub(crate) mod protobuf;

pub(crate) use failure::{Effect, Failure, Refusal};

use super::{Connection, Exchange};

/// What may stand unescaped in a path segment or query value (RFC 3986, unreserved).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Pauses before the second and the third attempt.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];

/// The longest pause that a server may ask for before we give up instead.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(crate) const JSON: &str = "application/json";

/// When a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Not at all.
    Never,
    /// When nothing can have been done: the connection was refused, or the server said "later" (429).
    Undone,
    /// After any passing failure, because it has no effect.
    Reads,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: Method,
    path: String,
    accept: &'static str,
    content_type: &'static str,
    is_compressed: bool,
    body: Vec<u8>,
}

/// Escapes one path segment or query value.
pub(crate) fn escape(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, ESCAPED)
}

/// Reads a field that Go writes as `null` when a list or mapping is empty; use with `default`, for where it is absent.
pub(crate) fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Call {
    pub(crate) fn new(method: Method, path: String) -> Self {
        Self { method, path, accept: JSON, content_type: JSON, is_compressed: true, body: Vec::new() }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path.into())
    }

    pub(crate) fn param(mut self, key: &str, value: &str) -> Self {
        let separator = if self.path.contains('?') { '&' } else { '?' };
        self.path = format!("{}{separator}{key}={}", self.path, escape(value));
        self
    }

    pub(crate) fn maybe_param(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.param(key, value),
            None => self,
        }
    }

    pub(crate) fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    /// Asks for the answer as it is, for what is compressed inside: the server takes longer to press it again than to send it.
    pub(crate) fn uncompressed(mut self) -> Self {
        self.is_compressed = false;
        self
    }

    pub(crate) fn body(mut self, content_type: &'static str, body: &impl Serialize) -> Result<Self, Failure> {
        self.content_type = content_type;
        self.body = serde_json::to_vec(body).map_err(|error| Failure::unusable(&error))?;
        Ok(self)
    }

    pub(crate) fn text(mut self, content_type: &'static str, text: String) -> Self {
        self.content_type = content_type;
        self.body = text.into_bytes();
        self
    }

    fn request(&self) -> Result<http::Request<Body>, Failure> {
        let mut request = http::Request::builder().method(&self.method).uri(&self.path);
        if let Some(headers) = request.headers_mut() {
            headers.insert(ACCEPT, HeaderValue::from_static(self.accept));
            if !self.is_compressed {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            }
            if !self.body.is_empty() {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
            }
        }
        request.body(Body::from(self.body.clone())).map_err(|error| Failure::unusable(&error))
    }
}

impl Connection {
    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, call: &Call, retry: Retry) -> Result<Vec<u8>, Failure> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let failure = match self.attempt(call).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let again = match retry {
                Retry::Never => false,
                Retry::Undone => failure.left_nothing_done() && failure.is_passing(),
                Retry::Reads => failure.is_passing(),
            };
            let pause = pauses.next().map(|pause| failure.retry_after().unwrap_or(pause));
            match pause.filter(|pause| again && *pause <= LONGEST_PAUSE) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(failure),
            }
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Vec<u8>, Failure> {
        let mut body = self.open_body(call).await?;
        let mut answer = Vec::new();
        while let Some(part) = self.next_part(&mut body, self.read_timeout).await? {
            answer.extend_from_slice(&part);
        }
        Ok(answer)
    }

    /// Sends a request and returns as soon as the server has accepted it; the answer is still to be read.
    pub(crate) async fn open_body(&self, call: &Call) -> Result<Body, Failure> {
        let request = call.request()?;
        self.pace.turn().await;
        let sent = Instant::now();
        let answer = tokio::time::timeout(self.read_timeout, self.client.send(request)).await;
        if let Some(tell) = &self.on_exchange {
            let status = answer.as_ref().ok().and_then(|answer| answer.as_ref().ok()).map(|answer| answer.status().as_u16());
            tell(&Exchange { method: call.method.as_str(), path: &call.path, status, took: sent.elapsed() });
        }
        let answer = answer
            .map_err(|_| Failure::timed_out(self.read_timeout, &self.server))?
            .map_err(|error| Failure::from_kube(error, &self.server))?;
        let (head, mut body) = answer.into_parts();
        if head.status.is_success() {
            return Ok(body);
        }
        let mut text = Vec::new();
        // The code says enough when the text that goes with it is lost.
        while let Ok(Some(part)) = self.next_part(&mut body, self.read_timeout).await {
            text.extend_from_slice(&part);
        }
        Err(Failure::Refused(Refusal::read(head.status, &head.headers, &text)))
    }

    /// Reads the next part of an answer, `None` at its end.
    pub(crate) async fn next_part(
        &self,
        body: &mut Body,
        patience: Duration,
    ) -> Result<Option<impl AsRef<[u8]> + std::ops::Deref<Target = [u8]> + use<>>, Failure> {
        loop {
            let frame =
                tokio::time::timeout(patience, body.frame()).await.map_err(|_| Failure::timed_out(patience, &self.server))?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(Failure::lost(&error, &self.server)),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
