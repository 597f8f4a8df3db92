//! The objects of records as they travel.

use std::borrow::Cow;
use std::collections::BTreeMap;

use helm_release_core::Namespace;
use helm_release_core::ports::{Head, RecordKey, Version};
use serde::{Deserialize, Serialize};

use crate::connection::nullable;

#[derive(Deserialize)]
pub(super) struct Page<'a> {
    #[serde(default)]
    pub(super) metadata: PageMetadata,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) items: Vec<MetadataOf<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PageMetadata {
    #[serde(rename = "continue")]
    pub(super) next: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct MetadataOf<'a> {
    #[serde(borrow)]
    pub(super) metadata: Metadata<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) namespace: Cow<'a, str>,
    #[serde(default)]
    pub(super) labels: Option<BTreeMap<String, String>>,
    pub(super) resource_version: String,
}

impl Metadata<'_> {
    /// `None` when the object's name is not that of a record: others may label their objects `owner=helm` too.
    pub(super) fn into_head(self) -> Option<Head> {
        let namespace = Namespace::new(self.namespace.as_ref()).ok()?;
        let key = RecordKey::from_object_name(&namespace, &self.name)?;
        Some(self.head_of(key))
    }

    pub(super) fn head_of(self, key: RecordKey) -> Head {
        Head { key, version: Version(self.resource_version), labels: self.labels.unwrap_or_default() }
    }
}

/// An object with the one value that matters, which stays in the answer's buffer until it is decoded.
#[derive(Deserialize)]
pub(super) struct Stored<'a> {
    #[serde(borrow)]
    pub(super) metadata: Metadata<'a>,
    #[serde(borrow, default)]
    pub(super) data: Option<Data<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Data<'a> {
    #[serde(borrow, default)]
    pub(super) release: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewObject<'a> {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) metadata: NewMetadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) r#type: Option<&'static str>,
    pub(super) data: NewData,
}

#[derive(Serialize)]
pub(super) struct NewMetadata<'a> {
    pub(super) name: String,
    pub(super) namespace: &'a str,
    pub(super) labels: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
pub(super) struct Changes<'a> {
    pub(super) metadata: ChangedMetadata<'a>,
    pub(super) data: NewData,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangedMetadata<'a> {
    pub(super) resource_version: &'a str,
    pub(super) labels: BTreeMap<&'a str, Option<&'a str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteOptions<'a> {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) preconditions: DeletePreconditions<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeletePreconditions<'a> {
    pub(super) resource_version: &'a str,
}

#[derive(Serialize)]
pub(super) struct NewData {
    pub(super) release: String,
}
