//! What is asked of a real API server before anything is written: rights, admission, quotas. Every failure is predicted.

use e2e::{Namespace, World};
use serde_json::{Value, json};

use crate::evidence::admission::{admit, limit, policy, selector};
use crate::release::{WEB, color, config_map, deploy, hook, ours, statuses, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    each_right_that_is_taken_away_is_named_beforehand,
    with_every_right_that_is_asked_about_the_rollback_works,
    a_quota_for_objects_is_named_beforehand,
    a_quota_that_leaves_no_place_for_the_record_is_named_beforehand,
    a_quota_for_pods_is_named_beforehand,
    a_policy_that_says_no_is_named_beforehand,
    a_webhook_that_says_no_dry_run_is_a_caution,
    a_plan_tries_every_write_and_says_how_much_it_asked,
];

/// A right: API group, resource, verb.
type Right = (&'static str, &'static str, &'static str);

/// What a rollback of [`release`] needs, and nothing else.
const NEEDED: &[Right] = &[
    ("", "configmaps", "get"),
    ("", "configmaps", "patch"),
    ("", "configmaps", "create"),
    ("", "configmaps", "delete"),
    ("", "pods", "get"),
    ("", "pods", "list"),
    ("", "pods", "watch"),
    ("", "pods", "create"),
    ("", "pods", "patch"),
    ("", "pods", "delete"),
    ("", "secrets", "get"),
    ("", "secrets", "list"),
    ("", "secrets", "create"),
    ("", "secrets", "update"),
];

/// Revision 1 has a hook and an object that revision 2 has not, and the other way round; one object differs.
fn release<'a>(world: &'a World, prefix: &str) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    let old = web("blue").template("old.yaml", &config_map("old", "blue"));
    let old = old.template("hook.yaml", &hook("check", "pre-rollback", "ok", ""));
    deploy(&ns, 4, &[old, web("red").template("new.yaml", &config_map("new", "red"))]);
    ns
}

/// Gives the viewer these rights and no others.
fn give(ns: &Namespace<'_>, rights: &[Right]) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let rules: Vec<Value> = rights
        .iter()
        .map(|(group, resource, verb)| json!({"apiGroups": [group], "resources": [resource], "verbs": [verb]}))
        .collect();
    let role = json!({"apiVersion": format!("{GROUP}/v1"), "kind": "Role", "metadata": {"name": "viewer"}, "rules": rules});
    if ns.get(&format!("{GROUP}/v1/roles"), "viewer").is_some() {
        let _ = ns.patch(&format!("{GROUP}/v1/roles"), "viewer", &json!({ "rules": rules }));
        return;
    }
    let _ = ns.create(&format!("{GROUP}/v1/roles"), &role);
    let binding = json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": "RoleBinding", "metadata": {"name": "viewer"},
        "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": "viewer"},
        "subjects": [{"apiGroup": GROUP, "kind": "User", "name": ns.viewer()}],
    });
    let _ = ns.create(&format!("{GROUP}/v1/rolebindings"), &binding);
}

/// The findings of a plan as the viewer, once the server goes by the rights given last.
fn findings(ns: &Namespace<'_>, args: &[&str], code: i32) -> Vec<Value> {
    let output = ns.plugin().args(["plan", WEB, "1", "-o", "json"]).args(args).run();
    assert_eq!(output.code, code, "{output:?}");
    let plan: Value = serde_json::from_str(&output.stdout).expect("a plan is JSON");
    plan["findings"].as_array().cloned().unwrap_or_default()
}

fn of_id<'a>(findings: &'a [Value], id: &str) -> Vec<&'a Value> {
    findings.iter().filter(|finding| finding["id"] == id).collect()
}

fn each_right_that_is_taken_away_is_named_beforehand(world: &World) {
    let ns = release(world, "rights");
    let mut missed = Vec::new();
    for taken in NEEDED.iter().filter(|(_, resource, verb)| !(*resource == "secrets" && ["get", "list"].contains(verb))) {
        let left: Vec<Right> = NEEDED.iter().filter(|right| *right != taken).copied().collect();
        give(&ns, &left);
        let (_, resource, verb) = *taken;
        until_denied(&ns, resource, verb);
        let said = without_a_write(&ns, || ours(&ns, &["1", "--kube-context", "viewer"]).run());
        let is_named = said.stderr.contains("(no-right)") && said.stderr.contains(resource) && said.stderr.contains(verb);
        if said.code != 3 || !is_named {
            missed.push(format!("{verb} {resource}: exit {}\n{}", said.code, said.stderr));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!((color(&ns), statuses(&ns, 4)), ("red".to_owned(), vec!["superseded".to_owned(), "deployed".to_owned()]));
}

/// Waits until the server goes by a right that was taken away: its roles are kept in caches.
fn until_denied(ns: &Namespace<'_>, resource: &str, verb: &str) {
    for _ in 0..200 {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "LocalSubjectAccessReview", "metadata": {"namespace": ns.name()},
            "spec": {"user": ns.viewer(), "resourceAttributes": {"namespace": ns.name(), "resource": resource, "verb": verb}},
        });
        let answer = ns.create("authorization.k8s.io/v1/localsubjectaccessreviews", &review);
        if answer["status"]["allowed"] == false {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the server never took {verb} {resource} away");
}

fn with_every_right_that_is_asked_about_the_rollback_works(world: &World) {
    let ns = release(world, "rights");
    give(&ns, NEEDED);
    let _ = ours(&ns, &["1", "--kube-context", "viewer"]).ok();
    assert_eq!((color(&ns), statuses(&ns, 4).last().cloned()), ("blue".to_owned(), Some("deployed".to_owned())));
}

fn a_quota_for_objects_is_named_beforehand(world: &World) {
    let ns = release(world, "quota");
    // A controller puts one there on its own.
    let _ = ns.until("v1/configmaps", "kube-root-ca.crt", |map| map.is_some());
    let count = ns.list("v1/configmaps").len();
    limit(&ns, &json!({"count/configmaps": count.to_string()}));
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    assert!(said.stderr.contains("(quota-exceeded)") || said.stderr.contains("(refused-by-server)"), "{}", said.stderr);
    let found = findings(&ns, &[], 3);
    let quota = of_id(&found, "quota-exceeded");
    let what = quota.first().and_then(|finding| finding["what"].as_str()).unwrap_or_default();
    assert!(what.contains(&format!("count/configmaps: {count} used of {count}, 1 more needed")), "{found:#?}");
    assert_eq!(of_id(&found, "refused-by-server").len(), 1, "{found:#?}");
}

fn a_quota_that_leaves_no_place_for_the_record_is_named_beforehand(world: &World) {
    let ns = release(world, "quota");
    let count = ns.list("v1/secrets").len();
    limit(&ns, &json!({"count/secrets": count.to_string()}));
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    assert!(said.stderr.contains("the new record, the journal and the lock"), "{}", said.stderr);
}

fn a_quota_for_pods_is_named_beforehand(world: &World) {
    let ns = world.namespace("quota");
    let chart = |replicas: u32, image: &str| {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: web}}}}\n  \
             template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {{containers: [{{name: main, image: {image}}}]}}\n"
        );
        e2e::Chart::new("web", "1.0.0").template("web.yaml", &text)
    };
    deploy(&ns, 4, &[chart(4, "web:1"), chart(2, "web:2")]);
    let _ = ns.until("apps/v1/deployments", "web", |live| {
        live.is_some_and(|live| live["status"]["observedGeneration"] == 2 && live["status"]["updatedReplicas"] == 2)
            && ns.list("v1/pods").len() == 2
    });
    limit(&ns, &json!({"pods": "3"}));
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    assert!(said.stderr.contains("quota small does not suffice: pods: 2 used of 3, 2 more needed"), "{}", said.stderr);
}

fn a_policy_that_says_no_is_named_beforehand(world: &World) {
    let ns = release(world, "policy");
    admit(world, &ns, &policy(&ns));
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    let expected =
        format!("block (refused-by-server): ConfigMap {}/web: the server refuses to patch it: the admission policy", ns.name());
    assert!(said.stderr.contains(&expected), "{}", said.stderr);
    assert!(said.stderr.contains("blue is not allowed on Fridays"), "{}", said.stderr);
    let code = ours(&ns, &["1", "--accept", "refused-by-server"]).run().code;
    assert_eq!(code, 6, "what is accepted is tried, fails, and is brought back");
    assert_eq!(color(&ns), "red");
}

fn a_webhook_that_says_no_dry_run_is_a_caution(world: &World) {
    let ns = release(world, "webhook");
    let name = format!("{}.example.org", ns.name());
    let rule = json!({"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]});
    let webhook = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": name},
        "webhooks": [{
            "name": name, "clientConfig": {"url": "https://127.0.0.1:1/"}, "rules": [rule], "failurePolicy": "Ignore",
            "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 1, "namespaceSelector": selector(&ns),
        }],
    });
    let path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    let _ = world.cluster().request("POST", path, Some(&webhook)).expect("it can be made");
    let found = findings(&ns, &[], 0);
    assert!(of_id(&found, "blind-webhook").is_empty(), "{found:#?}");
    assert!(of_id(&found, "refused-by-server").is_empty(), "{found:#?}");
}

fn a_plan_tries_every_write_and_says_how_much_it_asked(world: &World) {
    let ns = release(world, "asked");
    let mark = ns.mark();
    let output = without_a_write(&ns, || ns.plugin().args(["plan", WEB, "1"]).ok());
    let tried = ns.requests_since(mark).iter().filter(|request| request.is_dry_run()).count();
    assert_eq!(tried, 3, "patch web, create old, delete new");
    let asked = output.lines().find(|line| line.starts_with("Asked: ")).unwrap_or_default();
    assert!(asked.ends_with(" 3 dry runs"), "{output}");
    let mark = ns.mark();
    let _ = ns.plugin().args(["plan", WEB, "1", "--compat"]).ok();
    assert!(!ns.requests_since(mark).iter().any(e2e::Request::is_dry_run), "Helm asks nothing beforehand");
}
