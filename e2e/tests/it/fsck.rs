//! What `fsck` finds in releases of real Helm, what its repair makes of them, and that Helm goes on afterwards.

pub(crate) mod around;
pub(crate) mod healthy;
pub(crate) mod prune;
pub(crate) mod records;

use e2e::{Namespace, Output};
use helm_release_core::Record;
use helm_release_core::codec::{self, DecodeOptions};
use helm_release_core::release::{RevisionUpdate, Status};
use serde_json::{Value, json};

/// Makes the list of a module's tests: each for a release of Helm 3 and for one of Helm 4.
macro_rules! for_both_lines {
    ($($test:ident),* $(,)?) => {
        &[$(
            (concat!(stringify!($test), "_of_helm3"), $test::<3> as fn(&e2e::World)),
            (concat!(stringify!($test), "_of_helm4"), $test::<4> as fn(&e2e::World)),
        )*]
    };
}
use for_both_lines;

const SECRETS: &str = "v1/secrets";

/// The name of the Secret with a revision of `web`.
fn object(revision: u32) -> String {
    format!("sh.helm.release.v1.web.v{revision}")
}

/// Runs `fsck web` with further arguments, which must exit with this code.
fn fsck(ns: &Namespace<'_>, args: &[&str], code: i32) -> Output {
    ns.plugin().args(["fsck", "web"]).args(args).fails(code)
}

/// What `fsck` finds, each as `ailment CLASS REVISION` or `note CLASS OBJECT`; the exit code must fit.
fn found(ns: &Namespace<'_>) -> Vec<String> {
    let output = ns.plugin().args(["fsck", "web", "-o", "json"]).run();
    let told: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let release = &told["releases"][0];
    assert!(release["unseen"].is_null(), "{told}");
    let ailments = release["ailments"].as_array().expect("there is a list");
    let texts: Vec<String> = ailments
        .iter()
        .map(|ailment| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let subject = match (&ailment["object"]["name"], &ailment["revision"]) {
                (Value::String(name), _) => name.clone(),
                (_, revision) => revision.to_string(),
            };
            format!("{} {} {subject}", text(&ailment["gravity"]), text(&ailment["class"]))
        })
        .collect();
    let is_ill = texts.iter().any(|text| text.starts_with("ailment"));
    assert_eq!(output.code, if is_ill { 3 } else { 0 }, "{output:?}");
    texts
}

/// A revision's record as it is stored.
fn record(ns: &Namespace<'_>, revision: u32) -> Record {
    let secret = ns.live(SECRETS, &object(revision));
    let outer = secret["data"]["release"].as_str().expect("the Secret holds a record");
    // Of text that is no gzip only the base64 around it is taken off.
    let inner = codec::decode_json(outer.as_bytes(), DecodeOptions::default()).expect("the API writes base64");
    codec::decode(&inner, DecodeOptions::default()).expect("Helm writes records")
}

/// Writes a record and its status label as somebody with kubectl would.
fn store(ns: &Namespace<'_>, revision: u32, record: &Record, status: &str) {
    let payload = String::from_utf8(codec::encode(record).0).expect("base64 is text");
    let patch = json!({"metadata": {"labels": {"status": status}}, "stringData": {"release": payload}});
    let _ = ns.patch(SECRETS, &object(revision), &patch);
}

/// Writes a status into a record and its label.
fn set_status(ns: &Namespace<'_>, revision: u32, status: &str) {
    let update = RevisionUpdate { status: Some(Status::from(status.to_owned())), description: None };
    store(ns, revision, &record(ns, revision).updated(&update), status);
}

/// Writes a label of a record.
fn label(ns: &Namespace<'_>, revision: u32, label: &str, value: &str) {
    let _ = ns.patch(SECRETS, &object(revision), &json!({"metadata": {"labels": {label: value}}}));
}
