//! How objects of a removed version are written in the one that took its place. What the old version meant by a field that was
//! left out is written down, where the new one means something else by it.

use serde_json::{Map, Value, json};

/// Changes an object's fields; fails with the field that has no counterpart.
pub(super) type Convert = fn(&mut Value) -> Result<(), String>;

#[expect(clippy::unnecessary_wraps, reason = "one shape for all")]
pub(super) fn same(_object: &mut Value) -> Result<(), String> {
    Ok(())
}

fn spec(object: &mut Value) -> &mut Map<String, Value> {
    part(object, "spec")
}

fn part<'a>(holder: &'a mut Value, key: &str) -> &'a mut Map<String, Value> {
    if !holder.is_object() {
        *holder = json!({});
    }
    let member = &mut holder[key];
    if !member.is_object() {
        *member = json!({});
    }
    // Made an object just now when it was none.
    match member {
        Value::Object(map) => map,
        _ => unreachable!("it was made an object"),
    }
}

fn list<'a>(holder: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Value> {
    holder.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten()
}

fn default(map: &mut Map<String, Value>, key: &str, value: Value) {
    if map.get(key).is_none_or(Value::is_null) {
        map.insert(key.to_owned(), value);
    }
}

fn rename(map: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = map.remove(from) {
        map.insert(to.to_owned(), value);
    }
}

/// The selector was that of the template's labels.
pub(super) fn with_selector(object: &mut Value) -> Result<(), String> {
    let labels = object.pointer("/spec/template/metadata/labels").cloned();
    let spec = spec(object);
    if spec.get("selector").is_none_or(Value::is_null) {
        let labels = labels.ok_or("spec.selector is missing, and the template has no labels")?;
        spec.insert("selector".to_owned(), json!({ "matchLabels": labels }));
    }
    Ok(())
}

fn rolling(object: &mut Value, missing: u32, surge: u32) {
    let strategy = part(&mut object["spec"], "strategy");
    default(strategy, "type", json!("RollingUpdate"));
    if strategy.get("type") == Some(&json!("RollingUpdate")) {
        let rolling = part(&mut object["spec"]["strategy"], "rollingUpdate");
        default(rolling, "maxUnavailable", json!(missing));
        default(rolling, "maxSurge", json!(surge));
    }
}

pub(super) fn old_deployment(object: &mut Value) -> Result<(), String> {
    with_selector(object)?;
    rolling(object, 1, 1);
    let spec = spec(object);
    spec.remove("rollbackTo");
    // It never gave up, and kept every ReplicaSet.
    default(spec, "progressDeadlineSeconds", json!(i32::MAX));
    default(spec, "revisionHistoryLimit", json!(i32::MAX));
    Ok(())
}

pub(super) fn beta_deployment(object: &mut Value) -> Result<(), String> {
    with_selector(object)?;
    let spec = spec(object);
    spec.remove("rollbackTo");
    default(spec, "revisionHistoryLimit", json!(2));
    Ok(())
}

pub(super) fn old_daemon_set(object: &mut Value) -> Result<(), String> {
    with_selector(object)?;
    let spec = spec(object);
    spec.remove("templateGeneration");
    default(spec, "updateStrategy", json!({ "type": "OnDelete" }));
    Ok(())
}

pub(super) fn beta_stateful_set(object: &mut Value) -> Result<(), String> {
    with_selector(object)?;
    default(spec(object), "updateStrategy", json!({ "type": "OnDelete" }));
    Ok(())
}

/// A subject of the group was named by its version.
pub(super) fn alpha_binding(object: &mut Value) -> Result<(), String> {
    for subject in list(object, "subjects") {
        let Some(subject) = subject.as_object_mut() else { continue };
        if let Some(version) = subject.remove("apiVersion").as_ref().and_then(Value::as_str) {
            let group = version.split_once('/').map_or("", |(group, _)| group).to_owned();
            default(subject, "apiGroup", json!(group));
        }
    }
    Ok(())
}

pub(super) fn webhooks(object: &mut Value) -> Result<(), String> {
    for webhook in list(object, "webhooks") {
        let Some(webhook) = webhook.as_object_mut() else { continue };
        let effects = webhook.get("sideEffects").and_then(Value::as_str).unwrap_or("Unknown");
        if !["None", "NoneOnDryRun"].contains(&effects) {
            return Err(format!("webhooks[].sideEffects is {effects}, which is no longer possible"));
        }
        default(webhook, "failurePolicy", json!("Ignore"));
        default(webhook, "matchPolicy", json!("Exact"));
        default(webhook, "timeoutSeconds", json!(30));
        default(webhook, "admissionReviewVersions", json!(["v1beta1"]));
    }
    Ok(())
}

pub(super) fn signing_request(object: &mut Value) -> Result<(), String> {
    let spec = spec(object);
    match spec.get("signerName").and_then(Value::as_str) {
        None | Some("kubernetes.io/legacy-unknown") => {
            Err("spec.signerName is missing or kubernetes.io/legacy-unknown".to_owned())
        }
        Some(_) => Ok(()),
    }
}

/// One schema, one set of columns and subresources for all versions became one for each.
pub(super) fn definition(object: &mut Value) -> Result<(), String> {
    let spec = spec(object);
    let preserves = spec.remove("preserveUnknownFields").is_none_or(|value| value == true);
    let schema = spec.remove("validation").and_then(|mut validation| validation.get_mut("openAPIV3Schema").map(Value::take));
    let columns = spec.remove("additionalPrinterColumns");
    let subresources = spec.remove("subresources");
    if let Some(version) = spec.remove("version")
        && spec.get("versions").is_none_or(Value::is_null)
    {
        spec.insert("versions".to_owned(), json!([{ "name": version, "served": true, "storage": true }]));
    }
    if let Some(conversion) = spec.get_mut("conversion").and_then(Value::as_object_mut) {
        let (client, versions) = (conversion.remove("webhookClientConfig"), conversion.remove("conversionReviewVersions"));
        if let Some(client) = client {
            let versions = versions.unwrap_or_else(|| json!(["v1beta1"]));
            conversion.insert("webhook".to_owned(), json!({ "clientConfig": client, "conversionReviewVersions": versions }));
        }
    }
    let versions = spec.get_mut("versions").and_then(Value::as_array_mut).ok_or("spec.versions is missing")?;
    for version in versions {
        let Some(version) = version.as_object_mut() else { continue };
        for (key, value) in [("additionalPrinterColumns", &columns), ("subresources", &subresources)] {
            if let Some(value) = value {
                default(version, key, value.clone());
            }
        }
        for column in version.get_mut("additionalPrinterColumns").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(column) = column.as_object_mut() {
                rename(column, "JSONPath", "jsonPath");
            }
        }
        let mut whole = schema.clone().unwrap_or_else(|| json!({ "type": "object" }));
        if preserves {
            whole["x-kubernetes-preserve-unknown-fields"] = json!(true);
        }
        if let Some(whole) = whole.as_object_mut() {
            default(whole, "type", json!("object"));
        }
        default(version, "schema", json!({ "openAPIV3Schema": whole }));
    }
    Ok(())
}

pub(super) fn ingress(object: &mut Value) -> Result<(), String> {
    let spec = spec(object);
    rename(spec, "backend", "defaultBackend");
    if let Some(backend) = spec.get_mut("defaultBackend") {
        backend_of(backend)?;
    }
    for rule in spec.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(http) = rule.get_mut("http") else { continue };
        for path in list(http, "paths") {
            if let Some(backend) = path.get_mut("backend") {
                backend_of(backend)?;
            }
            if let Some(path) = path.as_object_mut() {
                default(path, "pathType", json!("ImplementationSpecific"));
            }
        }
    }
    Ok(())
}

fn backend_of(backend: &mut Value) -> Result<(), String> {
    let Some(backend) = backend.as_object_mut() else { return Ok(()) };
    let (name, port) = (backend.remove("serviceName"), backend.remove("servicePort"));
    let Some(name) = name else { return Ok(()) };
    let port = match port {
        Some(Value::Number(number)) => json!({ "number": number }),
        Some(Value::String(text)) => match text.parse::<u16>() {
            Ok(number) => json!({ "number": number }),
            Err(_) => json!({ "name": text }),
        },
        _ => return Err("a backend has a serviceName and no servicePort".to_owned()),
    };
    backend.insert("service".to_owned(), json!({ "name": name, "port": port }));
    Ok(())
}

/// An empty selector took no pods, and takes all of them since.
pub(super) fn budget(object: &mut Value) -> Result<(), String> {
    match object.pointer("/spec/selector") {
        Some(Value::Object(selector)) if selector.is_empty() => {
            Err("spec.selector is empty, which meant no pods and means all of them since".to_owned())
        }
        _ => Ok(()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for all")]
pub(super) fn priority_level(object: &mut Value) -> Result<(), String> {
    if let Some(limited) = object.pointer_mut("/spec/limited").and_then(Value::as_object_mut) {
        rename(limited, "assuredConcurrencyShares", "nominalConcurrencyShares");
        // An absent or zero number meant thirty.
        if limited.get("nominalConcurrencyShares").is_none_or(|shares| shares.is_null() || *shares == 0) {
            limited.insert("nominalConcurrencyShares".to_owned(), json!(30));
        }
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for all")]
pub(super) fn endpoint_slice(object: &mut Value) -> Result<(), String> {
    for endpoint in list(object, "endpoints") {
        let Some(endpoint) = endpoint.as_object_mut() else { continue };
        let Some(Value::Object(mut topology)) = endpoint.remove("topology") else { continue };
        if let Some(node) = topology.remove("kubernetes.io/hostname") {
            default(endpoint, "nodeName", node);
        }
        if let Some(zone) = topology.remove("topology.kubernetes.io/zone") {
            default(endpoint, "zone", zone);
        }
        if !topology.is_empty() {
            endpoint.insert("deprecatedTopology".to_owned(), Value::Object(topology));
        }
    }
    Ok(())
}

/// Each metric's target became a part of its own.
pub(super) fn autoscaler(object: &mut Value) -> Result<(), String> {
    let spec = spec(object);
    for metric in spec.get_mut("metrics").and_then(Value::as_array_mut).into_iter().flatten() {
        for source in ["resource", "containerResource", "pods", "object", "external"] {
            let Some(source_value) = metric.get_mut(source).and_then(Value::as_object_mut) else { continue };
            metric_source(source, source_value)?;
        }
    }
    Ok(())
}

fn metric_source(source: &str, fields: &mut Map<String, Value>) -> Result<(), String> {
    if source == "object" {
        rename(fields, "target", "describedObject");
        rename(fields, "averageValue", "targetAverageValue");
    }
    rename(fields, "metricSelector", "selector");
    if let Some(name) = fields.remove("metricName") {
        let mut metric = json!({ "name": name });
        if let Some(selector) = fields.remove("selector") {
            metric["selector"] = selector;
        }
        fields.insert("metric".to_owned(), metric);
    }
    let target = [
        ("targetAverageUtilization", "Utilization", "averageUtilization"),
        ("targetAverageValue", "AverageValue", "averageValue"),
        ("targetValue", "Value", "value"),
    ];
    // An average outweighs the plain value that version 2beta1 demands beside it.
    let mut found = None;
    for (old, kind, new) in target {
        if let Some(value) = fields.remove(old) {
            found.get_or_insert_with(|| json!({ "type": kind, new: value }));
        }
    }
    let target = found.ok_or_else(|| format!("a metric of type {source} has no target"))?;
    fields.insert("target".to_owned(), target);
    Ok(())
}
