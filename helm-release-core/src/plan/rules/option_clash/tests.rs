use super::*;
use crate::plan::ServerSide;
use crate::plan::tests::world::{World, only};

fn asked(method: &str, writing: Writing, conflicts: Conflicts) -> World {
    let world = World::default().revision("superseded", &[]).revision("deployed", &[]).with_all("apply_method", method);
    world.asked(|options| (options.writing, options.conflicts) = (writing, conflicts))
}

#[test]
fn each_clash_is_impossible_in_every_mode_and_names_its_flags() {
    let clashes = [
        ("csa", Writing::Replace, Conflicts::Force, "--force-replace and --force-conflicts"),
        ("ssa", Writing::Replace, Conflicts::Refuse, "--force-replace does not go with server-side apply"),
        ("csa", Writing::Patch, Conflicts::Force, "--force-conflicts goes with server-side apply only"),
    ];
    for (method, writing, conflicts, what) in clashes {
        let world = asked(method, writing, conflicts);
        for world in [world.clone(), world.compat()] {
            let finding = only(world.found_by(OptionClash));
            assert_eq!((finding.id.as_str(), finding.severity), ("option-clash", Severity::Block));
            assert!(finding.what.starts_with(what), "{}", finding.what);
            assert!(!finding.acceptable);
        }
    }
}

#[test]
fn options_that_go_together_do_not_clash() {
    assert_eq!(asked("csa", Writing::Replace, Conflicts::Refuse).found_by(OptionClash), []);
    assert_eq!(asked("ssa", Writing::Patch, Conflicts::Force).found_by(OptionClash), []);
    assert_eq!(asked("csa", Writing::Patch, Conflicts::Refuse).found_by(OptionClash), []);
}

#[test]
fn the_way_out_that_is_offered_is_one() {
    let replaced = asked("ssa", Writing::Replace, Conflicts::Refuse);
    assert_eq!(replaced.asked(|options| options.server_side = ServerSide::No).found_by(OptionClash), []);
    let forced = asked("csa", Writing::Patch, Conflicts::Force);
    assert_eq!(forced.asked(|options| options.server_side = ServerSide::Yes).found_by(OptionClash), []);
}
