use proptest::prelude::*;

use super::{ManifestErrors, ManifestObject, read_objects};

fn read(text: &str) -> Result<Vec<ManifestObject>, ManifestErrors> {
    let mut objects = Vec::new();
    read_objects(text).each(|object| objects.push(object))?;
    Ok(objects)
}

fn ids(text: &str) -> Vec<String> {
    read(text).unwrap().into_iter().map(|found| format!("{} {}", found.object.api_version(), found.object.id())).collect()
}

fn errors(text: &str) -> Vec<String> {
    read(text).unwrap_err().errors.iter().map(ToString::to_string).collect()
}

#[test]
fn empty_and_null_documents_hold_no_object() {
    assert_eq!(
        ids("---\n---\n# only a comment\n---\nnull\n---\n~\n---\n{apiVersion: v1, kind: Pod, metadata: {name: a}}\n"),
        ["v1 Pod a"]
    );
}

#[test]
fn lists_are_taken_apart_and_their_items_inherit_what_they_lack() {
    let text = "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: b}\n";
    assert_eq!(ids(text), ["v1 Pod a", "apps/v1 Deployment b"]);
    assert!(ids("apiVersion: v1\nkind: List\nitems: null\n").is_empty());
}

#[test]
fn a_list_inside_a_list_is_refused_as_helm_refuses_it() {
    let inner = "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}]}";
    let text = format!("apiVersion: v1\nkind: List\nitems: [{inner}, {{apiVersion: v1, kind: Pod, metadata: {{name: b}}}}]\n");
    assert_eq!(errors(&text), ["document 1, line 1: an item of the list is a list itself"]);
}

#[test]
fn every_error_is_reported_with_document_line_and_source() {
    let text = "---\n# Source: c/a.yaml\nkind: Pod\n---\n# Source: c/b.yaml\napiVersion: v1\nkind: [\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  labels: {a: 1}\n";
    assert_eq!(errors(text)[0], "document 1 (c/a.yaml), line 1: apiVersion is missing or not a string");
    assert!(errors(text)[1].starts_with("document 2 (c/b.yaml), line "), "{:?}", errors(text));
    assert_eq!(errors(text)[2], "document 3, line 9: metadata.labels.a is not a string");
    assert_eq!(errors("a: 1\n---x\n"), ["manifest, line 2: line 2: invalid Yaml document separator"]);
}

#[test]
fn metadata_of_a_wrong_type_is_refused_as_by_the_client_that_helm_uses() {
    for (field, path) in [
        ("annotations: {helm.sh/hook-weight: 5}", "metadata.annotations.helm.sh/hook-weight"),
        ("labels: {on: x, a: yes}", "metadata.labels.a"),
        ("name: 5", "metadata.name"),
        ("generation: 1.5", "metadata.generation"),
        ("creationTimestamp: 2001-01-01", "metadata.creationTimestamp"),
        ("finalizers: [a, 1]", "metadata.finalizers[1]"),
        ("ownerReferences: [{controller: 1}]", "metadata.ownerReferences[0].controller"),
    ] {
        let text = format!("{{apiVersion: v1, kind: Pod, metadata: {{{field}}}}}");
        let error = errors(&text).concat();
        assert!(error.contains(&format!("line 1: {path} is not ")), "{error}");
    }
    assert_eq!(ids("{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {x: null}, creationTimestamp: null}}"), ["v1 Pod a"]);
}

#[test]
fn json_keeps_the_numbers_that_the_api_machinery_keeps() {
    let objects = read(r#"{"apiVersion":"v1","kind":"A","x":1.0,"y":18446744073709551615}"#).unwrap();
    let value = objects[0].object.as_value();
    assert!(value["x"].is_f64() && value["y"].is_f64(), "{value}");
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&String::from_utf8_lossy(&bytes));
    }
}
