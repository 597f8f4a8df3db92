use super::*;
use crate::plan::tests::world::{World, only};

/// Text that no compression makes smaller.
fn noise(bytes: usize) -> String {
    let mut state = 1u64;
    let letter = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    (0..bytes).map(letter).filter(|letter| *letter != '"' && *letter != '\\').collect()
}

fn of_size(bytes: usize) -> World {
    World::default().revision("superseded", &[]).with("padding", noise(bytes)).revision("deployed", &[])
}

#[test]
fn a_record_that_would_not_fit_is_impossible_in_every_mode() {
    let world = of_size(1_000_000);
    for world in [world.clone(), world.compat()] {
        let finding = only(world.found_by(RecordTooLarge));
        assert_eq!((finding.id.as_str(), finding.severity), ("record-too-large", Severity::Block));
        assert!(finding.what.ends_with("the storage takes at most 1048576"), "{}", finding.what);
        assert!(!finding.acceptable);
    }
}

#[test]
fn a_record_that_fits_is_no_danger_however_near_the_limit_it_seems() {
    assert_eq!(of_size(10).found_by(RecordTooLarge), []);
    assert_eq!(of_size(10).padded(MAX_PAYLOAD).found_by(RecordTooLarge), []);
}
