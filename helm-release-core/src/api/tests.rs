use serde_json::{Value, json};

use super::*;
use crate::ports::Scope;

/// A server of today.
fn kinds() -> Kinds {
    let successors = REMOVED.iter().filter_map(|row| Some(Gvk::new(row.successor?, row.kind)));
    successors.map(|gvk| Resource { gvk, plural: "things".to_owned(), scope: Scope::Namespaced }).collect()
}

fn converted(api_version: &str, kind: &str, spec: &Value) -> Result<Value, String> {
    let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}, "spec": spec});
    let converted = successor(&Object::new(object).unwrap(), &kinds())?;
    assert_eq!(converted.object.gvk(), converted.resource.gvk);
    Ok(converted.object.as_value()["spec"].clone())
}

#[test]
fn an_old_deployment_keeps_what_its_defaults_meant() {
    let spec = json!({"rollbackTo": {"revision": 1}, "template": {"metadata": {"labels": {"app": "web"}}}});
    let expected = json!({
        "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1}},
        "progressDeadlineSeconds": i32::MAX, "revisionHistoryLimit": i32::MAX,
    });
    assert_eq!(converted("extensions/v1beta1", "Deployment", &spec).unwrap(), expected);
    let bare = converted("extensions/v1beta1", "Deployment", &json!({}));
    let why = "it cannot be written as apps/v1 Deployment: spec.selector is missing, and the template has no labels";
    assert!(bare.unwrap_err().ends_with(why.split_once(": ").unwrap().1));
}

#[test]
fn an_old_ingress_names_its_services_anew() {
    let spec = json!({
        "backend": {"serviceName": "fallback", "servicePort": "http"},
        "rules": [{"http": {"paths": [{"path": "/", "backend": {"serviceName": "web", "servicePort": 80}}]}}],
    });
    for api_version in ["extensions/v1beta1", "networking.k8s.io/v1beta1"] {
        let expected = json!({
            "defaultBackend": {"service": {"name": "fallback", "port": {"name": "http"}}},
            "rules": [{"http": {"paths": [{
                "path": "/", "pathType": "ImplementationSpecific", "backend": {"service": {"name": "web", "port": {"number": 80}}},
            }]}}],
        });
        assert_eq!(converted(api_version, "Ingress", &spec).unwrap(), expected);
    }
}

#[test]
fn an_old_definition_has_its_schema_in_each_version() {
    let spec = json!({
        "group": "example.org", "version": "v1", "names": {"kind": "Thing", "plural": "things"}, "preserveUnknownFields": false,
        "validation": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}},
        "additionalPrinterColumns": [{"name": "Age", "type": "date", "JSONPath": ".metadata.creationTimestamp"}],
        "subresources": {"status": {}},
    });
    let expected = json!({
        "group": "example.org", "names": {"kind": "Thing", "plural": "things"},
        "versions": [{
            "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
            "additionalPrinterColumns": [{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}],
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}},
        }],
    });
    assert_eq!(converted("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", &spec).unwrap(), expected);
    let bare = json!({"group": "example.org", "version": "v1", "names": {"kind": "Thing", "plural": "things"}});
    let bare = converted("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", &bare).unwrap();
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    assert_eq!(bare["versions"][0]["schema"], schema);
}

#[test]
fn the_metrics_of_an_old_autoscaler_have_targets() {
    let spec = json!({"metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 80}},
        {"type": "Pods", "pods": {"metricName": "rps", "targetAverageValue": "10"}},
        {"type": "Object", "object": {"target": {"kind": "Service", "name": "web"}, "metricName": "rps", "targetValue": "5"}},
        {"type": "External", "external": {"metricName": "queue", "metricSelector": {"matchLabels": {"q": "a"}}, "targetValue": "3"}},
    ]});
    let expected = json!({"metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}},
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "10"}}},
        {"type": "Object", "object": {
            "describedObject": {"kind": "Service", "name": "web"}, "metric": {"name": "rps"}, "target": {"type": "Value", "value": "5"},
        }},
        {"type": "External", "external": {
            "metric": {"name": "queue", "selector": {"matchLabels": {"q": "a"}}}, "target": {"type": "Value", "value": "3"},
        }},
    ]});
    assert_eq!(converted("autoscaling/v2beta1", "HorizontalPodAutoscaler", &spec).unwrap(), expected);
}

#[test]
fn what_has_no_counterpart_is_told() {
    for (api_version, kind, spec, why) in [
        ("policy/v1beta1", "PodSecurityPolicy", json!({}), "nothing took its place"),
        ("policy/v1beta1", "PodDisruptionBudget", json!({"selector": {}}), "means all of them since"),
        ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", json!({}), "spec.signerName is missing"),
        ("example.org/v1", "Thing", json!({}), "in no table"),
    ] {
        let error = converted(api_version, kind, &spec).unwrap_err();
        assert!(error.contains(why), "{kind}: {error}");
    }
}

#[test]
fn every_row_stands_once_and_leads_to_a_version_that_was_not_removed() {
    for (index, row) in REMOVED.iter().enumerate() {
        let twin = REMOVED[..index].iter().find(|other| other.api_version == row.api_version && other.kind == row.kind);
        assert!(twin.is_none(), "{} {}", row.api_version, row.kind);
        if let Some(successor) = row.successor {
            assert!(removed(&Gvk::new(successor, row.kind)).is_none(), "{successor} {}", row.kind);
        }
    }
}
