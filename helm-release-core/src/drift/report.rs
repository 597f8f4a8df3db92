//! What a look at a whole release found.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Drifted;
use crate::mask::Masker;
use crate::ports::Location;
use crate::release::Status;
use crate::{Namespace, ReleaseName, Revision};

/// Name and version of the JSON form. A reader refuses a higher version than it knows.
pub const DRIFT_FORMAT: &str = "helm-rollback-safe/drift/v1";

/// What became of an object since the current revision was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Fate {
    /// Fields of it differ.
    Changed,
    /// It is not there.
    Gone,
    /// It is being deleted.
    Leaving,
    /// It is there and belongs to the release, and the current revision does not have it.
    Extra,
}

/// An object that is not as the current revision applied it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ObjectDrift {
    /// Where.
    pub at: Location,
    /// What became of it.
    pub fate: Fate,
    /// The fields that differ.
    pub fields: Vec<Drifted>,
}

/// Everything that drifted in a release.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DriftReport {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// The revision that the cluster was compared with.
    pub revision: Revision,
    /// Its status.
    pub status: Status,
    /// Objects that differ, in the manifest's order.
    pub objects: Vec<ObjectDrift>,
    /// What could not be looked at, and why, one sentence each.
    pub unseen: Vec<String>,
}

impl DriftReport {
    /// Whether nothing drifted. Replicas that an autoscaler holds are meant to move and do not count.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.objects
            .iter()
            .all(|object| object.fate == Fate::Changed && object.fields.iter().all(|field| field.held_by.is_some()))
    }

    /// The same with every secret value masked, equal values by equal marks.
    #[must_use]
    pub fn masked(mut self, masker: &mut Masker) -> Self {
        for object in &mut self.objects {
            let kind = object.at.resource.gvk.kind.as_str();
            for field in &mut object.fields {
                let path = field.path.to_string();
                for value in [&mut field.was, &mut field.is].into_iter().flatten() {
                    masker.mask_field(kind, &path, value);
                }
            }
        }
        self
    }

    /// The report as JSON. Mask it first where Secrets may be in it.
    ///
    /// Members: `format`, `release`, `namespace`, `revision`, `status`, `clean`, `objects` (each `apiVersion`, `kind`, `name`,
    /// `namespace` where the kind has one, `fate`, and `fields`: `path`, `was` and `is` where there is something, `by`
    /// (`manager`, `operation`, `subresource`, `time`), `heldBy` and `leftBy` where they apply), `unseen`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "format": DRIFT_FORMAT,
            "release": self.name,
            "namespace": self.namespace,
            "revision": self.revision,
            "status": self.status,
            "clean": self.is_clean(),
            "objects": self.objects.iter().map(object_json).collect::<Vec<_>>(),
            "unseen": self.unseen,
        })
    }

    /// One partial object for each that changed, with the live values of exactly the fields that differ and null where a field
    /// is gone: what a chart has to say for the cluster to be as it is. Replicas that an autoscaler holds are left out.
    #[must_use]
    pub fn adoption(&self) -> Vec<Value> {
        let changed = self.objects.iter().filter(|object| object.fate == Fate::Changed);
        let each = changed.filter_map(|object| {
            let mut partial = identity(&object.at);
            let mut metadata = json!({ "name": object.at.name });
            if let Some(namespace) = &object.at.namespace {
                metadata["namespace"] = json!(namespace);
            }
            partial.insert("metadata".to_owned(), metadata);
            let mut partial = Value::Object(partial);
            let fields: Vec<&Drifted> = object.fields.iter().filter(|field| field.held_by.is_none()).collect();
            for field in &fields {
                field.path.set(&mut partial, field.is.clone().unwrap_or_default());
            }
            (!fields.is_empty()).then_some(partial)
        });
        each.collect()
    }
}

fn identity(at: &Location) -> Map<String, Value> {
    let gvk = &at.resource.gvk;
    Map::from_iter([("apiVersion".to_owned(), json!(gvk.api_version())), ("kind".to_owned(), json!(gvk.kind))])
}

fn object_json(object: &ObjectDrift) -> Value {
    let mut json = identity(&object.at);
    json.insert("name".to_owned(), json!(object.at.name));
    if let Some(namespace) = &object.at.namespace {
        json.insert("namespace".to_owned(), json!(namespace));
    }
    json.insert("fate".to_owned(), json!(object.fate));
    json.insert("fields".to_owned(), object.fields.iter().map(field_json).collect());
    Value::Object(json)
}

fn field_json(field: &Drifted) -> Value {
    let mut json = json!({ "path": field.path, "by": field.by });
    let optional = [
        ("was", field.was.clone()),
        ("is", field.is.clone()),
        ("heldBy", field.held_by.as_ref().map(|holder| json!(holder))),
        ("leftBy", field.left_by.map(|revision| json!(revision))),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            json[key] = value;
        }
    }
    json
}

#[cfg(test)]
mod tests;
