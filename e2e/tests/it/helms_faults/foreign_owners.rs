//! Objects at the places of the target that belong to somebody else by now.

use e2e::{Chart, Namespace, World};
use serde_json::json;

use crate::release::{color, color_of, config_map, deploy, helms, ours, statuses, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    an_object_of_another_release_is_not_stolen_with_helm3,
    an_object_of_another_release_is_not_stolen_with_helm4,
    an_object_of_nobody_is_not_stolen_with_helm3,
    an_object_of_another_release_is_taken_over_when_accepted,
];

fn owner(ns: &Namespace<'_>) -> String {
    let shared = ns.live("v1/configmaps", "shared");
    shared["metadata"]["annotations"]["meta.helm.sh/release-name"].as_str().unwrap_or_default().to_owned()
}

/// Revision 1 had `shared`, revision 2 has it no more.
fn without_shared<'a>(world: &'a World, major: u8, prefix: &str) -> Namespace<'a> {
    let ns = world.namespace(prefix);
    deploy(&ns, major, &[web("blue").template("shared.yaml", &config_map("shared", "web")), web("red")]);
    assert!(ns.get("v1/configmaps", "shared").is_none());
    ns
}

/// Another release has made `shared` since.
fn with_another_release<'a>(world: &'a World, major: u8, prefix: &str) -> Namespace<'a> {
    let ns = without_shared(world, major, prefix);
    let other = Chart::new("other", "1.0.0").template("shared.yaml", &config_map("shared", "other"));
    let _ = ns.helm(major).args(["install", "other"]).arg(ns.chart(&other)).ok();
    ns
}

fn refuses(ns: &Namespace<'_>, major: u8, what: &str) {
    let said = without_a_write(ns, || ours(ns, &["1"]).fails(3));
    let expected = format!(
        "Error: release \"web\" is not rolled back, and nothing was changed
Cause: block (foreign-owner): ConfigMap {0}/shared: {what}; a rollback would overwrite it and label it as this release's, and its owner would fight back or lose it
Hint: rename or remove one of the two objects
Hint: let this release take it over: --accept 'foreign-owner=ConfigMap {0}/shared'
",
        ns.name()
    );
    assert!(said.stderr.ends_with(&expected), "{}", said.stderr);
    assert_eq!((color(ns), color_of(ns, "shared")), ("red".to_owned(), "other".to_owned()));
    assert_eq!(statuses(ns, major), ["superseded", "deployed"]);
}

fn an_object_of_another_release_is_not_stolen(world: &World, major: u8) {
    let helm = with_another_release(world, major, "stolen");
    let _ = helms(&helm, major, &["1"]).ok();
    assert_eq!((owner(&helm), color_of(&helm, "shared")), ("web".to_owned(), "web".to_owned()), "helm steals it");

    let twin = with_another_release(world, major, "stolen-twin");
    refuses(&twin, major, &format!("it belongs to release {}/other", twin.name()));
    assert_eq!(owner(&twin), "other");
}

fn an_object_of_another_release_is_not_stolen_with_helm3(world: &World) {
    an_object_of_another_release_is_not_stolen(world, 3);
}

fn an_object_of_another_release_is_not_stolen_with_helm4(world: &World) {
    an_object_of_another_release_is_not_stolen(world, 4);
}

fn an_object_of_nobody_is_not_stolen_with_helm3(world: &World) {
    let with_a_stranger = |prefix: &str| {
        let ns = without_shared(world, 3, prefix);
        let shared = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared"}, "data": {"color": "other"}});
        let _ = ns.create("v1/configmaps", &shared);
        ns
    };
    let helm = with_a_stranger("stranger");
    let _ = helms(&helm, 3, &["1"]).ok();
    assert_eq!((owner(&helm), color_of(&helm, "shared")), ("web".to_owned(), "web".to_owned()), "helm steals it");

    let twin = with_a_stranger("stranger-twin");
    let missing = format!(
        "it was not made by this release: label app.kubernetes.io/managed-by is missing, must be Helm; annotation \
         meta.helm.sh/release-name is missing, must be web; annotation meta.helm.sh/release-namespace is missing, must be {}",
        twin.name()
    );
    refuses(&twin, 3, &missing);
}

fn an_object_of_another_release_is_taken_over_when_accepted(world: &World) {
    let ns = with_another_release(world, 4, "taken");
    let _ = ours(&ns, &["1", "--accept", "foreign-owner=ConfigMap/web"]).fails(3);
    let _ = ours(&ns, &["1", "--accept", &format!("foreign-owner=ConfigMap {}/shared", ns.name())]).ok();
    assert_eq!((owner(&ns), color_of(&ns, "shared")), ("web".to_owned(), "web".to_owned()));
    assert_eq!(statuses(&ns, 4), ["superseded", "superseded", "deployed"]);
}
