//! The few rules of each kind that a rollback can break: names, required fields, selectors that select nothing.

use helm_release_core::Gvk;
use serde_json::Value;

use super::refusal::Cause;
use super::tree;

/// What is wrong with an object.
pub(crate) fn causes(gvk: &Gvk, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    name(gvk, object, &mut causes);
    match (gvk.group.as_str(), gvk.kind.as_str()) {
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet") => {
            selector(object, &mut causes);
            containers(object, &["spec", "template", "spec"], &mut causes);
            strategy(object, &mut causes);
        }
        ("batch", "Job") => {
            containers(object, &["spec", "template", "spec"], &mut causes);
            if tree::text(object, &["spec", "template", "spec", "restartPolicy"]).is_empty() {
                let why = "valid values: \"OnFailure\", \"Never\"".to_owned();
                causes.push(Cause::Required { field: "spec.template.spec.restartPolicy".to_owned(), why });
            }
        }
        ("", "Pod") => containers(object, &["spec"], &mut causes),
        ("", "Service") if !tree::items(object, &["spec", "ports"]).is_empty() => port_names(object, &mut causes),
        ("", "Service") => {
            let kind = tree::text(object, &["spec", "type"]);
            let headless = tree::text(object, &["spec", "clusterIP"]) == "None";
            if kind != "ExternalName" && !headless {
                required("spec.ports", &mut causes);
            }
        }
        _ => {}
    }
    causes
}

fn required(field: &str, causes: &mut Vec<Cause>) {
    causes.push(Cause::Required { field: field.to_owned(), why: String::new() });
}

fn name(gvk: &Gvk, object: &Value, causes: &mut Vec<Cause>) {
    // Names of roles and bindings are path segments, not DNS names.
    if gvk.group == "rbac.authorization.k8s.io" {
        return;
    }
    let name = tree::text(object, &["metadata", "name"]);
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let outer = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    if bytes.iter().copied().all(inner) && outer(bytes.first()) && outer(bytes.last()) && name.len() <= 253 {
        return;
    }
    let why = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start \
        and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
        '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    causes.push(Cause::Invalid { field: "metadata.name".to_owned(), value: Value::from(name), why: why.to_owned() });
}

fn selector(object: &Value, causes: &mut Vec<Cause>) {
    let Some(selector) = tree::at(object, &["spec", "selector"]) else {
        required("spec.selector", causes);
        return mismatch(None, causes);
    };
    let labels = tree::at(object, &["spec", "template", "metadata", "labels"]);
    let wanted = selector.get("matchLabels").and_then(Value::as_object);
    let selects = wanted.into_iter().flatten().all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value));
    if !selects {
        mismatch(labels, causes);
    }
}

fn mismatch(labels: Option<&Value>, causes: &mut Vec<Cause>) {
    let (field, value) = ("spec.template.metadata.labels".to_owned(), labels.cloned().unwrap_or_default());
    causes.push(Cause::Invalid { field, value, why: "`selector` does not match template `labels`".to_owned() });
}

fn port_names(service: &Value, causes: &mut Vec<Cause>) {
    let ports = tree::items(service, &["spec", "ports"]);
    for (index, port) in ports.iter().enumerate() {
        let name = tree::text(port, &["name"]);
        let earlier = ports.iter().take(index).any(|other| tree::text(other, &["name"]) == name);
        if name.is_empty() && ports.len() > 1 {
            required(&format!("spec.ports[{index}].name"), causes);
        } else if !name.is_empty() && earlier {
            causes.push(Cause::Duplicate { field: format!("spec.ports[{index}].name"), value: Value::from(name) });
        }
    }
}

fn strategy(object: &Value, causes: &mut Vec<Cause>) {
    let recreates = tree::text(object, &["spec", "strategy", "type"]) == "Recreate";
    if recreates && tree::at(object, &["spec", "strategy", "rollingUpdate"]).is_some() {
        let why = "may not be specified when strategy `type` is 'Recreate'".to_owned();
        causes.push(Cause::Forbidden { field: "spec.strategy.rollingUpdate".to_owned(), why });
    }
}

fn containers(object: &Value, path: &[&str], causes: &mut Vec<Cause>) {
    let mut field = path.to_vec();
    field.push("containers");
    let containers = tree::items(object, &field);
    if containers.is_empty() {
        required(&field.join("."), causes);
    }
    for (index, container) in containers.iter().enumerate() {
        for key in ["name", "image"] {
            if tree::text(container, &[key]).is_empty() {
                required(&format!("{}[{index}].{key}", field.join(".")), causes);
            }
        }
    }
}
