use super::*;
use crate::plan::tests::world::{World, config_map, deployment, only};

#[test]
fn configuration_that_is_read_at_the_start_of_pods_that_stay_is_named() {
    let world = World::between(
        &[config_map("settings", "red"), deployment("shop:1", "RollingUpdate", 1)],
        &[config_map("settings", "blue"), deployment("shop:1", "RollingUpdate", 1)],
    );
    let finding = only(world.found_by(UnnoticedConfig));
    assert_eq!((finding.id.as_str(), finding.severity), ("unnoticed-config", Severity::Caution));
    assert_eq!(finding.what, "Deployment default/shop reads it when a container starts, and gets no new pods");
    assert_eq!(finding.object.unwrap().name, "settings");
}

#[test]
fn new_pods_notice_and_nobody_reads_another() {
    let world_of = |config: &str, image: &str| {
        World::between(
            &[config_map(config, "red"), deployment("shop:1", "RollingUpdate", 1)],
            &[config_map(config, "blue"), deployment(image, "RollingUpdate", 1)],
        )
    };
    assert_eq!(world_of("settings", "shop:2").found_by(UnnoticedConfig), []);
    assert_eq!(world_of("unread", "shop:1").found_by(UnnoticedConfig), []);
}
