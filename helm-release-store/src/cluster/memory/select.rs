//! Which objects a list or watch means.

use helm_release_core::ports::{ClusterErrorKind, ListOptions, Resource};
use serde_json::Value;

use super::refusal::Refusal;
use super::tree;
use crate::selector::Selector;

/// The choice of a list or watch.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    group: String,
    kind: String,
    namespace: Option<String>,
    labels: Selector,
    fields: Vec<FieldTest>,
}

#[derive(Debug, Clone)]
struct FieldTest {
    path: Vec<String>,
    value: String,
    equal: bool,
}

impl Choice {
    pub(crate) fn new(resource: &Resource, options: &ListOptions) -> Result<Self, Refusal> {
        let labels = options.labels.as_deref().unwrap_or_default();
        let labels: Selector = labels.parse().map_err(|error: crate::selector::InvalidSelector| {
            Refusal::bad_request(format!("unable to parse requirement: {error}"))
        })?;
        let fields = options.fields.as_deref().unwrap_or_default();
        let terms = fields.split(',').filter(|term| !term.is_empty());
        let fields = terms.map(|term| test(resource, fields, term)).collect::<Result<_, _>>()?;
        Ok(Self {
            group: resource.gvk.group.clone(),
            kind: resource.gvk.kind.clone(),
            namespace: options.namespace.clone(),
            labels,
            fields,
        })
    }

    /// Whether the object is of the kind and place that is looked at, whatever its labels.
    pub(crate) fn covers(&self, id: &helm_release_core::ObjectId) -> bool {
        id.group == self.group && id.kind == self.kind && (self.namespace.is_none() || id.namespace == self.namespace)
    }

    /// Whether labels and fields are those that are looked for.
    pub(crate) fn takes(&self, object: &Value) -> bool {
        let labels = self.labels.matches_with(|key| tree::at(object, &["metadata", "labels", key]).and_then(Value::as_str));
        labels && self.fields.iter().all(|test| (test.read(object) == test.value) == test.equal)
    }
}

impl FieldTest {
    fn read(&self, object: &Value) -> String {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match tree::at(object, &path) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Bool(_) | Value::Number(_)) => tree::at(object, &path).map(Value::to_string).unwrap_or_default(),
            _ => String::new(),
        }
    }
}

/// Field labels beyond `metadata.name` and `metadata.namespace` that a kind can be selected by.
fn selectable(resource: &Resource) -> &'static [&'static str] {
    match (resource.gvk.group.as_str(), resource.gvk.kind.as_str()) {
        ("", "Pod") => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        ("" | "events.k8s.io", "Event") => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        ("", "Secret") => &["type"],
        ("", "Namespace") => &["status.phase"],
        ("", "Node") => &["spec.unschedulable"],
        ("", "ReplicationController") | ("apps", "ReplicaSet") => &["status.replicas"],
        ("batch", "Job") => &["status.successful"],
        _ => &[],
    }
}

fn test(resource: &Resource, whole: &str, term: &str) -> Result<FieldTest, Refusal> {
    let split = term.split_once("!=").map(|(field, value)| (field, value, false));
    let split = split.or_else(|| term.split_once("==").map(|(field, value)| (field, value, true)));
    let split = split.or_else(|| term.split_once('=').map(|(field, value)| (field, value, true)));
    let Some((field, value, equal)) = split else {
        return Err(Refusal::bad_request(format!("invalid selector: {whole:?}; can't understand {term:?}")));
    };
    let known = ["metadata.name", "metadata.namespace"].contains(&field) || selectable(resource).contains(&field);
    if !known {
        let message = match selectable(resource) {
            [] => format!("{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""),
            _ => format!("field label not supported: {field}"),
        };
        return Err(Refusal::new(ClusterErrorKind::Invalid, message));
    }
    let path = match field {
        "status.successful" => "status.succeeded",
        "source" => "source.component",
        other => other,
    };
    Ok(FieldTest { path: path.split('.').map(str::to_owned).collect(), value: value.to_owned(), equal })
}
