//! Deleting.

use helm_release_core::ports::{ClusterErrorKind, PatchBody, Preconditions, Propagation};
use serde_json::{Value, json};

use super::bench::Bench;
use super::objects::config_map;
use crate::conformance::Deviation;

/// Makes an object and one that it owns.
async fn family(
    bench: &Bench<'_>,
    name: &str,
) -> Result<(helm_release_core::ports::Location, helm_release_core::ports::Location), Deviation> {
    let owner = config_map(name, &json!({}));
    let made = bench.create(&owner).await?;
    let mut child = config_map(&format!("{name}-owned"), &json!({}));
    child["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": made.uid(), "blockOwnerDeletion": true,
    }]);
    bench.create(&child).await?;
    Ok((bench.place(&owner).await?, bench.place(&child).await?))
}

super::behaviours! {
    a_deleted_object_is_gone(bench) {
        bench.create(&config_map("gone", &json!({}))).await?;
        let at = bench.at("v1", "ConfigMap", "gone").await?;
        bench.discard(&at).await?;
        bench.refused(bench.cluster.get(&at).await, ClusterErrorKind::NotFound, "configmaps \"gone\" not found")?;
        let again = bench.delete(&at, Propagation::Background, Preconditions::default()).await;
        bench.refused(again, ClusterErrorKind::NotFound, "configmaps \"gone\" not found")?;
    }
    a_deletion_may_name_uid_and_version(bench) {
        let made = bench.create(&config_map("guarded", &json!({"a": "1"}))).await?;
        let at = bench.at("v1", "ConfigMap", "guarded").await?;
        let other = "00000000-1111-4000-8000-000000000000".to_owned();
        let with = |uid: Option<String>, resource_version: Option<String>| Preconditions { uid, resource_version };
        let refused = bench.delete(&at, Propagation::Background, with(Some(other), None)).await;
        let words = "Operation cannot be fulfilled on ConfigMap \"guarded\": the UID in the precondition \
            (00000000-1111-4000-8000-000000000000) does not match the UID in record";
        bench.refused(refused, ClusterErrorKind::Conflict, words)?;
        bench.did(bench.patch(&at, PatchBody::Merge(json!({"data": {"a": "2"}}))).await)?;
        let version = made.resource_version().map(str::to_owned);
        let refused = bench.delete(&at, Propagation::Background, with(None, version)).await;
        let words = "Operation cannot be fulfilled on ConfigMap \"guarded\": the ResourceVersion in the precondition";
        bench.refused(refused, ClusterErrorKind::Conflict, words)?;
        bench.did(bench.delete(&at, Propagation::Background, with(made.uid().map(str::to_owned), None)).await)?;
        bench.until_gone(&at).await?;
    }
    a_finalizer_holds_a_deleted_object(bench) {
        let mut object = config_map("held", &json!({"a": "1"}));
        object["metadata"]["finalizers"] = json!(["example.com/hold"]);
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        bench.discard(&at).await?;
        let held = bench.get(&at).await?;
        bench.require(held.is_terminating(), || "it is not being deleted".to_owned())?;
        bench.discard(&at).await?;
        bench.did(bench.patch(&at, PatchBody::Merge(json!({"metadata": {"finalizers": null}}))).await)?;
        bench.until_gone(&at).await?;
    }
    owned_objects_follow_in_the_background(bench) {
        let (owner, owned) = family(&bench, "background").await?;
        bench.discard(&owner).await?;
        bench.refused(bench.cluster.get(&owner).await, ClusterErrorKind::NotFound, "not found")?;
        bench.until_gone(&owned).await?;
    }
    owned_objects_go_first_in_the_foreground(bench) {
        let (owner, owned) = family(&bench, "foreground").await?;
        bench.did(bench.patch(&owned, PatchBody::Merge(json!({"metadata": {"finalizers": ["example.com/hold"]}}))).await)?;
        bench.did(bench.delete(&owner, Propagation::Foreground, Preconditions::default()).await)?;
        bench.until(&owned, "deleted", helm_release_core::Object::is_terminating).await?;
        let waiting = bench.get(&owner).await?;
        let finalizers = waiting.at(&["metadata", "finalizers"]);
        bench.equal("finalizers", finalizers, &json!(["foregroundDeletion"]))?;
        bench.did(bench.patch(&owned, PatchBody::Merge(json!({"metadata": {"finalizers": null}}))).await)?;
        bench.until_gone(&owned).await?;
        bench.until_gone(&owner).await?;
    }
    orphans_stay(bench) {
        let (owner, owned) = family(&bench, "orphaning").await?;
        bench.did(bench.delete(&owner, Propagation::Orphan, Preconditions::default()).await)?;
        bench.until_gone(&owner).await?;
        let free = |object: &helm_release_core::Object| object.at(&["metadata", "ownerReferences"]).and_then(Value::as_array).is_none_or(Vec::is_empty);
        bench.until(&owned, "an orphan", free).await?;
    }
    a_namespace_takes_its_objects_with_it(bench) {
        let name = format!("{}-inner", bench.namespace);
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        bench.create(&namespace).await?;
        let inside = Bench { namespace: &name, ..bench };
        let mut object = config_map("inside", &json!({}));
        object["metadata"]["finalizers"] = json!(["example.com/hold"]);
        inside.create(&object).await?;
        let (at, object_at) = (bench.place(&namespace).await?, inside.place(&object).await?);
        bench.discard(&at).await?;
        let terminating = bench.until(&at, "terminating", helm_release_core::Object::is_terminating).await?;
        bench.equal("phase", terminating.at(&["status", "phase"]), &json!("Terminating"))?;
        bench.until(&object_at, "terminating", helm_release_core::Object::is_terminating).await?;
        let late = inside.send(&inside.creation(&config_map("late", &json!({}))).await?).await;
        let words = format!("configmaps \"late\" is forbidden: unable to create new content in namespace {name} because it is being terminated");
        bench.refused(late, ClusterErrorKind::Forbidden, &words)?;
        bench.did(inside.patch(&object_at, PatchBody::Merge(json!({"metadata": {"finalizers": null}}))).await)?;
        bench.until_gone(&at).await?;
    }
}
