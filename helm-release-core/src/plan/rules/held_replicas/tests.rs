use serde_json::{Value, json};

use super::HeldReplicas;
use crate::plan::tests::world::{World, of_kind, only, ours};
use crate::plan::{FindingId, Severity};

fn deployment(replicas: Option<u32>) -> Value {
    let mut deployment = of_kind("apps/v1", "Deployment", "api");
    deployment["spec"] = replicas.map_or_else(|| json!({}), |replicas| json!({"replicas": replicas}));
    deployment
}

fn world(target: Option<u32>, live: u32) -> World {
    World::default()
        .revision("superseded", &[deployment(target)])
        .revision("deployed", &[deployment(Some(2))])
        .live(ours(&deployment(Some(live))))
        .autoscaler("api", &deployment(None))
}

#[test]
fn replicas_that_stay_are_told_with_both_numbers_and_the_holder() {
    let finding = only(world(Some(1), 8).found_by(HeldReplicas));
    assert_eq!((finding.id, finding.severity), (FindingId::HELD_REPLICAS, Severity::Note));
    assert_eq!(finding.what, "spec.replicas stay 8, the target has 1: HorizontalPodAutoscaler default/api holds them");
    assert_eq!(finding.ways_out, ["--drift-rule 'Deployment/api:spec.replicas=restore' sets them all the same"]);
}

#[test]
fn where_nothing_would_change_there_is_nothing_to_tell() {
    assert_eq!(world(Some(8), 8).found_by(HeldReplicas), []);
    assert_eq!(world(None, 8).found_by(HeldReplicas), [], "the target leaves them out");
    assert_eq!(world(Some(1), 0).found_by(HeldReplicas), [], "an autoscaler leaves what was scaled to nothing");
    assert_eq!(world(Some(1), 8).compat().found_by(HeldReplicas), []);
    let ruled = world(Some(1), 8).asked(|options| options.drift_rules.push("*:spec.replicas=restore".parse().unwrap()));
    assert_eq!(ruled.found_by(HeldReplicas), []);
}
