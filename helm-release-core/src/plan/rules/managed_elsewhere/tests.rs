use serde_json::json;

use super::ManagedElsewhere;
use crate::plan::tests::world::{World, config_map, only, ours};
use crate::plan::{FindingId, Severity};

#[test]
fn a_release_of_another_tool_is_told_once_with_the_way_to_make_it_stand_still() {
    let objects = ["a", "b", "c"].map(|name| {
        let mut object = config_map(name, "red");
        object["metadata"]["labels"] = json!({"helm.toolkit.fluxcd.io/name": "web", "helm.toolkit.fluxcd.io/namespace": "infra"});
        object
    });
    let mut world = World::default().revision("superseded", &objects).revision("deployed", &objects);
    for object in &objects {
        world = world.live(ours(object));
    }
    let finding = only(world.found_by(ManagedElsewhere));
    assert_eq!((finding.id, finding.severity, finding.object), (FindingId::MANAGED_ELSEWHERE, Severity::Caution, None));
    assert_eq!(finding.what, "the whole release: Flux keeps it by HelmRelease infra/web");
    assert_eq!(finding.ways_out[0], "suspend it first: flux suspend helmrelease web -n infra");
}

#[test]
fn a_release_that_helm_alone_keeps_is_not_told() {
    let object = config_map("a", "red");
    let world = World::default()
        .revision("superseded", std::slice::from_ref(&object))
        .revision("deployed", std::slice::from_ref(&object))
        .live(ours(&object));
    assert_eq!(world.found_by(ManagedElsewhere), []);
}
