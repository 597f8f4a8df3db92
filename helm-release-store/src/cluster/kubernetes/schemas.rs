//! How lists are merged, asked of the server only for kinds that nobody here knows.
//!
//! The table in the core crate has every built-in kind. Custom resources are patched by JSON merge patch, for which no schema is needed.
//! What remains are kinds of the server itself that are newer than the table. So a rollback usually asks nothing, and
//! otherwise for the documents of those groups, of which a large one is a megabyte.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use helm_release_core::Gvk;
use helm_release_core::patch::Schemas;
use serde::Deserialize;
use serde_json::Value;

use super::parse;
use crate::connection::{Call, Connection, Failure, Retry, nullable};

/// How many documents are fetched at once.
const AT_ONCE: usize = 4;

/// What has been learnt so far.
#[derive(Debug, Default)]
pub(super) struct Learnt {
    /// `None` before the first question: reading the table takes some milliseconds that the start of a command has no need of.
    schemas: Option<Arc<Schemas>>,
    /// Documents that were asked for, such as `apis/apps/v1`, whether or not they said anything.
    asked: BTreeSet<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Index {
    #[serde(deserialize_with = "nullable")]
    paths: BTreeMap<String, Place>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    #[serde(rename = "serverRelativeURL")]
    url: String,
}

/// Whether a kind may be compiled into the server: its group has no domain, or Kubernetes' own.
fn may_be_built_in(gvk: &Gvk) -> bool {
    !gvk.group.contains('.') || gvk.group.ends_with(".k8s.io")
}

fn document(gvk: &Gvk) -> String {
    if gvk.group.is_empty() { format!("api/{}", gvk.version) } else { format!("apis/{}/{}", gvk.group, gvk.version) }
}

impl Learnt {
    /// The schemas, after the server was asked for what is missing of these kinds.
    pub(super) async fn of(&mut self, connection: &Connection, kinds: &[Gvk]) -> Result<Arc<Schemas>, Failure> {
        let known = Arc::clone(self.schemas.get_or_insert_with(Schemas::built_in_shared));
        let unknown = kinds.iter().filter(|gvk| may_be_built_in(gvk) && known.find(gvk).is_none());
        let missing: BTreeSet<String> = unknown.map(document).filter(|name| !self.asked.contains(name)).collect();
        if missing.is_empty() {
            return Ok(known);
        }
        let index: Index = match fetch(connection, "/openapi/v3").await? {
            Some(index) => parse(&index)?,
            None => Index::default(),
        };
        let urls: Vec<String> = missing.iter().filter_map(|name| index.paths.get(name)).map(|place| place.url.clone()).collect();
        let documents = futures::stream::iter(urls).map(|url| async move { fetch(connection, &url).await }).buffered(AT_ONCE);
        let documents: Vec<Option<Vec<u8>>> = documents.try_collect().await?;
        let mut schemas = (*known).clone();
        for text in documents.into_iter().flatten() {
            let mut told = Schemas::default();
            let value: Value = parse(&text)?;
            told.add_openapi_v3(&value).map_err(|error| Failure::unusable(&error))?;
            told.retain(|gvk| Schemas::built_in().find(gvk).is_none());
            schemas.complete_with(&told);
        }
        let schemas = Arc::new(schemas);
        self.schemas = Some(Arc::clone(&schemas));
        self.asked.extend(missing);
        Ok(schemas)
    }
}

/// `None` when the server has no such document: one from before Kubernetes 1.24, or an aggregated API that describes nothing.
async fn fetch(connection: &Connection, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    match connection.send(&Call::get(path), Retry::Reads).await {
        Err(failure) if failure.code() == Some(404) => Ok(None),
        answer => answer.map(Some),
    }
}

#[cfg(test)]
mod tests;
