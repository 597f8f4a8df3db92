use super::*;
use crate::plan::tests::world::{World, of_kind, only, ours};

#[test]
fn a_job_that_is_gone_runs_again() {
    let job = of_kind("batch/v1", "Job", "seed");
    let world = World::default().revision("superseded", std::slice::from_ref(&job)).revision("deployed", &[]);
    assert_eq!(only(world.clone().found_by(JobAgain)).object.unwrap().to_string(), "Job default/seed");
    assert_eq!(world.live(ours(&job)).found_by(JobAgain), []);
}
