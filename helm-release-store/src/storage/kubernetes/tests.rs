use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::Namespace;
use helm_release_core::ports::Payload;
use serde_json::{Value, json};

use super::*;
use crate::connection::protobuf::wrap;
use crate::connection::scripted::{Answer, Log, scripted, status};

fn storage(answers: impl IntoIterator<Item = Answer>) -> (SecretStorage, Log) {
    let (connection, log) = scripted(answers);
    (SecretStorage::new(&connection), log)
}

fn namespace() -> Namespace {
    Namespace::new("default").unwrap()
}

fn key(revision: &str) -> RecordKey {
    RecordKey { namespace: namespace(), name: "web".parse().unwrap(), revision: revision.parse().unwrap() }
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn record(payload: &str) -> NewRecord {
    NewRecord { payload: Payload(payload.into()), labels: labels(&[("owner", "helm"), ("status", "deployed")]) }
}

fn metadata(name: &str, version: &str, labels: &Value) -> Value {
    json!({"metadata": {"name": name, "namespace": "default", "resourceVersion": version, "labels": labels}})
}

fn secret(version: &str, payload: &str) -> Answer {
    let mut secret = metadata("sh.helm.release.v1.web.v1", version, &json!({"owner": "helm", "status": "deployed"}));
    secret["data"] = json!({"release": STANDARD.encode(payload), "other": "eA=="});
    Answer::Json(200, secret)
}

fn page(names: &[&str], next: &str) -> Answer {
    let items: Vec<_> = names.iter().map(|name| metadata(name, "7", &json!({"owner": "helm"}))).collect();
    Answer::Json(200, json!({"metadata": {"continue": next}, "items": items}))
}

#[tokio::test]
async fn heads_ask_for_metadata_only_page_by_page() {
    let (storage, log) = storage([
        page(&["sh.helm.release.v1.web.v10", "sh.helm.release.v1.web.v2"], "more"),
        page(&["sh.helm.release.v1.api.v1", "somebody-elses", "sh.helm.release.v1.web.vx"], ""),
    ]);
    let query = HeadQuery::all(Some(namespace())).with_selector("team in (a)");
    let heads = storage.heads(&query).await.unwrap();
    let names: Vec<_> = heads.iter().map(|head| head.key.object_name()).collect();
    assert_eq!(names, ["sh.helm.release.v1.api.v1", "sh.helm.release.v1.web.v2", "sh.helm.release.v1.web.v10"]);
    let first = "GET /api/v1/namespaces/default/secrets?labelSelector=owner%3Dhelm%2Cteam%20in%20%28a%29&limit=500";
    assert_eq!(log.lines(), [first.to_owned(), format!("{first}&continue=more")]);
    assert_eq!(log.all()[1].accept, METADATA_ONLY);
}

#[tokio::test]
async fn heads_of_a_release_are_those_whose_label_and_name_say_so() {
    let (storage, log) = storage([page(&["sh.helm.release.v1.web.v2", "sh.helm.release.v1.api.v1"], "")]);
    let heads = storage.heads(&HeadQuery::release(&namespace(), &"web".parse().unwrap())).await.unwrap();
    assert_eq!(heads.iter().map(|head| &head.key).collect::<Vec<_>>(), [&key("2")]);
    let line = "GET /api/v1/namespaces/default/secrets?labelSelector=owner%3Dhelm%2Cname%3Dweb&limit=500";
    assert_eq!(log.lines(), [line]);
}

#[tokio::test]
async fn heads_of_all_namespaces_take_one_list() {
    let (storage, log) = storage([page(&[], "")]);
    storage.heads(&HeadQuery::default()).await.unwrap();
    assert_eq!(log.lines(), ["GET /api/v1/secrets?labelSelector=owner%3Dhelm&limit=500"]);
}

#[tokio::test]
async fn heads_start_again_once_when_the_server_forgot_the_place() {
    let (storage, log) = storage([
        page(&["sh.helm.release.v1.web.v1"], "a"),
        status(410, "Expired", "too old"),
        page(&["sh.helm.release.v1.web.v2"], "b"),
        status(410, "Expired", "too old"),
    ]);
    assert!(matches!(storage.heads(&HeadQuery::default()).await, Err(StorageError::Other { .. })));
    assert_eq!(log.all().len(), 4);
    assert!(!log.lines()[2].contains("continue"));
}

#[tokio::test]
async fn a_missing_right_is_told_with_what_it_is_for() {
    let (storage, _) = storage([status(403, "Forbidden", "secrets is forbidden: User \"jane\" cannot list")]);
    let error = storage.heads(&HeadQuery::all(Some(namespace()))).await.unwrap_err();
    assert!(matches!(error, StorageError::Forbidden { .. }));
    assert_eq!(
        error.to_string(),
        "no right to list secrets in namespace \"default\": secrets is forbidden: User \"jane\" cannot list"
    );
}

#[tokio::test]
async fn a_bad_selector_is_refused_before_anything_is_sent() {
    let (storage, log) = storage([]);
    let error = storage.heads(&HeadQuery::default().with_selector("a in (")).await.unwrap_err();
    assert_eq!(error.to_string(), "label selector \"a in (\" cannot be read: found the end where a value should be");
    assert_eq!(log.all().len(), 0);
}

#[tokio::test]
async fn a_record_is_the_decoded_value_of_its_secret() {
    let (storage, _) = storage([secret("5", "H4sI")]);
    let stored = storage.get(&key("1")).await.unwrap();
    assert_eq!((stored.payload.0.as_slice(), stored.head.version.0.as_str()), (b"H4sI".as_slice(), "5"));
    assert_eq!(stored.head.status_label(), "deployed");
}

#[tokio::test]
async fn a_record_in_protobuf_is_read_as_it_is() {
    let stored = |data: &[(&str, &str)]| {
        let data = data.iter().map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec())).collect();
        let metadata = protobuf::Metadata { resource_version: "5".to_owned(), labels: labels(&[("status", "deployed")]) };
        Answer::Bytes(200, wrap(&protobuf::Stored { metadata: Some(metadata), data }))
    };
    let (storage, log) = storage([stored(&[("release", "H4sI"), ("other", "x")]), stored(&[("other", "x")])]);
    let read = storage.get(&key("1")).await.unwrap();
    assert_eq!((read.payload.0.as_slice(), read.head.version.0.as_str()), (b"H4sI".as_slice(), "5"));
    assert_eq!(read.head.status_label(), "deployed");
    let error = storage.get(&key("1")).await.unwrap_err().to_string();
    assert_eq!(error, "record default/sh.helm.release.v1.web.v1 cannot be read: it has no data.release");
    assert_eq!((log.all()[0].accept.as_str(), log.all()[0].accept_encoding.as_str()), (PROTOBUF, "identity"));
}

#[tokio::test]
async fn a_secret_without_a_release_is_malformed() {
    let without = metadata("sh.helm.release.v1.web.v1", "5", &json!({}));
    let mut no_base64 = without.clone();
    no_base64["data"] = json!({"release": "hunter2!"});
    let (storage, _) = storage([Answer::Json(200, without), Answer::Json(200, no_base64)]);
    for reason in ["it has no data.release", "data.release is not base64"] {
        let error = storage.get(&key("1")).await.unwrap_err().to_string();
        assert_eq!(error, format!("record default/sh.helm.release.v1.web.v1 cannot be read: {reason}"));
    }
}

#[tokio::test]
async fn a_create_is_the_secret_that_helm_would_write() {
    let (storage, log) = storage([secret("5", "x")]);
    let head = storage.create(&key("1"), &record("x")).await.unwrap();
    assert_eq!(head.version.0, "5");
    let seen = log.all().remove(0);
    assert_eq!(seen.line, "POST /api/v1/namespaces/default/secrets");
    assert_eq!(
        seen.body,
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
            "metadata": {
                "name": "sh.helm.release.v1.web.v1", "namespace": "default", "labels": {"owner": "helm", "status": "deployed"}
            },
            "data": {"release": "eA=="}
        })
    );
}

#[tokio::test]
async fn a_replace_is_one_conditional_patch_that_drops_absent_system_labels() {
    let (storage, log) = storage([secret("6", "x")]);
    let head = storage.replace(&key("1"), &Version("5".to_owned()), &record("x")).await.unwrap();
    assert_eq!(head.version.0, "6");
    let seen = log.all().remove(0);
    assert_eq!(seen.line, "PATCH /api/v1/namespaces/default/secrets/sh.helm.release.v1.web.v1");
    assert_eq!(seen.content_type, "application/merge-patch+json");
    assert_eq!(
        seen.body,
        json!({
            "metadata": {"resourceVersion": "5", "labels": {
                "owner": "helm", "status": "deployed", "name": null, "version": null, "createdAt": null, "modifiedAt": null
            }},
            "data": {"release": "eA=="}
        })
    );
}

#[tokio::test]
async fn a_replace_without_the_right_to_patch_is_one_conditional_update_that_keeps_what_others_wrote() {
    let mut live = metadata("sh.helm.release.v1.web.v1", "7", &json!({"createdAt": "1", "mine": "x"}));
    live["metadata"]["annotations"] = json!({"of": "others"});
    live["data"] = json!({"release": "eQ=="});
    let forbidden = status(403, "Forbidden", "no");
    let (storage, log) = storage([forbidden, Answer::Json(200, live), secret("8", "x")]);
    let head = storage.replace(&key("1"), &Version("5".to_owned()), &record("x")).await.unwrap();
    assert_eq!(head.version.0, "8");
    let seen = log.all().remove(2);
    assert_eq!(seen.line, "PUT /api/v1/namespaces/default/secrets/sh.helm.release.v1.web.v1");
    assert_eq!(seen.body["metadata"]["resourceVersion"], "5", "the version that was expected, not the one that was found");
    assert_eq!(seen.body["metadata"]["annotations"], json!({"of": "others"}));
    assert_eq!(seen.body["metadata"]["labels"], json!({"mine": "x", "owner": "helm", "status": "deployed"}));
    assert_eq!(seen.body["data"], json!({"release": "eA=="}));
}

#[tokio::test]
async fn a_delete_names_the_version_that_it_means() {
    let (storage, log) = storage([Answer::Json(200, json!({"kind": "Status"}))]);
    storage.delete(&key("1"), &Version("5".to_owned())).await.unwrap();
    let seen = log.all().remove(0);
    assert_eq!(seen.line, "DELETE /api/v1/namespaces/default/secrets/sh.helm.release.v1.web.v1");
    assert_eq!(seen.body["preconditions"], json!({"resourceVersion": "5"}));
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_read_back() {
    let lost = || Answer::Text(504, "");
    let (done, log) = storage([lost(), secret("5", "x")]);
    assert_eq!(done.create(&key("1"), &record("x")).await.unwrap().version.0, "5");
    assert_eq!(log.all().len(), 2);

    let (others, _) = storage([lost(), secret("5", "another")]);
    assert!(matches!(others.create(&key("1"), &record("x")).await, Err(StorageError::AlreadyExists { .. })));

    let (undone, _) = storage([lost(), status(404, "NotFound", "not found")]);
    assert!(matches!(undone.create(&key("1"), &record("x")).await, Err(StorageError::Other { .. })));
}

#[tokio::test]
async fn a_replace_whose_answer_is_lost_is_read_back() {
    let expected = Version("5".to_owned());
    let (done, _) = storage([Answer::Break, secret("6", "x")]);
    assert_eq!(done.replace(&key("1"), &expected, &record("x")).await.unwrap().version.0, "6");

    let (others, _) = storage([Answer::Break, secret("6", "another")]);
    assert!(matches!(others.replace(&key("1"), &expected, &record("x")).await, Err(StorageError::Conflict { .. })));

    let (undone, _) = storage([Answer::Break, secret("5", "old")]);
    assert!(matches!(undone.replace(&key("1"), &expected, &record("x")).await, Err(StorageError::Other { .. })));

    let (gone, _) = storage([Answer::Break, status(404, "NotFound", "not found")]);
    assert!(matches!(gone.replace(&key("1"), &expected, &record("x")).await, Err(StorageError::NotFound { .. })));
}

#[tokio::test]
async fn a_delete_whose_answer_is_lost_is_read_back() {
    let expected = Version("5".to_owned());
    let (done, _) = storage([Answer::Break, status(404, "NotFound", "not found")]);
    done.delete(&key("1"), &expected).await.unwrap();
    let (undone, _) = storage([Answer::Break, secret("5", "x")]);
    assert!(matches!(undone.delete(&key("1"), &expected).await, Err(StorageError::Other { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_write_is_repeated_only_when_the_server_says_that_it_did_nothing() {
    let (later, log) = storage([status(429, "TooManyRequests", "later"), secret("5", "x")]);
    later.create(&key("1"), &record("x")).await.unwrap();
    assert_eq!(log.all().len(), 2);
}

#[tokio::test]
async fn conflicts_are_told_apart() {
    let expected = Version("5".to_owned());
    let (exists, _) = storage([status(409, "AlreadyExists", "exists")]);
    assert!(matches!(exists.create(&key("1"), &record("x")).await, Err(StorageError::AlreadyExists { .. })));
    let (changed, _) = storage([status(409, "Conflict", "changed"), status(409, "Conflict", "changed")]);
    assert!(matches!(changed.replace(&key("1"), &expected, &record("x")).await, Err(StorageError::Conflict { .. })));
    assert!(matches!(changed.delete(&key("1"), &expected).await, Err(StorageError::Conflict { .. })));
}

#[tokio::test]
async fn a_record_above_the_limit_is_not_even_sent() {
    let (storage, log) = storage([]);
    let large = record(&"x".repeat(MAX_PAYLOAD + 1));
    assert!(matches!(storage.create(&key("1"), &large).await, Err(StorageError::TooLarge { .. })));
    assert!(matches!(storage.replace(&key("1"), &Version("5".to_owned()), &large).await, Err(StorageError::TooLarge { .. })));
    assert_eq!(log.all().len(), 0);
}

#[tokio::test]
async fn a_configmap_holds_the_payload_as_text_and_has_no_type() {
    let mut stored = metadata("sh.helm.release.v1.web.v1", "5", &json!({"owner": "helm"}));
    stored["data"] = json!({"release": "H4sI"});
    let (connection, log) = scripted([Answer::Json(201, stored.clone()), Answer::Json(200, stored)]);
    let storage = ConfigMapStorage::new(&connection);
    storage.create(&key("1"), &record("H4sI")).await.unwrap();
    assert_eq!(storage.get(&key("1")).await.unwrap().payload.0, b"H4sI");
    let place = "/api/v1/namespaces/default/configmaps";
    assert_eq!(log.lines(), [format!("POST {place}"), format!("GET {place}/sh.helm.release.v1.web.v1")]);
    let sent = &log.all()[0].body;
    assert_eq!((&sent["kind"], sent.get("type"), &sent["data"]), (&json!("ConfigMap"), None, &json!({"release": "H4sI"})));
}

#[tokio::test]
async fn a_configmap_takes_no_payload_that_is_not_text() {
    let (connection, log) = scripted([]);
    let binary = NewRecord { payload: Payload(vec![0xff]), labels: BTreeMap::new() };
    let error = ConfigMapStorage::new(&connection).create(&key("1"), &binary).await.unwrap_err();
    assert!(matches!(error, StorageError::Malformed { .. }), "{error}");
    assert_eq!(log.all().len(), 0);
}
