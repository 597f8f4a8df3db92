//! A survey built by hand: a plan needs no cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use helm_release_core::codec;
use helm_release_core::history::{Choice, History};
use helm_release_core::patch::Schemas;
use helm_release_core::plan::{LockSeen, RevisionContent, Seen, Surroundings, Survey};
use helm_release_core::ports::{Head, Kinds, RecordKey, Resource, Scope, Version};
use helm_release_core::{Gvk, Namespace, Object, Record, ReleaseName, Revision};
use serde_json::{Value, json};

use crate::data::{Numbers, config_map, deployment};

/// The kinds that generated manifests have.
#[must_use]
pub fn kinds() -> Kinds {
    let resource = |api_version: &str, kind: &str, plural: &str| Resource {
        gvk: Gvk::new(api_version, kind),
        plural: plural.to_owned(),
        scope: Scope::Namespaced,
    };
    [resource("v1", "ConfigMap", "configmaps"), resource("apps/v1", "Deployment", "deployments")].into_iter().collect()
}

/// A manifest of objects that a second seed changes in places.
fn objects(count: usize, level: &str) -> Vec<Value> {
    let object = |index: usize| {
        let mut numbers = Numbers::new(0);
        let name = format!("object-{index}");
        let mut object =
            if index.is_multiple_of(2) { deployment(&name, 1, &mut numbers) } else { config_map(&name, 500, &mut numbers) };
        // Every fourth object differs between the revisions.
        if index % 4 == 1 {
            object["data"]["level"] = json!(level);
        }
        object
    };
    (0..count).map(object).collect()
}

fn content(revision: Revision, status: &str, objects: &[Value], kinds: &Kinds) -> RevisionContent {
    // JSON is YAML, and reading is not what is measured with this.
    let manifest = objects.iter().fold(String::new(), |text, object| format!("{text}---\n{object}\n"));
    let record = json!({
        "name": "web",
        "info": {
            "first_deployed": "2026-01-01T10:00:00Z",
            "last_deployed": "2026-01-01T10:00:00Z",
            "deleted": "",
            "description": "Upgrade complete",
            "status": status,
        },
        "chart": {"metadata": {"name": "web", "version": "1.2.3"}},
        "manifest": manifest,
        "version": revision.get(),
        "namespace": "default",
        "apply_method": "ssa",
    });
    let record = Record::parse(record.to_string().as_bytes()).expect("the text is a JSON object");
    let payload_bytes = codec::encode(&record).0.len();
    let head = Head {
        key: RecordKey { namespace: namespace(), name: name(), revision },
        version: Version(revision.to_string()),
        labels: [("status", status), ("owner", "helm"), ("name", "web")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    };
    RevisionContent::read(head, payload_bytes, record, kinds).expect("the record has Helm's form")
}

/// The namespace of everything that is built here.
#[must_use]
pub fn namespace() -> Namespace {
    Namespace::new("default").expect("the name is valid")
}

fn name() -> ReleaseName {
    ReleaseName::new("web").expect("the name is valid")
}

/// A live object as the server has it after Helm applied it.
fn live(object: &Object) -> Object {
    let mut value = object.clone().into_value();
    let metadata = &mut value["metadata"];
    metadata["uid"] = json!("00000000-0000-0000-0000-000000000000");
    metadata["resourceVersion"] = json!("1");
    metadata["generation"] = json!(1);
    let fields = json!({"f:metadata": {"f:labels": {}, "f:annotations": {}}, "f:data": {"f:level": {}}});
    metadata["managedFields"] = json!([{
        "manager": "helm",
        "operation": "Apply",
        "apiVersion": object.api_version(),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }]);
    Object::new(value).expect("it was an object before")
}

/// A release of that many objects, half of them Deployments, of which a quarter differs between its two revisions.
#[must_use]
pub fn survey(count: usize) -> Survey {
    let kinds = kinds();
    let revision = |number| Revision::new(number).expect("the number is not zero");
    let (first, second) = (revision(1), revision(2));
    let target = content(first, "superseded", &objects(count, "low"), &kinds);
    let current = content(second, "deployed", &objects(count, "high"), &kinds);
    let places =
        current.contents.placed.iter().map(|placed| (placed.location.clone(), Seen::Live(live(&placed.object.unpack()))));
    Survey {
        namespace: namespace(),
        name: name(),
        history: History::new(vec![target.head.clone(), current.head.clone()]),
        choice: Choice { revision: first, reason: "it was asked for".to_owned(), passed_over: Vec::new() },
        current: second,
        baseline: vec![second],
        unreadable: Vec::new(),
        schemas: Arc::new(Schemas::built_in().clone()),
        live: places.collect(),
        instances: BTreeMap::new(),
        surroundings: Surroundings::default(),
        lock: LockSeen::NotLookedAt,
        looked: jiff::Timestamp::UNIX_EPOCH,
        revisions: [(first, target), (second, current)].into(),
        kinds: Arc::new(kinds),
    }
}
