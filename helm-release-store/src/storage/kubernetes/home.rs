//! What tells records in Secrets from records in ConfigMaps.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::Namespace;
use helm_release_core::ports::{Payload, RecordKey};

use crate::connection::escape;

/// The kind of object that a record lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    Secret,
    ConfigMap,
}

impl Home {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }

    /// The kind as URLs and people's rules have it.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Secret => "secrets",
            Self::ConfigMap => "configmaps",
        }
    }

    /// One of the kind, in words.
    pub(super) fn singular(self) -> &'static str {
        self.plural().trim_end_matches('s')
    }

    /// Only Secrets have a type.
    pub(super) fn object_type(self) -> Option<&'static str> {
        (self == Self::Secret).then_some("helm.sh/release.v1")
    }

    /// Where the records of a namespace, or of all, are.
    pub(super) fn collection(self, namespace: Option<&Namespace>) -> String {
        match namespace {
            Some(namespace) => format!("/api/v1/namespaces/{}/{}", escape(namespace.as_str()), self.plural()),
            None => format!("/api/v1/{}", self.plural()),
        }
    }

    /// Where one record is.
    pub(super) fn place(self, key: &RecordKey) -> String {
        format!("{}/{}", self.collection(Some(&key.namespace)), escape(&key.object_name()))
    }

    /// The payload as text in the object; `None` when the kind cannot hold it.
    pub(super) fn encode(self, payload: &Payload) -> Option<String> {
        match self {
            Self::Secret => Some(STANDARD.encode(&payload.0)),
            Self::ConfigMap => String::from_utf8(payload.0.clone()).ok(),
        }
    }

    /// The payload of that text; `None` when it is none.
    pub(super) fn decode(self, text: &str) -> Option<Payload> {
        match self {
            Self::Secret => STANDARD.decode(text).ok().map(Payload),
            Self::ConfigMap => Some(Payload(text.as_bytes().to_vec())),
        }
    }
}
