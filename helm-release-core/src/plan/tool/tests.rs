use serde_json::{Value, json};

use super::{Tool, keeping, keeping_all};
use crate::plan::tests::world::{World, config_map, managed, ours, place};

fn marked(name: &str, place: &str, key: &str, value: &str) -> Value {
    let mut object = ours(&config_map(name, "red"));
    object["metadata"][place][key] = json!(value);
    object
}

fn world(live: Value) -> World {
    World::default().revision("superseded", &[config_map("a", "blue")]).revision("deployed", &[config_map("a", "red")]).live(live)
}

/// Who keeps `a` when this is live.
fn keeper(live: Value) -> Option<String> {
    keeping(&world(live).survey(), &place(&config_map("a", ""))).map(|tool| tool.to_string())
}

#[test]
fn each_tool_is_known_by_its_mark() {
    let marks = [
        ("annotations", "argocd.argoproj.io/tracking-id", "shop:/ConfigMap:default/a", "Argo CD keeps it by application shop"),
        ("labels", "argocd.argoproj.io/instance", "shop", "Argo CD keeps it by application shop"),
        ("labels", "kustomize.toolkit.fluxcd.io/name", "apps", "Flux keeps it by Kustomization apps"),
        ("labels", "helm.toolkit.fluxcd.io/name", "web", "Flux keeps it by HelmRelease web"),
        ("labels", "crossplane.io/claim-name", "db", "Crossplane keeps it for db"),
    ];
    for (place, key, value, told) in marks {
        assert_eq!(keeper(marked("a", place, key, value)).as_deref(), Some(told), "{key}");
    }
    assert_eq!(keeper(ours(&config_map("a", "red"))), None);
    assert_eq!(keeper(marked("a", "annotations", "argocd.argoproj.io/sync-wave", "1")), None);
}

#[test]
fn a_controller_is_known_by_the_reference() {
    let with = |controller: bool| {
        let mut object = ours(&config_map("a", "red"));
        object["metadata"]["ownerReferences"] = json!([{"kind": "Thing", "name": "t", "controller": controller}]);
        keeper(object)
    };
    assert_eq!(with(true).as_deref(), Some("Thing t controls it"));
    assert_eq!(with(false), None);
}

/// An entry that owns so many fields.
fn entry(manager: &str, operation: &str, count: usize) -> Value {
    let fields: serde_json::Map<String, Value> = (0..count).map(|number| (format!("f:{number}"), json!({}))).collect();
    json!({"manager": manager, "operation": operation, "fieldsV1": {"f:data": fields}})
}

#[test]
fn whoever_owns_most_of_an_object_keeps_it() {
    let with = |entries: &[Value]| {
        let mut object = ours(&config_map("a", "red"));
        object["metadata"]["managedFields"] = json!(entries);
        keeper(object)
    };
    assert_eq!(with(&[entry("helm", "Apply", 4), entry("deployer", "Apply", 4)]), None, "half is not most");
    let told = with(&[entry("helm", "Apply", 4), entry("deployer", "Apply", 5)]);
    assert_eq!(told.as_deref(), Some("deployer owns most of its fields by server-side apply"));
    assert_eq!(with(&[entry("helm", "Update", 4), entry("kubectl-edit", "Update", 5)]), None, "an edit is drift");
    let told = with(&[entry("helm", "Update", 4), entry("HashiCorp", "Update", 5)]);
    assert_eq!(told.as_deref(), Some("Terraform keeps it (field manager HashiCorp)"));
    assert_eq!(with(&[entry("kube-controller-manager", "Apply", 5)]), None);
    assert_eq!(keeper(managed(ours(&config_map("a", "red")), "Apply")), None);
}

#[test]
fn a_mark_of_the_charts_own_is_none() {
    let mut object = config_map("a", "red");
    object["metadata"]["labels"] = json!({"argocd.argoproj.io/instance": "shop"});
    let world = World::default()
        .revision("superseded", &[config_map("a", "blue")])
        .revision("deployed", std::slice::from_ref(&object))
        .live(ours(&object));
    assert_eq!(keeping(&world.survey(), &place(&object)), None);
}

#[test]
fn a_release_is_kept_whole_when_every_object_of_several_has_one_mark() {
    let whole = |marks: [&str; 2]| {
        let names = ["a", "b"];
        let objects = names.map(|name| config_map(name, "red"));
        let mut world = World::default().revision("superseded", &objects).revision("deployed", &objects);
        for (name, mark) in names.iter().zip(marks) {
            world = world.live(match mark {
                "" => ours(&config_map(name, "red")),
                mark => marked(name, "labels", "argocd.argoproj.io/instance", mark),
            });
        }
        keeping_all(&world.survey())
    };
    assert_eq!(whole(["shop", "shop"]), Some(Tool::ArgoCd("shop".to_owned())));
    assert_eq!(whole(["shop", "other"]), None);
    assert_eq!(whole(["shop", ""]), None);
    assert_eq!(
        keeping_all(&world(marked("a", "labels", "argocd.argoproj.io/instance", "shop")).survey()),
        None,
        "one is not several"
    );
}

#[test]
fn a_release_that_flux_makes_is_known_by_manifest_or_manager() {
    let mut object = config_map("a", "red");
    object["metadata"]["labels"] = json!({"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "infra"});
    let world = |object: &Value, live: Value| {
        let objects = std::slice::from_ref(object);
        World::default().revision("superseded", objects).revision("deployed", objects).live(live).survey()
    };
    let release = Tool::FluxHelmRelease("infra/shop".to_owned());
    assert_eq!(keeping_all(&world(&object, ours(&object))), Some(release.clone()));
    assert_eq!(release.suspending().unwrap(), "suspend it first: flux suspend helmrelease shop -n infra");
    let mut live = ours(&config_map("a", "red"));
    live["metadata"]["managedFields"] = json!([entry("helm-controller", "Apply", 3)]);
    let found = keeping_all(&world(&config_map("a", "red"), live));
    assert_eq!(found, Some(Tool::FluxHelmRelease("default/web".to_owned())));
}
