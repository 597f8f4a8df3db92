//! Server-side apply.

use helm_release_core::ports::{ClusterErrorKind, Conflicts, DryRun, PatchBody};
use serde_json::json;

use super::bench::{MANAGER, owned};
use super::objects::{config_map, deployment};

super::behaviours! {
    an_apply_makes_what_is_absent(bench) {
        let made = bench.apply(&config_map("applied", &json!({"a": "1"})), MANAGER).await?;
        bench.require(made.uid().is_some(), || "it has no uid".to_owned())?;
        bench.equal("owned", owned(&made, MANAGER, "Apply").as_ref(), &json!({"f:data": {"f:a": {}}}))?;
        bench.require(owned(&made, MANAGER, "Update").is_none(), || "the manager owns by update too".to_owned())?;
        let again = bench.apply(&config_map("applied", &json!({"a": "1"})), MANAGER).await?;
        bench.require(again.resource_version() == made.resource_version(), || "applying the same made a version".to_owned())?;
    }
    an_applier_owns_list_items_by_their_keys(bench) {
        let made = bench.apply(&deployment("applied", "web:1"), MANAGER).await?;
        let port = json!({".": {}, "f:containerPort": {}});
        let container = json!({
            ".": {}, "f:image": {}, "f:name": {},
            "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": port},
        });
        let wanted = json!({"f:spec": {
            "f:replicas": {}, "f:selector": {},
            "f:template": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {"f:containers": {"k:{\"name\":\"main\"}": container}, "f:terminationGracePeriodSeconds": {}},
            },
        }});
        bench.equal("owned", owned(&made, MANAGER, "Apply").as_ref(), &wanted)?;
    }
    what_is_applied_no_longer_is_removed(bench) {
        bench.apply(&config_map("shrunk", &json!({"a": "1", "b": "1"})), MANAGER).await?;
        let at = bench.at("v1", "ConfigMap", "shrunk").await?;
        bench.did(bench.patch_as(&at, PatchBody::Merge(json!({"data": {"c": "1"}})), "other").await)?;
        let shrunk = bench.apply(&config_map("shrunk", &json!({"a": "1"})), MANAGER).await?;
        bench.equal("data", shrunk.at(&["data"]), &json!({"a": "1", "c": "1"}))?;
        let mut object = deployment("shrunk", "web:1");
        object["spec"]["template"]["spec"]["containers"] = json!([{"name": "main", "image": "web:1"}, {"name": "side", "image": "side:1"}]);
        object["spec"]["template"]["spec"]["nodeSelector"] = json!({"disk": "fast"});
        bench.apply(&object, MANAGER).await?;
        let shrunk = bench.apply(&deployment("shrunk", "web:2"), MANAGER).await?;
        let containers = shrunk.at(&["spec", "template", "spec", "containers"]).cloned().unwrap_or_default();
        bench.equal("containers", Some(&json!(containers.as_array().map(Vec::len))), &json!(1))?;
        bench.equal("image", containers[0].get("image"), &json!("web:2"))?;
        bench.require(shrunk.at(&["spec", "template", "spec", "nodeSelector"]).is_none(), || "nodeSelector stays".to_owned())?;
    }
    fields_of_others_are_a_conflict_or_are_taken(bench) {
        bench.apply(&config_map("disputed", &json!({"a": "1", "b": "1"})), MANAGER).await?;
        let dispute = config_map("disputed", &json!({"a": "2"}));
        let refused = bench.send(&bench.application(&dispute, "other", Conflicts::Refuse).await?).await;
        let words = "Apply failed with 1 conflict: conflict with \"helm\": .data.a";
        bench.refused(refused, ClusterErrorKind::FieldManagers, words)?;
        let both = config_map("disputed", &json!({"a": "2", "b": "2"}));
        let refused = bench.send(&bench.application(&both, "other", Conflicts::Refuse).await?).await;
        let words = "Apply failed with 2 conflicts: conflicts with \"helm\": - .data.a - .data.b";
        bench.refused(refused, ClusterErrorKind::FieldManagers, words)?;
        let rehearsed = bench.cluster.write(&bench.application(&dispute, "other", Conflicts::Refuse).await?, DryRun::Server).await;
        bench.refused(rehearsed, ClusterErrorKind::FieldManagers, "Apply failed with 1 conflict")?;
        let taken = bench.did(bench.send(&bench.application(&dispute, "other", Conflicts::Force).await?).await)?;
        bench.equal("data", taken.at(&["data"]), &json!({"a": "2", "b": "1"}))?;
        bench.equal("taken", owned(&taken, "other", "Apply").as_ref(), &json!({"f:data": {"f:a": {}}}))?;
        bench.equal("left", owned(&taken, MANAGER, "Apply").as_ref(), &json!({"f:data": {"f:b": {}}}))?;
    }
    fields_of_updaters_are_a_conflict_too(bench) {
        let object = deployment("edited", "web:1");
        bench.create(&object).await?;
        let mut change = deployment("edited", "web:2");
        change["spec"]["replicas"] = json!(2);
        let refused = bench.send(&bench.application(&change, "other", Conflicts::Refuse).await?).await;
        let words = "Apply failed with 1 conflict: conflict with \"helm\" using apps/v1: .spec.template.spec.containers[name=\"main\"].image";
        bench.refused(refused, ClusterErrorKind::FieldManagers, words)?;
    }
    equal_values_are_owned_together(bench) {
        let object = config_map("shared", &json!({"a": "1", "b": "1"}));
        bench.apply(&object, MANAGER).await?;
        let shared = bench.apply(&object, "other").await?;
        let both = json!({"f:data": {"f:a": {}, "f:b": {}}});
        for manager in [MANAGER, "other"] {
            bench.equal(manager, owned(&shared, manager, "Apply").as_ref(), &both)?;
        }
        let given_up = bench.apply(&config_map("shared", &json!({"a": "1"})), MANAGER).await?;
        bench.equal("data", given_up.at(&["data"]), &json!({"a": "1", "b": "1"}))?;
        bench.equal("kept", owned(&given_up, MANAGER, "Apply").as_ref(), &json!({"f:data": {"f:a": {}}}))?;
        let nobodys = bench.apply(&config_map("shared", &json!({"a": "1"})), "other").await?;
        bench.equal("data", nobodys.at(&["data"]), &json!({"a": "1"}))?;
    }
    one_manager_may_own_by_update_and_by_apply(bench) {
        bench.create(&config_map("twofold", &json!({"a": "1", "b": "1"}))).await?;
        let applied = bench.apply(&config_map("twofold", &json!({"a": "1"})), MANAGER).await?;
        bench.equal("data", applied.at(&["data"]), &json!({"a": "1", "b": "1"}))?;
        bench.equal("applied", owned(&applied, MANAGER, "Apply").as_ref(), &json!({"f:data": {"f:a": {}}}))?;
        let updated = json!({"f:data": {".": {}, "f:a": {}, "f:b": {}}});
        bench.equal("updated", owned(&applied, MANAGER, "Update").as_ref(), &updated)?;
    }
    an_apply_keeps_the_items_of_others_and_its_own_order(bench) {
        let mut object = deployment("ordered", "web:1");
        let env = |names: &[&str]| json!(names.iter().map(|name| json!({"name": name, "value": "1"})).collect::<Vec<_>>());
        object["spec"]["template"]["spec"]["containers"][0]["env"] = env(&["A", "B"]);
        bench.apply(&object, MANAGER).await?;
        let at = bench.place(&object).await?;
        let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "env": [{"name": "X", "value": "1"}]}]}}}});
        bench.did(bench.patch_as(&at, PatchBody::Strategic(patch), "other").await)?;
        object["spec"]["template"]["spec"]["containers"][0]["env"] = env(&["B", "A", "C"]);
        let applied = bench.apply(&object, MANAGER).await?;
        let containers = applied.at(&["spec", "template", "spec", "containers"]).cloned().unwrap_or_default();
        let names = containers[0]["env"].as_array().into_iter().flatten().map(|item| item["name"].clone()).collect();
        let names: serde_json::Value = names;
        bench.require(names == json!(["B", "A", "C", "X"]) || names == json!(["X", "B", "A", "C"]), || format!("the order is {names}"))?;
    }
    managed_fields_cannot_be_applied(bench) {
        let mut object = config_map("presumptuous", &json!({"a": "1"}));
        object["metadata"]["managedFields"] = json!([{"manager": "x", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {}}]);
        let refused = bench.send(&bench.application(&object, MANAGER, Conflicts::Refuse).await?).await;
        bench.refused(refused, ClusterErrorKind::Invalid, "metadata.managedFields must be nil")?;
    }
}
