use super::*;
use crate::plan::tests::world::{World, deployment, only};

#[test]
fn images_that_no_live_workload_has_are_named_once() {
    let between =
        |old: &str, new: &str| World::between(&[deployment(old, "RollingUpdate", 1)], &[deployment(new, "RollingUpdate", 1)]);
    let finding = only(between("shop:1", "shop:2").found_by(ImageNotRunning));
    assert_eq!((finding.id.as_str(), finding.severity), ("image-not-running", Severity::Note));
    assert_eq!(finding.what, "image shop:1 runs nowhere in the release now");
    assert_eq!(between("shop:2", "shop:2").found_by(ImageNotRunning), []);
}
