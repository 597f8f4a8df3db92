//! Which kinds the server serves: two requests to any current server, one for each group and version to an old one.

use futures::{StreamExt as _, TryStreamExt as _};
use helm_release_core::Gvk;
use helm_release_core::ports::{Kinds, Resource, Scope};
use serde::Deserialize;

use super::parse;
use crate::connection::{Call, Connection, Failure, Retry, escape, nullable};

/// Asks for all groups in one document, in the final or the beta form; a server that knows neither sends the old index.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// How many requests of the old form are under way at once.
const AT_ONCE: usize = 8;

pub(super) async fn discover(connection: &Connection) -> Result<Kinds, Failure> {
    let (core, groups) = futures::try_join!(index(connection, "/api"), index(connection, "/apis"))?;
    let mut resources = Vec::new();
    let mut to_ask = Vec::new();
    for index in [core, groups] {
        match index.kind.as_str() {
            "APIGroupDiscoveryList" => resources.extend(index.items.into_iter().flat_map(Group::resources)),
            _ => to_ask.extend(index.group_versions()),
        }
    }
    let asked = futures::stream::iter(to_ask).map(|place| ask(connection, place)).buffered(AT_ONCE);
    let more: Vec<Vec<Resource>> = asked.try_collect().await?;
    resources.extend(more.into_iter().flatten());
    Ok(resources.into_iter().collect())
}

async fn index(connection: &Connection, path: &str) -> Result<Index, Failure> {
    parse(&connection.send(&Call::get(path).accept(AGGREGATED), Retry::Reads).await?)
}

/// The answer to either path in either form.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Index {
    kind: String,
    /// Aggregated form.
    #[serde(deserialize_with = "nullable")]
    items: Vec<Group>,
    /// Old form of `/apis`.
    #[serde(deserialize_with = "nullable")]
    groups: Vec<OldGroup>,
    /// Old form of `/api`.
    #[serde(deserialize_with = "nullable")]
    versions: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group {
    metadata: Name,
    #[serde(deserialize_with = "nullable")]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Name {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Version {
    version: String,
    #[serde(deserialize_with = "nullable")]
    resources: Vec<Served>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Served {
    resource: String,
    response_kind: Option<Kind>,
    scope: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kind {
    kind: String,
}

impl Group {
    fn resources(self) -> impl Iterator<Item = Resource> {
        let group = self.metadata.name;
        self.versions.into_iter().flat_map(move |Version { version, resources }| {
            let group = group.clone();
            resources.into_iter().filter_map(move |served| {
                let kind = served.response_kind?.kind;
                // A resource that exists only for its subresources has no kind of its own.
                (!kind.is_empty()).then(|| Resource {
                    gvk: Gvk { group: group.clone(), version: version.clone(), kind },
                    plural: served.resource,
                    scope: if served.scope == "Namespaced" { Scope::Namespaced } else { Scope::Cluster },
                })
            })
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OldGroup {
    #[serde(deserialize_with = "nullable")]
    versions: Vec<OldVersion>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OldVersion {
    group_version: String,
}

/// A group and version that has to be asked for by itself.
struct Place {
    path: String,
    api_version: String,
}

impl Index {
    fn group_versions(self) -> impl Iterator<Item = Place> {
        let core =
            self.versions.into_iter().map(|version| Place { path: format!("/api/{}", escape(&version)), api_version: version });
        let others = self.groups.into_iter().flat_map(|group| group.versions).map(|version| {
            let path = version.group_version.split('/').map(|part| escape(part).to_string()).collect::<Vec<_>>().join("/");
            Place { path: format!("/apis/{path}"), api_version: version.group_version }
        });
        core.chain(others)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OldList {
    #[serde(deserialize_with = "nullable")]
    resources: Vec<OldResource>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OldResource {
    name: String,
    kind: String,
    namespaced: bool,
}

/// An aggregated API that is down takes its own kinds away and no others, as in client-go.
async fn ask(connection: &Connection, place: Place) -> Result<Vec<Resource>, Failure> {
    let answer = match connection.send(&Call::get(place.path), Retry::Reads).await {
        Err(failure) if matches!(failure.code(), Some(404 | 500..)) => return Ok(Vec::new()),
        answer => answer?,
    };
    let list: OldList = parse(&answer)?;
    let whole = list.resources.into_iter().filter(|resource| !resource.name.contains('/'));
    Ok(whole
        .map(|resource| Resource {
            gvk: Gvk::new(&place.api_version, &resource.kind),
            plural: resource.name,
            scope: if resource.namespaced { Scope::Namespaced } else { Scope::Cluster },
        })
        .collect())
}
