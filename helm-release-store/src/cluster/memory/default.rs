//! Fills in what a client left out.
//!
//! Only defaults that matter when objects are compared: Services, pod templates, workloads, claims, Secrets and roles.

use helm_release_core::ports::Resource;
use serde_json::{Value, json};

use super::tree::{self, set_default};

/// Fills in the defaults of a kind; `before` is the object that is changed, if there is one.
pub(crate) fn fill(resource: &Resource, object: &mut Value, before: Option<&Value>) {
    match (resource.gvk.group.as_str(), resource.gvk.kind.as_str()) {
        ("", "Namespace") => {
            let name = tree::text(object, &["metadata", "name"]).to_owned();
            tree::set(object, &["metadata", "labels", "kubernetes.io/metadata.name"], name);
            set_default(object, &["spec", "finalizers"], json!(["kubernetes"]));
            set_default(object, &["status", "phase"], "Active");
        }
        ("", "Pod") => {
            pod(object, &["spec"], "Always");
            set_default(object, &["spec", "enableServiceLinks"], true);
            set_default(object, &["status", "phase"], "Pending");
            set_default(object, &["status", "qosClass"], "BestEffort");
        }
        ("", "Service") => service(object),
        ("", "Secret") => secret(object),
        ("", "PersistentVolumeClaim") => {
            set_default(object, &["spec", "volumeMode"], "Filesystem");
            set_default(object, &["status", "phase"], "Pending");
            if let Some(before) = before {
                keep(object, before, &["spec", "volumeName"]);
                keep(object, before, &["spec", "storageClassName"]);
            }
        }
        ("", "PersistentVolume") => {
            set_default(object, &["spec", "volumeMode"], "Filesystem");
            set_default(object, &["spec", "persistentVolumeReclaimPolicy"], "Retain");
        }
        ("apps", kind) => workload(kind, object, before),
        ("batch", "Job") => job(object),
        ("batch", "CronJob") => {
            set_default(object, &["spec", "concurrencyPolicy"], "Allow");
            set_default(object, &["spec", "suspend"], false);
            set_default(object, &["spec", "successfulJobsHistoryLimit"], 3);
            set_default(object, &["spec", "failedJobsHistoryLimit"], 1);
            pod(object, &["spec", "jobTemplate", "spec", "template", "spec"], "");
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            set_default(object, &["roleRef", "apiGroup"], "rbac.authorization.k8s.io");
            for subject in tree::items_mut(object, &["subjects"]) {
                if tree::text(subject, &["kind"]) != "ServiceAccount" {
                    set_default(subject, &["apiGroup"], "rbac.authorization.k8s.io");
                }
            }
        }
        ("storage.k8s.io", "StorageClass") => {
            set_default(object, &["reclaimPolicy"], "Delete");
            set_default(object, &["volumeBindingMode"], "Immediate");
        }
        ("networking.k8s.io", "NetworkPolicy") => {
            for direction in ["ingress", "egress"] {
                for rule in tree::items_mut(object, &["spec", direction]) {
                    for port in tree::items_mut(rule, &["ports"]) {
                        set_default(port, &["protocol"], "TCP");
                    }
                }
            }
            if tree::at(object, &["spec", "policyTypes"]).is_none() {
                let egress = tree::at(object, &["spec", "egress"]).is_some();
                let types = if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
                tree::set(object, &["spec", "policyTypes"], types);
            }
        }
        ("autoscaling", "HorizontalPodAutoscaler") => {
            set_default(object, &["spec", "minReplicas"], 1);
            if resource.gvk.version == "v1" {
                set_default(object, &["spec", "targetCPUUtilizationPercentage"], 80);
            }
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(object),
        _ => {}
    }
}

fn keep(object: &mut Value, before: &Value, path: &[&str]) {
    if let Some(value) = tree::at(before, path) {
        set_default(object, path, value.clone());
    }
}

fn secret(object: &mut Value) {
    set_default(object, &["type"], "Opaque");
    let Some(Value::Object(plain)) = tree::remove(object, &["stringData"]) else { return };
    for (key, text) in plain {
        let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, text.as_str().unwrap_or_default());
        tree::set(object, &["data", key.as_str()], encoded);
    }
}

fn service(object: &mut Value) {
    set_default(object, &["spec", "type"], "ClusterIP");
    set_default(object, &["spec", "sessionAffinity"], "None");
    for port in tree::items_mut(object, &["spec", "ports"]) {
        set_default(port, &["protocol"], "TCP");
        if let Some(number) = tree::at(port, &["port"]).cloned() {
            set_default(port, &["targetPort"], number);
        }
    }
    if tree::text(object, &["spec", "type"]) == "ExternalName" {
        return;
    }
    set_default(object, &["spec", "internalTrafficPolicy"], "Cluster");
    if ["NodePort", "LoadBalancer"].contains(&tree::text(object, &["spec", "type"])) {
        set_default(object, &["spec", "externalTrafficPolicy"], "Cluster");
    }
    if tree::text(object, &["spec", "type"]) == "LoadBalancer" {
        set_default(object, &["spec", "allocateLoadBalancerNodePorts"], true);
    }
}

fn workload(kind: &str, object: &mut Value, before: Option<&Value>) {
    match kind {
        "Deployment" => {
            set_default(object, &["spec", "replicas"], 1);
            set_default(object, &["spec", "revisionHistoryLimit"], 10);
            set_default(object, &["spec", "progressDeadlineSeconds"], 600);
            set_default(object, &["spec", "strategy", "type"], "RollingUpdate");
            if tree::text(object, &["spec", "strategy", "type"]) == "RollingUpdate" {
                set_default(object, &["spec", "strategy", "rollingUpdate", "maxSurge"], "25%");
                set_default(object, &["spec", "strategy", "rollingUpdate", "maxUnavailable"], "25%");
            }
        }
        "StatefulSet" => {
            set_default(object, &["spec", "replicas"], 1);
            set_default(object, &["spec", "revisionHistoryLimit"], 10);
            set_default(object, &["spec", "podManagementPolicy"], "OrderedReady");
            set_default(object, &["spec", "updateStrategy", "type"], "RollingUpdate");
            if tree::text(object, &["spec", "updateStrategy", "type"]) == "RollingUpdate" {
                set_default(object, &["spec", "updateStrategy", "rollingUpdate", "partition"], 0);
            }
            let retain = json!({"whenDeleted": "Retain", "whenScaled": "Retain"});
            set_default(object, &["spec", "persistentVolumeClaimRetentionPolicy"], retain);
            for claim in tree::items_mut(object, &["spec", "volumeClaimTemplates"]) {
                set_default(claim, &["apiVersion"], "v1");
                set_default(claim, &["kind"], "PersistentVolumeClaim");
                set_default(claim, &["spec", "volumeMode"], "Filesystem");
                set_default(claim, &["status", "phase"], "Pending");
            }
        }
        "DaemonSet" => {
            set_default(object, &["spec", "revisionHistoryLimit"], 10);
            set_default(object, &["spec", "updateStrategy", "type"], "RollingUpdate");
            if tree::text(object, &["spec", "updateStrategy", "type"]) == "RollingUpdate" {
                set_default(object, &["spec", "updateStrategy", "rollingUpdate", "maxSurge"], 0);
                set_default(object, &["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"], 1);
            }
        }
        "ReplicaSet" => set_default(object, &["spec", "replicas"], 1),
        _ => return,
    }
    pod(object, &["spec", "template", "spec"], "Always");
    if kind == "DaemonSet" {
        count_templates(object, before);
    }
}

/// A `DaemonSet` counts its templates in an annotation that nobody else may change.
fn count_templates(object: &mut Value, before: Option<&Value>) {
    const COUNT: [&str; 3] = ["metadata", "annotations", "deprecated.daemonset.template.generation"];
    let count = before.map_or(1, |before| {
        let changed = tree::at(before, &["spec", "template"]) != tree::at(object, &["spec", "template"]);
        tree::text(before, &COUNT).parse().unwrap_or(1) + i64::from(changed)
    });
    tree::set(object, &COUNT, count.to_string());
}

fn job(object: &mut Value) {
    set_default(object, &["spec", "completions"], 1);
    set_default(object, &["spec", "parallelism"], 1);
    set_default(object, &["spec", "backoffLimit"], 6);
    set_default(object, &["spec", "completionMode"], "NonIndexed");
    set_default(object, &["spec", "suspend"], false);
    set_default(object, &["spec", "manualSelector"], false);
    set_default(object, &["spec", "podReplacementPolicy"], "TerminatingOrFailed");
    pod(object, &["spec", "template", "spec"], "");
}

/// Fills in the defaults of a pod specification; nothing when there is none.
fn pod(object: &mut Value, path: &[&str], restart: &str) {
    if tree::at(object, path).is_none() {
        return;
    }
    let spec = tree::mapping(object, path);
    let mut spec_value = Value::Object(std::mem::take(spec));
    let spec = &mut spec_value;
    if !restart.is_empty() {
        set_default(spec, &["restartPolicy"], restart);
    }
    set_default(spec, &["dnsPolicy"], "ClusterFirst");
    set_default(spec, &["schedulerName"], "default-scheduler");
    set_default(spec, &["securityContext"], json!({}));
    set_default(spec, &["terminationGracePeriodSeconds"], 30);
    let account = tree::text(spec, &["serviceAccountName"]).to_owned();
    let deprecated = tree::text(spec, &["serviceAccount"]).to_owned();
    match (account.as_str(), deprecated.as_str()) {
        ("", "") => {}
        ("", deprecated) => tree::set(spec, &["serviceAccountName"], deprecated),
        (account, _) => tree::set(spec, &["serviceAccount"], account),
    }
    for list in ["containers", "initContainers"] {
        tree::items_mut(spec, &[list]).iter_mut().for_each(container);
    }
    for volume in tree::items_mut(spec, &["volumes"]) {
        for source in ["configMap", "secret", "projected", "downwardAPI"] {
            if volume.get(source).is_some() {
                set_default(volume, &[source, "defaultMode"], 420);
            }
        }
    }
    *tree::mapping(object, path) = match spec_value {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    };
}

fn container(container: &mut Value) {
    let image = tree::text(container, &["image"]);
    let tag = image.rsplit('/').next().unwrap_or(image).split_once(':').map(|(_, tag)| tag);
    let latest = !image.contains('@') && tag.is_none_or(|tag| tag == "latest");
    set_default(container, &["imagePullPolicy"], if latest { "Always" } else { "IfNotPresent" });
    set_default(container, &["terminationMessagePath"], "/dev/termination-log");
    set_default(container, &["terminationMessagePolicy"], "File");
    for port in tree::items_mut(container, &["ports"]) {
        set_default(port, &["protocol"], "TCP");
    }
    for variable in tree::items_mut(container, &["env"]) {
        if tree::at(variable, &["valueFrom", "fieldRef"]).is_some() {
            set_default(variable, &["valueFrom", "fieldRef", "apiVersion"], "v1");
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if tree::at(container, &[probe]).is_none() {
            continue;
        }
        for (field, value) in [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)] {
            set_default(container, &[probe, field], value);
        }
        if tree::at(container, &[probe, "httpGet"]).is_some() {
            set_default(container, &[probe, "httpGet", "path"], "/");
            set_default(container, &[probe, "httpGet", "scheme"], "HTTP");
        }
    }
}

fn definition(object: &mut Value) {
    set_default(object, &["spec", "conversion", "strategy"], "None");
    let kind = tree::text(object, &["spec", "names", "kind"]).to_owned();
    set_default(object, &["spec", "names", "singular"], kind.to_lowercase());
    set_default(object, &["spec", "names", "listKind"], format!("{kind}List"));
}
