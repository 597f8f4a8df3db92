//! Fields that cannot be changed once an object exists.

use helm_release_core::Gvk;
use serde_json::Value;

use super::refusal::Cause;
use super::tree;

/// What a change does that the server does not allow.
pub(crate) fn causes(gvk: &Gvk, before: &Value, after: &Value) -> Vec<Cause> {
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet") => fixed(before, after, &["spec", "selector"], "field is immutable"),
        ("apps", "StatefulSet") => stateful_set(before, after),
        ("batch", "Job") => job(before, after),
        ("", "Service") => service(before, after),
        ("", "PersistentVolumeClaim") => claim(before, after),
        ("", "ConfigMap") => frozen(before, after, &["data", "binaryData"]),
        ("", "Secret") => {
            let mut causes = fixed(before, after, &["type"], "field is immutable");
            causes.extend(frozen(before, after, &["data"]));
            causes
        }
        ("", "Pod") => pod(before, after),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => role(before, after),
        ("storage.k8s.io", "StorageClass") => {
            let fields = ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"];
            let changed = fields.into_iter().filter(|field| before.get(field) != after.get(field));
            changed.map(|field| forbidden(field, &format!("updates to {field} are forbidden."))).collect()
        }
        ("scheduling.k8s.io", "PriorityClass") if before.get("value") != after.get("value") => {
            vec![forbidden("value", "may not be changed in an update.")]
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            let mut causes = fixed(before, after, &["spec", "scope"], "field is immutable");
            causes.extend(fixed(before, after, &["spec", "names", "kind"], "field is immutable"));
            causes
        }
        _ => Vec::new(),
    }
}

fn forbidden(field: &str, why: &str) -> Cause {
    Cause::Forbidden { field: field.to_owned(), why: why.to_owned() }
}

fn changed(before: &Value, after: &Value, path: &[&str]) -> bool {
    tree::at(before, path) != tree::at(after, path)
}

fn fixed(before: &Value, after: &Value, path: &[&str], why: &str) -> Vec<Cause> {
    if !changed(before, after, path) {
        return Vec::new();
    }
    let value = tree::at(after, path).cloned().unwrap_or_default();
    vec![Cause::Invalid { field: path.join("."), value, why: why.to_owned() }]
}

/// The server prints this one value with the field names of its own source.
fn role(before: &Value, after: &Value) -> Vec<Cause> {
    if !changed(before, after, &["roleRef"]) {
        return Vec::new();
    }
    let text = |key: &str| tree::text(after, &["roleRef", key]);
    let value = serde_json::json!({"APIGroup": text("apiGroup"), "Kind": text("kind"), "Name": text("name")});
    vec![Cause::Invalid { field: "roleRef".to_owned(), value, why: "cannot change roleRef".to_owned() }]
}

fn stateful_set(before: &Value, after: &Value) -> Vec<Cause> {
    let free = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    let rest = |object: &Value| {
        let mut spec = object.get("spec").cloned().unwrap_or_default();
        for field in free {
            tree::remove(&mut spec, &[field]);
        }
        spec
    };
    if rest(before) == rest(after) {
        return Vec::new();
    }
    let why = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', \
        'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    vec![forbidden("spec", why)]
}

fn job(before: &Value, after: &Value) -> Vec<Cause> {
    let fields = ["completions", "selector", "template", "podFailurePolicy", "backoffLimitPerIndex", "completionMode"];
    let why = "field is immutable";
    fields.into_iter().flat_map(|field| fixed(before, after, &["spec", field], why)).collect()
}

fn service(before: &Value, after: &Value) -> Vec<Cause> {
    let is_external = |object: &Value| tree::text(object, &["spec", "type"]) == "ExternalName";
    let assigned = tree::text(before, &["spec", "clusterIP"]);
    if is_external(before) || is_external(after) || assigned.is_empty() || !changed(before, after, &["spec", "clusterIP"]) {
        return Vec::new();
    }
    let value = tree::at(after, &["spec", "clusterIPs"]).cloned().unwrap_or_default();
    vec![Cause::Invalid { field: "spec.clusterIPs[0]".to_owned(), value, why: "may not change once set".to_owned() }]
}

fn claim(before: &Value, after: &Value) -> Vec<Cause> {
    let bound = tree::text(before, &["status", "phase"]) == "Bound";
    let rest = |object: &Value| {
        let mut spec = object.get("spec").cloned().unwrap_or_default();
        if bound {
            tree::remove(&mut spec, &["resources", "requests", "storage"]);
            tree::remove(&mut spec, &["volumeAttributesClassName"]);
        }
        spec
    };
    if rest(before) == rest(after) {
        return shrinks(before, after);
    }
    let why = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    vec![forbidden("spec", why)]
}

/// A claim never gets smaller than what its volume has; the units that tests use are told apart, others are not compared.
fn shrinks(before: &Value, after: &Value) -> Vec<Cause> {
    let size = ["spec", "resources", "requests", "storage"];
    let gibibytes = |object: &Value| tree::text(object, &size).strip_suffix("Gi").and_then(|size| size.parse::<u64>().ok());
    match (gibibytes(before), gibibytes(after)) {
        (Some(before), Some(after)) if after < before => {
            vec![forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]
        }
        _ => Vec::new(),
    }
}

/// A ConfigMap or Secret that says of itself that it never changes.
fn frozen(before: &Value, after: &Value, fields: &[&str]) -> Vec<Cause> {
    if before.get("immutable") != Some(&Value::Bool(true)) {
        return Vec::new();
    }
    let changed = std::iter::once(&"immutable").chain(fields).filter(|field| before.get(**field) != after.get(**field));
    changed.map(|field| forbidden(field, "field is immutable when `immutable` is set")).collect()
}

fn pod(before: &Value, after: &Value) -> Vec<Cause> {
    let rest = |object: &Value| {
        let mut spec = object.get("spec").cloned().unwrap_or_default();
        for list in ["containers", "initContainers"] {
            for container in tree::items_mut(&mut spec, &[list]) {
                tree::remove(container, &["image"]);
            }
        }
        for field in ["activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations", "nodeName"] {
            tree::remove(&mut spec, &[field]);
        }
        spec
    };
    if rest(before) == rest(after) {
        return Vec::new();
    }
    let why = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,\
        `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
        `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
    vec![forbidden("spec", why)]
}
