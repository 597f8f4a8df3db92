//! What is printed is what `docs/schema` says, and what it says can fail.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use helm_release_core::drift::{DRIFT_FORMAT, look};
use helm_release_core::fsck::{Ailment, Backup, Class, restore_plan};
use helm_release_core::mask::Masker;
use helm_release_core::plan::{Action, Finding, FindingId, PLAN_FORMAT, RollbackOptions, Severity, Verdict};
use helm_release_core::ports::{
    Cluster, DryRun, HeadQuery, Holder, NoObserver, PatchBody, Preconditions, Propagation, Request, Storage as _, Validation,
};
use helm_release_core::readiness::State;
use helm_release_core::recover::{Eyes, RECOVERY_FORMAT, Wish, decide};
use helm_release_core::release::Status;
use helm_release_core::run::{EVENT_FORMAT, Engine, Event};
use helm_release_core::seal::SEALED_PLAN_FORMAT;
use helm_release_core::{Gvk, ObjectId, Revision};
use helm_release_store::clock::SystemClock;
use helm_release_store::cluster::{MemoryCluster, seed};
use helm_release_store::crash::{Crash, Moment};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::storage::{MemoryStorage, load_memory_data};
use jsonschema::Registry;
use serde_json::{Map, Value, json};

use super::on_memory;

const NAMES: [&str; 7] = ["drift", "event", "finding", "fsck", "plan", "recovery", "sealed-plan"];

const FSCK_FORMAT: &str = "helm-rollback-safe/fsck/v1";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/schema")
}

fn schema(name: &str) -> Value {
    let file = folder().join(format!("{name}-v1.schema.json"));
    serde_json::from_str(&std::fs::read_to_string(file).expect("there is a schema")).expect("it is JSON")
}

/// The schema that knows every member: readers pass over others, but what this program writes must be described.
fn closed(schema: Value) -> Value {
    match schema {
        Value::Object(members) => {
            let is_open = members.contains_key("properties") && !members.contains_key("additionalProperties");
            let close = |(name, value): (String, Value)| {
                let is_condition = ["if", "then", "else", "allOf", "anyOf", "oneOf", "not"].contains(&name.as_str());
                (name, if is_condition { value } else { closed(value) })
            };
            let mut members: Map<String, Value> = members.into_iter().map(close).collect();
            if is_open {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            Value::Object(members)
        }
        Value::Array(items) => items.into_iter().map(closed).collect(),
        other => other,
    }
}

/// What a schema has against a value, without asking the network for the schemas that it names.
fn complaints(name: &str, value: &Value, prepare: impl Fn(Value) -> Value) -> Vec<String> {
    let mut registry = Registry::new();
    for other in NAMES {
        let uri = format!("urn:helm-rollback-safe:schema:{other}:v1");
        registry = registry.add(&uri, prepare(schema(other))).expect("the schema has an address");
    }
    let registry = registry.prepare().expect("the schemas fit together");
    let root = json!({"$ref": format!("urn:helm-rollback-safe:schema:{name}:v1")});
    let options = jsonschema::options().with_registry(&registry).should_validate_formats(true);
    let validator = options.build(&root).expect("the schema can be used");
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Demands that a value is of that form, and that every member of it is described.
fn check(name: &str, value: &Value) {
    assert_eq!(complaints(name, value, closed), [""; 0], "{name}: {value}");
}

/// Demands that a value is refused.
fn refuse(name: &str, value: &Value, why: &str) {
    assert_ne!(complaints(name, value, |schema| schema), [""; 0], "{name} takes {why}: {value}");
}

fn plan(data: &str, arguments: &[&str]) -> Value {
    let arguments = [&["plan"], arguments, &["-o", "json"]].concat();
    let output = on_memory(data, &arguments).output().expect("the program is built");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn sealed(folder: &Path) -> Value {
    let file = folder.join("shop.plan");
    let output = on_memory("../page.yaml", &["plan", "shop", "--out"]).arg(&file).output().expect("the program is built");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_str(&std::fs::read_to_string(file).expect("there is a file")).expect("it is JSON")
}

#[test]
fn every_schema_is_one_and_names_its_format_and_version() {
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("there is a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|file| file != "README.md")
        .collect();
    assert_eq!(files, NAMES.iter().map(|name| format!("{name}-v1.schema.json")).collect());
    for name in NAMES {
        let schema = schema(name);
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], format!("urn:helm-rollback-safe:schema:{name}:v1"));
    }
    for (name, format) in [
        ("drift", DRIFT_FORMAT),
        ("event", EVENT_FORMAT),
        ("fsck", FSCK_FORMAT),
        ("plan", PLAN_FORMAT),
        ("recovery", RECOVERY_FORMAT),
        ("sealed-plan", SEALED_PLAN_FORMAT),
    ] {
        assert_eq!(schema(name)["properties"]["format"]["const"], format);
    }
}

#[test]
fn plans_of_every_kind_are_as_the_schema_says() {
    let mut actions = BTreeSet::new();
    for arguments in [
        &["shop"][..],
        &["shop", "--server-side=true"],
        &["shop", "--force-replace"],
        &["shop", "--compat"],
        &["shop", "1", "--no-hooks", "--history-max", "2"],
        &["shop", "--wait", "--recreate-pods"],
        &["shop", "--hooks", "both"],
        &["shop", "--dry-run=server"],
        &["shop", "--force-replace", "--server-side=true"],
        &["shop", "5"],
        &["shop", "3"],
    ] {
        let plan = plan("../page.yaml", arguments);
        check("plan", &plan);
        actions
            .extend(plan["steps"].as_array().into_iter().flatten().filter_map(|step| step["action"].as_str().map(str::to_owned)));
    }
    check("plan", &plan("../ailing.yaml", &["washed"]));
    let seen: Vec<&str> = actions.iter().map(String::as_str).collect();
    let expected = [
        "create",
        "create-record",
        "delete",
        "finish-record",
        "patch",
        "prune-record",
        "recreate-pods",
        "replace",
        "run-hook",
        "supersede",
        "unchanged",
        "wait",
    ];
    assert_eq!(seen, expected, "the plans above have steps of every kind that a sound release has");
}

#[test]
fn a_sealed_plan_is_as_the_schema_says() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let sealed = sealed(folder.path());
    check("sealed-plan", &sealed);
    refuse_each_missing_member("sealed-plan", &sealed);
    let with = |pointer: &str, value: Value| {
        let mut other = sealed.clone();
        *other.pointer_mut(pointer).expect("there is such a member") = value;
        other
    };
    refuse("sealed-plan", &with("/format", json!("helm-rollback-safe/sealed-plan/v2")), "another version");
    refuse("sealed-plan", &with("/digest", json!("abc")), "half a digest");
    refuse("sealed-plan", &with("/bindings/0/what", json!("mood")), "a binding of something unknown");
    refuse("sealed-plan", &with("/options/timeout", json!(300)), "a time without a unit");
    refuse("sealed-plan", &with("/plan/verdict", json!("maybe")), "a plan that is none");
    let mut other = sealed.clone();
    other["more"] = json!(1);
    refuse("sealed-plan", &other, "a member that nobody knows");
}

fn refuse_each_missing_member(name: &str, value: &Value) {
    for member in schema(name)["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let mut other = value.clone();
        other.as_object_mut().expect("it is a mapping").remove(member);
        refuse(name, &other, &format!("a value without {member}"));
    }
}

#[test]
fn a_plan_that_is_none_is_refused() {
    let plan = plan("../page.yaml", &["shop"]);
    refuse_each_missing_member("plan", &plan);
    let with = |pointer: &str, value: Value| {
        let mut other = plan.clone();
        *other.pointer_mut(pointer).expect("there is such a member") = value;
        other
    };
    refuse("plan", &with("/format", json!("helm-rollback-safe/plan/v2")), "another version");
    refuse("plan", &with("/findings/0/severity", json!("fatal")), "a weight that there is not");
    refuse("plan", &with("/steps/0/action", json!("explode")), "a step that there is not");
    refuse("plan", &with("/steps/0/record", json!(0)), "revision 0");
    refuse("plan", &with("/newRevision", json!("6")), "a number as text");
    let steps = plan["steps"].as_array().expect("there are steps");
    let deletion = steps.iter().position(|step| step["action"] == "delete").expect("something is deleted");
    let mut other = plan.clone();
    other["steps"][deletion]["requests"][0].as_object_mut().expect("it is a mapping").remove("propagation");
    refuse("plan", &other, "a deletion that does not say how far it goes");
    let mut other = plan.clone();
    other["steps"][0]["object"] = json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "web"});
    refuse("plan", &other, "a step about two things");
    let mut other = plan.clone();
    other["steps"][0].as_object_mut().expect("it is a mapping").remove("record");
    refuse("plan", &other, "a step about nothing");
    // What is added later stops no reader; what is added without a word in the schema stops these tests.
    for pointer in ["", "/steps/0", "/findings/0", "/findings/0/object", "/choice"] {
        let mut other = plan.clone();
        other.pointer_mut(pointer).expect("there is such a member")["later"] = json!(1);
        assert_eq!(complaints("plan", &other, |schema| schema), [""; 0], "{pointer}");
        assert_ne!(complaints("plan", &other, closed), [""; 0], "{pointer}");
    }
}

fn object() -> ObjectId {
    ObjectId { group: String::new(), kind: "ConfigMap".to_owned(), namespace: Some("default".to_owned()), name: "web".to_owned() }
}

#[test]
fn findings_are_as_the_schema_says() {
    for (severity, verdict) in [
        (Severity::Note, Verdict::NothingToDo),
        (Severity::Caution, Verdict::RollBack),
        (Severity::Block, Verdict::BackUpFirst),
        (Severity::Block, Verdict::FixForward),
    ] {
        for id in FindingId::ALL {
            let bare = Finding::new(id.clone(), severity, "what", "why").leading_to(verdict);
            check("finding", &json!(bare));
            check("finding", &json!(bare.about(object()).at("data.color").way_out("another").impossible()));
        }
    }
    let finding = json!(Finding::new(FindingId::NO_LOCK, Severity::Note, "what", "why").about(object()));
    refuse_each_missing_member("finding", &finding);
    let mut other = finding.clone();
    other["id"] = json!("No Lock");
    refuse("finding", &other, "an id that is no word");
    let mut other = finding;
    other["object"] = json!("ConfigMap default/web");
    refuse("finding", &other, "an object as text");
}

fn every_event() -> Vec<Event> {
    let time = "2026-01-02T03:04:05Z".parse().expect("it is a time");
    let revision = Revision::new(4).expect("it is a number");
    let holder = Holder {
        id: "0123456789abcdef".to_owned(),
        who: "anna@desk".to_owned(),
        process: 7,
        command: "rollback web".to_owned(),
        since: time,
        renewed: time,
        lasts: std::time::Duration::from_secs(15),
    };
    let (text, object) = (|| "text".to_owned(), object());
    vec![
        Event::LockAwaited { holder },
        Event::ReturnBegun { cause: text() },
        Event::ObjectReturned { object: object.clone(), how: text() },
        Event::RecordWritten { revision, status: Status::PendingRollback },
        Event::RecordPruned { revision },
        Event::ObjectWritten { object: object.clone(), action: Action::Recreate },
        Event::HookStarted { event: text(), hook: text() },
        Event::HookEnded { event: text(), hook: text(), failure: None },
        Event::HookEnded { event: text(), hook: text(), failure: Some(text()) },
        Event::HookLog { source: text(), line: text() },
        Event::ObjectState { object, state: State::NotFound, reason: text() },
        Event::Warning { message: text() },
    ]
}

#[test]
fn events_of_every_kind_are_as_the_schema_says() {
    let schema = schema("event");
    let conditions = schema["allOf"].as_array().expect("each kind has its members");
    let mut kinds = BTreeSet::new();
    for event in every_event() {
        let json = event.to_json("2026-01-02T03:04:05.123Z".parse().expect("it is a time"));
        check("event", &json);
        refuse_each_missing_member("event", &json);
        let condition = conditions.iter().find(|condition| condition["if"]["properties"]["event"]["const"] == json["event"]);
        let condition = condition.unwrap_or_else(|| panic!("the schema does not know {}", json["event"]));
        for member in condition["then"]["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut other = json.clone();
            other.as_object_mut().expect("it is a mapping").remove(member);
            refuse("event", &other, &format!("an event without {member}"));
        }
        kinds.insert(json["event"].to_string());
        let mut other = json;
        other["time"] = json!("yesterday");
        refuse("event", &other, "a time that is none");
    }
    assert_eq!(kinds.len(), conditions.len(), "the schema knows no kind that there is not");
}

#[test]
fn the_events_of_a_run_are_written_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("events.jsonl");
    std::fs::write(&file, "what was there before\n").expect("it can be written");
    let output = on_memory("../page.yaml", &["shop", "--wait", "--events"]).arg(&file).output().expect("the program is built");
    assert!(output.status.success(), "{output:?}");
    let text = std::fs::read_to_string(&file).expect("there is a file");
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    for event in &events {
        check("event", event);
    }
    let kinds: BTreeSet<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    let expected = ["hook-ended", "hook-started", "object-state", "object-written", "record-written"];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
    let last = events.last().expect("there are events");
    assert_eq!((&last["event"], &last["revision"], &last["status"]), (&json!("record-written"), &json!(5), &json!("superseded")));
    // A file that cannot be written is told before anything is done.
    let output = on_memory("../page.yaml", &["shop", "--events", "/nonexistent/events"]).output().expect("the program is built");
    assert_eq!(output.status.code(), Some(1));
    let told = "Error: /nonexistent/events cannot be written\nCause: No such file or directory (os error 2)\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), told);
}

/// What drift tells of a release in memory of which somebody edited one object, a Secret among them, and deleted another.
async fn drifted() -> Value {
    let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/page.yaml");
    let releases = std::fs::read_to_string(file).expect("there are releases");
    load_memory_data(&storage, &releases).await.expect("they can be read");
    seed(&cluster, &storage).await.expect("they can be brought to life");
    let kinds = cluster.kinds(false).await.expect("it knows its kinds");
    let at = |kind: &str, name: &str| kinds.find(&Gvk::new("v1", kind)).expect("it is served").at("default", name);
    for (at, patch) in [
        (at("ConfigMap", "shop-config"), json!({"data": {"motd": "edited", "more": "added", "settings": null}})),
        (at("Secret", "shop-db"), json!({"data": {"password": "ZWRpdGVk"}})),
    ] {
        let (patch, manager) = (PatchBody::Merge(patch), "kubectl-edit".to_owned());
        let edit = Request::Patch { at, patch, manager, validation: Validation::Ignore };
        cluster.write(&edit, DryRun::No).await.expect("it can be edited");
    }
    let (propagation, preconditions) = (Propagation::Background, Preconditions::default());
    let delete = Request::Delete { at: at("ConfigMap", "shop-feature"), propagation, preconditions };
    cluster.write(&delete, DryRun::No).await.expect("it can be deleted");
    let (namespace, name) = ("default".parse().expect("a namespace"), "shop".parse().expect("a name"));
    let report = look(&storage, &cluster, &namespace, &name).await.expect("it can be looked at");
    report.masked(&mut Masker::default()).to_json()
}

#[test]
fn drift_is_as_the_schema_says() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    let drift = runtime.block_on(drifted());
    check("drift", &drift);
    let objects = drift["objects"].as_array().expect("there are objects");
    let fates: BTreeSet<&str> = objects.iter().filter_map(|object| object["fate"].as_str()).collect();
    assert_eq!(fates.into_iter().collect::<Vec<_>>(), ["changed", "gone"], "{drift}");
    refuse_each_missing_member("drift", &drift);
    for pointer in ["/objects/0/fate", "/objects/0/kind", "/objects/0/fields/0/path", "/objects/0/fields/0/by"] {
        let mut other = drift.clone();
        *other.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer} in {drift}")) = json!(7);
        refuse("drift", &other, &format!("a number at {pointer}"));
    }
    let output = on_memory("../page.yaml", &["drift", "shop", "-o", "json"]).output().expect("the program is built");
    check("drift", &serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}")));
}

/// What is printed as JSON of the releases that ail.
fn of_ailing(arguments: &[&str]) -> Value {
    let output = on_memory("../ailing.yaml", &[arguments, &["-o", "json"]].concat()).output().expect("the program is built");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn fsck_is_as_the_schema_says() {
    let mut members = BTreeSet::new();
    for arguments in [
        &["fsck", "-A"][..],
        &["fsck", "-A", "--dry-run"],
        &["fsck", "-A", "--repair"],
        &["fsck", "sound"],
        &["fsck", "sound", "--restore", "--dry-run"],
    ] {
        let told = of_ailing(arguments);
        check("fsck", &told);
        let releases = told["releases"].as_array().into_iter().flatten();
        members.extend(releases.filter_map(Value::as_object).flat_map(|release| release.keys().cloned()));
    }
    let seen: Vec<&str> = members.iter().map(String::as_str).collect();
    assert_eq!(seen, ["ailments", "done", "name", "namespace", "remaining", "repair", "restore", "revisions"]);
    // What a healthy cluster in memory does not show.
    let told = |member: &str, value: Value| {
        let mut release = json!({"namespace": "default", "name": "shop", "revisions": 1, "ailments": []});
        release[member] = value;
        json!({"format": FSCK_FORMAT, "releases": [release]})
    };
    check("fsck", &told("unseen", json!(["the lock: no right to get leases"])));
    for class in Class::ALL {
        let bare = Ailment::serious(*class, "what", "why");
        check("fsck", &told("ailments", json!([bare])));
        let revision = Revision::new(4).expect("it is a number");
        check("fsck", &told("ailments", json!([bare.of(revision).about(object())])));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let restore = runtime.block_on(restoring());
    assert_eq!((&restore["steps"][0]["status"], &restore["steps"][0]["older"]), (&json!("deployed"), &json!(0)));
    check("fsck", &told("restore", restore));
    let repair = of_ailing(&["fsck", "washed", "--dry-run"]);
    refuse_each_missing_member("fsck", &repair);
    for pointer in [
        "/releases/0/namespace",
        "/releases/0/ailments/0/class",
        "/releases/0/ailments/0/gravity",
        "/releases/0/repair/steps/0/action",
        "/releases/0/repair/steps/0/keepsBackup",
    ] {
        let mut other = repair.clone();
        *other.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer} in {repair}")) = json!(7);
        refuse("fsck", &other, &format!("a number at {pointer}"));
    }
}

/// What a restore of one record would do.
async fn restoring() -> Value {
    let storage = MemoryStorage::new();
    let releases = "[{name: shop, version: 1, info: {status: deployed}}]";
    load_memory_data(&storage, releases).await.expect("they can be read");
    let heads = storage.heads(&HeadQuery::all(None)).await.expect("they are listed");
    let stored = storage.get(&heads[0].key).await.expect("it is there");
    let backup = Backup::of(&stored, "mark revision 1 superseded", "2026-01-02T03:04:05Z".parse().expect("it is a time"));
    let plan = restore_plan(&heads[0].key.namespace, &heads[0].key.name, vec![(backup.note_key(0), backup)], &heads);
    json!(plan)
}

/// What would be done after a rollback that died at that write, either way.
async fn cut_off(at: usize) -> [Value; 2] {
    let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/page.yaml");
    let releases = std::fs::read_to_string(file).expect("there are releases");
    load_memory_data(&storage, &releases).await.expect("they can be read");
    seed(&cluster, &storage).await.expect("they can be brought to life");
    let cluster: Arc<dyn Cluster> = Arc::new(cluster);
    let (namespace, name) = ("default".parse().expect("a namespace"), "shop".parse().expect("a name"));
    let mut options = RollbackOptions::default();
    options.history_max = 2;
    let survey = helm_release_core::survey::survey(&storage, &cluster, &namespace, &name, &options);
    let plan = helm_release_core::plan::plan(&survey.await.expect("it can be looked at"), &options);

    let (lock, journal) = (LeaseLock::new(Arc::clone(&cluster)), SecretJournal::new(Arc::clone(&cluster)));
    let crash = Arc::new(Crash::at(at, Moment::After));
    let dying = crash.cluster(Arc::clone(&cluster));
    let engine = Engine::new(&storage, &dying, &SystemClock, &NoObserver).with_journal(&journal);
    futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;

    let eyes = Eyes { storage: &storage, cluster: &cluster, lock: &lock, journal: &journal, clock: &SystemClock };
    let situation = helm_release_core::recover::look(eyes, &namespace, &name).await.expect("it can be looked at");
    [Wish::Finish, Wish::Undo].map(|wish| decide(&situation, wish).to_json())
}

#[test]
fn recoveries_are_as_the_schema_says() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    let [finish, undo] = runtime.block_on(cut_off(1));
    let mut ways = BTreeSet::new();
    for recovery in [
        &finish,
        &undo,
        &of_ailing(&["recover", "sound", "--dry-run"]),
        &of_ailing(&["recover", "both", "--dry-run"]),
        &of_ailing(&["recover", "stuck", "-n", "shop", "--dry-run"]),
        &of_ailing(&["recover", "stuck", "-n", "shop", "--dry-run", "--undo"]),
    ] {
        check("recovery", recovery);
        ways.insert(recovery["way"].as_str().unwrap_or_default().to_owned());
    }
    let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
    assert_eq!(ways, ["finish", "nothing", "records-only", "undo"]);
    let is_full = |recovery: &Value, member: &str| recovery[member].as_array().is_some_and(|items| !items.is_empty());
    assert!(["objects", "prune", "journals", "records"].iter().all(|member| is_full(&finish, member)), "{finish}");
    assert!(is_full(&undo, "undo"), "{undo}");
    let stuck = of_ailing(&["recover", "stuck", "-n", "shop", "--dry-run"]);
    assert!(is_full(&stuck, "evidence"), "{stuck}");
    refuse_each_missing_member("recovery", &stuck);
    for pointer in ["/way", "/vitality", "/interrupted/status", "/evidence/0/likeness", "/evidence/0/object", "/records/0/reason"]
    {
        let mut other = stuck.clone();
        *other.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer} in {stuck}")) = json!(7);
        refuse("recovery", &other, &format!("a number at {pointer}"));
    }
}
