use super::*;
use crate::connection::scripted::{Answer, scripted, status};

fn right(verb: &'static str, resource: &str) -> Right {
    Right::of(verb, "", resource, Some("shop"))
}

fn rules(rules: &Value) -> Answer {
    Answer::Json(201, json!({ "status": { "resourceRules": rules, "nonResourceRules": null, "incomplete": false } }))
}

fn verdict(allowed: bool, reason: &str) -> Answer {
    Answer::Json(201, json!({ "status": { "allowed": allowed, "reason": reason } }))
}

#[tokio::test]
async fn many_questions_about_a_namespace_are_one_and_only_a_denial_is_asked_again() {
    let given = json!([
        { "verbs": ["get", "list"], "apiGroups": [""], "resources": ["*"] },
        { "verbs": ["*"], "apiGroups": ["*"], "resources": ["pods/log"] },
        { "verbs": ["patch"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["mine"] },
    ]);
    let (connection, log) = scripted([rules(&given), verdict(false, "no such role"), verdict(true, "")]);
    let asked = [
        right("get", "pods"),
        right("get", "pods").below("log").named("web"),
        right("patch", "secrets").named("mine"),
        right("patch", "secrets"),
        right("patch", "secrets").named("other"),
    ];
    let answers = ask(&connection, &asked).await;
    let denied = Permission::Denied("no such role".to_owned());
    assert_eq!(answers, [Permission::Allowed, Permission::Allowed, Permission::Allowed, denied, Permission::Allowed]);
    let seen = log.all();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line.rsplit('/').next().unwrap()).collect();
    assert_eq!(lines, ["selfsubjectrulesreviews", "selfsubjectaccessreviews", "selfsubjectaccessreviews"]);
    let attributes = &seen[2].body["spec"]["resourceAttributes"];
    assert_eq!((&attributes["name"], &attributes["namespace"]), (&json!("other"), &json!("shop")));
}

#[tokio::test]
async fn what_belongs_to_the_whole_cluster_is_asked_one_by_one() {
    let (connection, log) = scripted([verdict(true, "")]);
    assert_eq!(ask(&connection, &[Right::of("get", "", "nodes", None)]).await, [Permission::Allowed]);
    assert_eq!(log.lines(), ["POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"]);
}

#[tokio::test]
async fn a_server_that_does_not_tell_leaves_it_open() {
    let (connection, _) = scripted([status(403, "Forbidden", "reviews are forbidden")]);
    let answers = ask(&connection, &[right("get", "pods")]).await;
    assert!(matches!(answers.as_slice(), [Permission::Unknown(reason)] if reason.contains("reviews are forbidden")));
}
