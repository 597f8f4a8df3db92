use super::*;
use crate::plan::Severity;
use crate::plan::tests::world::{World, config_map, of_kind, only};

fn refused(kind: ClusterErrorKind, message: &str) -> DryRunAnswer {
    DryRunAnswer::Refused { kind, message: message.to_owned() }
}

fn world() -> World {
    World::default().revision("superseded", &[config_map("a", "red")]).revision("deployed", &[])
}

#[test]
fn a_refused_write_blocks_and_says_why_in_words() {
    let message = "admission webhook \"gate.example.org\" denied the request: not on a Friday";
    let world = world().dry_run(&config_map("a", "red"), refused(ClusterErrorKind::Invalid, message));
    let finding = only(world.clone().found_by(RefusedByServer));
    assert_eq!((finding.id.as_str(), finding.severity), ("refused-by-server", Severity::Block));
    assert_eq!(
        finding.what,
        "the server refuses to create it: the admission webhook \"gate.example.org\" denied it: not on a Friday"
    );
    assert_eq!(finding.object.unwrap().to_string(), "ConfigMap default/a");
    assert_eq!(only(world.compat().found_by(RefusedByServer)).severity, Severity::Caution);
}

#[test]
fn what_the_plan_makes_first_is_not_missed() {
    let message = "namespaces \"late\" not found";
    let world = World::default().revision("superseded", &[config_map("a", "red"), of_kind("v1", "Namespace", "late")]);
    let world = world.revision("deployed", &[]);
    let world = world.dry_run(&config_map("a", "red"), refused(ClusterErrorKind::NotFound, message));
    assert_eq!(world.found_by(RefusedByServer), []);
}

#[test]
fn an_open_or_good_answer_is_no_refusal() {
    for answer in [DryRunAnswer::Accepted(None), DryRunAnswer::Open("busy".to_owned())] {
        assert_eq!(world().dry_run(&config_map("a", "red"), answer).found_by(RefusedByServer), []);
    }
}
