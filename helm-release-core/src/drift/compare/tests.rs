use serde_json::{Value, json};

use super::{Count, compare};
use crate::drift::tests::{by, object, owned};
use crate::patch::Schemas;

/// `path: was -> is by managers` of everything that differs.
fn found(applied: &Value, live: &Value) -> Vec<String> {
    let live = object(live);
    let found = compare(Schemas::built_in(), &live.gvk(), applied, &live, Count::Others);
    found.iter().map(by).collect()
}

fn deployment(spec: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"a": "b"}}, "spec": spec})
}

fn pods(container: &Value) -> Value {
    deployment(&json!({"replicas": 1, "template": {"spec": {"containers": [container]}}}))
}

const NONE: [&str; 0] = [];

#[test]
fn a_value_that_somebody_else_owns_has_drifted() {
    let live = owned(
        &deployment(&json!({"replicas": 5})),
        &[
            ("helm", "Update", "", json!({"f:metadata": {"f:labels": {"f:a": {}}}})),
            ("kubectl", "Update", "scale", json!({"f:spec": {"f:replicas": {}}})),
        ],
    );
    assert_eq!(found(&deployment(&json!({"replicas": 3})), &live), ["spec.replicas: 3 -> 5 by kubectl/scale"]);
}

#[test]
fn a_value_that_helm_still_owns_was_made_so_by_the_server() {
    let fields = json!({"f:spec": {"f:replicas": {}}});
    for helm in ["helm", "helm-controller", "terraform-provider-helm_v2.17.0_x5"] {
        let live = owned(&deployment(&json!({"replicas": 5})), &[(helm, "Apply", "", fields.clone())]);
        assert_eq!(found(&deployment(&json!({"replicas": 3})), &live), NONE, "{helm}");
    }
    let both = [("helm", "Apply", "", fields.clone()), ("other", "Apply", "", fields)];
    let live = owned(&deployment(&json!({"replicas": 5})), &both);
    assert_eq!(found(&deployment(&json!({"replicas": 3})), &live), NONE, "one that shares it agrees with Helm");
}

#[test]
fn without_owners_a_difference_counts_and_nobody_is_named() {
    let live = deployment(&json!({"replicas": 5}));
    assert_eq!(found(&deployment(&json!({"replicas": 3})), &live), ["spec.replicas: 3 -> 5 by "]);
}

#[test]
fn defaults_and_spellings_are_no_drift_even_without_owners() {
    let applied = pods(&json!({
        "name": "web", "args": [], "env": [{"name": "A", "value": ""}], "ports": [{"containerPort": 80}],
        "resources": {"limits": {"cpu": "1000m"}}, "stdin": false,
    }));
    let live = pods(&json!({
        "name": "web", "env": [{"name": "A"}], "ports": [{"containerPort": 80, "protocol": "TCP"}],
        "resources": {"limits": {"cpu": "1"}}, "imagePullPolicy": "Always",
    }));
    assert_eq!(found(&applied, &live), NONE);
}

#[test]
fn entries_with_keys_are_compared_whatever_their_order() {
    let applied = pods(&json!({"name": "web", "env": [{"name": "A", "value": "a"}, {"name": "B", "value": "b"}]}));
    let live = pods(&json!({"name": "web", "env": [{"name": "C"}, {"name": "B", "value": "x"}, {"name": "A", "value": "a"}]}));
    assert_eq!(found(&applied, &live), [r#"spec.template.spec.containers[name=web].env[name=B].value: "b" -> "x" by "#]);
}

#[test]
fn a_list_that_is_owned_whole_is_told_whole() {
    let (applied, live) = (pods(&json!({"name": "web", "args": ["a", "b"]})), pods(&json!({"name": "web", "args": ["a", "c"]})));
    assert_eq!(found(&applied, &live), [r#"spec.template.spec.containers[name=web].args: ["a","b"] -> ["a","c"] by "#]);
}

#[test]
fn a_member_that_somebody_added_to_what_is_owned_whole_counts() {
    let pods = |selector: Value| deployment(&json!({"template": {"spec": {"nodeSelector": selector}}}));
    let fields = |leaf: Value| json!({"f:spec": {"f:template": {"f:spec": {"f:nodeSelector": leaf}}}});
    let applied = pods(json!({"a": "b"}));
    let taken = owned(&pods(json!({"a": "b", "c": "d"})), &[("other", "Update", "", fields(json!({})))]);
    assert_eq!(found(&applied, &taken), [r#"spec.template.spec.nodeSelector: {"a":"b"} -> {"a":"b","c":"d"} by other"#]);
    let still_helms = owned(&pods(json!({"a": "b", "c": "d"})), &[("helm", "Apply", "", fields(json!({})))]);
    assert_eq!(found(&applied, &still_helms), NONE);
}

#[test]
fn what_is_gone_has_drifted_and_has_no_owner() {
    let applied = deployment(&json!({"replicas": 3, "paused": false, "minReadySeconds": 5}));
    assert_eq!(found(&applied, &deployment(&json!({"replicas": 3}))), ["spec.minReadySeconds: 5 -> null by "]);
    let mut gone = deployment(&json!({"replicas": 3, "minReadySeconds": 5}));
    gone["metadata"]["labels"] = json!(null);
    assert_eq!(found(&applied, &gone), [r#"metadata.labels: {"a":"b"} -> null by "#]);
}

#[test]
fn an_apply_tells_what_the_server_left_out_from_what_somebody_took() {
    let applied = deployment(&json!({"paused": false, "replicas": 3}));
    let live = |fields: Value| owned(&deployment(&json!({"replicas": 3})), &[("helm", "Apply", "", fields)]);
    let labels = json!({"f:labels": {"f:a": {}}});
    let sent = live(json!({"f:metadata": labels, "f:spec": {"f:replicas": {}, "f:paused": {}}}));
    assert_eq!(found(&applied, &sent), NONE);
    let taken = live(json!({"f:metadata": labels, "f:spec": {"f:replicas": {}}}));
    assert_eq!(found(&applied, &taken), ["spec.paused: false -> null by "]);
}

#[test]
fn what_is_the_servers_is_not_compared() {
    let mut applied = deployment(&json!({"replicas": 1}));
    applied["status"] = json!({"replicas": 9});
    applied["metadata"]["uid"] = json!("of another life");
    applied["metadata"]["creationTimestamp"] = json!(null);
    assert_eq!(found(&applied, &deployment(&json!({"replicas": 1}))), NONE);
    let hook = |bundle: &str| {
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "web"}, "webhooks": [{"name": "a.b.c", "clientConfig": {"caBundle": bundle}}]})
    };
    assert_eq!(found(&hook("Cg=="), &hook("aW5qZWN0ZWQ=")), NONE);
}

#[test]
fn room_that_a_controller_fills_is_no_drift() {
    let role = |rules: Value| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "web"}, "aggregationRule": {}, "rules": rules})
    };
    let filled = role(json!([{"verbs": ["get"]}]));
    let of = |manager: &str| owned(&filled, &[(manager, "Update", "", json!({"f:rules": {}}))]);
    assert_eq!(found(&role(json!([])), &of("kube-controller-manager")), NONE);
    assert_eq!(found(&role(json!([])), &of("somebody")).len(), 1);
}

#[test]
fn a_mapping_of_which_helm_owns_nothing_but_itself_is_not_helms() {
    let map = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": data});
    let live = owned(
        &map(json!({"color": "by hand"})),
        &[("helm", "Update", "", json!({"f:data": {}})), ("kubectl-edit", "Update", "", json!({"f:data": {"f:color": {}}}))],
    );
    let expected = [r#"data.color: "red" -> "by hand" by kubectl-edit"#, r#"data.gone: "soon" -> null by "#];
    assert_eq!(found(&map(json!({"color": "red", "gone": "soon"})), &live), expected);
}
