//! Rows of what runs: workloads, Jobs, Pods and so on.

use serde_json::{Value, json};

use super::row::Foretold::{Anew, AnewWork, CarriedOver, InPlace, Unknown};
use super::row::{Row, row};

fn template() -> Value {
    json!({"metadata": {"labels": {"app": "ROW"}}, "spec": {"containers": [{"name": "main", "image": "main:1"}]}})
}

fn workload(kind: &str) -> Value {
    let spec = json!({"selector": {"matchLabels": {"app": "ROW"}}, "template": template()});
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "ROW"}, "spec": spec})
}

fn other_selector() -> Value {
    let labels = json!({"app": "ROW", "track": "other"});
    json!({"spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}})
}

fn containers(containers: &Value) -> Value {
    json!({"spec": {"template": {"spec": {"containers": containers}}}})
}

fn image() -> Value {
    containers(&json!([{"name": "main", "image": "main:2"}]))
}

fn replicated() -> Vec<Row> {
    let nothing = json!({});
    let idle = json!({"spec": {"replicas": 0}});
    let busy = json!({"spec": {"replicas": 1}});
    let (deployment, set, daemon) = (workload("Deployment"), workload("ReplicaSet"), workload("DaemonSet"));
    let image_path = "spec.template.spec.containers[name=main].image";
    vec![
        row(&deployment, &idle, &json!({"spec": {"replicas": 1}}), "spec.replicas", InPlace),
        row(&deployment, &idle, &image(), image_path, InPlace),
        row(&deployment, &idle, &other_selector(), "spec.selector", Anew),
        row(&deployment, &busy, &other_selector(), "spec.selector", AnewWork),
        row(&deployment, &idle, &json!({"spec": {"strategy": {"type": "Recreate"}}}), "spec.strategy.type", InPlace),
        row(&deployment, &idle, &json!({"spec": {"minReadySeconds": 5}}), "spec.minReadySeconds", InPlace),
        row(&deployment, &idle, &json!({"spec": {"progressDeadlineSeconds": 60}}), "spec.progressDeadlineSeconds", InPlace),
        row(&deployment, &idle, &json!({"spec": {"paused": true}}), "spec.paused", InPlace),
        row(&deployment, &idle, &json!({"metadata": {"labels": {"team": "a"}}}), "metadata.labels.team", InPlace),
        row(
            &deployment,
            &idle,
            &json!({"spec": {"template": {"spec": {"serviceAccountName": "other"}}}}),
            "spec.template.spec.serviceAccountName",
            InPlace,
        ),
        row(&set, &idle, &other_selector(), "spec.selector", Anew),
        row(&set, &idle, &image(), image_path, InPlace),
        row(&set, &json!({"spec": {"replicas": 1}}), &other_selector(), "spec.selector", AnewWork),
        row(&daemon, &nothing, &image(), image_path, InPlace),
        row(&daemon, &nothing, &other_selector(), "spec.selector", AnewWork)
            .once(|live| live["status"]["desiredNumberScheduled"] == 1),
        row(&daemon, &nothing, &json!({"spec": {"updateStrategy": {"type": "OnDelete"}}}), "spec.updateStrategy.type", InPlace),
        row(
            &daemon,
            &json!({"spec": {"template": {"spec": {"nodeSelector": {"no": "where"}}}}}),
            &other_selector(),
            "spec.selector",
            Anew,
        ),
    ]
}

fn stateful() -> Vec<Row> {
    let claim = |size: &str| {
        let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}});
        json!({"metadata": {"name": "data"}, "spec": spec})
    };
    let mut base = workload("StatefulSet");
    base["spec"]["serviceName"] = json!("ROW");
    base["spec"]["replicas"] = json!(0);
    let nothing = json!({});
    let with_claim = json!({"spec": {"volumeClaimTemplates": [claim("1Gi")]}});
    let row = |first: &Value, then: &Value, path, foretold| row(&base, first, then, path, foretold);
    let set = |field: &str, value: Value| json!({"spec": {field: value}});
    vec![
        row(&nothing, &set("replicas", json!(1)), "spec.replicas", InPlace),
        row(&nothing, &image(), "spec.template.spec.containers[name=main].image", InPlace),
        row(&nothing, &set("updateStrategy", json!({"type": "OnDelete"})), "spec.updateStrategy.type", InPlace),
        row(&nothing, &set("minReadySeconds", json!(3)), "spec.minReadySeconds", InPlace),
        row(&nothing, &set("ordinals", json!({"start": 2})), "spec.ordinals", InPlace),
        row(&nothing, &set("revisionHistoryLimit", json!(3)), "spec.revisionHistoryLimit", InPlace),
        row(
            &nothing,
            &set("persistentVolumeClaimRetentionPolicy", json!({"whenDeleted": "Delete", "whenScaled": "Retain"})),
            "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
            InPlace,
        ),
        row(&nothing, &set("serviceName", json!("other")), "spec.serviceName", Anew),
        row(&nothing, &set("podManagementPolicy", json!("Parallel")), "spec.podManagementPolicy", Anew),
        row(
            &set("podManagementPolicy", json!("Parallel")),
            &json!({"spec": {"podManagementPolicy": null}}),
            "spec.podManagementPolicy",
            Anew,
        ),
        row(
            &set("podManagementPolicy", json!("OrderedReady")),
            &json!({"spec": {"podManagementPolicy": null, "replicas": 1}}),
            "spec.replicas",
            InPlace,
        ),
        row(
            &with_claim,
            &set("volumeClaimTemplates", json!([claim("2Gi")])),
            "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
            Anew,
        ),
        row(&with_claim, &set("volumeClaimTemplates", json!([claim("1024Mi")])), "spec.volumeClaimTemplates", InPlace),
        row(&with_claim, &json!({"spec": {"volumeClaimTemplates": null}}), "spec.volumeClaimTemplates", Anew),
        row(&nothing, &with_claim, "spec.volumeClaimTemplates", Anew),
        row(&with_claim, &set("replicas", json!(2)), "spec.replicas", InPlace),
        row(&nothing, &other_selector(), "spec.selector.matchLabels.track", AnewWork),
    ]
}

fn job() -> Value {
    let template = json!({"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "main:1"}]}});
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "ROW"}, "spec": {"template": template}})
}

fn has_ended(live: &Value) -> bool {
    let conditions = live["status"]["conditions"].as_array();
    conditions.is_some_and(|all| all.iter().any(|one| one["type"] == "Complete" && one["status"] == "True"))
}

fn jobs() -> Vec<Row> {
    let base = job();
    let runs = json!({"spec": {"template": {"metadata": {"labels": {"test/kubelet": "hang"}}}}});
    let waits = json!({"spec": {"suspend": true}});
    let nothing = json!({});
    let set = |field: &str, value: Value| json!({"spec": {field: value}});
    let indexed = json!({"spec": {"completionMode": "Indexed", "completions": 2, "parallelism": 2, "suspend": true}});
    let policy = |code: i32| json!({"podFailurePolicy": {"rules": [{"action": "Ignore", "onExitCodes": {"operator": "In", "values": [code]}}]}});
    let started = |live: &Value| live["status"]["startTime"].is_string();
    let image_path = "spec.template.spec.containers[0].image";
    let in_template = |patch: Value| json!({"spec": {"template": {"spec": patch}}});
    let success = json!({"successPolicy": {"rules": [{"succeededIndexes": "0"}]}});
    let row = |first: &Value, then: &Value, path, foretold| row(&base, first, then, path, foretold);
    vec![
        row(&nothing, &image(), image_path, Anew).once(has_ended),
        row(&runs, &image(), image_path, AnewWork).once(started),
        row(&runs, &set("parallelism", json!(2)), "spec.parallelism", InPlace).once(started),
        row(&runs, &set("backoffLimit", json!(1)), "spec.backoffLimit", InPlace).once(started),
        row(&runs, &set("ttlSecondsAfterFinished", json!(600)), "spec.ttlSecondsAfterFinished", InPlace).once(started),
        row(&runs, &set("activeDeadlineSeconds", json!(600)), "spec.activeDeadlineSeconds", InPlace).once(started),
        row(&runs, &set("suspend", json!(true)), "spec.suspend", InPlace).once(started),
        row(&runs, &set("completions", json!(3)), "spec.completions", AnewWork).once(started),
        row(&nothing, &set("completions", json!(3)), "spec.completions", Anew).once(has_ended),
        row(&indexed, &json!({"spec": {"completions": 3, "parallelism": 3}}), "spec.completions", InPlace),
        row(&indexed, &json!({"spec": {"completions": 3}}), "spec.completions", Anew),
        row(&waits, &json!({"spec": {"completionMode": "Indexed", "completions": 1}}), "spec.completionMode", Anew),
        row(&waits, &json!({"spec": policy(3)}), "spec.podFailurePolicy", Anew),
        row(
            &json!({"spec": merge(&policy(3), &json!({"suspend": true}))}),
            &json!({"spec": policy(4)}),
            "spec.podFailurePolicy.rules[0].onExitCodes.values[0]",
            Anew,
        ),
        row(&indexed, &set("backoffLimitPerIndex", json!(2)), "spec.backoffLimitPerIndex", Anew),
        row(&indexed, &json!({"spec": success}), "spec.successPolicy", Anew),
        row(&waits, &in_template(json!({"nodeSelector": {"disk": "fast"}})), "spec.template.spec.nodeSelector", InPlace),
        row(
            &waits,
            &in_template(json!({"tolerations": [{"key": "a", "operator": "Exists"}]})),
            "spec.template.spec.tolerations",
            InPlace,
        ),
        row(&waits, &image(), image_path, Anew),
        row(
            &waits,
            &containers(&json!([{"name": "main", "image": "main:1", "resources": {"limits": {"cpu": "1"}}}])),
            "spec.template.spec.containers[0].resources.limits",
            Unknown,
        ),
        row(&runs, &in_template(json!({"nodeSelector": {"disk": "fast"}})), "spec.template.spec.nodeSelector", AnewWork)
            .once(started),
        row(&runs, &in_template(json!({"restartPolicy": "OnFailure"})), "spec.template.spec.restartPolicy", AnewWork)
            .once(started),
        row(&nothing, &json!({"metadata": {"annotations": {"note": "a"}}}), "metadata.annotations.note", InPlace).once(has_ended),
        row(&json!({"spec": {"manualSelector": false}}), &image(), image_path, Anew).once(has_ended),
    ]
}

fn merge(a: &Value, b: &Value) -> Value {
    super::row::merged(a, b)
}

fn pods() -> Vec<Row> {
    let base = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ROW"}, "spec": {"containers": [{"name": "main", "image": "main:1"}]},
    });
    let nothing = json!({});
    let ends = json!({"spec": {"restartPolicy": "Never"}});
    let gated = json!({"spec": {"schedulingGates": [{"name": "example.com/wait"}]}});
    let placed = |live: &Value| live["spec"]["nodeName"].is_string() && live["status"]["phase"] == "Running";
    let ended = |live: &Value| live["status"]["phase"] == "Succeeded";
    let set = |field: &str, value: Value| json!({"spec": {field: value}});
    let container = |more: Value| set("containers", json!([merge(&json!({"name": "main", "image": "main:1"}), &more)]));
    let row = |first: &Value, then: &Value, path, foretold| row(&base, first, then, path, foretold);
    vec![
        row(&nothing, &container(json!({"image": "main:2"})), "spec.containers[name=main].image", InPlace).once(placed),
        row(&nothing, &container(json!({"command": ["sleep"]})), "spec.containers[0].command", AnewWork).once(placed),
        row(&nothing, &container(json!({"env": [{"name": "A", "value": "1"}]})), "spec.containers[0].env", AnewWork).once(placed),
        row(
            &nothing,
            &container(json!({"resources": {"requests": {"cpu": "1"}}})),
            "spec.containers[0].resources.requests",
            AnewWork,
        )
        .once(placed),
        row(&ends, &container(json!({"command": ["sleep"]})), "spec.containers[0].command", Anew).once(ended),
        row(&nothing, &set("hostNetwork", json!(true)), "spec.hostNetwork", AnewWork).once(placed),
        row(
            &nothing,
            &set("containers", json!([{"name": "main", "image": "main:1"}, {"name": "more", "image": "more:1"}])),
            "spec.containers",
            AnewWork,
        )
        .once(placed),
        row(&nothing, &set("activeDeadlineSeconds", json!(600)), "spec.activeDeadlineSeconds", InPlace).once(placed),
        row(
            &set("activeDeadlineSeconds", json!(600)),
            &set("activeDeadlineSeconds", json!(500)),
            "spec.activeDeadlineSeconds",
            InPlace,
        )
        .once(placed),
        row(
            &set("activeDeadlineSeconds", json!(600)),
            &set("activeDeadlineSeconds", json!(700)),
            "spec.activeDeadlineSeconds",
            AnewWork,
        )
        .once(placed),
        row(
            &set("activeDeadlineSeconds", json!(600)),
            &json!({"spec": {"activeDeadlineSeconds": null}}),
            "spec.activeDeadlineSeconds",
            AnewWork,
        )
        .once(placed),
        row(
            &set("terminationGracePeriodSeconds", json!(1)),
            &set("terminationGracePeriodSeconds", json!(2)),
            "spec.terminationGracePeriodSeconds",
            AnewWork,
        )
        .once(placed),
        row(&nothing, &set("restartPolicy", json!("Never")), "spec.restartPolicy", AnewWork).once(placed),
        row(&nothing, &json!({"metadata": {"labels": {"a": "b"}}}), "metadata.labels", InPlace).once(placed),
        row(&gated, &set("nodeSelector", json!({"disk": "fast"})), "spec.nodeSelector", InPlace),
        row(&gated, &json!({"spec": {"schedulingGates": null}}), "spec.schedulingGates", InPlace),
        row(&nothing, &set("schedulingGates", json!([{"name": "example.com/wait"}])), "spec.schedulingGates", AnewWork)
            .once(placed),
        row(&set("nodeName", json!("node-0")), &json!({"spec": {"nodeName": null}}), "spec.nodeName", CarriedOver),
    ]
}

fn others() -> Vec<Row> {
    let mut cron = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "ROW"}});
    cron["spec"] = json!({"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job()["spec"]}});
    let controller = json!({
        "apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "ROW"},
        "spec": {"replicas": 0, "selector": {"app": "ROW"}, "template": template()},
    });
    let pod_template = json!({"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "ROW"}, "template": template()});
    let revision = json!({"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "ROW"}, "revision": 1, "data": {"a": "b"}});
    let nothing = json!({});
    let job_image = json!({"spec": {"jobTemplate": image()}});
    let labels = json!({"app": "ROW", "track": "other"});
    let selector = json!({"spec": {"selector": labels, "template": {"metadata": {"labels": labels}}}});
    vec![
        row(&cron, &nothing, &json!({"spec": {"schedule": "0 0 2 1 *"}}), "spec.schedule", InPlace),
        row(&cron, &nothing, &job_image, "spec.jobTemplate.spec.template.spec.containers[name=main].image", InPlace),
        row(&cron, &nothing, &json!({"spec": {"concurrencyPolicy": "Forbid"}}), "spec.concurrencyPolicy", InPlace),
        row(&controller, &nothing, &selector, "spec.selector.track", InPlace),
        row(
            &pod_template,
            &nothing,
            &json!({"template": {"spec": {"containers": [{"name": "main", "image": "main:2"}]}}}),
            "template.spec.containers[name=main].image",
            InPlace,
        ),
        row(&revision, &nothing, &json!({"data": {"a": "c"}}), "data", Anew),
        row(&revision, &nothing, &json!({"revision": 2}), "revision", InPlace),
    ]
}

/// Fields that exclude each other: what the server filled in beside the one must go when the other comes.
fn unions() -> Vec<Row> {
    let deployment = merge(&workload("Deployment"), &json!({"spec": {"replicas": 0}}));
    let daemon = workload("DaemonSet");
    let nothing = json!({});
    let main = |more: Value| containers(&json!([merge(&json!({"name": "main", "image": "main:1"}), &more)]));
    let volume = |source: Value| json!({"spec": {"template": {"spec": {"volumes": [merge(&json!({"name": "a"}), &source)]}}}});
    let http = main(json!({"readinessProbe": {"httpGet": {"path": "/", "port": 80}}}));
    let tcp = main(json!({"readinessProbe": {"tcpSocket": {"port": 80}}}));
    let exec = main(json!({"readinessProbe": {"exec": {"command": ["true"]}}}));
    let hook = |handler: Value| main(json!({"lifecycle": {"preStop": handler}}));
    let env = |more: Value| main(json!({"env": [merge(&json!({"name": "A"}), &more)]}));
    let probe = "spec.template.spec.containers[name=main].readinessProbe";
    let map = || volume(json!({"configMap": {"name": "a"}}));
    let source = "spec.template.spec.volumes[name=a]";
    let rolling = json!({"spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 2}}}});
    vec![
        row(&deployment, &http, &tcp, probe, InPlace),
        row(&deployment, &http, &exec, probe, InPlace),
        row(&deployment, &tcp, &http, probe, InPlace),
        row(&deployment, &http, &containers(&json!([{"name": "main", "image": "main:1"}])), probe, InPlace),
        row(
            &deployment,
            &hook(json!({"httpGet": {"path": "/", "port": 80}})),
            &hook(json!({"exec": {"command": ["true"]}})),
            "spec.template.spec.containers[name=main].lifecycle.preStop",
            InPlace,
        ),
        row(&deployment, &map(), &volume(json!({"secret": {"secretName": "a"}})), source, InPlace),
        row(&deployment, &map(), &volume(json!({"emptyDir": {}})), source, InPlace),
        row(&deployment, &volume(json!({"emptyDir": {}})), &map(), source, InPlace),
        row(
            &deployment,
            &map(),
            &json!({"spec": {"template": {"spec": {"volumes": null}}}}),
            "spec.template.spec.volumes",
            InPlace,
        ),
        row(
            &deployment,
            &env(json!({"value": "1"})),
            &env(json!({"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})),
            "spec.template.spec.containers[name=main].env[name=A]",
            InPlace,
        ),
        row(
            &deployment,
            &env(json!({"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})),
            &env(json!({"value": "1"})),
            "spec.template.spec.containers[name=main].env[name=A]",
            InPlace,
        ),
        row(
            &deployment,
            &json!({"spec": {"strategy": {"type": "Recreate"}}}),
            &json!({"spec": {"strategy": null}}),
            "spec.strategy.type",
            InPlace,
        ),
        row(
            &daemon,
            &rolling,
            &json!({"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}}),
            "spec.updateStrategy.type",
            InPlace,
        ),
        row(
            &merge(&workload("StatefulSet"), &json!({"spec": {"replicas": 0, "serviceName": "ROW"}})),
            &json!({"spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}}),
            &json!({"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}}),
            "spec.updateStrategy.type",
            InPlace,
        ),
        row(&deployment, &nothing, &http, probe, InPlace),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [replicated(), unions(), stateful(), jobs(), pods(), others()].concat()
}
