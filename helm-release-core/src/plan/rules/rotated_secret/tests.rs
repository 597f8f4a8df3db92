use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::RotatedSecret;
use crate::drift::DriftChoice;
use crate::plan::tests::world::{World, config_map, of_kind, only, ours};
use crate::plan::{Acceptance, FindingId, Severity};

fn secret(key: &str, value: &str) -> Value {
    let mut secret = of_kind("v1", "Secret", "login");
    secret["data"] = json!({key: STANDARD.encode(value)});
    secret
}

fn world(key: &str, [target, current, live]: [&str; 3]) -> World {
    World::default()
        .revision("superseded", &[secret(key, target)])
        .revision("deployed", &[secret(key, current)])
        .live(ours(&secret(key, live)))
}

#[test]
fn a_value_that_somebody_changed_and_that_would_come_back_is_a_caution() {
    let mut live = ours(&secret("any", "rotated"));
    live["metadata"]["managedFields"] = json!([{
        "manager": "rotator", "operation": "Update", "time": "2026-11-27T08:00:00Z", "fieldsV1": {"f:data": {"f:any": {}}},
    }]);
    let world =
        World::default().revision("superseded", &[secret("any", "old")]).revision("deployed", &[secret("any", "old")]).live(live);
    let finding = only(world.found_by(RotatedSecret));
    assert_eq!((finding.id, finding.severity), (FindingId::ROTATED_SECRET, Severity::Caution));
    let what = "it was changed since revision 2 was applied: any (rotator, 2026-11-27T08:00:00Z; live 7 bytes, target 3 bytes)";
    assert_eq!(finding.what, what);
}

#[test]
fn a_credential_that_a_later_revision_gave_another_value_is_a_caution() {
    for key in ["password", "DB_PASSWORD", "api-token", "clientSecret", "postgres.dsn"] {
        let finding = only(world(key, ["old", "new", "new"]).found_by(RotatedSecret));
        assert_eq!(finding.severity, Severity::Caution, "{key}");
        assert_eq!(finding.what, format!("later revisions gave it another value: {key} (live 3 bytes, target 3 bytes)"));
        assert!(finding.why.contains("the value of revision 1 of 2026-01-01"), "{}", finding.why);
    }
}

#[test]
fn what_is_no_credential_may_change_with_a_revision() {
    for key in ["color", "key", "config.yaml"] {
        assert_eq!(world(key, ["old", "new", "new"]).found_by(RotatedSecret), [], "{key}");
    }
    assert_eq!(world("password", ["same", "same", "same"]).found_by(RotatedSecret), []);
    assert_eq!(world("password", ["old", "new", "old"]).found_by(RotatedSecret), [], "the target's value is live");
    let map = |value: &str| {
        let mut map = config_map("a", "red");
        map["data"] = json!({"password": value});
        map
    };
    let maps = World::default().revision("superseded", &[map("1")]).revision("deployed", &[map("2")]).live(ours(&map("2")));
    assert_eq!(maps.found_by(RotatedSecret), [], "a ConfigMap keeps no secret");
}

#[test]
fn a_secret_that_holds_nothing_but_credentials_is_known_by_its_type() {
    let typed = |value: &str| {
        let mut secret = secret("tls.crt", value);
        secret["type"] = json!("kubernetes.io/tls");
        secret
    };
    let world =
        World::default().revision("superseded", &[typed("1")]).revision("deployed", &[typed("2")]).live(ours(&typed("2")));
    assert_eq!(world.found_by(RotatedSecret).len(), 1);
}

#[test]
fn what_is_kept_is_not_told_and_to_stop_blocks() {
    let drifted = |choice: DriftChoice| world("any", ["old", "old", "rotated"]).asked(|options| options.drift = choice);
    assert_eq!(drifted(DriftChoice::Keep).found_by(RotatedSecret), []);
    assert_eq!(only(drifted(DriftChoice::Stop).found_by(RotatedSecret)).severity, Severity::Block);
    let accepted =
        drifted(DriftChoice::Stop).asked(|options| options.accept.push(Acceptance::parse("rotated-secret=Secret default/login")));
    assert!(accepted.plan().blocking().next().is_none());
}

#[test]
fn no_value_is_ever_told() {
    for values in [["hunter2", "hunter2", "correct"], ["hunter2", "correct", "correct"]] {
        let found = world("password", values).found_by(RotatedSecret);
        let told = format!("{found:?}");
        for value in ["hunter2", "correct"] {
            assert!(!told.contains(value) && !told.contains(&STANDARD.encode(value)), "{told}");
        }
        assert_eq!(found.len(), 1);
    }
}

/// What people write; the server keeps it as `data`.
fn written(key: &str, value: &str) -> Value {
    let mut secret = of_kind("v1", "Secret", "login");
    secret["stringData"] = json!({key: value});
    secret
}

#[test]
fn a_secret_that_was_written_as_text_is_guarded_like_any_other() {
    for method in ["csa", "ssa"] {
        let world = |target: &str, current: &str, live: &str| {
            World::default()
                .revision("superseded", &[written("password", target)])
                .revision("deployed", &[written("password", current)])
                .live(ours(&secret("password", live)))
                .with_all("apply_method", method)
        };
        let finding = only(world("old", "new", "new").found_by(RotatedSecret));
        assert_eq!(finding.what, "later revisions gave it another value: password (live 3 bytes, target 3 bytes)", "{method}");

        let rotated = world("old", "new", "rotated");
        let finding = only(rotated.found_by(RotatedSecret));
        assert!(finding.what.starts_with("it was changed since revision 2 was applied: password"), "{method}: {}", finding.what);
        let stopped = rotated.asked(|options| options.drift = DriftChoice::Stop);
        assert_eq!(only(stopped.found_by(RotatedSecret)).severity, Severity::Block, "{method}");

        assert_eq!(world("same", "same", "same").found_by(RotatedSecret), [], "{method}");
    }
}
