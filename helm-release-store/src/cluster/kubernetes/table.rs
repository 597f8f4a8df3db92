//! Tables of objects as the API server makes them.

use helm_release_core::Object;
use helm_release_core::ports::{Table, TableOf};
use serde_json::Value;

use super::{Page, complete, parse, paths};
use crate::connection::{Call, Failure};

/// What Helm asks for (`pkg/kube/client.go`): a table, and the objects themselves from a server that makes none.
const AS_TABLE: &str =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

/// The question. The cells are enough: Helm asks for the objects too and does not look at them.
pub(super) fn call(of: &TableOf) -> Call {
    let call = match of {
        TableOf::One(at) => Call::get(paths::object(at)),
        TableOf::Chosen(resource, options) => paths::list(resource, options),
    };
    call.accept(AS_TABLE).param("includeObject", "None")
}

/// The table in the answer, or a plain one of the objects that are there instead.
pub(super) fn answer(of: &TableOf, answer: &[u8]) -> Result<Table, Failure> {
    let value: Value = parse(answer)?;
    if value["kind"] == "Table" && value["apiVersion"].as_str().is_some_and(|version| version.starts_with("meta.k8s.io/")) {
        return serde_json::from_value(value).map_err(|error| Failure::unusable(&error));
    }
    let (items, gvk) = match of {
        TableOf::One(at) => (vec![value], &at.resource.gvk),
        TableOf::Chosen(resource, _) => {
            let page: Page = serde_json::from_value(value).map_err(|error| Failure::unusable(&error))?;
            (page.items, &resource.gvk)
        }
    };
    let objects = items.into_iter().map(|mut item| {
        complete(&mut item, gvk);
        Object::new(item).map_err(|error| Failure::unusable(&error))
    });
    Ok(Table::plain(&objects.collect::<Result<Vec<_>, _>>()?))
}

#[cfg(test)]
mod tests;
