//! After a history that Helm played: a plan of ours names what its rollback then does, and raises no false alarm.

use std::sync::Mutex;

use serde_json::Value;

use super::HISTORIES;
use super::twin::Twin;
use crate::foretold;

/// How many cautions each history's plan raised, and how many histories there were.
static CAUTIONS: Mutex<Vec<(String, Vec<String>)>> = Mutex::new(Vec::new());

/// Plans a rollback to the newest good revision, carries it out, and compares.
pub(super) fn check(ours: &Twin<'_>, told: &str) {
    let planned = ours.ns.plugin().args(["plan", "web", "-o", "json"]).run();
    let plan: Value = serde_json::from_str(&planned.stdout).unwrap_or_else(|error| panic!("{error}: {planned:?}"));
    let blocking = note(&plan, told);
    if !blocking.is_empty() {
        assert_eq!(planned.code, 3, "{told}, then a plan of ours\n{planned:?}");
        // No false alarm: what is foretold happens to whoever goes on.
        let refusals = blocking.iter().all(|finding| finding.starts_with("refused-by-server: "));
        assert!(refusals, "{told}, then a plan of ours: {blocking:#?}");
        let tried = ours.ns.plugin().args(["rollback", "web", "--accept", "refused-by-server"]).run();
        assert_eq!(tried.code, 6, "{told}, refused beforehand for {blocking:#?}\n{tried:?}");
        return;
    }
    assert_eq!(planned.code, 0, "{told}, then a plan of ours\n{planned:?}");
    foretold::carry_out(&ours.ns, &plan, &[], told);
}

/// Keeps the cautions, at which the last history looks, and gives what blocks.
fn note(plan: &Value, told: &str) -> Vec<String> {
    let findings = plan["findings"].as_array().cloned().unwrap_or_default();
    let of = |weight: &str| -> Vec<String> {
        let weighty = findings.iter().filter(|finding| finding["severity"] == weight);
        let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        weighty.map(|finding| format!("{}: {}", text(finding, "id"), text(finding, "what"))).collect()
    };
    let mut all = CAUTIONS.lock().expect("no history panics while it holds this");
    all.push((told.to_owned(), of("caution")));
    let cautions: usize = all.iter().map(|(_, cautions)| cautions.len()).sum();
    eprintln!("{cautions} cautions in {} histories", all.len());
    if u64::try_from(all.len()) == Ok(HISTORIES) {
        assert!(cautions < all.len(), "too many cautions on plain histories: {all:#?}");
    }
    of("block")
}
