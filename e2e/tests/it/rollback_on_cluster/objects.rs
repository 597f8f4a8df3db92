//! What happens to objects in unusual states.

use e2e::World;
use serde_json::{Value, json};

use crate::release::{color, color_of, config_map, deploy, helm_goes_on, ours, statuses, upgrade, web, without_a_write};
use crate::widget;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    an_object_removed_behind_helms_back_comes_back,
    an_object_that_only_the_current_revision_has_goes,
    an_object_with_the_policy_keep_stays,
    an_object_that_is_being_deleted_is_made_anew,
    an_edit_by_hand_is_taken_back,
    a_kind_whose_definition_is_gone_is_refused,
    characters_that_yaml_does_not_take_reach_the_server,
    an_object_of_an_api_version_that_is_gone_from_the_current_revision_stops_nothing,
];

fn an_object_removed_behind_helms_back_comes_back(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("gone");
        deploy(&ns, major, &[web("blue"), web("red")]);
        ns.delete("v1/configmaps", "web");
        let _ = ours(&ns, &["1"]).ok();
        assert_eq!(color(&ns), "blue");
        ns.delete("v1/configmaps", "web");
        // The same revision again: not nothing to do, for an object is missing.
        let _ = ours(&ns, &["3"]).ok();
        assert_eq!(color(&ns), "blue");
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "superseded", "deployed"]);
        helm_goes_on(&ns, major);
    }
}

fn an_object_that_only_the_current_revision_has_goes(world: &World) {
    let ns = world.namespace("extra");
    deploy(&ns, 4, &[web("blue"), web("red").template("extra.yaml", &config_map("extra", "red"))]);
    ns.delete("v1/configmaps", "extra");
    let _ = ours(&ns, &["1"]).ok();
    let _ = ours(&ns, &["2"]).ok();
    assert_eq!(color_of(&ns, "extra"), "red");
    let _ = ours(&ns, &["1"]).ok();
    assert!(ns.get("v1/configmaps", "extra").is_none());
}

fn an_object_with_the_policy_keep_stays(world: &World) {
    // Helm takes the first spelling alone; it removes the second, which means the same.
    for word in ["keep", "Keep"] {
        let ns = world.namespace("keep");
        let kept = config_map("kept", "red")
            .replace("{name: kept}", &format!("{{name: kept, annotations: {{helm.sh/resource-policy: {word}}}}}"));
        deploy(&ns, 4, &[web("blue"), web("red").template("kept.yaml", &kept)]);
        let said = ours(&ns, &["1"]).run();
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.stderr.contains("1 kept"), "{}", said.stderr);
        assert_eq!(color_of(&ns, "kept"), "red", "{word}");
        assert_eq!(color(&ns), "blue");
    }
}

fn an_object_that_is_being_deleted_is_made_anew(world: &World) {
    let ns = world.namespace("terminating");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    let held = json!({"metadata": {"finalizers": ["example.com/held"]}});
    let _ = ns.patch("v1/configmaps", "web", &held);
    ns.delete("v1/configmaps", "web");
    let old = ns.live("v1/configmaps", "web")["metadata"]["uid"].clone();
    let said = ours(&ns, &["1", "--timeout", "1s"]).fails(6);
    let cause = format!("Cause: ConfigMap {}/web was told to go and is still there after 1 s\n", ns.name());
    assert!(said.stderr.contains(&cause), "{}", said.stderr);
    assert_eq!(statuses(&ns, 4), ["superseded", "deployed", "failed"]);
    std::thread::scope(|scope| {
        let tool = ours(&ns, &["1"]);
        let rollback = scope.spawn(move || tool.run());
        let _ = ns.until("v1/secrets", "sh.helm.release.v1.web.v4", |record| record.is_some());
        let _ = ns.patch("v1/configmaps", "web", &json!({"metadata": {"finalizers": null}}));
        let said = rollback.join().expect("it ends");
        assert_eq!(said.code, 0, "{said:?}");
    });
    assert_ne!(ns.live("v1/configmaps", "web")["metadata"]["uid"], old);
    assert_eq!(color(&ns), "blue");
    assert_eq!(statuses(&ns, 4), ["superseded", "superseded", "failed", "deployed"]);
    helm_goes_on(&ns, 4);
}

fn an_edit_by_hand_is_taken_back(world: &World) {
    for (major, flags) in [(3, [].as_slice()), (4, &[]), (4, &["--server-side=false"])] {
        let ns = world.namespace("edited");
        for color in ["blue", "red"] {
            let _ = upgrade(&ns, major, &web(color)).args(flags).ok();
        }
        let _ = ns.patch("v1/configmaps", "web", &json!({"data": {"color": "edited", "added": "stays"}}));
        if major == 4 && flags.is_empty() {
            // The server tells beforehand whose the field is by now, and force takes it back.
            let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
            assert!(said.stderr.contains("block (refused-by-server)") && said.stderr.contains("\"unknown\""), "{}", said.stderr);
            let _ = ours(&ns, &["1", "--force-conflicts"]).ok();
        } else {
            let _ = ours(&ns, &["1"]).ok();
        }
        let data = &ns.live("v1/configmaps", "web")["data"];
        assert_eq!(data, &json!({"color": "blue", "added": "stays"}), "what no revision ever had is none of ours");
    }
}

fn a_kind_whose_definition_is_gone_is_refused(world: &World) {
    let ns = world.namespace("crd");
    let chart =
        web("blue").file("crds/widget.yaml", &widget::definition(&ns)).template("w.yaml", &widget::object(&ns, "size: 1"));
    deploy(&ns, 4, &[chart, web("red")]);
    widget::remove_definition(world, &ns);
    let said = without_a_write(&ns, || ours(&ns, &["1"]).fails(3));
    let expected = format!(
        "Error: release \"web\" is not rolled back, and nothing was changed
Cause: block (unknown-kind): the server does not know {0}.example.com/v1 Widget, which revision 1 has as \"web\"; the object cannot be applied
Hint: install the definition of that kind, when one is missing
",
        ns.name()
    );
    assert!(said.stderr.ends_with(&expected), "{}\nexpected {expected}", said.stderr);
    assert_eq!(statuses(&ns, 4), ["superseded", "deployed"]);
}

fn an_object_of_an_api_version_that_is_gone_from_the_current_revision_stops_nothing(world: &World) {
    let ns = world.namespace("crd");
    let chart = web("red").file("crds/widget.yaml", &widget::definition(&ns)).template("w.yaml", &widget::object(&ns, "size: 1"));
    // Helm installs definitions with the first revision only.
    deploy(&ns, 4, &[web("blue").file("crds/widget.yaml", &widget::definition(&ns)), chart]);
    widget::remove_definition(world, &ns);
    let _ = ours(&ns, &["1"]).ok();
    assert_eq!(color(&ns), "blue");
    assert_eq!(statuses(&ns, 4), ["superseded", "superseded", "deployed"]);
}

fn characters_that_yaml_does_not_take_reach_the_server(world: &World) {
    let ns = world.namespace("unicode");
    let odd = "\u{7f}\u{80}\u{85}\u{9f}\u{2028}\u{2029}\u{feff}";
    let map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\ndata: {odd: \"a\\x7f\\x80\\x85\\x9f\\u2028\\u2029\\ufeffz\"}\n";
    for color in ["blue", "red"] {
        let chart = if color == "blue" { web(color).template("odd.yaml", map) } else { web(color) };
        let _ = upgrade(&ns, 4, &chart).arg("--server-side=false").ok();
    }
    let _ = ours(&ns, &["1", "--server-side=true"]).ok();
    assert_eq!(ns.live("v1/configmaps", "odd")["data"]["odd"], Value::from(format!("a{odd}z")));
}
