use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write as _;

use super::{Asked, JOURNAL_FORMAT, UndoLog};
use crate::drift::DriftChoice;
use crate::plan::{Hooks, Undo};
use crate::ports::{Note, Resource, Scope};
use crate::{Gvk, Object, Revision};

fn log() -> UndoLog {
    let secret = Resource { gvk: Gvk::new("v1", "Secret"), plural: "secrets".to_owned(), scope: Scope::Namespaced };
    let live =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web", "uid": "u"}, "data": {"k": "aHVudGVyMg=="}});
    UndoLog {
        format: JOURNAL_FORMAT.to_owned(),
        namespace: "default".parse().unwrap(),
        name: "web".parse().unwrap(),
        revision: Revision::new(4).unwrap(),
        from: Revision::new(3).unwrap(),
        to: Revision::new(2).unwrap(),
        began: "2026-11-27T03:00:00Z".parse().unwrap(),
        deployed: vec![Revision::new(2).unwrap()],
        entries: vec![Undo::of_deletion(&secret.at("default", "web"), &Object::new(live).unwrap())],
        hooks: Vec::new(),
        own_hooks: Some(1),
        asked: Asked {
            hooks: Hooks::Both,
            server_side: true,
            replace: false,
            force_conflicts: false,
            wait: "watcher".to_owned(),
            wait_for_jobs: false,
            timeout: 300,
            history_max: 10,
            keep_good: 2,
            drift: DriftChoice::Keep,
            drift_rules: vec!["Deployment/web:spec.replicas=stop".to_owned()],
            accept: vec!["immutable-field=Job/load".to_owned()],
        },
    }
}

#[test]
fn a_journal_is_read_back_as_it_was_written() {
    let log = log();
    let note = log.encode().unwrap();
    assert_eq!(UndoLog::decode(&log.own_key(), &note).unwrap(), log);
}

#[test]
fn debug_output_shows_no_value() {
    assert_eq!(format!("{:?}", log()), "UndoLog(default/web revision 4, 1 entries, 0 hooks)");
}

#[test]
fn a_newer_form_is_refused_and_says_what_to_do() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(br#"{"format": "helm-rollback-safe/journal/v3", "steps": 3}"#).unwrap();
    let note = Note(encoder.finish().unwrap());
    let error = UndoLog::decode(&log().own_key(), &note).unwrap_err();
    let told = "journal v4 of default/web cannot be used: it has the form \"helm-rollback-safe/journal/v3\", \
                and this version knows \"helm-rollback-safe/journal/v2\"; use the newer version";
    assert_eq!(error.to_string(), told);
}

#[test]
fn bytes_that_are_no_journal_are_refused() {
    let error = UndoLog::decode(&log().own_key(), &Note(b"no gzip".to_vec())).unwrap_err();
    assert!(error.to_string().starts_with("journal v4 of default/web cannot be used: "), "{error}");
}

#[test]
fn a_journal_of_v1_is_understood() {
    let of_v1 = |runs: bool| {
        let mut json = serde_json::to_value(log()).unwrap();
        json["format"] = json!("helm-rollback-safe/journal/v1");
        json.as_object_mut().unwrap().remove("ownHooks");
        let asked = json["asked"].as_object_mut().unwrap();
        asked.remove("hooks");
        asked.remove("keepGood");
        asked.insert("runHooks".to_owned(), json!(runs));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(json.to_string().as_bytes()).unwrap();
        UndoLog::decode(&log().own_key(), &Note(encoder.finish().unwrap())).unwrap()
    };
    for (runs, hooks) in [(true, Hooks::Target), (false, Hooks::Skip)] {
        let read = of_v1(runs);
        assert_eq!((read.asked.hooks, read.asked.keep_good, read.own_hooks), (hooks, 1, None));
        assert_eq!(read.entries, log().entries);
    }
}
