use helm_release_core::ports::{Resource, Scope};

use super::*;

fn kinds() -> Kinds {
    let kind = |(api_version, kind, plural): (&str, &str, &str)| Resource {
        gvk: Gvk::new(api_version, kind),
        plural: plural.to_owned(),
        scope: Scope::Namespaced,
    };
    [("v1", "Pod", "pods"), ("apps/v1", "Deployment", "deployments"), ("batch/v1", "Job", "jobs")].map(kind).into_iter().collect()
}

fn object(kind: &str, spec: &Value) -> Object {
    Object::new(json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "web"}, "spec": spec})).unwrap()
}

#[test]
fn a_selector_is_what_the_manifest_writes_sorted_by_key() {
    let labels = json!({"tier": "front", "app": "web"});
    for kind in ["ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job"] {
        let workload = object(kind, &json!({"selector": {"matchLabels": labels}}));
        assert_eq!(selector(&workload).as_deref(), Some("app=web,tier=front"), "{kind}");
    }
    let controller = object("ReplicationController", &json!({"selector": labels}));
    assert_eq!(selector(&controller).as_deref(), Some("app=web,tier=front"));
}

#[test]
fn what_has_no_labels_of_its_own_has_no_related_pods() {
    for (kind, spec) in [
        ("Pod", json!({"selector": {"matchLabels": {"app": "web"}}})),
        ("Job", json!({})),
        ("Deployment", json!({"selector": {"matchLabels": {}}})),
        ("Deployment", json!({"selector": {"matchLabels": {"app": 1}}})),
    ] {
        assert_eq!(selector(&object(kind, &spec)), None, "{kind} {spec}");
    }
}

#[test]
fn pods_of_two_workloads_with_one_selector_are_asked_for_once() {
    let manifest = ["one", "two"].map(|name| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{selector: {{matchLabels: {{app: web}}}}}}\n"
        )
    });
    let contents = Contents::read(&manifest.join("---\n"), &kinds(), &"shop".parse().unwrap());
    let workloads: Vec<_> = contents.placed.iter().collect();
    let [TableOf::Chosen(pods, options)] = &related_pods(&kinds(), &workloads)[..] else { panic!("one question") };
    assert_eq!(pods.plural, "pods");
    assert_eq!(*options, ListOptions::within(Some("shop")).with_labels("app=web"));
}

#[test]
fn kinds_stand_in_the_order_of_the_manifest_and_share_a_printer() {
    let table = |name: &str| Table { rows: vec![vec![name.into()]], ..Table::plain(&[]) };
    let mut resources = Resources(Vec::new());
    for (key, name) in [("v1/Role", "b"), ("v1/ConfigMap", "a"), ("v1/Role", "c")] {
        resources.push(key, table(name));
    }
    assert_eq!(resources.text(), "RESOURCES:\n==> v1/Role\nNAME   CREATED AT\nb\nc\n\n==> v1/ConfigMap\na\n\n\n");
    assert_eq!(Resources::<Table>(Vec::new()).text(), "");
}
