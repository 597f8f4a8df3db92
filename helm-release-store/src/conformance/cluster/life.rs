//! What controllers and the node make of objects.

use helm_release_core::Object;
use helm_release_core::ports::{ListOptions, LogOptions, PatchBody, Preconditions, Propagation};
use serde_json::{Value, json};

use super::bench::Bench;
use super::objects::{deployment, job, template};
use crate::conformance::Deviation;

fn condition<'a>(object: &'a Object, kind: &str) -> Option<&'a Value> {
    object.at(&["status", "conditions"])?.as_array()?.iter().find(|condition| condition["type"] == kind)
}

fn holds(object: &Object, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

fn observed(object: &Object) -> bool {
    object.at(&["status", "observedGeneration"]).and_then(Value::as_i64) == object.generation()
}

async fn pods(bench: &Bench<'_>, app: &str) -> Result<Vec<Object>, Deviation> {
    let resource = bench.resource("v1", "Pod").await?;
    let options = ListOptions::within(Some(bench.namespace)).with_labels(format!("app={app}"));
    Ok(bench.did(bench.cluster.list(&resource, &options).await)?.items)
}

fn rolled_out(object: &Object) -> bool {
    let is = |field: &str| object.at(&["status", field]) == Some(&json!(2));
    let complete = condition(object, "Progressing").is_some_and(|found| found["reason"] == "NewReplicaSetAvailable");
    observed(object) && complete && ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"].into_iter().all(is)
}

super::behaviours! {
    a_deployment_rolls_out_and_back(bench) {
        let object = deployment("rolled", "web:1");
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        let first = bench.until(&at, "rolled out", rolled_out).await?;
        bench.equal("revision", first.at(&["metadata", "annotations", "deployment.kubernetes.io/revision"]), &json!("1"))?;
        let image = |image: &str| PatchBody::Strategic(json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}}));
        bench.did(bench.patch(&at, image("web:2")).await)?;
        bench.until(&at, "rolled out", rolled_out).await?;
        bench.did(bench.patch(&at, image("web:1")).await)?;
        let back = bench.until(&at, "rolled out", rolled_out).await?;
        bench.equal("revision", back.at(&["metadata", "annotations", "deployment.kubernetes.io/revision"]), &json!("3"))?;
        let sets = bench.resource("apps/v1", "ReplicaSet").await?;
        let options = ListOptions::within(Some(bench.namespace)).with_labels("app=rolled");
        let sets = bench.did(bench.cluster.list(&sets, &options).await)?.items;
        bench.require(sets.len() == 2, || format!("there are {} replica sets", sets.len()))?;
    }
    a_deployment_that_cannot_come_up_keeps_what_runs(bench) {
        let object = deployment("stuck", "web:1");
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        bench.until(&at, "rolled out", rolled_out).await?;
        let patch = json!({"spec": {"template": {"metadata": {"labels": {"test/kubelet": "crash"}}}}});
        bench.did(bench.patch(&at, PatchBody::Strategic(patch)).await)?;
        let stuck = bench.until(&at, "half rolled out", |object| {
            observed(object) && object.at(&["status", "updatedReplicas"]) == Some(&json!(1)) && object.at(&["status", "unavailableReplicas"]) == Some(&json!(1))
        }).await?;
        bench.equal("ready", stuck.at(&["status", "readyReplicas"]), &json!(2))?;
        bench.require(holds(&stuck, "Available"), || "it is not available".to_owned())?;
        let crashing = pods(&bench, "stuck").await?.into_iter().filter(|pod| {
            pod.at(&["status", "containerStatuses"]).is_some_and(|statuses| statuses[0]["state"]["waiting"]["reason"] == "CrashLoopBackOff")
        });
        let crashing = crashing.count();
        bench.require(crashing == 1, || format!("{crashing} pods crash"))?;
        let patch = json!({"spec": {"template": {"metadata": {"labels": {"test/kubelet": null}}}}});
        bench.did(bench.patch(&at, PatchBody::Strategic(patch)).await)?;
        bench.until(&at, "rolled out", rolled_out).await?;
    }
    a_rollout_that_takes_too_long_is_said_to(bench) {
        let mut object = deployment("late", "web:1");
        object["spec"]["progressDeadlineSeconds"] = json!(2);
        object["spec"]["template"]["metadata"]["labels"]["test/kubelet"] = json!("pull");
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        bench.until(&at, "late", |object| {
            condition(object, "Progressing").is_some_and(|found| found["reason"] == "ProgressDeadlineExceeded" && found["status"] == "False")
        }).await?;
    }
    a_deleted_deployment_takes_its_pods_along(bench) {
        let object = deployment("leaving", "web:1");
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        bench.until(&at, "rolled out", rolled_out).await?;
        bench.did(bench.delete(&at, Propagation::Foreground, Preconditions::default()).await)?;
        bench.until_gone(&at).await?;
        let left = pods(&bench, "leaving").await?.len();
        bench.require(left == 0, || format!("{left} pods are left"))?;
    }
    a_stateful_set_is_rolled_in_order(bench) {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "numbered"},
            "spec": {"replicas": 2, "serviceName": "numbered", "selector": {"matchLabels": {"app": "numbered"}}, "template": template("numbered", "db:1")},
        });
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        let ready = |object: &Object| {
            let status = |field: &str| object.at(&["status", field]).cloned();
            observed(object) && status("readyReplicas") == Some(json!(2)) && status("currentRevision") == status("updateRevision")
                && status("currentReplicas") == Some(json!(2))
        };
        bench.until(&at, "ready", ready).await?;
        let mut names: Vec<String> = pods(&bench, "numbered").await?.iter().map(|pod| pod.name().to_owned()).collect();
        names.sort();
        bench.require(names == ["numbered-0", "numbered-1"], || format!("the pods are {names:?}"))?;
        let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "db:2"}]}}}});
        bench.did(bench.patch(&at, PatchBody::Strategic(patch)).await)?;
        bench.until(&at, "ready", ready).await?;
        for pod in pods(&bench, "numbered").await? {
            let containers = pod.at(&["spec", "containers"]).cloned().unwrap_or_default();
            bench.equal("image", containers[0].get("image"), &json!("db:2"))?;
        }
    }
    pods_outlive_a_stateful_set_and_are_taken_over_by_the_next(bench) {
        let object = |service: &str| json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "outlived"},
            "spec": {"replicas": 1, "serviceName": service, "selector": {"matchLabels": {"app": "outlived"}}, "template": template("outlived", "db:1")},
        });
        let ready = |object: &Object| observed(object) && object.at(&["status", "readyReplicas"]) == Some(&json!(1));
        bench.create(&object("a")).await?;
        let at = bench.place(&object("a")).await?;
        bench.until(&at, "ready", ready).await?;
        let before: Vec<_> = pods(&bench, "outlived").await?.iter().map(|pod| pod.uid().map(str::to_owned)).collect();
        bench.did(bench.delete(&at, Propagation::Orphan, Preconditions::default()).await)?;
        bench.until_gone(&at).await?;
        let orphans = pods(&bench, "outlived").await?;
        bench.require(orphans.iter().all(|pod| pod.at(&["metadata", "ownerReferences"]).is_none()), || "somebody owns them".to_owned())?;
        let again = bench.create(&object("b")).await?;
        bench.until(&at, "ready", ready).await?;
        let after = pods(&bench, "outlived").await?;
        let uids: Vec<_> = after.iter().map(|pod| pod.uid().map(str::to_owned)).collect();
        bench.require(uids == before, || "they are other pods".to_owned())?;
        for pod in after {
            let owners = pod.at(&["metadata", "ownerReferences"]).cloned().unwrap_or_default();
            bench.equal("owner", owners[0].get("uid"), &json!(again.uid()))?;
        }
    }
    a_daemon_set_runs_on_the_node(bench) {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "everywhere"},
            "spec": {"selector": {"matchLabels": {"app": "everywhere"}}, "template": template("everywhere", "agent:1")},
        });
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        bench.until(&at, "ready", |object| {
            let fields = ["desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled", "numberReady", "numberAvailable"];
            observed(object) && fields.into_iter().all(|field| object.at(&["status", field]) == Some(&json!(1)))
        }).await?;
    }
    a_job_completes(bench) {
        let object = job("good", None);
        let made = bench.create(&object).await?;
        let label = ["spec", "template", "metadata", "labels", "batch.kubernetes.io/controller-uid"];
        bench.equal("controller-uid", made.at(&label), &json!(made.uid()))?;
        let at = bench.place(&object).await?;
        let done = bench.until(&at, "complete", |object| holds(object, "Complete")).await?;
        bench.equal("succeeded", done.at(&["status", "succeeded"]), &json!(1))?;
        let ended = pods(&bench, "good").await?;
        bench.require(ended.len() == 1, || format!("there are {} pods", ended.len()))?;
        bench.equal("phase", ended[0].at(&["status", "phase"]), &json!("Succeeded"))?;
    }
    a_job_fails(bench) {
        let object = job("bad", Some("fail"));
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        let done = bench.until(&at, "failed", |object| holds(object, "Failed")).await?;
        bench.equal("failed", done.at(&["status", "failed"]), &json!(1))?;
        let reason = condition(&done, "Failed").and_then(|found| found.get("reason"));
        bench.equal("reason", reason, &json!("BackoffLimitExceeded"))?;
    }
    a_pod_stops_in_its_own_time(bench) {
        let mut spec = template("slow", "web:1")["spec"].clone();
        spec["terminationGracePeriodSeconds"] = json!(30);
        let object = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "slow", "labels": {"app": "slow"}, "annotations": {"test/kubelet-stops-in": "2s"}},
            "spec": spec,
        });
        bench.create(&object).await?;
        let at = bench.place(&object).await?;
        bench.until(&at, "ready", |pod| holds(pod, "Ready")).await?;
        bench.discard(&at).await?;
        let stopping = bench.get(&at).await?;
        bench.require(stopping.is_terminating(), || "it is not being deleted".to_owned())?;
        bench.equal("grace", stopping.at(&["metadata", "deletionGracePeriodSeconds"]), &json!(30))?;
        bench.until_gone(&at).await?;
    }
    logs_are_of_a_pod_and_container_that_exist(bench) {
        let missing = bench.cluster.logs(bench.namespace, "no-such-pod", &LogOptions::default()).await;
        bench.refused(missing, helm_release_core::ports::ClusterErrorKind::NotFound, "pods \"no-such-pod\" not found")?;
    }
}
