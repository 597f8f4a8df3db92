//! Rows of what settings are made of: content, rights, limits, definitions, admission.

use serde_json::{Value, json};

use super::row::Foretold::{Anew, AnewData, Impossible, InPlace, Unknown};
use super::row::{Row, merged, row};

fn content() -> Vec<Row> {
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ROW"}, "data": {"a": "1"}});
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ROW"}, "stringData": {"a": "1"}});
    let nothing = json!({});
    let fixed = json!({"immutable": true});
    let other = json!({"data": {"a": "2"}});
    let text = json!({"stringData": {"a": "2"}});
    vec![
        row(&map, &nothing, &other, "data.a", InPlace),
        row(&map, &nothing, &fixed, "immutable", InPlace),
        row(&map, &fixed, &other, "data.a", Anew),
        row(&map, &fixed, &json!({"data": {"b": "2"}}), "data.b", Anew),
        row(&map, &fixed, &json!({"binaryData": {"b": "Mg=="}}), "binaryData.b", Anew),
        row(&map, &fixed, &json!({"immutable": null}), "immutable", Anew),
        row(&map, &fixed, &json!({"immutable": false}), "immutable", Anew),
        row(&map, &fixed, &json!({"metadata": {"labels": {"a": "b"}}}), "metadata.labels.a", InPlace),
        row(&secret, &nothing, &text, "data.a", InPlace),
        row(&secret, &fixed, &text, "data.a", Anew),
        row(&secret, &fixed, &json!({"immutable": null}), "immutable", Anew),
        row(&secret, &nothing, &json!({"type": "example.com/other"}), "type", Anew),
        row(&secret, &json!({"type": "example.com/other"}), &json!({"type": null}), "type", Anew),
        row(&secret, &fixed, &json!({"metadata": {"annotations": {"a": "b"}}}), "metadata.annotations.a", InPlace),
    ]
}

fn rights() -> Vec<Row> {
    let group = "rbac.authorization.k8s.io";
    let binding = |kind: &str| {
        json!({
            "apiVersion": format!("{group}/v1"), "kind": kind, "metadata": {"name": "ROW"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
            "subjects": [{"kind": "User", "apiGroup": group, "name": "nobody"}],
        })
    };
    let role = |kind: &str| {
        json!({
            "apiVersion": format!("{group}/v1"), "kind": kind, "metadata": {"name": "ROW"},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
        })
    };
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "ROW"}});
    let nothing = json!({});
    let other = json!({"subjects": [{"kind": "User", "apiGroup": group, "name": "somebody"}]});
    let verbs = json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]});
    vec![
        row(&binding("RoleBinding"), &nothing, &json!({"roleRef": {"name": "edit"}}), "roleRef.name", Anew),
        row(&binding("RoleBinding"), &nothing, &json!({"roleRef": {"kind": "Role"}}), "roleRef.kind", Anew),
        row(&binding("RoleBinding"), &nothing, &other, "subjects", InPlace),
        row(&binding("ClusterRoleBinding"), &nothing, &json!({"roleRef": {"name": "edit"}}), "roleRef.name", Anew),
        row(&binding("ClusterRoleBinding"), &nothing, &other, "subjects", InPlace),
        row(&role("Role"), &nothing, &verbs, "rules", InPlace),
        row(&role("ClusterRole"), &nothing, &verbs, "rules", InPlace),
        row(&account, &nothing, &json!({"automountServiceAccountToken": false}), "automountServiceAccountToken", InPlace),
        row(&account, &nothing, &json!({"imagePullSecrets": [{"name": "a"}]}), "imagePullSecrets", InPlace),
    ]
}

fn limits() -> Vec<Row> {
    let nothing = json!({});
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "ROW"},
        "spec": {"hard": {"pods": "1000000"}, "scopes": ["BestEffort"]},
    });
    let range = json!({
        "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "ROW"},
        "spec": {"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": "1Ei"}}]},
    });
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "ROW"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "ROW"}}},
    });
    let scaler = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "ROW"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "ROW"}},
    });
    let priority =
        json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "ROW"}, "value": 10});
    let runtime = json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "ROW"}, "handler": "a"});
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "ROW"}, "spec": {"holderIdentity": "a"}});
    vec![
        row(&quota, &nothing, &json!({"spec": {"hard": {"pods": "2000000"}}}), "spec.hard.pods", InPlace),
        row(&quota, &nothing, &json!({"spec": {"scopes": ["NotTerminating"]}}), "spec.scopes", Anew),
        row(&quota, &nothing, &json!({"spec": {"scopes": null}}), "spec.scopes", Anew),
        row(
            &range,
            &nothing,
            &json!({"spec": {"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": "2Ei"}}]}}),
            "spec.limits",
            InPlace,
        ),
        row(&budget, &nothing, &json!({"spec": {"minAvailable": 2}}), "spec.minAvailable", InPlace),
        row(
            &budget,
            &nothing,
            &json!({"spec": {"selector": {"matchLabels": {"app": "b"}}}}),
            "spec.selector.matchLabels.app",
            InPlace,
        ),
        row(
            &budget,
            &nothing,
            &json!({"spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow"}}),
            "spec.unhealthyPodEvictionPolicy",
            InPlace,
        ),
        row(&scaler, &nothing, &json!({"spec": {"maxReplicas": 4}}), "spec.maxReplicas", InPlace),
        row(&scaler, &nothing, &json!({"spec": {"scaleTargetRef": {"name": "other"}}}), "spec.scaleTargetRef.name", InPlace),
        row(&priority, &nothing, &json!({"value": 20}), "value", Anew),
        row(&priority, &nothing, &json!({"preemptionPolicy": "Never"}), "preemptionPolicy", Anew),
        row(&priority, &nothing, &json!({"description": "a"}), "description", InPlace),
        row(&runtime, &nothing, &json!({"handler": "b"}), "handler", Anew),
        row(&runtime, &nothing, &json!({"scheduling": {"nodeSelector": {"a": "b"}}}), "scheduling", InPlace),
        row(&lease, &nothing, &json!({"spec": {"holderIdentity": "b"}}), "spec.holderIdentity", InPlace),
    ]
}

fn admission() -> Vec<Row> {
    let group = "admissionregistration.k8s.io/v1";
    let nothing = json!({});
    let hook = |kind: &str| {
        // It is asked about nothing that exists.
        let rules = json!([{"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nothings"]}]);
        json!({
            "apiVersion": group, "kind": kind, "metadata": {"name": "ROW"},
            "webhooks": [{
                "name": "a.example.com", "clientConfig": {"url": "https://example.com/a"}, "rules": rules,
                "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Ignore",
            }],
        })
    };
    let policy = json!({
        "apiVersion": group, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "ROW"},
        "spec": {
            "failurePolicy": "Ignore", "validations": [{"expression": "true"}],
            "matchConstraints": {"resourceRules": [
                {"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nothings"]},
            ]},
        },
    });
    let binding = json!({
        "apiVersion": group, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "ROW"},
        "spec": {"policyName": "none", "validationActions": ["Warn"]},
    });
    let flow = json!({
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": {"name": "ROW"},
        "spec": {"priorityLevelConfiguration": {"name": "global-default"}, "matchingPrecedence": 9000},
    });
    let level = json!({
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "PriorityLevelConfiguration", "metadata": {"name": "ROW"},
        "spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 1, "limitResponse": {"type": "Reject"}}},
    });
    let url = |hook: &Value| {
        let mut hooks = hook["webhooks"].clone();
        hooks[0]["clientConfig"]["url"] = json!("https://example.com/b");
        json!({ "webhooks": hooks })
    };
    let (validating, mutating) = (hook("ValidatingWebhookConfiguration"), hook("MutatingWebhookConfiguration"));
    vec![
        row(&validating, &nothing, &url(&validating), "webhooks[name=a.example.com].clientConfig.url", InPlace),
        row(&mutating, &nothing, &url(&mutating), "webhooks[name=a.example.com].clientConfig.url", InPlace),
        row(&policy, &nothing, &json!({"spec": {"validations": [{"expression": "1 == 1"}]}}), "spec.validations", InPlace),
        row(&binding, &nothing, &json!({"spec": {"policyName": "other"}}), "spec.policyName", InPlace),
        row(&flow, &nothing, &json!({"spec": {"matchingPrecedence": 9001}}), "spec.matchingPrecedence", InPlace),
        row(
            &level,
            &nothing,
            &json!({"spec": {"limited": {"nominalConcurrencyShares": 2}}}),
            "spec.limited.nominalConcurrencyShares",
            InPlace,
        ),
    ]
}

/// What devices are asked for, by claims and by templates of them.
fn devices() -> Vec<Row> {
    let request = |class: &str| json!({"devices": {"requests": [{"name": "a", "exactly": {"deviceClassName": class}}]}});
    let claim =
        json!({"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim", "metadata": {"name": "ROW"}, "spec": request("a")});
    let template = json!({
        "apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaimTemplate", "metadata": {"name": "ROW"}, "spec": {"spec": request("a")},
    });
    let class = json!({"apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass", "metadata": {"name": "ROW"}, "spec": {}});
    let nothing = json!({});
    let selectors = json!({"selectors": [{"cel": {"expression": "true"}}]});
    vec![
        row(&claim, &nothing, &json!({"spec": request("b")}), "spec", Anew),
        row(&template, &nothing, &json!({"spec": {"spec": request("b")}}), "spec", Anew),
        row(&class, &nothing, &json!({ "spec": selectors }), "spec.selectors", InPlace),
    ]
}

fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.ROW.example.com"},
        "spec": {
            "group": "ROW.example.com", "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
            "versions": [version("v1", true)],
        },
    })
}

fn version(name: &str, is_stored: bool) -> Value {
    let rules = |rule: &str| json!([{ "rule": rule }]);
    let properties = json!({
        "size": {"type": "integer"},
        "fixed": {"type": "string", "x-kubernetes-validations": rules("self == oldSelf")},
        "grows": {"type": "integer", "x-kubernetes-validations": rules("self >= oldSelf")},
    });
    json!({
        "name": name, "served": true, "storage": is_stored,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}},
    })
}

fn is_established(live: &Value) -> bool {
    let conditions = live["status"]["conditions"].as_array();
    conditions.is_some_and(|all| all.iter().any(|one| one["type"] == "Established" && one["status"] == "True"))
}

fn widget() -> Value {
    json!({
        "apiVersion": "ROW.example.com/v1", "kind": "Widget", "metadata": {"name": "ROW"}, "spec": {"size": 1, "fixed": "a", "grows": 1},
    })
}

fn definitions() -> Vec<Row> {
    let base = definition();
    let nothing = json!({});
    let two = json!({"spec": {"versions": [version("v1", true), version("v2", false)]}});
    let in_place = |then: &Value, path| row(&base, &nothing, then, path, InPlace).once(is_established);
    vec![
        row(&base, &nothing, &json!({"spec": {"scope": "Cluster"}}), "spec.scope", Anew).once(is_established),
        row(&base, &nothing, &json!({"spec": {"scope": "Cluster"}}), "spec.scope", Impossible)
            .once(is_established)
            .with(widget()),
        row(&base, &nothing, &json!({"spec": {"names": {"kind": "Gadget", "listKind": "GadgetList"}}}), "spec.names.kind", Anew)
            .once(is_established),
        row(&base, &nothing, &json!({"spec": {"names": {"plural": "gadgets"}}}), "spec.names.plural", Impossible)
            .once(is_established),
        row(&base, &nothing, &json!({"spec": {"group": "other.example.com"}}), "spec.group", Impossible).once(is_established),
        in_place(&json!({"spec": {"names": {"shortNames": ["wg"]}}}), "spec.names.shortNames"),
        in_place(&two, "spec.versions"),
        row(&base, &two, &json!({"spec": {"versions": [version("v1", true)]}}), "spec.versions", InPlace).once(is_established),
        row(&base, &nothing, &json!({"spec": {"versions": [version("v2", true)]}}), "spec.versions", Anew).once(is_established),
        row(&base, &nothing, &json!({"spec": {"versions": [version("v2", true)]}}), "spec.versions", Impossible)
            .once(is_established)
            .with(widget()),
    ]
}

fn custom() -> Vec<Row> {
    let nothing = json!({});
    let of = |then: &Value, path, foretold| row(&widget(), &nothing, then, path, foretold).among(definition());
    vec![
        of(&json!({"spec": {"size": 2}}), "spec.size", InPlace),
        of(&json!({"spec": {"fixed": "b"}}), "spec.fixed", AnewData),
        of(&json!({"spec": {"grows": 0}}), "spec.grows", Unknown),
        of(&json!({"metadata": {"labels": {"a": "b"}}}), "metadata.labels.a", InPlace),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ROW"}});
    let labelled = row(
        &namespace,
        &json!({}),
        &merged(&json!({}), &json!({"metadata": {"labels": {"a": "b"}}})),
        "metadata.labels.a",
        InPlace,
    );
    [content(), rights(), limits(), admission(), devices(), definitions(), custom(), vec![labelled]].concat()
}
