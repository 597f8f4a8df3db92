//! Generates objects of every kind that some rule knows, and those that belong to them.

use helm_release_core::Object;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::Case;
use crate::dice::Dice;

/// Every kind with a rule of its own, in each version that some rule names, and some without a rule.
pub(crate) const KINDS: &[(&str, &str)] = &[
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "ReplicationController"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("policy/v1", "PodDisruptionBudget"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1beta2", "StatefulSet"),
    ("extensions/v1beta1", "DaemonSet"),
    ("extensions/v1beta1", "Deployment"),
    ("extensions/v1beta1", "ReplicaSet"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("acme.io/v1", "Widget"),
    ("acme.io/v1", "Job"),
];

const NAMESPACE: &str = "prod";
const UID: &str = "0e2f";

pub(crate) fn case((api_version, kind): &(&str, &str), dice: &mut Dice) -> Case {
    let mut subject =
        json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata("web", dice), "spec": {}, "status": {} });
    if dice.one_in(3) {
        subject["metadata"]["generation"] = json!(dice.below(3));
    }
    if dice.one_in(2) {
        subject["status"]["observedGeneration"] =
            subject["metadata"].get("generation").cloned().unwrap_or_else(|| json!(dice.below(2)));
    }
    if dice.one_in(30) {
        subject["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        subject["metadata"]["finalizers"] = json!(["acme.io/hold"]);
    }
    let mut related = Vec::new();
    match *kind {
        "Pod" => subject["status"] = pod_status(dice),
        "Service" => service(&mut subject, dice),
        "PersistentVolumeClaim" => {
            dice.fill(&mut subject["status"], &["phase"], |dice| json!(dice.pick(&["Bound", "Pending", "Lost"])));
        }
        "Job" => job(&mut subject, dice),
        "Deployment" => related = deployment(&mut subject, dice),
        "StatefulSet" => stateful_set(&mut subject, dice),
        "DaemonSet" => daemon_set(&mut subject, dice),
        "ReplicaSet" => replica_set(&mut subject, dice),
        "ReplicationController" => subject["spec"]["selector"] = json!({ "app": "web" }),
        _ => {}
    }
    if matches!(*kind, "ReplicaSet" | "ReplicationController" | "StatefulSet") {
        related = (0..dice.below(4)).map(|index| pod(index, dice)).collect();
    }
    if matches!(*kind, "CustomResourceDefinition" | "Widget") || dice.one_in(40) {
        conditions(&mut subject, &["Ready", "Established", "NamesAccepted", "Reconciling", "Stalled"], dice);
    }
    Case { object: object(subject), related: related.into_iter().map(object).collect() }
}

fn object(value: Value) -> Object {
    Object::new(value).expect("generated objects have a kind")
}

/// Replaces one or two fields by nonsense.
pub(crate) fn spoilt(case: Case, dice: &mut Dice) -> Case {
    let mut value = case.object.into_value();
    for _ in 0..=dice.below(2) {
        let root = dice.pick(&[
            "/spec",
            "/status",
            "/metadata/generation",
            "/metadata/deletionTimestamp",
            "/metadata/creationTimestamp",
        ]);
        if let Some(place) = value.pointer_mut(root) {
            spoil(place, dice);
        }
    }
    Case { object: object(value), related: case.related }
}

fn spoil(place: &mut Value, dice: &mut Dice) {
    if !dice.one_in(4) {
        let inner = match place {
            Value::Object(map) if !map.is_empty() => {
                let index = dice.below(map.len());
                map.values_mut().nth(index)
            }
            Value::Array(entries) if !entries.is_empty() => {
                let index = dice.below(entries.len());
                entries.get_mut(index)
            }
            _ => None,
        };
        if let Some(inner) = inner {
            return spoil(inner, dice);
        }
    }
    let nonsense = [Value::Null, json!("3"), json!(3), json!(1.5), json!(true), json!([]), json!({}), json!(["x"]), json!("")];
    *place = nonsense[dice.below(nonsense.len())].clone();
}

fn metadata(name: &str, dice: &mut Dice) -> Value {
    let age = SignedDuration::from_hours(if dice.one_in(2) { 1 } else { -1 });
    let created = (Timestamp::now() - age).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let app = if dice.one_in(6) { "other" } else { "web" };
    json!({ "name": name, "namespace": NAMESPACE, "uid": UID, "labels": { "app": app }, "creationTimestamp": created })
}

fn conditions(subject: &mut Value, kinds: &[&str], dice: &mut Dice) {
    let mut list = Vec::new();
    for kind in kinds {
        if dice.one_in(2) {
            let mut condition = Map::from_iter([("type".to_owned(), json!(kind))]);
            condition.insert("status".to_owned(), json!(dice.pick(&["True", "True", "False", "Unknown", "Odd"])));
            let reasons = &[
                "Installing",
                "NewReplicaSetAvailable",
                "ProgressDeadlineExceeded",
                "Unschedulable",
                "BackoffLimitExceeded",
                "",
            ];
            condition.insert("reason".to_owned(), json!(dice.pick(reasons)));
            if dice.one_in(2) {
                condition.insert("message".to_owned(), json!(format!("about {kind}")));
            }
            list.push(Value::Object(condition));
        }
    }
    if dice.one_in(2) {
        list.reverse();
    }
    subject["status"]["conditions"] = Value::Array(list);
}

fn pod_status(dice: &mut Dice) -> Value {
    let mut holder = json!({ "status": {} });
    conditions(&mut holder, &["Ready", "PodScheduled", "Initialized"], dice);
    let mut status = holder["status"].take();
    let phases = &["Pending", "Pending", "Running", "Running", "Succeeded", "Failed", "Unknown", "Odd"];
    dice.fill(&mut status, &["phase"], |dice| json!(dice.pick(phases)));
    if dice.one_in(2) {
        let container = |name: &str, dice: &mut Dice| match dice.below(4) {
            0 => json!({ "name": name, "state": { "running": {} } }),
            1 => json!({ "name": name }),
            _ => json!({ "name": name, "state": { "waiting": { "reason": dice.pick(&["CrashLoopBackOff", "ErrImagePull"]) } } }),
        };
        status["containerStatuses"] = json!([container("app", dice), container("log", dice)]);
    }
    status
}

fn pod(index: usize, dice: &mut Dice) -> Value {
    let mut pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata(&format!("web-{index}"), dice), "status": pod_status(dice) });
    if dice.one_in(5) {
        pod["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    }
    if dice.one_in(3) {
        pod["status"]["conditions"] = json!([{ "type": "Ready", "status": "True" }]);
    }
    pod
}

fn service(subject: &mut Value, dice: &mut Dice) {
    dice.fill(&mut subject["spec"], &["type"], |dice| {
        json!(dice.pick(&["ClusterIP", "LoadBalancer", "LoadBalancer", "NodePort", "ExternalName"]))
    });
    dice.fill(&mut subject["spec"], &["clusterIP"], |dice| json!(dice.pick(&["10.0.0.1", "None", ""])));
    if dice.one_in(4) {
        subject["spec"]["externalIPs"] = if dice.one_in(2) { json!([]) } else { json!(["1.2.3.4"]) };
    }
    match dice.below(4) {
        0 => subject["status"]["loadBalancer"] = json!({}),
        1 => subject["status"]["loadBalancer"] = json!({ "ingress": [{ "ip": "1.2.3.4" }] }),
        2 => subject["status"]["loadBalancer"] = json!({ "ingress": [] }),
        _ => {}
    }
}

fn job(subject: &mut Value, dice: &mut Dice) {
    subject["spec"]["backoffLimit"] = json!(dice.below(4));
    dice.fill(&mut subject["spec"], &["completions", "parallelism"], |dice| json!(dice.count()));
    dice.fill(&mut subject["status"], &["active", "succeeded", "failed"], |dice| json!(dice.count()));
    dice.fill(&mut subject["status"], &["startTime"], |_| json!("2026-01-01T00:00:00Z"));
    if dice.one_in(2) {
        conditions(subject, &["Complete", "Failed", "Suspended"], dice);
    }
}

fn limit(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 | 1 => json!(dice.count()),
        2 => json!(format!("{}", dice.below(200))),
        3 => json!(dice.pick(&["", "%", "many", "10.5%", "%20", "1%0", "+30%", "-30%", " 30%", "99999999999%", "5000000000%"])),
        4 => Value::Null,
        _ => json!(format!("{}%", dice.below(130))),
    }
}

fn selector(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!({ "matchExpressions": [{ "key": "app", "operator": "In", "values": ["web", "shop"] }] }),
        1 => {
            json!({ "matchExpressions": [{ "key": "app", "operator": "NotIn", "values": ["other"] }, { "key": "app", "operator": "Exists" }] })
        }
        _ => json!({ "matchLabels": { "app": "web" } }),
    }
}

fn template(image: &str, dice: &mut Dice) -> Value {
    let mut template =
        json!({ "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "web", "image": image }] } });
    if dice.one_in(4) {
        template["metadata"]["creationTimestamp"] = Value::Null;
        template["spec"]["containers"][0]["resources"] = json!({});
        template["spec"]["nodeSelector"] = json!({});
        template["spec"]["tolerations"] = json!([]);
    }
    if dice.one_in(8) {
        template["spec"]["securityContext"] = json!({});
    }
    template
}

fn deployment(subject: &mut Value, dice: &mut Dice) -> Vec<Value> {
    let replicas = i64::try_from(dice.below(6)).expect("below 6");
    subject["spec"] = json!({ "replicas": replicas, "selector": selector(dice), "template": template("web:2", dice) });
    if dice.one_in(20) {
        subject["spec"]["paused"] = json!(true);
    }
    dice.fill(&mut subject["spec"], &["progressDeadlineSeconds"], |dice| json!(if dice.one_in(4) { i32::MAX } else { 600 }));
    let kind = dice.pick(&["RollingUpdate", "RollingUpdate", "RollingUpdate", "Recreate", ""]);
    subject["spec"]["strategy"] = json!({ "type": kind });
    if kind == "RollingUpdate" {
        subject["spec"]["strategy"]["rollingUpdate"] = json!({ "maxSurge": limit(dice), "maxUnavailable": limit(dice) });
    }
    counts(subject, &["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"], replicas, dice);
    conditions(subject, &["Available", "Progressing"], dice);
    (0..dice.below(4)).map(|index| owned_replica_set(index, dice)).collect()
}

fn owned_replica_set(index: usize, dice: &mut Dice) -> Value {
    let image = if dice.one_in(3) { "web:1" } else { "web:2" };
    let mut template = template(image, dice);
    template["metadata"]["labels"]["pod-template-hash"] = json!(format!("h{index}"));
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata(&format!("web-{index}"), dice),
        "spec": { "replicas": 1, "template": template, "selector": { "matchLabels": { "app": "web" } } },
        "status": { "readyReplicas": dice.below(5), "replicas": 1 },
    });
    let (uid, controller) = (if dice.one_in(6) { "ffff" } else { UID }, !dice.one_in(8));
    if !dice.one_in(8) {
        set["metadata"]["ownerReferences"] = json!([
            { "apiVersion": "v1", "kind": "Other", "name": "first", "uid": "aaaa" },
            { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": uid, "controller": controller },
        ]);
    }
    if dice.one_in(6) {
        set["metadata"]["generation"] = json!(2);
        set["status"]["observedGeneration"] = json!(dice.below(3));
    }
    set
}

/// Counts that are mostly as wanted, so that later rules are reached too.
fn counts(subject: &mut Value, members: &[&str], wanted: i64, dice: &mut Dice) {
    for member in members {
        match dice.below(8) {
            0 => {}
            1 => subject["status"][*member] = json!(dice.count()),
            _ => subject["status"][*member] = json!(wanted),
        }
    }
}

fn stateful_set(subject: &mut Value, dice: &mut Dice) {
    let replicas = i64::try_from(dice.below(4)).expect("below 4");
    subject["spec"] = json!({ "selector": selector(dice), "template": template("web:2", dice) });
    dice.fill(&mut subject["spec"], &["replicas"], |_| json!(replicas));
    let kind = dice.pick(&["RollingUpdate", "RollingUpdate", "RollingUpdate", "OnDelete", "Odd"]);
    dice.fill(&mut subject["spec"], &["updateStrategy"], |dice| match dice.below(3) {
        0 => json!({ "type": kind }),
        1 => json!({ "type": kind, "rollingUpdate": {} }),
        _ => json!({ "type": kind, "rollingUpdate": { "partition": dice.count() } }),
    });
    counts(subject, &["replicas", "readyReplicas", "currentReplicas", "updatedReplicas"], replicas, dice);
    dice.fill(&mut subject["status"], &["currentRevision", "updateRevision"], |dice| json!(dice.pick(&["a", "a", "a", "b"])));
}

fn daemon_set(subject: &mut Value, dice: &mut Dice) {
    if !dice.one_in(6) {
        subject["metadata"]["generation"] = json!(1);
        subject["status"]["observedGeneration"] = json!(1);
    }
    subject["spec"] = json!({ "selector": selector(dice), "template": template("web:2", dice) });
    let kind = dice.pick(&["RollingUpdate", "RollingUpdate", "RollingUpdate", "OnDelete"]);
    subject["spec"]["updateStrategy"] = json!({ "type": kind });
    if kind == "RollingUpdate" {
        subject["spec"]["updateStrategy"]["rollingUpdate"] = json!({ "maxUnavailable": limit(dice) });
    }
    let desired = dice.count();
    let members =
        ["desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled", "numberAvailable", "numberReady"];
    counts(subject, &members, desired, dice);
}

fn replica_set(subject: &mut Value, dice: &mut Dice) {
    let replicas = i64::try_from(dice.below(4)).expect("below 4");
    subject["spec"] = json!({ "replicas": replicas, "selector": selector(dice), "template": template("web:2", dice) });
    counts(subject, &["replicas", "fullyLabeledReplicas", "availableReplicas", "readyReplicas"], replicas, dice);
    if dice.one_in(4) {
        conditions(subject, &["ReplicaFailure"], dice);
    }
}
