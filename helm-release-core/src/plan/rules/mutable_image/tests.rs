use super::*;
use crate::plan::tests::world::{World, deployment, only};

#[test]
fn an_image_without_a_fixed_build_is_named() {
    let world_of =
        |image: &str| World::between(&[deployment(image, "RollingUpdate", 1)], &[deployment("shop:2", "RollingUpdate", 1)]);
    for image in ["shop", "registry.example.org:5000/team/shop", "shop:latest"] {
        let finding = only(world_of(image).found_by(MutableImage));
        assert_eq!((finding.severity, finding.what), (Severity::Note, format!("image {image} names no fixed build")));
    }
    for image in ["shop:1", "registry.example.org:5000/shop:1", "shop@sha256:00", "shop:latest@sha256:00"] {
        assert_eq!(world_of(image).found_by(MutableImage), [], "{image}");
    }
}
