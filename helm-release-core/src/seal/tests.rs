use std::collections::BTreeMap;

use serde_json::json;

use super::binding::{Binding, Bound};
use super::compare::compare;
use super::digest::{Digester, canonical, whole};
use super::{Place, Seal, SealError, content};
use crate::Object;
use crate::history::Selector;
use crate::plan::{Acceptance, Hooks, Mode, OnFailure, Preflight, RollbackOptions, ServerSide, WaitStrategy, Writing};
use crate::ports::Conflicts;

fn seal(options: RollbackOptions) -> Seal {
    Seal {
        place: Place { tool: "1.0.0".to_owned(), records: "secrets".to_owned(), cluster: Some("uid".to_owned()) },
        sealed_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        namespace: "default".parse().unwrap(),
        release: "web".parse().unwrap(),
        options,
        plan: json!({"format": "helm-rollback-safe/plan/v1", "number": 1.5e300}),
        salt: "salt".to_owned(),
        bindings: vec![binding(Bound::Record, "of revision 1", "deployed", &[("version", "7")])],
    }
}

fn binding(what: Bound, name: &str, state: &str, parts: &[(&str, &str)]) -> Binding {
    let mut binding = Binding::new(what, name, state);
    binding.parts = parts.iter().map(|(part, value)| ((*part).to_owned(), (*value).to_owned())).collect();
    binding
}

fn moved(sealed: &[Binding], fresh: &[Binding]) -> Vec<String> {
    compare(sealed, fresh).iter().map(ToString::to_string).collect()
}

#[test]
fn every_option_comes_back_from_the_file() {
    let every = RollbackOptions {
        selector: Some(Selector::Good(2)),
        mode: Mode::Compat,
        hooks: Hooks::Skip,
        server_side: ServerSide::No,
        writing: Writing::Replace,
        conflicts: Conflicts::Force,
        wait: WaitStrategy::Legacy,
        wait_for_jobs: true,
        timeout: std::time::Duration::from_millis(1500),
        on_failure: OnFailure::Stop,
        cleanup_on_fail: true,
        history_max: 3,
        keep_good: 1,
        description: Some("why".to_owned()),
        recreate_pods: true,
        accept: vec![Acceptance::parse("data-removed"), Acceptance::parse("foreign-owner=ConfigMap default/web")],
        preflight: Preflight::Reads,
        probes: vec!["ConfigMap/state:data.schema=5".to_owned()],
        drift: crate::drift::DriftChoice::Stop,
        drift_rules: vec!["Deployment/web:spec.replicas=keep".parse().unwrap()],
        concurrency: 2,
    };
    for options in [RollbackOptions::default(), every] {
        let sealed = seal(options);
        assert_eq!(Seal::from_json(&sealed.to_json().to_string()).as_ref(), Ok(&sealed));
    }
}

#[test]
fn a_file_that_somebody_changed_is_refused() {
    let file = seal(RollbackOptions::default()).to_json();
    let mut other = file.clone();
    other["options"]["accept"] = json!(["crd-in-use"]);
    assert_eq!(Seal::from_json(&other.to_string()), Err(SealError::Altered));
    let mut other = file.clone();
    other.as_object_mut().unwrap().remove("digest");
    assert_eq!(Seal::from_json(&other.to_string()), Err(SealError::Altered));
    // Another order and other blanks are the same file.
    let members: BTreeMap<_, _> = file.as_object().unwrap().iter().rev().collect();
    assert!(Seal::from_json(&serde_json::to_string_pretty(&members).unwrap()).is_ok());
}

#[test]
fn what_is_no_sealed_plan_of_this_version_is_told_apart() {
    let error = |text: &str| Seal::from_json(text).unwrap_err();
    assert!(matches!(error("{"), SealError::NoJson(_)));
    assert!(matches!(error("[1]"), SealError::NoSealedPlan { .. }));
    assert!(matches!(error(r#"{"format":"helm-rollback-safe/plan/v1"}"#), SealError::NoSealedPlan { .. }));
    let newer = error(r#"{"format":"helm-rollback-safe/sealed-plan/v2"}"#);
    assert_eq!(newer, SealError::OtherVersion { found: "helm-rollback-safe/sealed-plan/v2".to_owned() });
    let mut unknown = seal(RollbackOptions::default()).to_json();
    unknown.as_object_mut().unwrap().remove("digest");
    unknown["more"] = json!(1);
    unknown["digest"] = json!(whole(&canonical(&unknown)));
    assert!(matches!(error(&unknown.to_string()), SealError::Malformed(_)));
}

#[test]
fn digests_go_by_values_and_by_the_salt() {
    let one: serde_json::Value = serde_json::from_str(r#"{"b":[1,{"d":"x","c":null}],"a":"\u00e9"}"#).unwrap();
    let same: serde_json::Value = serde_json::from_str("{ \"a\": \"é\", \"b\": [1, {\"c\": null, \"d\": \"x\"}] }").unwrap();
    let (digester, other) = (Digester::new("one"), Digester::new("other"));
    assert_eq!(digester.of(&one), digester.of(&same));
    assert_ne!(digester.of(&one), other.of(&one));
    assert_ne!(digester.of(&json!([1, 2])), digester.of(&json!([2, 1])));
    // SHA-256 of nothing, from FIPS 180-4.
    assert_eq!(whole(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn secrets_of_the_same_length_have_the_same_digests_and_other_versions() {
    let secret = |value: &str, version: &str| {
        let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "resourceVersion": version,
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": format!("{{\"data\":\"{value}\"}}")}},
            "data": {"pin": value}});
        content::parts(&Object::new(object).unwrap(), Digester::new("salt"))
    };
    let (one, other) = (secret("MTIzNA==", "1"), secret("NDMyMQ==", "1"));
    assert_eq!(one, other, "nothing in the file can be compared with a guess");
    assert_ne!(one, secret("NDMyMQ==", "2"));
}

#[test]
fn status_times_and_counters_of_a_live_object_do_not_matter() {
    let live = |object: serde_json::Value| content::parts(&Object::new(object).unwrap(), Digester::new("salt"));
    let before = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {
        "name": "web", "uid": "u", "resourceVersion": "1", "generation": 1, "labels": {"team": "shop"},
        "managedFields": [
            {"manager": "helm", "operation": "Apply", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": {}}},
            {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "time": "2026-01-01T00:00:00Z"},
        ]}, "spec": {"replicas": 1}, "status": {"readyReplicas": 0}});
    let mut later = before.clone();
    later["status"] = json!({"readyReplicas": 1});
    later["metadata"]["resourceVersion"] = json!("2");
    later["metadata"]["generation"] = json!(2);
    later["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "2"});
    later["metadata"]["managedFields"] = json!([
        {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "time": "2026-01-01T00:00:09Z"},
        {"manager": "helm", "operation": "Apply", "time": "2026-01-01T00:00:01Z", "fieldsV1": {"f:spec": {}}},
    ]);
    assert_eq!(live(before.clone()), live(later));
    for (path, value) in [("/spec/replicas", json!(2)), ("/metadata/labels/team", json!("other")), ("/metadata/uid", json!("v"))]
    {
        let mut edited = before.clone();
        *edited.pointer_mut(path).unwrap() = value;
        assert_ne!(live(before.clone()), live(edited), "{path}");
    }
}

#[test]
fn each_difference_is_told_in_one_line() {
    let sealed = [
        binding(Bound::Record, "of revision 1", "deployed", &[("version", "1")]),
        binding(Bound::Record, "of revision 2", "failed", &[("version", "2")]),
        binding(Bound::Record, "of revision 3", "failed", &[("version", "3")]),
        binding(Bound::Object, "ConfigMap default/a", "there", &[("uid", "1"), ("data.color", "x"), ("owners", "o")]),
        binding(Bound::Object, "ConfigMap default/b", "there", &[("uid", "2"), ("data.color", "x")]),
        binding(Bound::Object, "ConfigMap default/c", "there", &[("uid", "3"), ("data.color", "x")]),
        binding(Bound::Object, "Secret default/d", "there", &[("uid", "4"), ("resourceVersion", "8")]),
    ];
    let fresh = [
        binding(Bound::Record, "of revision 1", "superseded", &[("version", "9")]),
        binding(Bound::Record, "of revision 3", "failed", &[("version", "8")]),
        binding(Bound::Record, "of revision 4", "deployed", &[("version", "4")]),
        binding(Bound::Object, "ConfigMap default/a", "there", &[("uid", "1"), ("data.size", "y"), ("owners", "p")]),
        binding(Bound::Object, "ConfigMap default/b", "absent", &[]),
        binding(Bound::Object, "ConfigMap default/c", "there", &[("uid", "5"), ("data.color", "x")]),
        binding(Bound::Object, "Secret default/d", "there", &[("uid", "4"), ("resourceVersion", "9")]),
    ];
    assert_eq!(
        moved(&sealed, &fresh),
        [
            "record of revision 1: it was deployed when the plan was sealed, and is superseded",
            "record of revision 2: it was failed when the plan was sealed, and is no more",
            "record of revision 3: it was written since the plan was sealed",
            "record of revision 4: it is deployed, and was not there when the plan was sealed",
            "object ConfigMap default/a: data.color, data.size were changed, and so was who owns which field",
            "object ConfigMap default/b: it was there when the plan was sealed, and is absent",
            "object ConfigMap default/c: another one of that name took its place",
            "object Secret default/d: it was written since the plan was sealed",
        ]
    );
    assert_eq!(moved(&sealed, &sealed), [""; 0]);
}

#[test]
fn what_follows_from_a_cause_is_not_told_beside_it() {
    let object = |color| binding(Bound::Object, "ConfigMap default/a", "there", &[("data.color", color)]);
    let step = |name, state| binding(Bound::Step, name, state, &[]);
    let plan = |state| binding(Bound::Plan, "the verdict", state, &[]);
    let of_object = [step("ConfigMap default/a", "patch"), step("ConfigMap default/b", "unchanged"), plan("roll back")];
    let changed = [step("ConfigMap default/a", "unchanged"), step("ConfigMap default/b", "patch"), plan("fix forward")];
    let with = |first: Binding, rest: &[Binding]| [&[first], rest].concat();
    let told = moved(&with(object("x"), &of_object), &with(object("y"), &changed));
    assert_eq!(
        told,
        [
            "object ConfigMap default/a: data.color was changed",
            "step ConfigMap default/b: the sealed plan says unchanged, and one made anew says patch",
        ]
    );
    let kind = |state| binding(Bound::Kind, "example.com/v1 Widget", state, &[]);
    let told = moved(&with(kind("served as widgets"), &of_object), &with(kind("not served"), &changed));
    assert_eq!(told, ["kind example.com/v1 Widget: it was served as widgets when the plan was sealed, and is not served"]);
    let right = |name, state| binding(Bound::Right, name, state, &[]);
    let told = moved(
        &[right("to get secrets", "given"), right("to list pods", "given")],
        &[right("to get secrets", "not given"), right("to patch jobs.batch", "not given")],
    );
    assert_eq!(told, ["right to get secrets: it was given when the plan was sealed, and is not given"], "of others nobody asked");
    assert_eq!(moved(&[plan("roll back")], &[plan("fix forward")]).len(), 1, "with no other cause the plan itself is told");
}
