//! A release put together by hand, each part as broken as a test wants it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::codec::{self, DecodeOptions};
use crate::fsck::{Ailment, Class, Examination, ExaminedRecord, Gravity, check};
use crate::patch::Schemas;
use crate::plan::{RevisionContent, Seen, stamp};
use crate::ports::{
    Head, Held, Holder, Kinds, Location, LockKey, NoteKey, NoteKind, Payload, RecordKey, Resource, Scope, Version,
};
use crate::{Gvk, Namespace, Object, Record, ReleaseName, Revision};

pub(super) const NOW: &str = "2026-05-01T12:00:00Z";

pub(super) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(super) fn namespace() -> Namespace {
    "default".parse().unwrap()
}

pub(super) fn name() -> ReleaseName {
    "web".parse().unwrap()
}

pub(super) fn revision(number: u32) -> Revision {
    Revision::new(number).unwrap()
}

pub(super) fn key(release: &str, number: u32) -> RecordKey {
    RecordKey { namespace: namespace(), name: release.parse().unwrap(), revision: revision(number) }
}

pub(super) fn kinds() -> Arc<Kinds> {
    let served = [
        ("v1", "ConfigMap", "configmaps", Scope::Namespaced),
        ("v1", "Secret", "secrets", Scope::Namespaced),
        ("batch/v1", "Job", "jobs", Scope::Namespaced),
        ("apps/v1", "ReplicaSet", "replicasets", Scope::Namespaced),
    ];
    let resource = |(api_version, kind, plural, scope): (&str, &str, &str, Scope)| Resource {
        gvk: Gvk::new(api_version, kind),
        plural: plural.to_owned(),
        scope,
    };
    Arc::new(served.into_iter().map(resource).collect())
}

pub(super) fn config_map(name: &str, color: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"color": color}})
}

/// One stored record in the making: what its object's name, its labels and its payload say.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) key: RecordKey,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) json: Value,
    pub(super) payload: Option<Vec<u8>>,
}

/// A record whose parts agree, with the ConfigMap `web` in its manifest.
pub(super) fn record(number: u32, status: &str, description: &str) -> Stored {
    let labels = [("name", "web"), ("owner", "helm"), ("status", status), ("version", &number.to_string())];
    let json = json!({
        "name": "web",
        "info": {
            "first_deployed": "2026-01-01T00:00:00Z", "last_deployed": format!("2026-01-{number:02}T00:00:00Z"),
            "description": description, "status": status,
        },
        "chart": {"metadata": {"name": "web", "version": "1.0.0"}},
        "manifest": format!("---\n{}\n", config_map("web", "red")), "version": number, "namespace": "default",
    });
    Stored {
        key: key("web", number),
        labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        json,
        payload: None,
    }
}

/// The same, described as Helm describes what works.
pub(super) fn good(number: u32, status: &str) -> Stored {
    record(number, status, "Upgrade complete")
}

impl Stored {
    pub(super) fn labelled(mut self, key: &str, value: &str) -> Self {
        self.labels.insert(key.to_owned(), value.to_owned());
        self
    }

    pub(super) fn called(mut self, release: &str, number: u32) -> Self {
        self.key = key(release, number);
        self
    }

    pub(super) fn saying(mut self, member: &str, value: Value) -> Self {
        self.json[member] = value;
        self
    }

    pub(super) fn objects(self, objects: &[Value]) -> Self {
        let manifest = objects.iter().fold(String::new(), |manifest, object| manifest + &format!("---\n{object}\n"));
        self.saying("manifest", json!(manifest))
    }

    pub(super) fn holding(mut self, payload: &[u8]) -> Self {
        self.payload = Some(payload.to_vec());
        self
    }

    pub(super) fn examined(&self) -> ExaminedRecord {
        let encoded = || codec::encode(&Record::parse(self.json.to_string().as_bytes()).unwrap()).0;
        let payload = self.payload.clone().unwrap_or_else(encoded);
        let version = Version(format!("{}-{}", self.key.name, self.key.revision));
        let head = Head { key: self.key.clone(), version, labels: self.labels.clone() };
        let content = codec::decode(&payload, DecodeOptions::default()).map_err(|error| error.to_string());
        let content = content.and_then(|record| {
            RevisionContent::read(head.clone(), payload.len(), record, &kinds()).map_err(|error| error.to_string())
        });
        ExaminedRecord { head, payload: Some(Payload(payload)), content }
    }
}

/// An examination of those records, nothing live.
pub(super) fn examined(records: &[Stored]) -> Examination {
    let records = records.iter().map(Stored::examined).collect();
    let mut examination = Examination::of_records(namespace(), name(), records, kinds());
    examination.schemas = Arc::new(Schemas::built_in().clone());
    examination
}

/// A live object as the release's own, as Helm would have made it.
pub(super) fn own(object: &Value) -> Object {
    let mut object = Object::new(object.clone()).unwrap();
    object.set_namespace("default");
    stamp(&mut object, &name(), &namespace());
    object
}

pub(super) fn place(object: &Object) -> Location {
    kinds().find(&object.gvk()).unwrap().locate(object, "default")
}

pub(super) fn seen(examination: &mut Examination, object: Object) {
    examination.live.insert(place(&object), Seen::Live(object));
}

pub(super) fn owned(examination: &mut Examination, object: Object) {
    examination.owned.push((place(&object), object));
}

/// A lock renewed that long ago, which lasts half a minute.
pub(super) fn lock(ago: Duration) -> Held {
    let renewed = now() - ago;
    let holder = Holder {
        id: "id".to_owned(),
        who: "ann@bastion".to_owned(),
        process: 7,
        command: "rollback web".to_owned(),
        since: renewed,
        renewed,
        lasts: Duration::from_secs(30),
    };
    Held { key: LockKey { namespace: namespace(), name: name() }, version: Version("9".to_owned()), holder }
}

pub(super) fn journal(id: &str) -> NoteKey {
    NoteKey { namespace: namespace(), name: name(), kind: NoteKind::Journal, id: id.to_owned() }
}

/// Class, weight and revision of everything that is found.
pub(super) fn found(examination: &Examination) -> Vec<(Class, Gravity, Option<u32>)> {
    check(examination, now()).iter().map(|it| (it.class, it.gravity, it.revision.map(Revision::get))).collect()
}

/// The one thing that is found.
pub(super) fn only(examination: &Examination) -> Ailment {
    let mut found = check(examination, now());
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}
