//! Each change is told with the right field, manager, operation and values; nothing else is.

use e2e::World;
use serde_json::{Value, json};

use super::{CONFIG_MAPS, DEPLOYMENTS, MAKERS, deploy, part, report, rich, told};
use crate::release::{config_map, upgrade, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    what_the_server_and_its_controllers_make_of_a_release_is_no_drift,
    an_update_is_told_with_its_manager,
    an_apply_of_another_manager_is_told_with_it,
    a_field_that_was_taken_away_has_no_owner,
    what_an_autoscaler_scaled_is_held,
    a_scale_by_hand_is_told_with_its_subresource,
    a_write_of_a_controller_is_told_with_it,
    a_rotated_secret_is_told_and_its_value_is_not,
    objects_that_are_gone_or_left_by_a_failed_revision_are_told,
    the_table_and_the_exit_code_tell_the_same,
];

const NONE: [&str; 0] = [];

fn what_the_server_and_its_controllers_make_of_a_release_is_no_drift(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("drift-none");
        deploy(&ns, maker, &[rich("web:1", 1)]);
        assert_eq!(told(&ns), NONE, "after an install by {maker:?}");
        deploy(&ns, maker, &[rich("web:2", 2)]);
        assert_eq!(told(&ns), NONE, "after an upgrade by {maker:?}");
        let _ = ns.plugin().args(["web", "1"]).ok();
        assert_eq!(told(&ns), NONE, "after a rollback of {maker:?}");
        // A restart, and marks that others leave beside the chart's, are no settings of the chart.
        let restart = json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}}});
        let _ = ns.patch_as("kubectl-rollout", DEPLOYMENTS, "web", &restart);
        let _ = ns.patch_as("marker", DEPLOYMENTS, "web", &json!({"metadata": {"labels": {"other": "mark"}}}));
        assert_eq!(told(&ns), NONE, "after marks on what {maker:?} made");
    }
}

fn an_update_is_told_with_its_manager(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("drift-update");
        deploy(&ns, maker, &[rich("web:1", 1)]);
        // As `kubectl edit` or `replace` does it: the whole object is put.
        let mut deployment = ns.live(DEPLOYMENTS, "web");
        deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web:hotfix");
        deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] = json!("2000m");
        deployment["metadata"]["resourceVersion"] = Value::Null;
        let _ = ns.replace_as("kubectl-edit", DEPLOYMENTS, "web", &deployment);
        let edit = json!({"data": {"color": "red", "added": "1"}, "metadata": {"labels": {"by": "hand"}}});
        let _ = ns.patch_as("kubectl-patch", CONFIG_MAPS, "web", &edit);
        let _ = ns.patch_as("robot", "rbac.authorization.k8s.io/v1/roles", "web", &json!({"rules": []}));
        let mut expected = vec![
            r#"Deployment/web spec.template.spec.containers[name=web].image: "web:1" -> "web:hotfix" by kubectl-edit Update"#,
            r#"Deployment/web spec.template.spec.containers[name=web].resources.limits.cpu: "1000m" -> "2" by kubectl-edit Update"#,
            r#"ConfigMap/web data.color: "blue" -> "red" by kubectl-patch Update"#,
            r#"ConfigMap/web data.added: null -> "1" by kubectl-patch Update"#,
            r#"Role/web rules: [{"apiGroups":[""],"resources":["pods"],"verbs":["list","get"]}] -> [] by robot Update"#,
        ];
        let mut told = told(&ns);
        expected.sort_unstable();
        told.sort_unstable();
        // The server may write an empty list as none.
        let none = r#"Role/web rules: [{"apiGroups":[""],"resources":["pods"],"verbs":["list","get"]}] -> null"#;
        let told: Vec<&str> = told.iter().map(|line| if line.starts_with(none) { expected[4] } else { line }).collect();
        assert_eq!(told, expected, "{maker:?}");
    }
}

fn an_apply_of_another_manager_is_told_with_it(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("drift-apply");
        deploy(&ns, maker, &[rich("web:1", 1)]);
        let content = json!({"metadata": {"labels": {"tier": "back"}}, "spec": {"template": {"spec": {"containers": [
            {"name": "web", "args": ["run"], "env": [{"name": "Z", "value": "other"}, {"name": "NEW", "value": "n"}]},
        ]}}}});
        let _ = ns.apply_as("deployer", DEPLOYMENTS, "web", &part("Deployment", "apps/v1", &content));
        // The same value once more is no change.
        let _ = ns.apply_as("agreeing", CONFIG_MAPS, "web", &part("ConfigMap", "v1", &json!({"data": {"color": "blue"}})));
        let expected = [
            r#"Deployment/web metadata.labels.tier: "front" -> "back" by deployer Apply"#,
            r#"Deployment/web spec.template.spec.containers[name=web].args: ["run","--fast"] -> ["run"] by deployer Apply"#,
            r#"Deployment/web spec.template.spec.containers[name=web].env[name=Z].value: "z" -> "other" by deployer Apply"#,
            r#"Deployment/web spec.template.spec.containers[name=web].env[name=NEW]: null -> {"name":"NEW","value":"n"} by deployer Apply"#,
        ];
        assert_eq!(told(&ns), expected, "{maker:?}");
    }
}

fn a_field_that_was_taken_away_has_no_owner(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("drift-gone");
        deploy(&ns, maker, &[rich("web:1", 1)]);
        let _ = ns.patch_as("kubectl-patch", CONFIG_MAPS, "web", &json!({"data": {"color": null}}));
        let _ = ns.patch_as("kubectl-label", DEPLOYMENTS, "web", &json!({"metadata": {"labels": {"tier": null}}}));
        let expected = [r#"Deployment/web metadata.labels.tier: "front" -> null"#, r#"ConfigMap/web data.color: "blue" -> null"#];
        let mut told = told(&ns);
        told.sort_by_key(|line| line.starts_with("ConfigMap"));
        assert_eq!(told, expected, "{maker:?}");
    }
}

/// An autoscaler that wants at least that many replicas, whatever the load: there are no metrics here.
fn autoscaler(least: u32) -> Value {
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": least, "maxReplicas": 9,
        },
    })
}

fn what_an_autoscaler_scaled_is_held(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("drift-hpa");
        deploy(&ns, maker, &[rich("web:1", 1)]);
        let _ = ns.create("autoscaling/v2/horizontalpodautoscalers", &autoscaler(3));
        let _ = ns.until(DEPLOYMENTS, "web", |found| found.is_some_and(|found| found["spec"]["replicas"] == 3));
        let expected =
            ["Deployment/web spec.replicas: 1 -> 3 by kube-controller-manager Update/scale held by HorizontalPodAutoscaler"];
        assert_eq!(told(&ns), expected, "{maker:?}");
        assert_eq!(report(&ns)["clean"], true, "replicas that an autoscaler holds are meant to move");
    }
}

fn a_scale_by_hand_is_told_with_its_subresource(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("drift-scale");
        deploy(&ns, maker, &[rich("web:1", 1)]);
        let _ = ns.patch_as("kubectl", DEPLOYMENTS, "web/scale", &json!({"spec": {"replicas": 4}}));
        assert_eq!(told(&ns), ["Deployment/web spec.replicas: 1 -> 4 by kubectl Update/scale"], "{maker:?}");
    }
}

fn a_write_of_a_controller_is_told_with_it(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("drift-ctrl");
        deploy(&ns, maker, &[rich("web:1", 1)]);
        // A controller keeps the status of what it keeps, and adds fields of its own beside the chart's.
        let _ = ns.patch_as("tuner", DEPLOYMENTS, "web/status", &json!({"status": {"collisionCount": 1}}));
        let _ = ns.patch_as("tuner", DEPLOYMENTS, "web", &json!({"spec": {"minReadySeconds": 1, "replicas": 2}}));
        assert_eq!(told(&ns), ["Deployment/web spec.replicas: 1 -> 2 by tuner Update"], "{maker:?}");
    }
}

fn a_rotated_secret_is_told_and_its_value_is_not(world: &World) {
    for maker in MAKERS {
        let ns = world.namespace("drift-secret");
        deploy(&ns, maker, &[rich("web:1", 1)]);
        let _ = ns.patch_as("rotator", "v1/secrets", "web", &json!({"stringData": {"password": "correct horse"}}));
        let expected = [r#"Secret/web data.password: "(masked #1, 12 bytes)" -> "(masked #2, 20 bytes)" by rotator Update"#];
        assert_eq!(told(&ns), expected, "{maker:?}");
        for args in [&["drift", "web"][..], &["drift", "web", "-o", "yaml"], &["drift", "web", "--adopt"], &["plan", "web", "1"]]
        {
            let shown = ns.plugin().args(args).run();
            for secret in ["hunter2", "aHVudGVyMg", "correct horse", "Y29ycmVjdCBob3JzZQ"] {
                assert!(!shown.stdout.contains(secret) && !shown.stderr.contains(secret), "{args:?}: {shown:?}");
            }
        }
    }
}

fn objects_that_are_gone_or_left_by_a_failed_revision_are_told(world: &World) {
    for (major, flags) in MAKERS {
        let ns = world.namespace("drift-objects");
        let first = web("blue").template("other.yaml", &config_map("other", "blue"));
        deploy(&ns, (major, flags), &[first]);
        ns.delete(CONFIG_MAPS, "other");
        assert_eq!(told(&ns), ["ConfigMap/other gone"]);
        // An upgrade that fails half-way: what it wrote before stays.
        let broken = web("red")
            .template("aaa.yaml", &config_map("aaa", "red"))
            .template("bad.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad}\nspec: {replicas: 1}\n");
        let failed = upgrade(&ns, major, &broken).args(flags).arg("--disable-openapi-validation").run();
        assert_ne!(failed.code, 0, "{failed:?}");
        let manager = if flags.contains(&"--server-side=true") { "Apply" } else { "Update" };
        let mut expected = vec!["ConfigMap/other gone".to_owned()];
        if crate::release::color(&ns) == "red" {
            expected.push(format!(r#"ConfigMap/web data.color: "blue" -> "red" by helm {manager} left by 2"#));
        }
        if ns.get(CONFIG_MAPS, "aaa").is_some() {
            expected.push("ConfigMap/aaa extra".to_owned());
        }
        assert!(expected.len() > 1, "the upgrade wrote something before it failed");
        let mut told = told(&ns);
        told.sort();
        expected.sort();
        assert_eq!(told, expected, "{major} {flags:?}");
    }
}

fn the_table_and_the_exit_code_tell_the_same(world: &World) {
    let ns = world.namespace("drift-table");
    deploy(&ns, MAKERS[2], &[web("blue")]);
    let clean = ns.plugin().args(["drift", "web", "--detailed-exitcode"]).ok();
    assert_eq!(clean, "No drift: every object is as revision 1 applied it.\n");
    let _ = ns.patch_as("kubectl-edit", CONFIG_MAPS, "web", &json!({"data": {"color": "edited"}}));
    let said = ns.plugin().args(["drift", "web", "--detailed-exitcode"]).fails(10);
    let lines: Vec<Vec<&str>> = said.stdout.lines().map(|line| line.split('\t').map(str::trim).collect()).collect();
    assert_eq!(lines[0], ["OBJECT", "FIELD", "WAS", "IS", "BY", "WHEN"]);
    let object = format!("ConfigMap {}/web", ns.name());
    assert_eq!(lines[1][..5], [object.as_str(), "data.color", "blue", "edited", "kubectl-edit"]);
    let adopted = ns.plugin().args(["drift", "web", "--adopt"]).ok();
    let expected = format!(
        "---\napiVersion: v1\ndata:\n  color: edited\nkind: ConfigMap\nmetadata:\n  name: web\n  namespace: {}\n",
        ns.name()
    );
    assert_eq!(adopted, expected);
}
