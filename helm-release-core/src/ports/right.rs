//! What a user may ask of the server, as its authorisation tells requests apart.

use std::fmt;

use serde::Serialize;

use super::{Location, Resource};

/// One kind of request on one kind of object, as the server's authorisation sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Right {
    /// The verb of authorisation: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`.
    pub verb: &'static str,
    /// The API group; empty for the core group.
    pub group: String,
    /// The name of the kind in URLs, such as `deployments`.
    pub resource: String,
    /// What lies below the object, such as `log`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subresource: Option<&'static str>,
    /// Where; `None` for kinds of the whole cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Which object; `None` for every one, and where the server does not look at names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Right {
    /// The right to do something to one object. A creation is not authorised by name.
    #[must_use]
    pub fn on(verb: &'static str, at: &Location) -> Self {
        let name = (verb != "create").then(|| at.name.clone());
        Self { name, ..Self::over(verb, &at.resource, at.namespace.as_deref()) }
    }

    /// The right to do something to every object of a kind.
    #[must_use]
    pub fn over(verb: &'static str, resource: &Resource, namespace: Option<&str>) -> Self {
        Self::of(verb, &resource.gvk.group, &resource.plural, namespace)
    }

    /// The right to do something to every object of a kind, named by group and plural.
    #[must_use]
    pub fn of(verb: &'static str, group: &str, resource: &str, namespace: Option<&str>) -> Self {
        let (group, resource) = (group.to_owned(), resource.to_owned());
        Self { verb, group, resource, subresource: None, namespace: namespace.map(str::to_owned), name: None }
    }

    /// The same for one object alone.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same below the object.
    #[must_use]
    pub fn below(self, subresource: &'static str) -> Self {
        Self { subresource: Some(subresource), ..self }
    }

    /// The kind as roles name it: `deployments.apps`, `pods/log`.
    #[must_use]
    pub fn kind(&self) -> String {
        let mut kind = self.resource.clone();
        if !self.group.is_empty() {
            kind = format!("{kind}.{}", self.group);
        }
        match self.subresource {
            Some(subresource) => format!("{kind}/{subresource}"),
            None => kind,
        }
    }

    /// Where it holds: `in namespace shop`, `in the cluster`.
    #[must_use]
    pub fn place(&self) -> String {
        self.namespace.as_ref().map_or("in the cluster".to_owned(), |namespace| format!("in namespace {namespace}"))
    }
}

/// `patch deployments.apps "web" in namespace shop`
impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.kind())?;
        if let Some(name) = &self.name {
            write!(f, " {name:?}")?;
        }
        write!(f, " {}", self.place())
    }
}

/// What the server says of a right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "answer", content = "reason")]
pub enum Permission {
    /// It is given.
    Allowed,
    /// It is not, and why, as far as the server says.
    Denied(String),
    /// The server does not tell, and why.
    Unknown(String),
}

/// The rights with which an adapter makes, changes and removes what it keeps. Of each list one right is enough;
/// an empty list asks for none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeepersRights {
    /// To make one.
    pub create: Vec<Right>,
    /// To change one.
    pub change: Vec<Right>,
    /// To remove one.
    pub delete: Vec<Right>,
}

impl KeepersRights {
    /// Those over one kind in a namespace; a change is a `patch` or an `update`.
    #[must_use]
    pub fn over(group: &str, resource: &str, namespace: &str) -> Self {
        let right = |verb| Right::of(verb, group, resource, Some(namespace));
        Self { create: vec![right("create")], change: vec![right("patch"), right("update")], delete: vec![right("delete")] }
    }
}
