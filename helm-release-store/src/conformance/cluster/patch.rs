//! The patch languages.

use helm_release_core::ports::{ClusterErrorKind, PatchBody};
use serde_json::json;

use super::objects::{config_map, deployment};

super::behaviours! {
    a_json_patch_is_carried_out_or_refused_as_a_whole(bench) {
        bench.create(&config_map("json-patched", &json!({"a": "1", "b": "1"}))).await?;
        let at = bench.at("v1", "ConfigMap", "json-patched").await?;
        let patch = json!([
            {"op": "test", "path": "/data/a", "value": "1"},
            {"op": "remove", "path": "/data/b"},
            {"op": "add", "path": "/data/c", "value": "3"},
        ]);
        let patched = bench.did(bench.patch(&at, PatchBody::Json(patch.clone())).await)?;
        bench.equal("data", patched.at(&["data"]), &json!({"a": "1", "c": "3"}))?;
        bench.refused(bench.patch(&at, PatchBody::Json(patch)).await, ClusterErrorKind::Invalid, "")?;
        let now = bench.get(&at).await?;
        bench.require(now == patched, || "a refused patch changed the object".to_owned())?;
    }
    a_merge_patch_replaces_lists_and_null_removes(bench) {
        let object = deployment("merged", "web:1");
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        let patch = json!({"metadata": {"labels": {"a": "1"}}, "spec": {"template": {"spec": {"containers": [{"name": "new", "image": "new:1"}]}}}});
        let patched = bench.did(bench.patch(&at, PatchBody::Merge(patch)).await)?;
        let containers = patched.at(&["spec", "template", "spec", "containers"]).cloned().unwrap_or_default();
        bench.equal("containers", Some(&json!(containers.as_array().map(Vec::len))), &json!(1))?;
        bench.equal("name", containers[0].get("name"), &json!("new"))?;
        let patched = bench.did(bench.patch(&at, PatchBody::Merge(json!({"metadata": {"labels": {"a": null}}}))).await)?;
        bench.require(patched.label("a").is_none(), || "null does not remove".to_owned())?;
    }
    a_strategic_patch_merges_lists_by_their_key(bench) {
        let mut object = deployment("strategic", "web:1");
        object["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]);
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        let patch = json!({"spec": {"template": {"spec": {
            "$setElementOrder/containers": [{"name": "main"}, {"name": "side"}],
            "containers": [
                {"name": "main", "image": "web:2", "env": [{"name": "B", "$patch": "delete"}, {"name": "C", "value": "3"}]},
                {"name": "side", "image": "side:1"},
            ],
        }}}});
        let patched = bench.did(bench.patch(&at, PatchBody::Strategic(patch)).await)?;
        let containers = patched.at(&["spec", "template", "spec", "containers"]).cloned().unwrap_or_default();
        bench.equal("first", containers[0].get("name"), &json!("main"))?;
        bench.equal("image", containers[0].get("image"), &json!("web:2"))?;
        bench.equal("env", containers[0].get("env"), &json!([{"name": "C", "value": "3"}, {"name": "A", "value": "1"}]))?;
        bench.equal("second", containers[1].get("image"), &json!("side:1"))?;
        let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "$patch": "delete"}]}}}});
        let patched = bench.did(bench.patch(&at, PatchBody::Strategic(patch)).await)?;
        let containers = patched.at(&["spec", "template", "spec", "containers"]).cloned().unwrap_or_default();
        bench.equal("only", containers[0].get("name"), &json!("side"))?;
    }
    a_patch_may_name_the_version_and_uid_it_is_for(bench) {
        let made = bench.create(&config_map("versioned", &json!({"a": "1"}))).await?;
        let at = bench.at("v1", "ConfigMap", "versioned").await?;
        let version = made.resource_version().unwrap_or_default().to_owned();
        let patch = PatchBody::Merge(json!({"metadata": {"resourceVersion": version}, "data": {"a": "2"}}));
        bench.did(bench.patch(&at, patch.clone()).await)?;
        let words = "Operation cannot be fulfilled on configmaps \"versioned\": the object has been modified";
        bench.refused(bench.patch(&at, patch).await, ClusterErrorKind::Conflict, words)?;
        let strategic = PatchBody::Strategic(json!({"metadata": {"resourceVersion": version}, "data": {"a": "3"}}));
        bench.refused(bench.patch(&at, strategic).await, ClusterErrorKind::Conflict, words)?;
        let uid = PatchBody::Merge(json!({"metadata": {"uid": "00000000-1111-4000-8000-000000000000"}, "data": {"a": "2"}}));
        let words = "metadata.uid: Invalid value: \"00000000-1111-4000-8000-000000000000\": field is immutable";
        bench.refused(bench.patch(&at, uid).await, ClusterErrorKind::Invalid, words)?;
    }
    what_is_absent_cannot_be_patched(bench) {
        let at = bench.at("v1", "ConfigMap", "nowhere").await?;
        let patched = bench.patch(&at, PatchBody::Merge(json!({"data": {}}))).await;
        bench.refused(patched, ClusterErrorKind::NotFound, "configmaps \"nowhere\" not found")?;
    }
}
