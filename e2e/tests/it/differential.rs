//! With `--compat` a rollback does what Helm's own does: the same generated history in two namespaces, each rolled back by one.

mod foretold;
mod generate;
mod normal;
mod parts;
mod twin;

use std::sync::OnceLock;
use std::thread;

use e2e::{Chart, World};
use serde_json::{Value, json};

use generate::{Breakage, History, Maker, Rollback, Step};
use twin::{Ended, Twin, Who};

/// Makes one named test per number.
macro_rules! histories {
    ($($number:literal)*) => {
        &[
            ("the_histories_hold_what_they_are_meant_to_hold", the_histories_hold_what_they_are_meant_to_hold),
            ("the_default_target_is_the_revision_before_the_latest", the_default_target_is_the_revision_before_the_latest),
            ("a_rollback_that_changes_nothing_is_a_revision_too", a_rollback_that_changes_nothing_is_a_revision_too),
            $((concat!("history_", stringify!($number), "_ends_as_with_helm"), history::<$number>)),*
        ]
    };
}

pub(crate) const TESTS: &[crate::Test] = histories![
    0 1 2 3 4 5 6 7 8 9
    10 11 12 13 14 15 16 17 18 19
    20 21 22 23 24 25 26 27 28 29
    30 31 32 33 34 35 36 37 38 39
    40 41 42 43 44 45 46 47 48 49
    50 51 52 53 54 55 56 57 58 59
    60 61 62 63 64 65
];

/// How many histories there are.
const HISTORIES: u64 = 66;

fn history<const NUMBER: u64>(world: &World) {
    prepare(world);
    let history = generate::history(NUMBER);
    let (helm, ours) = (Twin::new(world, Who::Helm, history.maker), Twin::new(world, Who::Ours, history.maker));
    for (number, step) in history.steps.iter().enumerate() {
        let _ = take(&helm, &ours, step, &story(&history, number));
    }
    let told = story(&history, history.steps.len());
    for chart in &history.afterwards {
        // Fields that somebody edited are another manager's: no history may end in a conflict about them.
        let force = ["--server-side=true", "--force-conflicts"].map(str::to_owned);
        let args = if history.maker == Maker::Helm4ServerSide { force.to_vec() } else { Vec::new() };
        let upgrade = Step::Upgrade { chart: chart.clone(), args, breakage: None };
        assert!(take(&helm, &ours, &upgrade, &format!("{told}, then an upgrade")), "{told}, then an upgrade: it fails");
        compare(&helm, &ours, &format!("{told}, then an upgrade"));
    }
    // What comes after a rollback of ours is Helm's own again, on both sides.
    let [a, b] = both(&helm, &ours, |twin| twin.helm().args(["rollback", "web"]).run());
    assert_eq!((a.code, b.code), (0, 0), "{told}, then helm's own rollback\n{a:?}\n{b:?}");
    compare(&helm, &ours, &format!("{told}, then helm's own rollback"));
    let [a, b] = both(&helm, &ours, shown_history);
    assert_eq!(a, b, "{told}: helm history");
    foretold::check(&ours, &format!("{told}, then helm's own rollback"));
}

/// A history that Helm alone has played.
pub(crate) enum Played<'a> {
    /// Everything that Helm did to records and objects came to its end.
    Healthy {
        /// Where the release `web` is.
        ns: Box<e2e::Namespace<'a>>,
        /// What happened.
        told: String,
    },
    /// A rollback failed or pruned, or a hook did: each leaves something behind.
    Unhealthy,
}

/// Plays the history of that number with Helm alone.
pub(crate) fn play_with_helm(world: &World, number: u64) -> Played<'_> {
    prepare(world);
    let history = generate::history(number);
    let leaves_something = |step: &Step| match step {
        Step::Upgrade { breakage, .. } => *breakage == Some(Breakage::Hook),
        Step::Rollback(rollback) => rollback.args.iter().any(|arg| arg == "--history-max"),
        _ => false,
    };
    if history.steps.iter().any(leaves_something) {
        return Played::Unhealthy;
    }
    let twin = Twin::new(world, Who::Helm, history.maker);
    for step in &history.steps {
        let chart = match step {
            Step::Install { chart, .. } | Step::Upgrade { chart, .. } => Some(twin.ns.chart(chart)),
            _ => None,
        };
        let ended = twin.take(step, chart.as_deref());
        if matches!(step, Step::Install { .. } | Step::Rollback(_)) && !ended.succeeded {
            return Played::Unhealthy;
        }
    }
    let told = story(&history, history.steps.len());
    Played::Healthy { ns: Box::new(twin.ns), told }
}

/// The kind whose objects take no strategic merge patch, once for all tests.
fn prepare(world: &World) {
    static WIDGETS: OnceLock<()> = OnceLock::new();
    WIDGETS.get_or_init(|| {
        let definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "widgets.differential.example.com"},
            "spec": {
                "group": "differential.example.com",
                "scope": "Namespaced",
                "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
                "versions": [{
                    "name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {
                        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                    }}}},
                }],
            },
        });
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        world.cluster().request("POST", path, Some(&definition)).expect("a kind can be defined");
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while world.cluster().get("/apis/differential.example.com/v1").is_none() {
            assert!(std::time::Instant::now() < until, "the new kind is not served");
            thread::sleep(std::time::Duration::from_millis(100));
        }
    });
}

fn both<T: Send>(helm: &Twin<'_>, ours: &Twin<'_>, act: impl Fn(&Twin<'_>) -> T + Sync) -> [T; 2] {
    thread::scope(|scope| {
        let other = scope.spawn(|| act(ours));
        let one = act(helm);
        [one, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))]
    })
}

/// Does the same on both sides; after a rollback everything must be the same. Says whether it worked.
fn take(helm: &Twin<'_>, ours: &Twin<'_>, step: &Step, told: &str) -> bool {
    let chart = match step {
        // One folder for both sides: Helm 4 stores the times of its files.
        Step::Install { chart, .. } | Step::Upgrade { chart, .. } => Some(helm.ns.chart(chart)),
        _ => None,
    };
    let marks = [helm.ns.mark(), ours.ns.mark()];
    let [a, b]: [Ended; 2] = both(helm, ours, |twin| twin.take(step, chart.as_deref()));
    assert_eq!(a.succeeded, b.succeeded, "{told}\nhelm {:?}\nours {:?}", a.output, b.output);
    if let Step::Upgrade { breakage: Some(breakage), .. } = step {
        assert!(!a.succeeded, "{told}\nan upgrade worked that was to fail by {breakage:?}");
    }
    if matches!(step, Step::Rollback(_)) {
        let runs = [helm.hook_writes(marks[0]), ours.hook_writes(marks[1])];
        assert_eq!(runs[0], runs[1], "{told}\nhooks of helm, of ours");
        compare(helm, ours, &format!("{told}\nhelm {:?}\nours {:?}", a.output, b.output));
    }
    a.succeeded
}

fn compare(helm: &Twin<'_>, ours: &Twin<'_>, told: &str) {
    let mut found = Vec::new();
    let [(a_objects, a_records), (b_objects, b_records)] =
        both(helm, ours, |twin| (normal::objects(twin), normal::records(twin)));
    normal::compare("object", &a_objects, &b_objects, &mut found);
    normal::compare("record", &a_records, &b_records, &mut found);
    assert!(found.is_empty(), "{told}\n{}", found.join("\n"));
    assert!(!a_records.is_empty());
}

/// What `helm history` says, without times and without the words of errors.
fn shown_history(twin: &Twin<'_>) -> Vec<Value> {
    let text = twin.helm().args(["history", "web", "-o", "json"]).ok();
    let mut rows: Vec<Value> = serde_json::from_str(&text).expect("helm writes JSON");
    for row in &mut rows {
        row["updated"] = json!("TIME");
        let description = row["description"].as_str().unwrap_or_default();
        if let Some(at) = description.find(" failed: ") {
            row["description"] = json!(description[..at]);
        }
    }
    rows
}

/// What happened so far, for the message of a failure.
fn story(history: &History, upto: usize) -> String {
    let steps = history.steps.iter().take(upto + 1).map(|step| match step {
        Step::Install { args, .. } => format!("install {args:?}"),
        Step::Upgrade { args, breakage, .. } => format!("upgrade {args:?} {breakage:?}"),
        Step::Edit { part } => format!("edit {}", parts::PARTS[*part].name),
        Step::Delete { part } => format!("delete {}", parts::PARTS[*part].name),
        Step::Rollback(Rollback { to, args, waits }) => format!("rollback to {to:?} {args:?} waits: {waits}"),
    });
    format!("{:?}: {}", history.maker, steps.collect::<Vec<_>>().join("; "))
}

fn the_histories_hold_what_they_are_meant_to_hold(_: &World) {
    let histories: Vec<History> = (0..HISTORIES).map(generate::history).collect();
    assert_eq!(TESTS.iter().filter(|(name, _)| name.starts_with("history_")).count(), histories.len());
    let with = |wanted: &dyn Fn(&Step) -> bool| histories.iter().filter(|history| history.steps.iter().any(wanted)).count();
    let breaks = |how| move |step: &Step| matches!(step, Step::Upgrade { breakage: Some(breakage), .. } if *breakage == how);
    let rolls = |how: fn(&Rollback) -> bool| move |step: &Step| matches!(step, Step::Rollback(rollback) if how(rollback));
    let has = |name: &'static str| move |step: &Step| matches!(step, Step::Install { chart, .. } | Step::Upgrade { chart, .. } if chart.has(&format!("templates/{name}.yaml")));
    let by = |maker| histories.iter().filter(|history| history.maker == maker).count();
    let counts = [
        ("hooks before and after rollbacks", with(&has("hook-config"))),
        ("hooks after rollbacks", with(&has("hook-last"))),
        ("hooks that are Jobs", with(&has("hook-job"))),
        ("objects with a resource policy", with(&has("config-kept"))),
        ("releases by Helm 3", by(Maker::Helm3)),
        ("client-side releases by Helm 4", by(Maker::Helm4ClientSide)),
        ("server-side releases by Helm 4", by(Maker::Helm4ServerSide)),
        ("edits", with(&|step| matches!(step, Step::Edit { .. }))),
        ("deletions", with(&|step| matches!(step, Step::Delete { .. }))),
        ("upgrades that time out", with(&breaks(Breakage::NeverReady))),
        ("upgrades with an object that is refused", with(&breaks(Breakage::Uncreatable))),
        ("upgrades with a change that is refused", with(&breaks(Breakage::Unchangeable))),
        ("upgrades with a hook that fails", with(&breaks(Breakage::Hook))),
        ("rollbacks to the default", with(&rolls(|rollback| rollback.to.is_none()))),
        ("rollbacks to a number", with(&rolls(|rollback| rollback.to.is_some()))),
        ("rollbacks that wait", with(&rolls(|rollback| rollback.waits))),
        ("rollbacks without hooks", with(&rolls(|rollback| rollback.args.iter().any(|arg| arg == "--no-hooks")))),
        ("rollbacks that prune", with(&rolls(|rollback| rollback.args.iter().any(|arg| arg == "--history-max")))),
    ];
    assert!(counts.iter().all(|(_, count)| *count >= 8), "too few histories hold some of these: {counts:?}");
}

fn config(color: &str) -> Chart {
    Chart::new("web", "1.0.0")
        .template("cm.yaml", &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata: {{color: {color}}}\n"))
}

fn the_default_target_is_the_revision_before_the_latest(world: &World) {
    let ns = world.namespace("diff-default");
    let _ = ns.helm4().args(["install", "web"]).arg(ns.chart(&config("red"))).ok();
    let broken = config("blue").template("bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {\"/\": a}\n");
    let _ = ns.helm4().args(["upgrade", "web"]).arg(ns.chart(&broken)).fails(1);
    let _ = ns.helm4().args(["upgrade", "web"]).arg(ns.chart(&config("green"))).ok();
    // Revision 2 failed, which does not matter to Helm.
    let output = ns.plugin().args(["rollback", "web", "--compat"]).run();
    assert_ne!(output.code, 0, "{output:?}");
    let history = ns.helm4().args(["history", "web", "-o", "json"]).ok();
    let rows: Vec<Value> = serde_json::from_str(&history).expect("helm writes JSON");
    assert_eq!(rows.len(), 4, "{history}");
    assert_eq!(rows[3]["status"], "failed");
}

fn a_rollback_that_changes_nothing_is_a_revision_too(world: &World) {
    for major in [3, 4] {
        let ns = world.namespace("diff-idle");
        let _ = ns.helm(major).args(["install", "web"]).arg(ns.chart(&config("red"))).ok();
        let said = ns.plugin().args(["rollback", "web", "1", "--compat"]).ok();
        assert_eq!(said, "Rollback was a success! Happy Helming!\n");
        let history = ns.helm(major).args(["history", "web", "-o", "json"]).ok();
        let rows: Vec<Value> = serde_json::from_str(&history).expect("helm writes JSON");
        let told: Vec<_> = rows.iter().map(|row| (&row["status"], &row["description"])).collect();
        let (superseded, deployed) = (json!("superseded"), json!("deployed"));
        let (installed, back) = (json!("Install complete"), json!("Rollback to 1"));
        assert_eq!(told, [(&superseded, &installed), (&deployed, &back)]);
    }
}
