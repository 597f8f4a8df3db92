//! What Helm leaves when it fails or is killed: `recover` says what it sees and ends it, and Helm goes on.

use std::collections::BTreeSet;
use std::process::Stdio;

use e2e::proxy::{Act, Fault, Log, Moment};
use e2e::{Namespace, Tool, World};

use super::check::{Ends, faults_of_next_upgrade};
use super::fleet::{self, kill_when_struck, run_through};
use super::objects::{chart, config_map, deployment, pod_hook, secret};
use super::scenarios::{Maker, Scenario, Step, nothing};
use super::stage::Stage;
use super::state::State;
use crate::release::{WEB, deploy, statuses as told};
use crate::widget;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    an_install_of_helm3_killed_at_every_write,
    an_install_of_helm4_killed_at_every_write,
    an_upgrade_of_helm3_killed_at_every_write,
    an_upgrade_of_helm4_by_client_side_apply_killed_at_every_write,
    an_upgrade_of_helm4_killed_at_every_write,
    a_rollback_of_helm3_killed_at_every_write,
    a_rollback_of_helm4_killed_at_every_write,
    a_hook_that_outlives_helm,
    a_failed_pre_hook,
    a_failed_post_hook,
    a_failed_apply,
    a_failed_wait,
    a_kind_that_is_gone,
    a_failed_look_for_what_is_deployed,
    a_failed_last_store,
];

fn documents(color: &str, own: &str) -> Vec<String> {
    vec![
        config_map("one", color),
        config_map("two", color),
        config_map(own, color),
        secret("word", color),
        deployment("web", 0, color, ""),
    ]
}

/// A release with two revisions, or none at all.
fn release(maker: Maker, is_there: bool) -> Scenario {
    let deploys = |color, own| Step::Deploys(chart(&documents(color, own)));
    let past = if is_there { vec![deploys("red", "old"), deploys("blue", "new")] } else { Vec::new() };
    Scenario { name: "helms own", maker, past, before: nothing, args: &[], hooks: &[] }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Install,
    Upgrade,
    Rollback,
}

fn helm(stage: &Stage<'_>, copy: &Namespace<'_>, work: Work) -> Tool {
    let next = || copy.chart(&chart(&documents("green", "newest")));
    let unchecked = "--disable-openapi-validation";
    match work {
        Work::Install => stage.helm(copy).args(["install", WEB, unchecked]).arg(next()),
        Work::Upgrade => stage.helm(copy).args(["upgrade", WEB, unchecked]).arg(next()),
        Work::Rollback => stage.helm(copy).args(["rollback", WEB, "1"]),
    }
}

fn recover(copy: &Namespace<'_>) -> Tool {
    copy.plugin().args(["recover", WEB])
}

fn killed_at_every_write(world: &World, maker: Maker, work: Work) {
    let scenario = release(maker, work != Work::Install);
    let stage = Stage::build(world, &scenario);
    let quiet = stage.copy();
    let origin = State::of(&quiet, &[]);
    let door = quiet.door("undisturbed", &Log::new());
    let output = run_through(helm(&stage, &quiet, work), &door);
    assert_eq!(output.code, 0, "{output:?}");
    let ends = Ends { origin, target: State::of(&quiet, &[]), writes: door.writes(), requests: 0 };
    let moments = [Moment::Before, Moment::Unanswered, Moment::After];
    let cases: Vec<_> = (1..=ends.writes).flat_map(|nth| moments.map(|moment| (nth, moment))).collect();
    fleet::run(&format!("{work:?} by {maker:?} killed"), &cases, |(nth, moment)| {
        let copy = stage.copy();
        let door = copy.door("helm", &Log::new());
        door.expect(Fault::at_write(*nth, Act::Die(*moment)));
        let mut child = fleet::start(helm(&stage, &copy, work), &door);
        let killed = kill_when_struck(&mut child, &door);
        let is_over = door.writes() < *nth || (door.writes() == *nth && *moment == Moment::After);
        if !killed && !is_over {
            return vec!["it was not killed".to_owned()];
        }
        let mut faults = ends_truthfully(&copy, &ends);
        faults.extend(faults_of_next_upgrade(&stage, &copy));
        faults
    });
}

/// Recovers what is left, as somebody does who knows that the process is gone.
fn ends_truthfully(copy: &Namespace<'_>, ends: &Ends) -> Vec<String> {
    let left = State::of(copy, &[]);
    if left.records.is_empty() {
        // Not even the first record was written: there is no release.
        let output = recover(copy).run();
        return if output.code == 2 { Vec::new() } else { vec![format!("recover of nothing: {output:?}")] };
    }
    let mut faults = Vec::new();
    let looked = recover(copy).arg("--dry-run").run();
    let is_pending = left.records.values().any(|status| status.starts_with("pending-"));
    if looked.code != 0 || (is_pending && !looked.stdout.contains("Because:")) {
        faults.push(format!("a dry run says {looked:?}"));
    }
    if is_pending {
        let careful = recover(copy).run();
        if careful.code != 5 || State::of(copy, &[]) != left {
            faults.push(format!("without knowing that helm is gone it says {careful:?}"));
        }
    }
    let output = recover(copy).arg("--assume-dead").run();
    if output.code != 0 {
        faults.push(format!("recover says {output:?}"));
    }
    let end = State::of(copy, &[]);
    if ends.origin.records.is_empty() && end.deployed().is_err() {
        // Of an installation that did not come to its end nothing is deployed.
        faults.extend(end.untruths());
        if end.records.values().any(|status| status != "failed") {
            faults.push(format!("the records are {:?}", end.records));
        }
    } else {
        faults.extend(ends.faults(&end, &BTreeSet::new()));
    }
    if !faults.is_empty() {
        faults.push(format!("left: {:?}; the dry run said: {}{}", left.records, looked.stdout, output.stderr));
    }
    faults
}

fn an_install_of_helm3_killed_at_every_write(world: &World) {
    killed_at_every_write(world, Maker::Helm3, Work::Install);
}

fn an_install_of_helm4_killed_at_every_write(world: &World) {
    killed_at_every_write(world, Maker::Helm4ServerSide, Work::Install);
}

fn an_upgrade_of_helm3_killed_at_every_write(world: &World) {
    killed_at_every_write(world, Maker::Helm3, Work::Upgrade);
}

fn an_upgrade_of_helm4_by_client_side_apply_killed_at_every_write(world: &World) {
    killed_at_every_write(world, Maker::Helm4ClientSide, Work::Upgrade);
}

fn an_upgrade_of_helm4_killed_at_every_write(world: &World) {
    killed_at_every_write(world, Maker::Helm4ServerSide, Work::Upgrade);
}

fn a_rollback_of_helm3_killed_at_every_write(world: &World) {
    killed_at_every_write(world, Maker::Helm3, Work::Rollback);
}

fn a_rollback_of_helm4_killed_at_every_write(world: &World) {
    killed_at_every_write(world, Maker::Helm4ServerSide, Work::Rollback);
}

/// What a rollback of Helm's must leave that fails in a way, and what `recover` makes of it.
struct Row {
    old: Vec<String>,
    new: Vec<String>,
    args: &'static [&'static str],
    fault: Option<Fault>,
    /// Whether the first chart brings the definition of `Widget`.
    brings_kind: bool,
    /// Statuses that Helm leaves.
    left: [&'static str; 3],
    /// Statuses after `recover`.
    right: [&'static str; 3],
    /// The value of ConfigMap `one` after that.
    color: &'static str,
}

impl Row {
    fn of(left: [&'static str; 3], right: [&'static str; 3], color: &'static str) -> Self {
        let (old, new) = (documents("red", "old"), documents("blue", "new"));
        Self { old, new, args: &["1"], fault: None, brings_kind: false, left, right, color }
    }
}

const UNDONE: [&str; 3] = ["superseded", "deployed", "failed"];
const DONE: [&str; 3] = ["superseded", "superseded", "deployed"];

fn check(world: &World, row: impl Fn(&Namespace<'_>) -> Row, spoil: impl Fn(&Namespace<'_>)) {
    for maker in [Maker::Helm3, Maker::Helm4ClientSide, Maker::Helm4ServerSide] {
        let scenario = release(maker, false);
        let stage = Stage::build(world, &scenario);
        let ns = world.namespace("wreck");
        let row = row(&ns);
        let unchecked = "--disable-openapi-validation";
        let first = chart(&row.old);
        let first = if row.brings_kind { first.file("crds/widget.yaml", &widget::definition(&ns)) } else { first };
        let install = stage.helm(&ns).args(["install", WEB, unchecked]).arg(ns.chart(&first));
        let _ = if maker == Maker::Helm4ClientSide { install.arg("--server-side=false") } else { install }.ok();
        let _ = stage.helm(&ns).args(["upgrade", WEB, unchecked]).arg(ns.chart(&chart(&row.new))).ok();
        spoil(&ns);
        let door = ns.door("helm", &Log::new());
        if let Some(fault) = row.fault {
            door.expect(fault);
        }
        let output = run_through(stage.helm(&ns).args(["rollback", WEB]).args(row.args), &door);
        assert_ne!(output.code, 0, "{maker:?}: {output:?}");
        let statuses = |state: &State| state.records.values().cloned().collect::<Vec<_>>();
        assert_eq!(statuses(&State::of(&ns, &["hook"])), row.left, "{maker:?}: {output:?}");
        let looked = recover(&ns).arg("--dry-run").ok();
        assert!(looked.starts_with("Recovery: "), "{maker:?}: {looked}");
        let recovered = recover(&ns).arg("--assume-dead").run();
        assert_eq!(recovered.code, 0, "{maker:?}: {looked}\n{recovered:?}");
        let end = State::of(&ns, &["hook"]);
        assert_eq!(statuses(&end), row.right, "{maker:?}: {looked}");
        assert_eq!(end.untruths(), [""; 0], "{maker:?}: {looked}");
        assert_eq!(crate::release::color_of(&ns, "one"), row.color, "{maker:?}: {looked}");
        let faults = faults_of_next_upgrade(&stage, &ns);
        assert!(faults.is_empty(), "{maker:?}: {faults:?}");
    }
}

/// Helm is killed while its hook runs: its record is pending, and whether it still is at work nobody can tell by the record alone.
fn a_hook_that_outlives_helm(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("outlives");
        deploy(&ns, major, &[chart(&[config_map("one", "red")])]);
        let hook = pod_hook("long", "pre-upgrade", 0, "").replace("annotations: {", "annotations: {test/kubelet-takes: 600s, ");
        let next = ns.chart(&chart(&[config_map("one", "blue"), hook]));
        let mut command = ns.helm(major).args(["upgrade", WEB]).arg(next).into_command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut helm = command.spawn().expect("helm starts");
        let _ = ns.until("v1/pods", "long", |pod| pod.is_some());
        helm.kill().expect("it runs");
        let _ = helm.wait();

        let refused = recover(&ns).fails(5);
        let said = "its hook Pod ";
        assert!(refused.stderr.contains(said) && refused.stderr.contains("/long is still running"), "{major}: {refused:?}");
        ns.delete("v1/pods", "long");
        let _ = ns.until("v1/pods", "long", |pod| pod.is_none());
        let output = recover(&ns).arg("--assume-dead").run();
        assert_eq!(output.code, 0, "{major}: {output:?}");
        assert!(!output.stderr.contains(said), "{major}: {output:?}");
        assert_eq!(ns.live("v1/configmaps", "one")["data"]["color"], "red");
        assert_eq!(told(&ns, major), ["deployed", "failed"]);
    }
}

fn a_failed_pre_hook(world: &World) {
    check(
        world,
        |_| {
            let mut row = Row::of(["superseded", "deployed", "pending-rollback"], UNDONE, "blue");
            row.old.push(
                pod_hook("hook", "pre-rollback", 0, "")
                    .replace("metadata: {name", "metadata: {labels: {test/kubelet: fail}, name"),
            );
            row
        },
        |_| {},
    );
}

fn a_failed_post_hook(world: &World) {
    check(
        world,
        |_| {
            let mut row = Row::of(["superseded", "deployed", "pending-rollback"], DONE, "red");
            row.old.push(
                pod_hook("hook", "post-rollback", 0, "")
                    .replace("metadata: {name", "metadata: {labels: {test/kubelet: fail}, name"),
            );
            row
        },
        |_| {},
    );
}

fn a_failed_apply(world: &World) {
    check(
        world,
        |ns| Row {
            fault: Some(Fault::to("PATCH", format!("/namespaces/{}/deployments/web", ns.name()), Act::Answer(403))),
            ..Row::of(["superseded", "superseded", "failed"], UNDONE, "blue")
        },
        |_| {},
    );
}

fn a_failed_wait(world: &World) {
    check(
        world,
        |_| {
            let mut row = Row::of(UNDONE, UNDONE, "red");
            row.old.push(deployment("slow", 1, "red", "never-ready"));
            row.args = &["1", "--wait", "--timeout", "3s"];
            row
        },
        |_| {},
    );
}

fn a_kind_that_is_gone(world: &World) {
    check(
        world,
        |ns| {
            let mut row = Row::of(["superseded", "deployed", "pending-rollback"], UNDONE, "blue");
            row.old.push(widget::object(ns, "size: 1"));
            row.brings_kind = true;
            row
        },
        |ns| widget::remove_definition(world, ns),
    );
}

fn a_failed_look_for_what_is_deployed(world: &World) {
    // Helm lists the records a fourth time when it looks for those that are deployed.
    check(
        world,
        |ns| {
            let mut row = Row::of(["superseded", "deployed", "pending-rollback"], DONE, "red");
            let mut fault = Fault::to("GET", format!("/namespaces/{}/secrets", ns.name()), Act::Answer(403));
            fault.nth = 4;
            row.fault = Some(fault);
            row
        },
        |_| {},
    );
}

fn a_failed_last_store(world: &World) {
    check(
        world,
        |ns| Row {
            fault: Some(Fault::to(
                "PUT",
                format!("/namespaces/{}/secrets/sh.helm.release.v1.web.v3", ns.name()),
                Act::Answer(403),
            )),
            ..Row::of(["superseded", "superseded", "pending-rollback"], DONE, "red")
        },
        |_| {},
    );
}
