//! Each kind of thing that a plan rests on moves: `apply` names it and writes nothing.

use std::thread;
use std::time::{Duration, Instant};

use e2e::{Namespace, World};
use serde_json::{Value, json};

use super::bench::{apply, chart, forge, refused, release, seal};
use crate::release::{allow_viewer, color, deploy, helm_goes_on, statuses, upgrade, web};
use crate::widget;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_record_that_was_written,
    a_record_that_was_added_by_helm,
    the_targets_record_that_was_deleted,
    a_touched_object_that_was_edited,
    a_touched_object_that_was_deleted_or_replaced,
    an_object_in_the_place_of_one_to_be_made,
    a_label_on_an_object_to_be_deleted,
    a_secret_whose_new_value_is_as_long_as_the_old_one,
    an_object_left_alone_that_would_be_written,
    a_kind_whose_definition_was_removed,
    a_kind_that_is_served_in_another_version,
    a_right_to_read_that_was_taken_away,
    a_right_to_write_that_was_taken_away,
    a_right_to_locks_that_was_taken_away,
    another_version_of_the_program,
    a_finding_that_came_up,
];

fn a_record_that_was_written(world: &World) {
    let ns = release(world, "stale", 4);
    let file = seal(&ns, &[]);
    let _ = ns.patch("v1/secrets", "sh.helm.release.v1.web.v1", &json!({"metadata": {"labels": {"team": "shop"}}}));
    refused(&ns, apply(&ns, &file), &["record of revision 1: it was written since the plan was sealed"]);
    let _ = ns.patch("v1/secrets", "sh.helm.release.v1.web.v1", &json!({"metadata": {"labels": {"status": "failed"}}}));
    let moved = ["record of revision 1: it was superseded when the plan was sealed, and is failed"];
    refused(&ns, apply(&ns, &file), &moved);
}

fn a_record_that_was_added_by_helm(world: &World) {
    for major in [3, 4] {
        let ns = release(world, "stale", major);
        let file = seal(&ns, &[]);
        let _ = upgrade(&ns, major, &chart("green", 2, "pin-9999")).ok();
        let said = apply(&ns, &file).fails(4);
        for line in [
            "Cause: record of revision 2: it was deployed when the plan was sealed, and is superseded\n",
            "Cause: record of revision 3: it is deployed, and was not there when the plan was sealed\n",
        ] {
            assert!(said.stderr.contains(line), "{line} is not in {}", said.stderr);
        }
        assert_eq!(color(&ns), "green");
        helm_goes_on(&ns, major);
    }
}

fn the_targets_record_that_was_deleted(world: &World) {
    let ns = release(world, "stale", 4);
    let file = seal(&ns, &[]);
    ns.delete("v1/secrets", "sh.helm.release.v1.web.v1");
    let moved = ["record of revision 1: it was superseded when the plan was sealed, and is no more", "release has no 1 version"];
    refused(&ns, apply(&ns, &file), &moved);
}

fn a_touched_object_that_was_edited(world: &World) {
    let edited = "object ConfigMap NS/web: data.more was changed, and so was who owns which field";
    let lost = "finding drift of ConfigMap NS/web, data.more: it is caution, and was not there when the plan was sealed";
    for (flags, moved) in [
        ([].as_slice(), [edited].as_slice()),
        (&["--server-side=false"], &[edited]),
        // A replacement would overwrite what was added.
        (&["--force-replace", "--server-side=false"], &[edited, lost]),
        (&["--compat"], &[edited]),
    ] {
        let ns = release(world, "stale", 4);
        let file = seal(&ns, flags);
        let _ = ns.patch("v1/configmaps", "web", &json!({"data": {"more": "edited"}}));
        refused(&ns, apply(&ns, &file), moved);
        assert_eq!(statuses(&ns, 4), ["superseded", "deployed"]);
    }
}

fn a_touched_object_that_was_deleted_or_replaced(world: &World) {
    let ns = release(world, "stale", 4);
    let file = seal(&ns, &[]);
    let old = ns.live("v1/configmaps", "web");
    ns.delete("v1/configmaps", "web");
    let moved = ["object ConfigMap NS/web: it was there when the plan was sealed, and is absent"];
    refused(&ns, apply(&ns, &file), &moved);
    let mut again = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": old["data"]});
    for member in ["name", "labels", "annotations"] {
        again["metadata"][member] = old["metadata"][member].clone();
    }
    let _ = ns.create("v1/configmaps", &again);
    let moved = [
        "object ConfigMap NS/web: another one of that name took its place",
        "finding refused-by-server of ConfigMap NS/web: it is block, and was not there when the plan was sealed",
    ];
    refused(&ns, apply(&ns, &file), &moved);
}

fn an_object_in_the_place_of_one_to_be_made(world: &World) {
    let ns = release(world, "stale", 4);
    let file = seal(&ns, &[]);
    let _ = ns.create("v1/configmaps", &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old"}}));
    let moved = [
        "object ConfigMap NS/old: it was absent when the plan was sealed, and is there",
        "finding foreign-owner of ConfigMap NS/old: it is block, and was not there when the plan was sealed",
    ];
    refused(&ns, apply(&ns, &file), &moved);
}

fn a_label_on_an_object_to_be_deleted(world: &World) {
    let ns = release(world, "stale", 4);
    let file = seal(&ns, &[]);
    let _ = ns.patch("v1/configmaps", "new", &json!({"metadata": {"labels": {"team": "shop"}}}));
    let moved = ["object ConfigMap NS/new: metadata.labels.team was changed, and so was who owns which field"];
    refused(&ns, apply(&ns, &file), &moved);
}

fn a_secret_whose_new_value_is_as_long_as_the_old_one(world: &World) {
    let ns = release(world, "stale", 4);
    // Once somebody else owns the value, an edit of it moves nothing but the version.
    let edit = |pin: &str| ns.patch("v1/secrets", "pin", &json!({"data": {"pin": pin}}));
    let _ = edit("cGluLTAwMDA=");
    let file = seal(&ns, &[]);
    let _ = edit("cGluLTExMTE=");
    refused(&ns, apply(&ns, &file), &["object Secret NS/pin: it was written since the plan was sealed"]);
}

fn an_object_left_alone_that_would_be_written(world: &World) {
    let ns = release(world, "stale", 4);
    let file = seal(&ns, &[]);
    let _ = ns.patch("v1/configmaps", "same", &json!({"data": {"color": "edited"}}));
    // The edit owns the field, which an apply would not take.
    let moved = [
        "finding drift of ConfigMap NS/same, data.color: it is caution, and was not there when the plan was sealed",
        "finding refused-by-server of ConfigMap NS/same: it is block, and was not there when the plan was sealed",
        "step ConfigMap NS/same: the sealed plan says unchanged, and one made anew says patch",
    ];
    refused(&ns, apply(&ns, &file), &moved);
}

/// A release with a Widget that a rollback changes.
fn with_widget<'a>(world: &'a World, prefix: &str) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    let sized = |color: &str, size: &str| {
        web(color).file("crds/widget.yaml", &widget::definition(&ns)).template("w.yaml", &widget::object(&ns, size))
    };
    deploy(&ns, 4, &[sized("blue", "size: 1"), sized("red", "size: 2")]);
    ns
}

fn a_kind_whose_definition_was_removed(world: &World) {
    let ns = with_widget(world, "stale");
    let file = seal(&ns, &[]);
    widget::remove_definition(world, &ns);
    let moved = ["kind NS.example.com/v1 Widget: it was served as widgets when the plan was sealed, and is not served"];
    refused(&ns, apply(&ns, &file), &moved);
}

fn a_kind_that_is_served_in_another_version(world: &World) {
    let ns = with_widget(world, "stale");
    let file = seal(&ns, &[]);
    let group = format!("{}.example.com", ns.name());
    let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{group}");
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    let version = |name: &str, served: bool| json!({"name": name, "served": served, "storage": !served, "schema": schema});
    let versions = json!({"spec": {"versions": [version("v1", false), version("v2", true)]}});
    let _ = world.cluster().request("PATCH", &path, Some(&versions)).expect("the definition can be changed");
    until("version v1 is served no more", || world.cluster().get(&format!("/apis/{group}/v1")).is_none());
    let moved = ["kind NS.example.com/v1 Widget: it was served as widgets when the plan was sealed, and is not served"];
    refused(&ns, apply(&ns, &file), &moved);
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < until, "not true after a minute: {what}");
        thread::sleep(Duration::from_millis(100));
    }
}

type Rules = [(&'static str, &'static [&'static str], &'static [&'static str])];

const RECORDS: (&str, &[&str], &[&str]) = ("", &["secrets"], &["get", "list", "create", "update", "patch", "delete"]);
const MAPS: (&str, &[&str], &[&str]) = ("", &["configmaps"], &["get", "create", "patch", "delete"]);
const LEASES: (&str, &[&str], &[&str]) = ("coordination.k8s.io", &["leases"], &["get", "create", "update", "delete"]);

/// A release of ConfigMaps alone, on which the viewer has these rights, and a plan that the viewer sealed.
fn sealed_by_viewer<'a>(world: &'a World, rules: &Rules) -> (Namespace<'a>, std::path::PathBuf) {
    let ns = world.namespace("stale");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    allow_viewer(&ns, rules);
    let file = ns.home().join("web.plan");
    until("the viewer may plan", || {
        ns.plugin().args(["plan", "web", "1", "--kube-context", "viewer", "--out"]).arg(&file).run().code == 0
    });
    (ns, file)
}

/// Leaves the viewer these rights and no others.
fn leave(ns: &Namespace<'_>, rules: &Rules, is_so: impl Fn(&Value) -> bool) {
    let rules: Vec<Value> = rules
        .iter()
        .map(|(group, resources, verbs)| json!({"apiGroups": [group], "resources": resources, "verbs": verbs}))
        .collect();
    let _ = ns.patch("rbac.authorization.k8s.io/v1/roles", "viewer", &json!({"rules": rules}));
    until("the server goes by the new rights", || {
        let plan = ns.plugin().args(["plan", "web", "1", "-o", "json", "--kube-context", "viewer"]).run().stdout;
        serde_json::from_str(&plan).is_ok_and(|plan| is_so(&plan))
    });
}

fn has_finding(plan: &Value, id: &str) -> bool {
    plan["findings"].as_array().is_some_and(|findings| findings.iter().any(|finding| finding["id"] == id))
}

fn a_right_to_read_that_was_taken_away(world: &World) {
    let (ns, file) = sealed_by_viewer(world, &[RECORDS, MAPS, LEASES]);
    leave(&ns, &[RECORDS, LEASES], |plan| has_finding(plan, "no-right"));
    let tool = apply(&ns, &file).args(["--kube-context", "viewer"]);
    let moved = [
        "object ConfigMap NS/web: it was there when the plan was sealed, and is not to be read",
        "finding no-right of ConfigMap NS/web: it is block, and was not there when the plan was sealed",
    ];
    refused(&ns, tool, &moved);
}

fn a_right_to_write_that_was_taken_away(world: &World) {
    let (ns, file) = sealed_by_viewer(world, &[RECORDS, MAPS, LEASES]);
    leave(&ns, &[RECORDS, ("", &["configmaps"], &["get"]), LEASES], |plan| has_finding(plan, "no-right"));
    let tool = apply(&ns, &file).args(["--kube-context", "viewer"]);
    let moved = ["right to patch configmaps \"web\" in namespace NS: it was given when the plan was sealed, and is not given"];
    refused(&ns, tool, &moved);
}

fn a_right_to_locks_that_was_taken_away(world: &World) {
    let (ns, file) = sealed_by_viewer(world, &[RECORDS, MAPS, LEASES]);
    leave(&ns, &[RECORDS, MAPS], |plan| has_finding(plan, "no-lock"));
    let tool = apply(&ns, &file).args(["--kube-context", "viewer"]);
    let taken = |verb: &str| {
        format!(
            "right to {verb} leases.coordination.k8s.io in namespace NS: it was given when the plan was sealed, and is not given"
        )
    };
    let moved = ["create", "delete", "update"].map(taken);
    refused(&ns, tool, &moved.each_ref().map(String::as_str));
}

fn another_version_of_the_program(world: &World) {
    let ns = release(world, "stale", 4);
    let file = seal(&ns, &[]);
    let version = "the version of this program";
    forge(&file, |json| {
        for binding in json["bindings"].as_array_mut().into_iter().flatten() {
            if binding["name"] == version {
                binding["state"] = json!("0.0.1");
            }
        }
    });
    let said = apply(&ns, &file).fails(4);
    let line = format!("Cause: rule {version}: it was 0.0.1 when the plan was sealed, and is ");
    assert!(said.stderr.contains(&line), "{}", said.stderr);
    assert_eq!(color(&ns), "red");
}

fn a_finding_that_came_up(world: &World) {
    let ns = release(world, "stale", 4);
    let file = seal(&ns, &[]);
    // As if the rule that finds it had been weaker when the plan was sealed.
    forge(&file, |json| {
        let found = json!({"what": "finding", "name": "data-removed of ConfigMap x", "state": "note"});
        if let Some(bindings) = json["bindings"].as_array_mut() {
            bindings.push(found);
        }
    });
    let moved = ["finding data-removed of ConfigMap x: it was note when the plan was sealed, and is no more"];
    refused(&ns, apply(&ns, &file), &moved);
}
