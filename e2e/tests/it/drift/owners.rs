//! Objects that other tools keep are neither taken nor deleted silently.

use e2e::World;
use serde_json::{Value, json};

use super::{CONFIG_MAPS, MAKERS, deploy, findings, part};
use crate::release::{color, color_of, config_map, ours, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    an_object_with_the_mark_of_another_tool_is_not_taken,
    an_object_that_a_controller_owns_is_not_taken,
    an_object_that_another_manager_applies_is_not_taken,
    an_object_of_another_tool_is_not_deleted_unless_it_is_named,
    a_release_that_flux_makes_is_told_once,
    marks_of_the_charts_own_are_none,
];

const IDS: &[&str] = &["foreign-owner", "managed-elsewhere"];

/// Marks that tools put on what they keep.
fn marks() -> Vec<(&'static str, Value)> {
    vec![
        (
            "Argo CD keeps it by application shop",
            json!({"annotations": {"argocd.argoproj.io/tracking-id": "shop:/ConfigMap:n/web"}}),
        ),
        ("Argo CD keeps it by application shop", json!({"labels": {"argocd.argoproj.io/instance": "shop"}})),
        (
            "Flux keeps it by Kustomization infra/apps",
            json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "infra"}}),
        ),
        ("Crossplane keeps it for db", json!({"labels": {"crossplane.io/composite": "db"}})),
    ]
}

fn an_object_with_the_mark_of_another_tool_is_not_taken(world: &World) {
    for (index, (what, metadata)) in marks().into_iter().enumerate() {
        let ns = world.namespace("owner-mark");
        let charts = ["blue", "red"].map(|color| web(color).template("other.yaml", &config_map("other", color)));
        deploy(&ns, MAKERS[index % MAKERS.len()], &charts);
        let _ = ns.patch_as("tool", CONFIG_MAPS, "web", &json!({"metadata": metadata}));
        assert_eq!(findings(&ns, &["1"], IDS), ["block foreign-owner ConfigMap/web"], "{what}");
        let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
        assert!(said.stderr.contains(what), "{}", said.stderr);
        let _ = ours(&ns, &["1", "--accept", "foreign-owner=ConfigMap/web"]).ok();
        assert_eq!(color(&ns), "blue");
    }
}

fn an_object_that_a_controller_owns_is_not_taken(world: &World) {
    let ns = world.namespace("owner-ref");
    deploy(&ns, MAKERS[2], &[web("blue"), web("red")]);
    let owner = ns.create(CONFIG_MAPS, &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}}));
    let reference = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"], "controller": true,
    });
    let _ = ns.patch_as("operator", CONFIG_MAPS, "web", &json!({"metadata": {"ownerReferences": [reference]}}));
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    assert!(said.stderr.contains("ConfigMap owner controls it"), "{}", said.stderr);
}

fn an_object_that_another_manager_applies_is_not_taken(world: &World) {
    for (manager, what) in [
        ("Terraform", "Terraform keeps it (field manager Terraform)"),
        ("deployer", "deployer owns most of its fields by server-side apply"),
    ] {
        let ns = world.namespace("owner-apply");
        deploy(&ns, MAKERS[2], &[web("blue"), web("red")]);
        let data: Value = (0..12).map(|number| (format!("key-{number}"), json!("x"))).collect::<serde_json::Map<_, _>>().into();
        let _ = ns.apply_as(manager, CONFIG_MAPS, "web", &part("ConfigMap", "v1", &json!({"data": data})));
        let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
        assert!(said.stderr.contains(what), "{}", said.stderr);
        let _ = ours(&ns, &["1", "--accept", "foreign-owner=ConfigMap/web"]).ok();
        assert_eq!(color(&ns), "blue");
    }
}

fn an_object_of_another_tool_is_not_deleted_unless_it_is_named(world: &World) {
    let ns = world.namespace("owner-delete");
    deploy(&ns, MAKERS[0], &[web("blue"), web("red").template("extra.yaml", &config_map("extra", "red"))]);
    let (_, metadata) = marks().remove(0);
    let _ = ns.patch_as("tool", CONFIG_MAPS, "extra", &json!({"metadata": metadata}));
    assert_eq!(findings(&ns, &["1"], IDS), ["caution foreign-owner ConfigMap/extra"]);
    let _ = ours(&ns, &["1"]).ok();
    assert_eq!((color(&ns), color_of(&ns, "extra")), ("blue".to_owned(), "red".to_owned()));

    let ns = world.namespace("owner-delete-named");
    deploy(&ns, MAKERS[0], &[web("blue"), web("red").template("extra.yaml", &config_map("extra", "red"))]);
    let (_, metadata) = marks().remove(0);
    let _ = ns.patch_as("tool", CONFIG_MAPS, "extra", &json!({"metadata": metadata}));
    let _ = ours(&ns, &["1", "--accept", "foreign-owner=ConfigMap/extra"]).ok();
    assert!(ns.get(CONFIG_MAPS, "extra").is_none());
}

fn a_release_that_flux_makes_is_told_once(world: &World) {
    let ns = world.namespace("owner-flux");
    let labels = "labels: {helm.toolkit.fluxcd.io/name: web, helm.toolkit.fluxcd.io/namespace: infra}";
    let map = |name: &str, color: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, {labels}}}\ndata: {{color: {color}}}\n")
    };
    let chart = |color: &str| {
        e2e::Chart::new("web", "1.0.0").template("web.yaml", &map("web", color)).template("other.yaml", &map("other", color))
    };
    deploy(&ns, MAKERS[2], &[chart("blue"), chart("red")]);
    assert_eq!(findings(&ns, &["1"], IDS), ["caution managed-elsewhere -"]);
    let said = ours(&ns, &["1"]).run();
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stderr.contains("suspend it first: flux suspend helmrelease web -n infra"), "{}", said.stderr);
    assert_eq!(color(&ns), "blue");
}

fn marks_of_the_charts_own_are_none(world: &World) {
    let ns = world.namespace("owner-chart");
    let chart = |color: &str| {
        let map = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web, labels: {{argocd.argoproj.io/instance: shop}}}}\ndata: {{color: {color}}}\n"
        );
        e2e::Chart::new("web", "1.0.0").template("web.yaml", &map)
    };
    deploy(&ns, MAKERS[0], &[chart("blue"), chart("red")]);
    assert_eq!(findings(&ns, &["1"], IDS), [] as [String; 0]);
    let _ = ours(&ns, &["1"]).ok();
    assert_eq!(color(&ns), "blue");
}
