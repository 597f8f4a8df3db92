//! Where things are on the API server.

use helm_release_core::Gvk;
use helm_release_core::ports::{ListOptions, Location, LogOptions, Resource};

use crate::connection::{Call, escape};

/// `/api/v1` or `/apis/GROUP/VERSION`.
fn root(gvk: &Gvk) -> String {
    if gvk.group.is_empty() {
        format!("/api/{}", escape(&gvk.version))
    } else {
        format!("/apis/{}/{}", escape(&gvk.group), escape(&gvk.version))
    }
}

fn collection_in(resource: &Resource, namespace: Option<&str>) -> String {
    let root = root(&resource.gvk);
    match namespace {
        Some(namespace) => format!("{root}/namespaces/{}/{}", escape(namespace), escape(&resource.plural)),
        None => format!("{root}/{}", escape(&resource.plural)),
    }
}

/// Where objects of that kind and namespace are made.
pub(super) fn collection(at: &Location) -> String {
    collection_in(&at.resource, at.namespace.as_deref())
}

/// Where one object is.
pub(super) fn object(at: &Location) -> String {
    format!("{}/{}", collection(at), escape(&at.name))
}

pub(super) fn list(resource: &Resource, options: &ListOptions) -> Call {
    Call::get(collection_in(resource, options.namespace.as_deref()))
        .maybe_param("labelSelector", options.labels.as_deref())
        .maybe_param("fieldSelector", options.fields.as_deref())
}

pub(super) fn logs(namespace: &str, pod: &str, options: &LogOptions) -> Call {
    let tail = options.tail.map(|lines| lines.to_string());
    Call::get(format!("/api/v1/namespaces/{}/pods/{}/log", escape(namespace), escape(pod)))
        .accept("*/*")
        .maybe_param("container", options.container.as_deref())
        .maybe_param("tailLines", tail.as_deref())
}
