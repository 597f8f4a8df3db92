use super::*;
use crate::plan::tests::world::{World, config_map, only};
use crate::plan::{ProbeAnswer, Severity};

#[test]
fn a_probe_that_says_no_blocks_and_one_that_says_yes_does_not() {
    let world = World::default().revision("superseded", &[config_map("a", "red")]).revision("deployed", &[]);
    let answer =
        |probe: &str, failure: Option<&str>| ProbeAnswer { probe: probe.to_owned(), failure: failure.map(str::to_owned) };
    let world = world.probe(answer("true", None)).probe(answer("check-schema", Some("exit status 1")));
    let finding = only(world.found_by(ProbeFailed));
    assert_eq!((finding.id.as_str(), finding.severity, finding.leads_to), ("probe-failed", Severity::Block, Verdict::FixForward));
    assert_eq!(finding.what, "the probe \"check-schema\" says no: exit status 1");
}
