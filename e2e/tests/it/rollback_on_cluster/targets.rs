//! Which revision a rollback returns to, and who made it.

use e2e::World;
use serde_json::{Value, json};

use crate::release::{color, deploy, description, helm_goes_on, history, ours, statuses, upgrade, web, without_a_write};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    a_release_of_helm3_goes_back_and_helm3_goes_on,
    a_server_side_release_of_helm4_goes_back_and_helm4_goes_on,
    a_client_side_release_of_helm4_goes_back_and_helm4_goes_on,
    a_server_side_release_goes_back_to_a_client_side_revision_of_helm3,
    every_way_to_name_a_revision_finds_it,
    a_revision_that_is_not_there_is_told_with_those_that_are,
    a_release_that_is_not_there_is_told,
    a_release_with_one_revision_has_nowhere_to_go,
    what_runs_already_is_left_alone,
    a_release_called_like_a_command_can_be_rolled_back,
];

fn goes_back_and_helm_goes_on(world: &World, major: u8, flag: Option<&str>) {
    let ns = world.namespace("back");
    for color in ["blue", "red"] {
        let upgrade = upgrade(&ns, major, &web(color));
        let _ = if let Some(flag) = flag { upgrade.arg(flag) } else { upgrade }.ok();
    }
    assert_eq!(ours(&ns, &["1"]).ok(), "Rollback was a success! Happy Helming!\n");
    assert_eq!(color(&ns), "blue");
    assert_eq!(statuses(&ns, major), ["superseded", "superseded", "deployed"]);
    assert_eq!(description(&ns, major), "Rollback to 1");
    helm_goes_on(&ns, major);
    // Helm's own rollback goes over ours too.
    let _ = ns.helm(major).args(["rollback", "web", "3"]).ok();
    assert_eq!(color(&ns), "blue");
    let _ = ns.helm(major).args(["uninstall", "web"]).ok();
    assert!(ns.get("v1/configmaps", "web").is_none());
}

fn a_release_of_helm3_goes_back_and_helm3_goes_on(world: &World) {
    goes_back_and_helm_goes_on(world, 3, None);
}

fn a_server_side_release_of_helm4_goes_back_and_helm4_goes_on(world: &World) {
    goes_back_and_helm_goes_on(world, 4, None);
}

fn a_client_side_release_of_helm4_goes_back_and_helm4_goes_on(world: &World) {
    goes_back_and_helm_goes_on(world, 4, Some("--server-side=false"));
}

fn a_server_side_release_goes_back_to_a_client_side_revision_of_helm3(world: &World) {
    let ns = world.namespace("lines");
    deploy(&ns, 3, &[web("blue")]);
    let _ = upgrade(&ns, 4, &web("red")).arg("--server-side=true").arg("--force-conflicts").ok();
    let _ = ours(&ns, &["1"]).ok();
    assert_eq!(color(&ns), "blue");
    assert_eq!(statuses(&ns, 4), ["superseded", "superseded", "deployed"]);
    helm_goes_on(&ns, 4);
}

fn every_way_to_name_a_revision_finds_it(world: &World) {
    let ns = world.namespace("named");
    deploy(&ns, 4, &[web("blue").app_version("7"), web("red"), web("green")]);
    for (selector, target, wanted) in
        [("@good", 2, "red"), ("-1", 3, "green"), ("@good~2", 2, "red"), ("@app=7", 1, "blue"), ("@good~1", 5, "green")]
    {
        let _ = ours(&ns, &[selector]).ok();
        assert_eq!((description(&ns, 4), color(&ns)), (format!("Rollback to {target}"), wanted.to_owned()), "{selector}");
    }
    let _ = upgrade(&ns, 4, &e2e::Chart::new("web", "2.0.0")).ok();
    let _ = ours(&ns, &["@chart=1.0.0"]).ok();
    assert_eq!(description(&ns, 4), "Rollback to 8");
    let _ = ours(&ns, &["@chart=web-2.0.0"]).ok();
    assert_eq!(description(&ns, 4), "Rollback to 9");
    let said = without_a_write(&ns, || ours(&ns, &["@best"]).fails(2));
    assert_eq!(
        said.stderr,
        "Error: invalid release revision \"@best\"\nCause: \"@best\" names no revision: write a number (3), a step back (-1), @good, \
         @good~1, @before=TIME, @app=VERSION or @chart=VERSION\n"
    );
}

fn a_revision_that_is_not_there_is_told_with_those_that_are(world: &World) {
    let ns = world.namespace("missing");
    deploy(&ns, 3, &[web("blue"), web("red")]);
    let said = without_a_write(&ns, || ours(&ns, &["7"]).fails(2));
    assert_eq!(said.stderr, "Error: release has no 7 version\nHint: there are: 1, 2\n");
}

fn a_release_that_is_not_there_is_told(world: &World) {
    let ns = world.namespace("nothing");
    let said = without_a_write(&ns, || ours(&ns, &[]).fails(2));
    let expected = format!("Error: release \"web\" not found in namespace \"{}\"\n", ns.name());
    assert!(said.stderr.starts_with(&expected), "{}", said.stderr);
}

fn a_release_with_one_revision_has_nowhere_to_go(world: &World) {
    let ns = world.namespace("first");
    deploy(&ns, 4, &[web("blue")]);
    let said = without_a_write(&ns, || ours(&ns, &[]).fails(2));
    assert_eq!(
        said.stderr,
        "Error: no revision before 1 fits @good\nHint: name a revision to return to it all the same; history lists them\n"
    );
}

fn what_runs_already_is_left_alone(world: &World) {
    for (major, flags) in [(3, [].as_slice()), (4, &[]), (4, &["--server-side=false"])] {
        let ns = world.namespace("idle");
        for color in ["blue", "red"] {
            let _ = upgrade(&ns, major, &web(color)).args(flags).ok();
        }
        let said = without_a_write(&ns, || ours(&ns, &["2"]).ok());
        assert_eq!(said, "Nothing to do: revision 2 is what runs already.\n");
        let said = without_a_write(&ns, || ours(&ns, &["2", "-o", "json"]).ok());
        let expected = json!({"release": "web", "namespace": ns.name(), "outcome": "nothing-to-do", "from": 2, "to": 2});
        assert_eq!(serde_json::from_str::<Value>(&said).ok(), Some(expected));
        let _ = without_a_write(&ns, || ours(&ns, &["2", "--dry-run", "--detailed-exitcode"]).ok());
        assert_eq!(history(&ns, major).len(), 2);
        // Once somebody edits an object there is something to do.
        let _ = ns.patch("v1/configmaps", "web", &json!({"data": {"color": "edited"}}));
        let is_server_side = major == 4 && flags.is_empty();
        let _ = ours(&ns, &["2"]).args(is_server_side.then_some("--force-conflicts")).ok();
        assert_eq!(color(&ns), "red");
        assert_eq!(statuses(&ns, major), ["superseded", "superseded", "deployed"]);
    }
}

fn a_release_called_like_a_command_can_be_rolled_back(world: &World) {
    let ns = world.namespace("called");
    for color in ["blue", "red"] {
        let chart = ns.chart(&web(color));
        let _ = ns.helm4().args(["upgrade", "--install", "list"]).arg(chart).ok();
    }
    let listed = ns.plugin().args(["list"]).ok();
    assert!(listed.starts_with("NAME"), "{listed}");
    let _ = ns.plugin().args(["rollback", "list", "1"]).ok();
    assert_eq!(color(&ns), "blue");
}
