//! What the server says when it does not do what it was asked.

use helm_release_core::ports::{ClusterError, ClusterErrorKind, Resource};
use serde_json::Value;

/// A request that was refused, in the words of a real API server.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) kind: ClusterErrorKind,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(kind: ClusterErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Adds what was tried.
    pub(crate) fn during(self, action: impl Into<String>) -> ClusterError {
        ClusterError::new(self.kind, action, self.message)
    }

    pub(crate) fn not_served() -> Self {
        Self::new(ClusterErrorKind::NotFound, "the server could not find the requested resource")
    }

    pub(crate) fn not_found(resource: &Resource, name: &str) -> Self {
        Self::new(ClusterErrorKind::NotFound, format!("{} {name:?} not found", qualified_plural(resource)))
    }

    pub(crate) fn already_exists(resource: &Resource, name: &str) -> Self {
        Self::new(ClusterErrorKind::AlreadyExists, format!("{} {name:?} already exists", qualified_plural(resource)))
    }

    pub(crate) fn conflict(resource: &Resource, name: &str, why: &str) -> Self {
        let plural = qualified_plural(resource);
        Self::new(ClusterErrorKind::Conflict, format!("Operation cannot be fulfilled on {plural} {name:?}: {why}"))
    }

    pub(crate) fn modified(resource: &Resource, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(resource, name, why)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ClusterErrorKind::Invalid, message)
    }

    pub(crate) fn forbidden(resource: &Resource, name: &str, why: &str) -> Self {
        Self::new(ClusterErrorKind::Forbidden, format!("{} {name:?} is forbidden: {why}", qualified_plural(resource)))
    }

    /// A deletion whose preconditions do not hold; the server names the kind there and not the resource.
    pub(crate) fn unmet(resource: &Resource, name: &str, why: &str) -> Self {
        let kind = qualified_kind(resource);
        Self::new(ClusterErrorKind::Conflict, format!("Operation cannot be fulfilled on {kind} {name:?}: {why}"))
    }

    /// An object that the store itself refuses; the server names the resource there and not the kind.
    pub(crate) fn invalid_resource(resource: &Resource, name: &str, cause: &Cause) -> Self {
        let plural = qualified_plural(resource);
        Self::new(ClusterErrorKind::Invalid, format!("{plural} {name:?} is invalid: {}", cause.text()))
    }

    pub(crate) fn invalid(resource: &Resource, name: &str, causes: &[Cause]) -> Self {
        let kind = qualified_kind(resource);
        let texts: Vec<String> = causes.iter().map(Cause::text).collect();
        let causes = match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        Self::new(ClusterErrorKind::Invalid, format!("{kind} {name:?} is invalid: {causes}"))
    }
}

/// `deployments.apps`, as the server names resources in its messages.
pub(crate) fn qualified_plural(resource: &Resource) -> String {
    match resource.gvk.group.as_str() {
        "" => resource.plural.clone(),
        group => format!("{}.{group}", resource.plural),
    }
}

/// `Deployment.apps`, as the server names kinds in its messages.
fn qualified_kind(resource: &Resource) -> String {
    match resource.gvk.group.as_str() {
        "" => resource.gvk.kind.clone(),
        group => format!("{}.{group}", resource.gvk.kind),
    }
}

/// One field that is wrong.
#[derive(Debug, Clone)]
pub(crate) enum Cause {
    /// The value is not allowed there.
    Invalid { field: String, value: Value, why: String },
    /// The field may not be set or changed.
    Forbidden { field: String, why: String },
    /// Another item of the list has the same value.
    Duplicate { field: String, value: Value },
    /// The field must be set.
    Required { field: String, why: String },
}

impl Cause {
    fn text(&self) -> String {
        match self {
            // A real server prints Go values for mappings; JSON says the same.
            Self::Invalid { field, value, why } => format!("{field}: Invalid value: {value}: {why}"),
            Self::Forbidden { field, why } => format!("{field}: Forbidden: {why}"),
            Self::Duplicate { field, value } => format!("{field}: Duplicate value: {value}"),
            Self::Required { field, why } if why.is_empty() => format!("{field}: Required value"),
            Self::Required { field, why } => format!("{field}: Required value: {why}"),
        }
    }
}
