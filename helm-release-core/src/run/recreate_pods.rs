//! Deletes the pods of changed workloads, so that their controllers make new ones (Helm 3's `--recreate-pods`).

use serde_json::Value;

use super::Event;
use super::writer::Writer;
use crate::plan::{Action, Plan};
use crate::ports::{ClusterError, ClusterErrorKind, ListOptions, Location, Preconditions, Propagation, Request};
use crate::readiness::Selector;
use crate::{Gvk, Object};

/// Deletes all pods that the objects of the plan's `recreate pods` steps select. Problems are warnings, as in Helm.
pub(super) async fn recreate_pods(writer: &Writer<'_>, plan: &Plan) {
    for location in plan.steps_of(Action::RecreatePods).filter_map(|step| step.location()) {
        let Some(selector) = plan.target.find(location).and_then(|placed| pod_selector(&placed.object.unpack())) else {
            continue;
        };
        if let Err(error) = delete_pods(writer, location, &selector).await {
            writer.observer.event(&Event::Warning { message: format!("cannot recreate the pods of {location}: {error}") });
        }
    }
}

/// The pods that an object selects: those of a workload, or of a Service.
pub(crate) fn pod_selector(object: &Object) -> Option<Selector> {
    let selector = object.at(&["spec", "selector"]).filter(|selector| selector.as_object().is_some_and(|map| !map.is_empty()))?;
    match object.kind() {
        "Service" | "ReplicationController" => Selector::from_labels(Some(selector)).ok(),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => Selector::from_label_selector(Some(selector)).ok(),
        _ => None,
    }
}

async fn delete_pods(writer: &Writer<'_>, location: &Location, selector: &Selector) -> Result<(), ClusterError> {
    let kinds = writer.cluster.kinds(false).await?;
    let Some(pods) = kinds.find(&Gvk::new("v1", "Pod")) else { return Ok(()) };
    let listing = writer.cluster.list(pods, &ListOptions::within(location.namespace.as_deref())).await?;
    for pod in listing.items.iter().filter(|pod| selector.matches(pod) && !pod.is_terminating()) {
        let at = pods.locate(pod, location.namespace.as_deref().unwrap_or_default());
        let uid = pod.at(&["metadata", "uid"]).and_then(Value::as_str).map(str::to_owned);
        let request = Request::Delete {
            at: at.clone(),
            propagation: Propagation::Background,
            preconditions: Preconditions { uid, resource_version: None },
        };
        match writer.object(&request).await {
            Ok(_) => writer.observer.event(&Event::ObjectWritten { object: at.id(), action: Action::Delete }),
            Err(error) if matches!(error.kind, ClusterErrorKind::NotFound | ClusterErrorKind::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
