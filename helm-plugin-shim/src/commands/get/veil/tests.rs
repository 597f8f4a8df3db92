use serde_json::json;

use super::*;

const MANIFEST: &str = "---\n# Source: web/templates/secret.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: web\ndata:\n  \
    password: aHVudGVyMg==\nstringData:\n  pin: \"1234\"\n---\n# Source: web/templates/map.yaml\nkind: ConfigMap\ndata: {a:   b}\n";

fn veil(is_wanted: bool) -> Veil {
    let record = Record::parse(serde_json::to_vec(&json!({ "manifest": MANIFEST })).unwrap().as_slice()).unwrap();
    let key = RecordKey {
        namespace: "shop".parse().unwrap(),
        name: "web".parse().unwrap(),
        revision: helm_release_core::Revision::FIRST,
    };
    Veil::over(&record, &key, is_wanted).unwrap()
}

#[test]
fn secrets_of_a_manifest_are_marked_and_all_else_stays() {
    assert_eq!(
        veil(true).manifest(MANIFEST),
        "---\n# Source: web/templates/secret.yaml\napiVersion: v1\ndata:\n  password: '(masked #1, 12 bytes)'\nkind: Secret\n\
         metadata:\n  name: web\nstringData:\n  pin: '(masked #2, 4 bytes)'\n\
         ---\n# Source: web/templates/map.yaml\nkind: ConfigMap\ndata: {a:   b}\n"
    );
}

#[test]
fn what_a_secret_holds_is_hidden_in_values_and_text_under_the_same_mark() {
    let mut veil = veil(true);
    veil.manifest(MANIFEST);
    let values = veil.values(json!({"db": {"password": "hunter2", "url": "x:hunter2@db"}, "pin": 1234, "name": "web"}));
    assert_eq!(
        values,
        json!({"db": {"password": "(masked #1, 12 bytes)", "url": "x:(masked #1, 12 bytes)@db"}, "pin": "(masked #2, 4 bytes)", "name": "web"})
    );
    assert_eq!(veil.text("log in with hunter2"), "log in with (masked #1, 12 bytes)");
}

#[test]
fn without_the_flag_nothing_is_hidden() {
    let mut veil = veil(false);
    assert_eq!(veil.manifest(MANIFEST), MANIFEST);
    assert_eq!(veil.values(json!("hunter2")), json!("hunter2"));
}
