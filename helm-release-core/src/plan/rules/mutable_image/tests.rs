use serde_json::{Value, json};

use super::*;
use crate::plan::tests::world::{World, only, ours};

fn deployment(image: &str, strategy: &str, replicas: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"},
        "spec": {
            "replicas": replicas, "strategy": {"type": strategy},
            "template": {
                "metadata": {"labels": {"app": "shop"}},
                "spec": {"containers": [{"name": "shop", "image": image, "envFrom": [{"configMapRef": {"name": "settings"}}]}]},
            },
        },
    })
}

fn world(target: &[Value], live: &[Value]) -> World {
    let world = World::default().revision("superseded", target).revision("deployed", live);
    live.iter().fold(world, |world, object| world.live(ours(object)))
}

#[test]
fn an_image_without_a_fixed_build_is_named() {
    let world_of = |image: &str| world(&[deployment(image, "RollingUpdate", 1)], &[deployment("shop:2", "RollingUpdate", 1)]);
    for image in ["shop", "registry.example.org:5000/team/shop", "shop:latest"] {
        let finding = only(world_of(image).found_by(MutableImage));
        assert_eq!((finding.severity, finding.what), (Severity::Note, format!("image {image} names no fixed build")));
    }
    for image in ["shop:1", "registry.example.org:5000/shop:1", "shop@sha256:00", "shop:latest@sha256:00"] {
        assert_eq!(world_of(image).found_by(MutableImage), [], "{image}");
    }
}
