use super::super::defaults::{POD, STATEFUL_SET};
use super::*;
use serde_json::json;

fn template(container: &Value) -> Value {
    json!({"spec": {"containers": [container]}})
}

fn differ(live: &Value, after: &Value) -> Vec<String> {
    differences("spec.template", Some(live), Some(after), POD)
}

#[test]
fn what_the_server_fills_in_is_no_difference() {
    let live = template(&json!({
        "name": "a", "image": "a:1", "imagePullPolicy": "IfNotPresent", "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File", "ports": [{"containerPort": 80, "protocol": "TCP"}],
        "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}},
        "readinessProbe": {"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}, "timeoutSeconds": 1, "periodSeconds": 10,
            "successThreshold": 1, "failureThreshold": 3},
    }));
    let after = template(&json!({
        "name": "a", "image": "a:1", "ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": "1000m"}},
        "readinessProbe": {"httpGet": {"port": 80}},
    }));
    assert_eq!(differ(&live, &after), [] as [&str; 0]);
}

#[test]
fn a_policy_that_does_not_follow_from_the_image_is_a_difference() {
    let live = template(&json!({"name": "a", "image": "a:1", "imagePullPolicy": "Always"}));
    let after = template(&json!({"name": "a", "image": "a:1"}));
    assert_eq!(differ(&live, &after), ["spec.template.spec.containers[0].imagePullPolicy"]);
    for image in ["a", "a:latest", "host:5000/a"] {
        let live = template(&json!({"name": "a", "image": image, "imagePullPolicy": "Always"}));
        assert_eq!(differ(&live, &template(&json!({"name": "a", "image": image}))), [] as [&str; 0], "{image}");
    }
}

#[test]
fn a_value_that_is_not_the_default_is_missed_when_it_goes() {
    let live = json!({"spec": {"dnsPolicy": "None", "terminationGracePeriodSeconds": 5}});
    assert_eq!(
        differ(&live, &json!({"spec": {}})),
        ["spec.template.spec.dnsPolicy", "spec.template.spec.terminationGracePeriodSeconds"]
    );
}

#[test]
fn zero_is_nothing_but_where_the_server_tells_them_apart() {
    let nothing = json!({"spec": {}});
    assert_eq!(differ(&nothing, &json!({"spec": {"hostNetwork": false, "nodeSelector": {}, "volumes": []}})), [] as [&str; 0]);
    let apart = json!({"spec": {"automountServiceAccountToken": false}});
    assert_eq!(differ(&nothing, &apart), ["spec.template.spec.automountServiceAccountToken"]);
    assert_eq!(differ(&apart, &nothing), ["spec.template.spec.automountServiceAccountToken"]);
}

#[test]
fn lists_differ_in_order_and_length() {
    let list = |names: &[&str]| {
        let containers: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        json!({"spec": {"containers": containers}})
    };
    assert_eq!(differ(&list(&["a", "b"]), &list(&["a"])), ["spec.template.spec.containers"]);
    let names = ["spec.template.spec.containers[0].name", "spec.template.spec.containers[1].name"];
    assert_eq!(differ(&list(&["a", "b"]), &list(&["b", "a"])), names);
}

#[test]
fn claim_templates_are_compared_as_the_server_completes_them() {
    let live = json!({"volumeClaimTemplates": [{
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "creationTimestamp": null},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "volumeMode": "Filesystem"},
        "status": {"phase": "Pending"},
    }]});
    let after = |size: &str| {
        json!({"volumeClaimTemplates": [{
            "metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
        }]})
    };
    assert_eq!(differences("spec", Some(&live), Some(&after("1024Mi")), STATEFUL_SET), [] as [&str; 0]);
    let size = "spec.volumeClaimTemplates[0].spec.resources.requests.storage";
    assert_eq!(differences("spec", Some(&live), Some(&after("2Gi")), STATEFUL_SET), [size]);
}
