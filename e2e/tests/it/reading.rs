//! The reading commands on Secrets beside Helm 4's, byte for byte: what only a server keeps, labels above all.

use std::thread;
use std::time::Duration;

use e2e::{Namespace, World};

use crate::release::{deploy, upgrade, web};

pub(crate) const TESTS: &[crate::Test] =
    crate::tests![releases_of_helm3_are_shown_as_helm_4_shows_them, releases_of_helm4_are_shown_as_helm_4_shows_them,];

/// Every line is asked for as a table, as JSON and as YAML.
const WITH_FORMATS: &[&str] = &[
    "list",
    "list --failed",
    "list --superseded",
    "list --filter we.",
    "list --filter nothing",
    "list -l team=TEAM",
    "list -l team=TEAM,tier!=back",
    "list -l tier!=front",
    "list -l tier",
    "list -l !tier",
    "list -l name=web",
    "list -A -l team=TEAM",
    "list -A -l team=TEAM --date --reverse",
    "list -A -l team=nobody",
    "history web",
    "history web --max 2",
    "history other",
    "get metadata web",
    "get metadata web --revision 1",
    "get metadata web --revision 3",
    "get metadata other",
    "get values web",
    "get values web --all",
    "get values web --revision 1",
];

/// These have one form.
const PLAIN: &[&str] = &[
    "list -q",
    "list -q -A -l team=TEAM",
    "list --no-headers",
    "get manifest web",
    "get manifest web --revision 2",
    "get hooks web",
    "get notes web",
    "get all web --revision 2",
];

fn releases_of_helm3_are_shown_as_helm_4_shows_them(world: &World) {
    shown_alike(world, 3);
}

fn releases_of_helm4_are_shown_as_helm_4_shows_them(world: &World) {
    shown_alike(world, 4);
}

fn shown_alike(world: &World, major: u8) {
    let ns = world.namespace("reading");
    let elsewhere = ns.sibling();
    let team = ns.name();
    let labelled = |labels: &str| ["--labels".to_owned(), format!("team={team},{labels}")];
    let _ = upgrade(&ns, major, &web("blue").template("NOTES.txt", "<b>& \"ü\"\n")).args(labelled("tier=front")).ok();
    let _ = upgrade(&ns, major, &web("red").app_version("2")).args(labelled("tier=null,canary=yes")).ok();
    let _ = ns.helm(major).args(["rollback", "web", "1"]).ok();
    deploy(&ns, major, &[web("green")]);
    let bad = web("pink").template("bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {\"/\": a}\n");
    let _ = upgrade(&ns, major, &bad).fails(1);
    let other = |ns: &Namespace<'_>, name: &str, tier: &str| {
        // Helm sorts by whole seconds, and what is equal comes in any order.
        thread::sleep(Duration::from_secs(1));
        let chart = ns.chart(&web("blue").template("web.yaml", ""));
        let _ = ns.helm(major).args(["install", name]).arg(chart).args(labelled(tier)).ok();
    };
    other(&ns, "other", "tier=back");
    other(&elsewhere, "far", "tier=front");

    let lines = WITH_FORMATS.iter().flat_map(|line| ["", " -o json", " -o yaml"].map(|format| format!("{line}{format}")));
    let lines: Vec<String> = lines.chain(PLAIN.iter().map(|line| (*line).to_owned())).collect();
    let different: Vec<String> = lines.iter().filter_map(|line| difference(&ns, &line.replace("TEAM", team))).collect();
    assert!(different.is_empty(), "{} of {} differ:\n{}", different.len(), lines.len(), different.join("\n"));
    let both = ns.plugin().args(["list", "-q", "-A", "-l", &format!("team={team}")]).ok();
    assert_eq!(both, "far\nother\nweb\n", "the other namespace is looked at");
    let metadata = ns.plugin().args(["get", "metadata", "web", "--revision", "2"]).ok();
    assert!(metadata.contains("canary=yes"), "{metadata}");
}

/// What Helm 4 and ours print where it is not the same.
fn difference(ns: &Namespace<'_>, line: &str) -> Option<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let [helm, ours] = thread::scope(|scope| {
        let helm = scope.spawn(|| ns.helm4().args(&words).run());
        let ours = ns.plugin().args(&words).run();
        [helm.join().expect("helm runs"), ours]
    });
    let same = helm.stdout == ours.stdout && (helm.code == 0) == (ours.code == 0);
    (!same).then(|| format!("{line}\n--- Helm: {helm:#?}\n--- ours: {ours:#?}"))
}
