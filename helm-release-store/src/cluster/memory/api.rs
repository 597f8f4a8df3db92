//! Which kinds the server serves: the built-in ones and those that custom resource definitions add.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use helm_release_core::Gvk;
use helm_release_core::ports::{Kinds, Resource, Scope};
use serde_json::Value;

use super::schema::Node;

const KINDS: &str = include_str!("api/kinds.txt");

/// One kind in one version.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    pub(crate) resource: Resource,
    pub(crate) node: Node,
    /// Writes to the object leave `status` alone.
    pub(crate) status_apart: bool,
    /// The server counts changes of the specification.
    pub(crate) counts_changes: bool,
    /// The kind comes from a custom resource definition.
    pub(crate) custom: bool,
}

impl Served {
    /// Brings an object into the form in which the server keeps it; custom resources are kept as they are sent.
    pub(crate) fn complete(&self, object: &mut Value) {
        if !self.custom {
            self.node.complete(object);
        }
    }
}

/// The kinds that are served at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    served: BTreeMap<Gvk, Arc<Served>>,
    kinds: Arc<Kinds>,
}

fn built_in() -> &'static BTreeMap<Gvk, Arc<Served>> {
    static TABLE: OnceLock<BTreeMap<Gvk, Arc<Served>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = KINDS.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(parse).map(|served| (served.resource.gvk.clone(), Arc::new(served))).collect()
    })
}

fn parse(line: &str) -> Option<Served> {
    let mut words = line.split(' ');
    let gvk = Gvk::new(words.next()?, words.next()?);
    let plural = words.next()?.to_owned();
    let scope = if words.next()? == "namespaced" { Scope::Namespaced } else { Scope::Cluster };
    let node = Node::named(words.next()?);
    let flags: Vec<&str> = words.collect();
    Some(Served {
        resource: Resource { gvk, plural, scope },
        node,
        status_apart: flags.contains(&"status"),
        counts_changes: flags.contains(&"generation"),
        custom: false,
    })
}

impl Api {
    /// The built-in kinds and those of the given definitions.
    pub(crate) fn with<'a>(definitions: impl Iterator<Item = &'a Value>) -> Self {
        let mut served = built_in().clone();
        for custom in definitions.flat_map(defined_by) {
            served.insert(custom.resource.gvk.clone(), Arc::new(custom));
        }
        let kinds = served.values().map(|served| served.resource.clone()).collect();
        Self { served, kinds: Arc::new(kinds) }
    }

    pub(crate) fn kinds(&self) -> Arc<Kinds> {
        Arc::clone(&self.kinds)
    }

    pub(crate) fn find(&self, gvk: &Gvk) -> Option<Arc<Served>> {
        self.served.get(gvk).cloned()
    }

    /// Any served version of a kind.
    pub(crate) fn any_version(&self, group: &str, kind: &str) -> Option<Arc<Served>> {
        self.served.values().find(|served| served.resource.gvk.group == group && served.resource.gvk.kind == kind).cloned()
    }
}

fn defined_by(definition: &Value) -> Vec<Served> {
    let text = |path: &str| definition.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let scope = if text("/spec/scope") == "Namespaced" { Scope::Namespaced } else { Scope::Cluster };
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array);
    let served = |version: &&Value| version.get("served") == Some(&Value::Bool(true));
    versions
        .into_iter()
        .flatten()
        .filter(served)
        .map(|version| Served {
            resource: Resource {
                gvk: Gvk {
                    group: text("/spec/group").to_owned(),
                    version: version.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                    kind: text("/spec/names/kind").to_owned(),
                },
                plural: text("/spec/names/plural").to_owned(),
                scope,
            },
            node: Node::custom(version.pointer("/schema/openAPIV3Schema").unwrap_or(&Value::Null)),
            status_apart: version.pointer("/subresources/status").is_some(),
            counts_changes: true,
            custom: true,
        })
        .collect()
}
