//! Admission that says no: quotas, webhooks, policies.

use std::thread;
use std::time::{Duration, Instant};

use e2e::{Namespace, World};
use serde_json::{Value, json};

use super::{deployment, failed_at_once, failed_waiting, first_line};
use crate::release::{config_map, deploy, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_quota_that_keeps_pods_away_is_named_with_its_amounts,
    a_quota_that_refuses_an_object_is_named_with_its_amounts,
    a_webhook_that_does_not_answer_is_named,
    a_policy_that_says_no_is_named_with_its_words,
];

/// Sets a quota and waits until the server goes by it.
pub(crate) fn limit(ns: &Namespace<'_>, hard: &Value) {
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": {"hard": hard}});
    let _ = ns.create("v1/resourcequotas", &quota);
    let _ = ns.until("v1/resourcequotas", "small", |live| live.is_some_and(|live| !live["status"]["used"].is_null()));
}

fn a_quota_that_keeps_pods_away_is_named_with_its_amounts(world: &World) {
    let ns = world.namespace("evidence");
    deploy(&ns, 4, &[deployment("", "web:1", 3, ""), deployment("", "web:2", 2, "")]);
    let _ = ns.until("apps/v1/deployments", "web", |live| {
        // Pods that are going still count.
        live.is_some_and(|live| live["status"]["observedGeneration"] == 2 && live["status"]["updatedReplicas"] == 2)
            && ns.list("v1/pods").len() == 2
    });
    limit(&ns, &json!({"pods": "2"}));
    let evidence = failed_waiting(&ns);
    assert_eq!(
        first_line(&evidence),
        format!("Deployment {}/web: quota \"small\" is exceeded: asked for 1 of pods, 2 of 2 are used", ns.name())
    );
    let [quota] = evidence.quotas.as_slice() else { panic!("{:?}", evidence.quotas) };
    assert_eq!((quota.hard["pods"].as_str(), quota.used["pods"].as_str()), ("2", "2"));
}

fn a_quota_that_refuses_an_object_is_named_with_its_amounts(world: &World) {
    let ns = world.namespace("evidence");
    deploy(&ns, 4, &[web("blue").template("more.yaml", &config_map("more", "blue")), web("red")]);
    let count = ns.list("v1/configmaps").len();
    limit(&ns, &json!({"count/configmaps": count.to_string()}));
    let evidence = failed_at_once(&ns);
    let cause = format!(
        "ConfigMap {}/more: quota \"small\" is exceeded: asked for 1 of count/configmaps, {count} of {count} are used",
        ns.name()
    );
    assert!(first_line(&evidence).starts_with("Cannot ") && first_line(&evidence).ends_with(&cause), "{}", evidence.to_text());
}

/// Makes an admission object and waits until a ConfigMap with the colour blue is refused.
pub(crate) fn admit(world: &World, ns: &Namespace<'_>, objects: &[(&str, Value)]) {
    const GROUP: &str = "/apis/admissionregistration.k8s.io/v1";
    for (plural, object) in objects {
        let _ = world.cluster().request("POST", &format!("{GROUP}/{plural}"), Some(object)).expect("it can be made");
    }
    let path = format!("{}?dryRun=All", ns.path("v1/configmaps", ""));
    let probe = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}, "data": {"color": "blue"}});
    let until = Instant::now() + Duration::from_secs(60);
    while world.cluster().request("POST", &path, Some(&probe)).is_ok() {
        assert!(Instant::now() < until, "the server never went by it");
        thread::sleep(Duration::from_millis(100));
    }
}

pub(crate) fn selector(ns: &Namespace<'_>) -> Value {
    json!({"matchLabels": {"kubernetes.io/metadata.name": ns.name()}})
}

fn rule() -> Value {
    json!({"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]})
}

fn a_webhook_that_does_not_answer_is_named(world: &World) {
    let ns = world.namespace("evidence");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    let name = format!("{}.example.org", ns.name());
    let webhook = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name},
        // Port 1 is reserved and never served.
        "webhooks": [{
            "name": name, "clientConfig": {"url": "https://127.0.0.1:1/"}, "rules": [rule()], "failurePolicy": "Fail",
            "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 2, "namespaceSelector": selector(&ns),
        }],
    });
    admit(world, &ns, &[("validatingwebhookconfigurations", webhook)]);
    let evidence = failed_at_once(&ns);
    let cause = format!(
        "Cannot apply ConfigMap {}/web: the admission webhook \"{name}\" does not answer, and nothing is let through without it: Post \
         \"https://127.0.0.1:1/?timeout=2s\": dial tcp 127.0.0.1:1: connect: connection refused",
        ns.name()
    );
    assert_eq!(first_line(&evidence), cause);
}

/// A policy against blue ConfigMaps in the namespace, and what binds it.
pub(crate) fn policy(ns: &Namespace<'_>) -> [(&'static str, Value); 2] {
    let name = format!("no-blue-{}", ns.name());
    let head = |kind: &str| json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}});
    let mut policy = head("ValidatingAdmissionPolicy");
    policy["spec"] = json!({
        "failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule()]},
        "validations": [{"expression": "object.data.color != 'blue'", "message": "blue is not allowed on Fridays"}],
    });
    let mut binding = head("ValidatingAdmissionPolicyBinding");
    binding["spec"] = json!({
        "policyName": name, "validationActions": ["Deny"], "matchResources": {"namespaceSelector": selector(ns)},
    });
    [("validatingadmissionpolicies", policy), ("validatingadmissionpolicybindings", binding)]
}

fn a_policy_that_says_no_is_named_with_its_words(world: &World) {
    let ns = world.namespace("evidence");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    admit(world, &ns, &policy(&ns));
    let evidence = failed_at_once(&ns);
    let name = format!("no-blue-{}", ns.name());
    assert_eq!(
        first_line(&evidence),
        format!(
            "Cannot apply ConfigMap {}/web: the admission policy \"{name}\" denied it: blue is not allowed on Fridays",
            ns.name()
        )
    );
}
