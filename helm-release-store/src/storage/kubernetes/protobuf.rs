//! A record's object in Kubernetes' protobuf: its payload travels as it is, where JSON puts it into base64 once more.

use std::collections::{BTreeMap, HashMap};

use helm_release_core::ports::{Head, RecordKey, Version};
use prost::Message;

/// A Secret or a ConfigMap: the fields wanted have the same numbers in both, and text is bytes on the wire
/// (`generated.proto` of `k8s.io/api/core/v1`).
#[derive(Clone, PartialEq, Message)]
pub(super) struct Stored {
    #[prost(message, optional, tag = "1")]
    pub(super) metadata: Option<Metadata>,
    #[prost(map = "string, bytes", tag = "2")]
    pub(super) data: HashMap<String, Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Metadata {
    #[prost(string, tag = "6")]
    pub(super) resource_version: String,
    #[prost(btree_map = "string, string", tag = "11")]
    pub(super) labels: BTreeMap<String, String>,
}

impl Metadata {
    pub(super) fn head_of(self, key: RecordKey) -> Head {
        Head { key, version: Version(self.resource_version), labels: self.labels }
    }
}
