//! Creating and replacing.

use helm_release_core::ports::{ClusterErrorKind, DryRun, PatchBody, Preconditions, Propagation, Request, Validation};
use serde_json::json;

use super::bench::MANAGER;
use super::objects::{config_map, deployment, service};

super::behaviours! {
    a_created_object_gets_identity_and_version(bench) {
        let made = bench.create(&config_map("made", &json!({"a": "1"}))).await?;
        bench.require(made.uid().is_some(), || "it has no uid".to_owned())?;
        bench.require(made.resource_version().is_some(), || "it has no version".to_owned())?;
        let created = made.at(&["metadata", "creationTimestamp"]).and_then(|stamp| stamp.as_str()).unwrap_or_default();
        bench.require(created.len() == "2026-01-01T00:00:00Z".len(), || format!("it was created at {created:?}"))?;
        let read = bench.get(&bench.at("v1", "ConfigMap", "made").await?).await?;
        bench.require(read == made, || "reading gives another object than writing".to_owned())?;
    }
    what_exists_cannot_be_created(bench) {
        let object = deployment("twice", "web:1");
        bench.create(&object).await?;
        let again = bench.send(&bench.creation(&object).await?).await;
        bench.refused(again, ClusterErrorKind::AlreadyExists, "deployments.apps \"twice\" already exists")?;
    }
    a_namespace_must_exist(bench) {
        let object = bench.object(config_map("lost", &json!({})))?;
        let at = bench.resource("v1", "ConfigMap").await?.at("no-such-namespace", "lost");
        let request = Request::Create { at, object, manager: MANAGER.to_owned(), validation: Validation::Strict };
        bench.refused(bench.send(&request).await, ClusterErrorKind::NotFound, "namespaces \"no-such-namespace\" not found")?;
    }
    a_name_can_be_generated(bench) {
        let mut object = config_map("", &json!({}));
        object["metadata"] = json!({"generateName": "some-"});
        let made = bench.create(&object).await?;
        bench.require(made.name().len() == "some-".len() + 5, || format!("the name is {:?}", made.name()))?;
    }
    a_body_must_fit_its_place(bench) {
        let at = bench.at("v1", "ConfigMap", "here").await?;
        let object = bench.object(config_map("there", &json!({})))?;
        bench.create(&config_map("here", &json!({}))).await?;
        let request = Request::Replace { at, object, manager: MANAGER.to_owned(), validation: Validation::Strict };
        let words = "the name of the object (there) does not match the name on the URL (here)";
        bench.refused(bench.send(&request).await, ClusterErrorKind::Invalid, words)?;
    }
    a_name_must_be_one(bench) {
        let bad = bench.send(&bench.creation(&config_map("Bad_Name", &json!({}))).await?).await;
        let words = "ConfigMap \"Bad_Name\" is invalid: metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain must consist of";
        bench.refused(bad, ClusterErrorKind::Invalid, words)?;
    }
    a_replacement_of_an_old_version_conflicts(bench) {
        let object = config_map("stale", &json!({"a": "1"}));
        let first = bench.create(&object).await?;
        let at = bench.place(&object).await?;
        bench.did(bench.patch(&at, PatchBody::Merge(json!({"data": {"a": "2"}}))).await)?;
        let mut stale = first.clone().into_value();
        stale["data"]["a"] = json!("3");
        let refused = bench.replace(&stale).await?;
        let words = "Operation cannot be fulfilled on configmaps \"stale\": the object has been modified; please apply your changes to the latest version and try again";
        bench.refused(refused, ClusterErrorKind::Conflict, words)?;
        let mut other = config_map("stale", &json!({}));
        other["metadata"]["uid"] = json!("00000000-1111-4000-8000-000000000000");
        let words = "Precondition failed: UID in precondition: 00000000-1111-4000-8000-000000000000, UID in object meta:";
        bench.refused(bench.replace(&other).await?, ClusterErrorKind::Conflict, words)?;
        let blind = bench.replace(&config_map("stale", &json!({"b": "4"}))).await?;
        let blind = bench.did(blind)?;
        bench.equal("data", blind.at(&["data"]), &json!({"b": "4"}))?;
        bench.require(blind.uid() == first.uid(), || "a replacement changed the uid".to_owned())?;
    }
    a_write_that_changes_nothing_makes_no_version(bench) {
        let object = config_map("same", &json!({"a": "1"}));
        let made = bench.create(&object).await?;
        let same = bench.did(bench.replace(made.as_value()).await?)?;
        bench.require(same == made, || "the object changed".to_owned())?;
        let at = bench.place(&object).await?;
        let patched = bench.did(bench.patch(&at, PatchBody::Merge(json!({"data": {"a": "1"}}))).await)?;
        bench.require(patched.resource_version() == made.resource_version(), || "it got another version".to_owned())?;
    }
    a_generation_counts_changes_of_the_specification(bench) {
        let object = deployment("counted", "web:1");
        let made = bench.create(&object).await?;
        bench.equal("generation", made.at(&["metadata", "generation"]), &json!(1))?;
        let at = bench.place(&object).await?;
        let labelled = bench.did(bench.patch(&at, PatchBody::Merge(json!({"metadata": {"labels": {"a": "b"}}}))).await)?;
        bench.equal("generation", labelled.at(&["metadata", "generation"]), &json!(1))?;
        let scaled = bench.did(bench.patch(&at, PatchBody::Merge(json!({"spec": {"replicas": 1}}))).await)?;
        bench.equal("generation", scaled.at(&["metadata", "generation"]), &json!(2))?;
        let status = bench.did(bench.patch(&at, PatchBody::Merge(json!({"status": {"replicas": 77}}))).await)?;
        bench.require(status.at(&["status", "replicas"]) != Some(&json!(77)), || "the status was written".to_owned())?;
    }
    unknown_fields_are_refused_or_dropped(bench) {
        let mut object = deployment("unknown", "web:1");
        object["spec"]["template"]["spec"]["containers"][0]["imagee"] = json!("x");
        let strict = bench.send(&bench.creation(&object).await?).await;
        let words = "strict decoding error: unknown field \"spec.template.spec.containers[0].imagee\"";
        bench.refused(strict, ClusterErrorKind::Invalid, words)?;
        let at = bench.place(&object).await?;
        let (value, manager) = (bench.object(object.clone())?, MANAGER.to_owned());
        let made = bench.send(&Request::Create { at, object: value, manager, validation: Validation::Ignore }).await;
        let made = bench.did(made)?;
        let containers = made.at(&["spec", "template", "spec", "containers"]).cloned().unwrap_or_default();
        bench.require(containers[0].get("imagee").is_none(), || "the field was kept".to_owned())?;
    }
    a_value_must_be_of_its_type(bench) {
        let mut object = deployment("mistyped", "web:1");
        object["spec"]["replicas"] = json!("three");
        let refused = bench.send(&bench.creation(&object).await?).await;
        bench.refused(refused, ClusterErrorKind::Invalid, "Deployment in version \"v1\" cannot be handled as a Deployment")?;
    }
    required_fields_must_be_there(bench) {
        let mut object = deployment("required", "web:1");
        object["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
        object["spec"]["template"]["spec"]["containers"][0]["name"] = json!("");
        let refused = bench.send(&bench.creation(&object).await?).await;
        let words = "Deployment.apps \"required\" is invalid: [spec.template.metadata.labels: Invalid value: \
            {\"app\":\"other\"}: `selector` does not match template `labels`, spec.template.spec.containers[0].name: Required value]";
        bench.refused(refused, ClusterErrorKind::Invalid, words)?;
    }
    a_dry_run_answers_and_changes_nothing(bench) {
        let object = deployment("rehearsed", "web:1");
        let creation = bench.creation(&object).await?;
        let at = bench.place(&object).await?;
        let answer = bench.did(bench.cluster.write(&creation, DryRun::Server).await)?;
        let answer = answer.ok_or_else(|| bench.deviation("a dry run answers nothing"))?;
        bench.require(answer.uid().is_some(), || "the answer has no uid".to_owned())?;
        bench.equal("strategy", answer.at(&["spec", "strategy", "type"]), &json!("RollingUpdate"))?;
        bench.refused(bench.cluster.get(&at).await, ClusterErrorKind::NotFound, "not found")?;
        bench.create(&object).await?;
        let quiet = |object: &helm_release_core::Object| object.at(&["status", "readyReplicas"]) == Some(&json!(2));
        let made = bench.until(&at, "ready", quiet).await?;
        let again = bench.cluster.write(&creation, DryRun::Server).await;
        bench.refused(again, ClusterErrorKind::AlreadyExists, "already exists")?;
        let patch = PatchBody::Merge(json!({"spec": {"replicas": 3}}));
        let patch = Request::Patch { at: at.clone(), patch, manager: MANAGER.to_owned(), validation: Validation::Strict };
        let answer = bench.did(bench.cluster.write(&patch, DryRun::Server).await)?;
        let answer = answer.ok_or_else(|| bench.deviation("a dry run answers nothing"))?;
        bench.equal("replicas", answer.at(&["spec", "replicas"]), &json!(3))?;
        bench.equal("generation", answer.at(&["metadata", "generation"]), &json!(2))?;
        let delete = Request::Delete { at: at.clone(), propagation: Propagation::Background, preconditions: Preconditions::default() };
        bench.did(bench.cluster.write(&delete, DryRun::Server).await)?;
        let now = bench.get(&at).await?;
        bench.equal("replicas", now.at(&["spec", "replicas"]), &json!(2))?;
        bench.require(now.generation() == made.generation(), || "the object changed".to_owned())?;
        bench.require(!now.is_terminating(), || "the object is being deleted".to_owned())?;
    }
    defaults_are_filled_in(bench) {
        let made = bench.create(&service("defaulted")).await?;
        bench.equal("type", made.at(&["spec", "type"]), &json!("ClusterIP"))?;
        bench.equal("ports", made.at(&["spec", "ports"]), &json!([{"port": 80, "protocol": "TCP", "targetPort": 80}]))?;
        bench.require(made.at(&["spec", "clusterIP"]).is_some(), || "it has no cluster IP".to_owned())?;
        let made = bench.create(&deployment("defaulted", "web:1")).await?;
        let container = json!({
            "name": "main", "image": "web:1", "imagePullPolicy": "IfNotPresent",
            "ports": [{"containerPort": 80, "protocol": "TCP"}], "resources": {},
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        });
        let pod = json!({
            "containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
            "securityContext": {}, "terminationGracePeriodSeconds": 1,
        });
        bench.equal("pod", made.at(&["spec", "template", "spec"]), &pod)?;
        let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}});
        bench.equal("strategy", made.at(&["spec", "strategy"]), &strategy)?;
        let mut secret = config_map("defaulted", &json!({"a": "YQ=="}));
        secret["kind"] = json!("Secret");
        secret["stringData"] = json!({"b": "b"});
        let made = bench.create(&secret).await?;
        bench.equal("type", made.at(&["type"]), &json!("Opaque"))?;
        bench.equal("data", made.at(&["data"]), &json!({"a": "YQ==", "b": "Yg=="}))?;
    }
    a_writer_owns_what_it_changes(bench) {
        let mut object = config_map("owned", &json!({"a": "1", "b": "1"}));
        object["metadata"]["labels"] = json!({"x": "1"});
        let made = bench.create(&object).await?;
        let wanted = json!({"f:data": {".": {}, "f:a": {}, "f:b": {}}, "f:metadata": {"f:labels": {".": {}, "f:x": {}}}});
        bench.equal("the creator's", super::bench::owned(&made, MANAGER, "Update").as_ref(), &wanted)?;
        let at = bench.place(&object).await?;
        let patched = bench.patch_as(&at, PatchBody::Merge(json!({"data": {"b": "2", "c": "1"}})), "other").await;
        let patched = bench.did(patched)?;
        let wanted = json!({"f:data": {".": {}, "f:a": {}}, "f:metadata": {"f:labels": {".": {}, "f:x": {}}}});
        bench.equal("the creator's", super::bench::owned(&patched, MANAGER, "Update").as_ref(), &wanted)?;
        let wanted = json!({"f:data": {"f:b": {}, "f:c": {}}});
        bench.equal("the patcher's", super::bench::owned(&patched, "other", "Update").as_ref(), &wanted)?;
        let made = bench.create(&deployment("owned", "web:1")).await?;
        let container = json!({
            ".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {},
            "f:ports": {".": {}, "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}, "f:protocol": {}}},
            "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {},
        });
        let pod = json!({
            "f:containers": {"k:{\"name\":\"main\"}": container}, "f:dnsPolicy": {}, "f:restartPolicy": {},
            "f:schedulerName": {}, "f:securityContext": {}, "f:terminationGracePeriodSeconds": {},
        });
        let rolling = json!({".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}});
        let wanted = json!({"f:spec": {
            "f:progressDeadlineSeconds": {}, "f:replicas": {}, "f:revisionHistoryLimit": {}, "f:selector": {},
            "f:strategy": {"f:rollingUpdate": rolling, "f:type": {}},
            "f:template": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": pod},
        }});
        bench.equal("the creator's", super::bench::owned(&made, MANAGER, "Update").as_ref(), &wanted)?;
    }
    managed_fields_can_be_edited_and_forgotten(bench) {
        let made = bench.create(&config_map("edited", &json!({"a": "1"}))).await?;
        let at = bench.at("v1", "ConfigMap", "edited").await?;
        let mut entry = made.at(&["metadata", "managedFields"]).cloned().unwrap_or_default();
        entry[0]["operation"] = json!("Apply");
        let patch = json!([{"op": "replace", "path": "/metadata/managedFields", "value": entry}]);
        let edited = bench.did(bench.patch(&at, PatchBody::Json(patch)).await)?;
        bench.require(super::bench::owned(&edited, MANAGER, "Apply").is_some(), || "the edit was not taken".to_owned())?;
        bench.require(super::bench::owned(&edited, MANAGER, "Update").is_none(), || "the old entry stays".to_owned())?;
        let cleared = bench.did(bench.patch(&at, PatchBody::Merge(json!({"metadata": {"managedFields": [{}]}}))).await)?;
        bench.require(cleared.at(&["metadata", "managedFields"]).is_none(), || "owners are still known".to_owned())?;
    }
}
