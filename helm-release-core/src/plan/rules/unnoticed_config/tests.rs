use serde_json::json;

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

#[test]
fn environments_and_parts_of_volumes_are_read_at_the_start_and_whole_volumes_are_not() {
    let spec = json!({
        "initContainers": [{"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "by-key", "key": "a"}}}]}],
        "containers": [{
            "env": [{"name": "B", "valueFrom": {"secretKeyRef": {"name": "by-secret-key", "key": "b"}}}, {"name": "C", "value": "c"}],
            "envFrom": [{"configMapRef": {"name": "all-keys"}}, {"secretRef": {"name": "all-secret-keys"}}],
            "volumeMounts": [
                {"name": "part", "subPath": "a.conf", "mountPath": "/a"},
                {"name": "mixed", "subPathExpr": "$(B)", "mountPath": "/b"},
                {"name": "whole", "mountPath": "/c"},
            ],
        }],
        "volumes": [
            {"name": "part", "secret": {"secretName": "in-part"}},
            {"name": "mixed", "projected": {"sources": [{"configMap": {"name": "projected"}}, {"secret": {"name": "projected"}}]}},
            {"name": "whole", "configMap": {"name": "kept-fresh"}},
        ],
    });
    let found = read_at_start(&spec);
    let found: Vec<_> = found.iter().map(|config| (config.is_secret, config.name.as_str())).collect();
    let expected = [
        (false, "all-keys"),
        (false, "by-key"),
        (false, "projected"),
        (true, "all-secret-keys"),
        (true, "by-secret-key"),
        (true, "in-part"),
        (true, "projected"),
    ];
    assert_eq!(found, expected);
}
