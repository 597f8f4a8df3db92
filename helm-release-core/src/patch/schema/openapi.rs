//! Reads schemas from the documents under a server's `/openapi/v3`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Kind, Schemas, Shape};
use crate::Gvk;

const STRATEGIC: &str = "application/strategic-merge-patch+json";

/// A value that is no `OpenAPI` v3 document of a Kubernetes API.
///
/// ```
/// use helm_release_core::patch::{OpenApiError, Schemas};
/// use serde_json::json;
///
/// let mut schemas = Schemas::built_in().clone();
/// assert_eq!(schemas.add_openapi_v3(&json!({"swagger": "2.0"})), Err(OpenApiError::Version));
/// let listed = json!({"openapi": "3.0.0", "components": {"schemas": []}});
/// assert_eq!(schemas.add_openapi_v3(&listed), Err(OpenApiError::Schemas));
/// assert_eq!(schemas, *Schemas::built_in(), "nothing has been added");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenApiError {
    /// It is something else, or version 2.
    #[error("not an OpenAPI v3 document: `openapi` does not begin with 3")]
    Version,
    /// The types are not where they belong.
    #[error("OpenAPI document has no mapping at components.schemas")]
    Schemas,
}

pub(super) fn add(schemas: &mut Schemas, document: &Value) -> Result<(), OpenApiError> {
    if !document.get("openapi").and_then(Value::as_str).is_some_and(|version| version.starts_with('3')) {
        return Err(OpenApiError::Version);
    }
    // A group without kinds, such as `/version`, may come without types.
    let types = match document.pointer("/components/schemas") {
        None => return Ok(()),
        Some(Value::Object(types)) => types,
        Some(_) => return Err(OpenApiError::Schemas),
    };
    let strategic = kinds_with_strategic_merge(document);
    for (name, schema) in types {
        for gvk in gvks(schema) {
            // A type may be described in documents of groups that only use it, such as the claims in a StatefulSet.
            let known = schemas.takes_strategic_merge(&gvk);
            let kind = Kind { type_name: name.clone(), strategic: known || strategic.contains(&gvk) };
            schemas.kinds.insert(gvk.to_string(), kind);
        }
        if let Some(shape) = shape_of(schema, types) {
            schemas.types.insert(name.clone(), shape);
        }
    }
    Ok(())
}

fn gvks(schema: &Value) -> impl Iterator<Item = Gvk> {
    let list = schema.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(gvk)
}

fn gvk(value: &Value) -> Option<Gvk> {
    let text = |key| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Gvk { group: text("group")?, version: text("version")?, kind: text("kind")? })
}

/// Only the list of accepted patch formats tells compiled-in kinds from custom resources.
fn kinds_with_strategic_merge(document: &Value) -> BTreeSet<Gvk> {
    let paths = document.get("paths").and_then(Value::as_object);
    let operations = paths.into_iter().flat_map(Map::values).filter_map(|path| path.get("patch"));
    operations
        .filter(|patch| patch.pointer("/requestBody/content").is_some_and(|content| content.get(STRATEGIC).is_some()))
        .filter_map(|patch| gvk(patch.get("x-kubernetes-group-version-kind")?))
        .collect()
}

/// The name behind `$ref`, also when it is wrapped into `allOf` to carry a description.
fn reference(schema: &Value) -> Option<&str> {
    let wrapped = schema.get("allOf").and_then(Value::as_array).and_then(|all| all.first());
    let target = wrapped.unwrap_or(schema).get("$ref")?.as_str()?;
    target.strip_prefix("#/components/schemas/")
}

/// `None` for what can only be text, a number or a boolean.
fn shape_of(schema: &Value, types: &Map<String, Value>) -> Option<Shape> {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut shape = Shape {
        patch_strategy: text("x-kubernetes-patch-strategy"),
        merge_key: text("x-kubernetes-patch-merge-key"),
        list_type: text("x-kubernetes-list-type"),
        atomic_map: text("x-kubernetes-map-type").is_some_and(|kind| kind == "atomic"),
        ..Shape::default()
    };
    if let Some(name) = reference(schema) {
        if types.get(name).is_some_and(is_scalar) {
            return None;
        }
        shape.type_name = Some(name.to_owned());
        return Some(shape);
    }
    if is_scalar(schema) {
        return None;
    }
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
    shape.list_keys = keys.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let below = |schema: &Value| shape_of(schema, types);
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        shape.fields = properties.iter().filter_map(|(name, schema)| Some((name.clone(), below(schema)?))).collect();
    }
    shape.items = schema.get("items").and_then(below).map(Box::new);
    shape.values = match schema.get("additionalProperties") {
        None | Some(Value::Bool(false)) => None,
        // A free mapping of texts is remembered as one of unknown values, so that it is told from a declared one.
        Some(values) => Some(Box::new(below(values).unwrap_or_default())),
    };
    Some(shape)
}

fn is_scalar(schema: &Value) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some("object" | "array") => false,
        Some(_) => true,
        None => {
            let either = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
            either.is_some_and(|either| !either.is_empty() && either.iter().all(is_scalar))
        }
    }
}
