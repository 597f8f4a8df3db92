//! What can come of a request instead of an answer.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use helm_release_core::ports::ClusterErrorKind;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::protobuf;
use crate::connection::error::credentials;

/// Whether a request could have changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Write,
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// No connection came about: the server has seen nothing.
    Unreachable { text: String, passing: bool },
    /// The request may have arrived, a whole answer did not.
    Lost { text: String, passing: bool },
    /// The server answered with an error.
    Refused(Refusal),
    /// The request could not be formed, or the answer was not what it should be.
    Unusable { text: String },
}

/// The server's answer to a request that it did not fulfil.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) reason: String,
    pub(crate) message: String,
    causes: Vec<String>,
    retry_after: Option<Duration>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) kind: String,
    pub(super) message: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) code: Option<u16>,
    pub(super) details: Option<Details>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Details {
    pub(super) causes: Option<Vec<Cause>>,
    pub(super) retry_after_seconds: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Cause {
    pub(super) reason: Option<String>,
}

/// The longest plain text that is taken for an explanation.
const PLAIN: usize = 200;

/// One line, whatever came.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Refusal {
    /// Reads a `Status`, or a short plain text such as "Client sent an HTTP request to an HTTPS server"; not a proxy's page.
    pub(crate) fn read(code: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let status = if protobuf::is_protobuf(body) {
            protobuf::read_status(body)
        } else {
            serde_json::from_slice::<Status>(body).ok().filter(|status| status.kind == "Status").unwrap_or_default()
        };
        let mut refusal = Self::from_status(status, code.as_u16());
        let is_plain = headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
        let plain = Some(String::from_utf8_lossy(body)).filter(|text| is_plain && (1..=PLAIN).contains(&text.trim().len()));
        if let Some(plain) = plain {
            refusal.message = format!("{}: {}", refusal.message, one_line(&plain));
        }
        let asked = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        refusal.retry_after = refusal.retry_after.or(asked);
        refusal
    }

    /// Reads the `Status` that a watch delivers as its last event.
    pub(crate) fn from_event(status: &serde_json::Value) -> Self {
        Self::from_status(Status::deserialize(status).unwrap_or_default(), 500)
    }

    fn from_status(status: Status, http_code: u16) -> Self {
        let code = status.code.filter(|code| *code != 0).unwrap_or(http_code);
        let message = status.message.filter(|message| !message.is_empty()).unwrap_or_else(|| {
            let phrase = StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason()).unwrap_or("unknown status");
            format!("the server answered {code} {phrase}")
        });
        let details = status.details.unwrap_or_default();
        Self {
            code,
            reason: status.reason.unwrap_or_default(),
            message: one_line(&message),
            causes: details.causes.unwrap_or_default().into_iter().filter_map(|cause| cause.reason).collect(),
            retry_after: details.retry_after_seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
        }
    }

    fn is_misfit(&self) -> bool {
        MISFITS.iter().any(|beginning| self.message.starts_with(beginning))
    }

    /// A write that met a 5xx is ambiguous, 503 included: between us and the server stand load balancers that
    /// answer 503 after they have passed a request on, and reading back is cheaper than doing a write twice.
    fn kind(&self, effect: Effect) -> ClusterErrorKind {
        match self.code {
            400 | 413 | 422 => ClusterErrorKind::Invalid,
            401 | 403 => ClusterErrorKind::Forbidden,
            404 => ClusterErrorKind::NotFound,
            409 if self.reason == "AlreadyExists" => ClusterErrorKind::AlreadyExists,
            409 if self.causes.iter().any(|cause| cause == "FieldManagerConflict") => ClusterErrorKind::FieldManagers,
            409 => ClusterErrorKind::Conflict,
            410 => ClusterErrorKind::Expired,
            429 => ClusterErrorKind::Busy,
            500 if self.is_misfit() => ClusterErrorKind::Invalid,
            408 | 500.. if effect == Effect::Write => ClusterErrorKind::Ambiguous,
            408 | 502..=504 => ClusterErrorKind::Unreachable,
            _ => ClusterErrorKind::Other,
        }
    }
}

/// How the API server begins when an applied object does not fit its kind's schema. It says 500, but has not stored anything
/// (`managedfields/internal/structuredmerge.go` of apimachinery and `handlers/patch.go` of apiserver).
const MISFITS: [&str; 2] = ["failed to create typed patch object", "failed to convert new object"];

impl Failure {
    /// Sorts what the client says. Only a failed connect and failed credentials are known to have sent nothing.
    pub(crate) fn from_kube(error: kube::Error, server: &str) -> Self {
        if let kube::Error::Auth(error) = &error {
            return Self::Unreachable { text: format!("no credentials for {server}: {}", credentials(error)), passing: false };
        }
        let error: Box<dyn Error + Send + Sync> = match error {
            kube::Error::Service(error) => error,
            other => Box::new(other),
        };
        let mut cause: Option<&(dyn Error + 'static)> = Some(&*error);
        while let Some(current) = cause {
            let legacy = current.downcast_ref::<hyper_util::client::legacy::Error>();
            if legacy.is_some_and(hyper_util::client::legacy::Error::is_connect) {
                let text = format!("cannot reach {server}: {}", innermost(current));
                return Self::Unreachable { text, passing: passes(current) };
            }
            cause = current.source();
        }
        Self::lost(&*error, server)
    }

    pub(crate) fn lost(error: &(dyn Error + 'static), server: &str) -> Self {
        Self::Lost { text: format!("connection to {server} lost: {}", innermost(error)), passing: true }
    }

    /// Not passing: somebody who waited a whole time-out is not made to wait for two more.
    pub(crate) fn timed_out(after: Duration, server: &str) -> Self {
        Self::Lost { text: format!("no answer from {server} within {} s", after.as_secs()), passing: false }
    }

    /// Takes the place of a syntax error, never its excerpt: `serde_json` names line and column only.
    pub(crate) fn unusable(error: &dyn Error) -> Self {
        Self::Unusable { text: error.to_string() }
    }

    pub(crate) fn kind(&self, effect: Effect) -> ClusterErrorKind {
        match self {
            Self::Unreachable { .. } => ClusterErrorKind::Unreachable,
            // Nothing was done by a read, so its loss leaves no doubt.
            Self::Lost { .. } if effect == Effect::Read => ClusterErrorKind::Unreachable,
            Self::Lost { .. } => ClusterErrorKind::Ambiguous,
            Self::Refused(refusal) => refusal.kind(effect),
            Self::Unusable { .. } => ClusterErrorKind::Other,
        }
    }

    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Unreachable { text, .. } | Self::Lost { text, .. } | Self::Unusable { text } => text,
            Self::Refused(refusal) => &refusal.message,
        }
    }

    pub(crate) fn code(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            _ => None,
        }
    }

    /// Whether it is certain that the server did nothing.
    pub(super) fn left_nothing_done(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unusable { .. } => true,
            Self::Lost { .. } => false,
            Self::Refused(refusal) => refusal.code == 429,
        }
    }

    /// Whether the same request may well succeed a moment later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { passing, .. } | Self::Lost { passing, .. } => *passing,
            Self::Refused(refusal) => matches!(refusal.code, 429 | 502..=504),
            Self::Unusable { .. } => false,
        }
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }
}

/// The text of the error at the bottom, which says what happened; those above say where.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    one_line(&current.to_string())
}

/// Whether a connect failed in a way that ends by itself; a wrong certificate or name does not.
fn passes(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if let Some(io) = current.downcast_ref::<std::io::Error>() {
            let passing = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted];
            if passing.contains(&io.kind()) {
                return true;
            }
        }
        cause = current.source();
    }
    false
}
