use serde_json::{Value, json};

use super::{FieldPath, Segment};

/// `spec.containers[name=web].env[name=A].value`.
fn deep() -> FieldPath {
    let entry = |name: &str| Segment::Entry(vec![("name".to_owned(), json!(name))]);
    FieldPath::of_fields(&["spec", "containers"]).then(entry("web")).field("env").then(entry("A")).field("value")
}

fn pod() -> Value {
    json!({"spec": {"containers": [
        {"name": "side"},
        {"name": "web", "env": [{"name": "B", "value": "b"}, {"name": "A", "value": "a"}]},
    ]}})
}

#[test]
fn a_path_reads_as_changes_of_a_plan_do() {
    assert_eq!(deep().to_string(), "spec.containers[name=web].env[name=A].value");
    assert_eq!(FieldPath::of_fields(&["metadata", "labels", "a/b"]).to_string(), "metadata.labels[a/b]");
    assert_eq!(FieldPath::of_fields(&["finalizers"]).then(Segment::Item(json!("x"))).to_string(), "finalizers[x]");
}

#[test]
fn what_is_put_at_a_place_is_found_there_and_can_be_taken_out() {
    let mut object = pod();
    assert_eq!(deep().get(&object), Some(&json!("a")));
    deep().set(&mut object, json!("other"));
    assert_eq!(deep().get(&object), Some(&json!("other")));
    assert_eq!(object["spec"]["containers"][1]["env"][0], json!({"name": "B", "value": "b"}), "the others stay");
    deep().remove(&mut object);
    assert_eq!(object["spec"]["containers"][1]["env"][1], json!({"name": "A"}));
}

#[test]
fn what_is_missing_on_the_way_is_made_with_its_keys() {
    let mut object = json!({});
    deep().set(&mut object, json!("a"));
    let expected = json!({"spec": {"containers": [{"name": "web", "env": [{"name": "A", "value": "a"}]}]}});
    assert_eq!(object, expected);
    assert!(!deep().is_reachable(&json!({})), "no entry is invented where one must be there");
    assert!(deep().is_reachable(&pod()));
    assert!(FieldPath::of_fields(&["metadata", "labels", "a"]).is_reachable(&json!({})), "mappings may be made");
}

#[test]
fn a_key_with_a_default_may_be_missing_in_an_entry() {
    let keys = vec![("containerPort".to_owned(), json!(80)), ("protocol".to_owned(), json!("TCP"))];
    let port = FieldPath::of_fields(&["ports"]).then(Segment::Entry(keys)).field("name");
    let mut object = json!({"ports": [{"containerPort": 80, "protocol": "UDP"}, {"containerPort": 80}]});
    port.set(&mut object, json!("http"));
    assert_eq!(object["ports"][1], json!({"containerPort": 80, "name": "http"}));
}

#[test]
fn an_item_of_a_set_is_put_and_taken() {
    let item = FieldPath::of_fields(&["finalizers"]).then(Segment::Item(json!("b")));
    let mut object = json!({"finalizers": ["a"]});
    item.set(&mut object, json!("b"));
    assert_eq!(object, json!({"finalizers": ["a", "b"]}));
    item.remove(&mut object);
    assert_eq!(object, json!({"finalizers": ["a"]}));
}

#[test]
fn a_tree_of_owned_fields_holds_a_place_its_parts_and_wholes() {
    let tree = json!({"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:value": {}}}}},
        "f:args": {}, "f:list": {"v:\"x\"": {}}}});
    assert!(deep().is_in(&tree));
    assert!(FieldPath::of_fields(&["spec"]).is_in(&tree), "something below it");
    assert!(FieldPath::of_fields(&["spec", "args"]).is_in(&tree), "a value that is owned whole");
    assert!(!FieldPath::of_fields(&["spec", "args", "any"]).is_in(&tree), "the rest of a mapping is nobody's");
    assert!(FieldPath::of_fields(&["spec", "list"]).then(Segment::Item(json!("x"))).is_in(&tree));
    assert!(!FieldPath::of_fields(&["spec", "list"]).then(Segment::Item(json!("y"))).is_in(&tree));
    assert!(!FieldPath::of_fields(&["spec", "replicas"]).is_in(&tree));
    assert!(!deep().is_in(&json!({})), "an empty tree owns nothing");
}

#[test]
fn places_overlap_when_one_lies_in_the_other() {
    let spec = FieldPath::of_fields(&["spec"]);
    assert!(spec.overlaps(&deep()) && deep().overlaps(&spec));
    assert!(!FieldPath::of_fields(&["specs"]).overlaps(&spec));
    assert!(spec.overlaps_text("spec.replicas") && deep().overlaps_text("spec.containers[name=web]"));
    assert!(!spec.overlaps_text("specs"));
}
