//! Custom resources that somebody edited by hand.

use e2e::{Namespace, World};
use serde_json::json;

use crate::release::{color, helm_goes_on, helms, ours, statuses, upgrade, web};
use crate::widget;

pub(crate) const TESTS: &[crate::Test] =
    crate::tests![an_edit_by_hand_is_taken_back_with_helm3, an_edit_by_hand_is_taken_back_with_client_side_helm4,];

fn an_edit_by_hand_is_taken_back(world: &World, major: u8) {
    let history_of = |prefix: &str| -> Namespace<'_> {
        let ns = world.namespace(prefix);
        for color in ["blue", "red"] {
            let chart = web(color).file("crds/widget.yaml", &widget::definition(&ns));
            let upgrade = upgrade(&ns, major, &chart.template("widget.yaml", &widget::object(&ns, "size: 1")));
            let _ = if major == 4 { upgrade.arg("--server-side=false") } else { upgrade }.ok();
        }
        let _ = ns.patch(&widget::resource(&ns), "web", &json!({"spec": {"size": 99}}));
        ns
    };
    let size = |ns: &Namespace<'_>| ns.live(&widget::resource(ns), "web")["spec"]["size"].clone();

    let helm = history_of("drift");
    let _ = helms(&helm, major, &["1"]).ok();
    assert_eq!(size(&helm), 99, "helm reports success and leaves the edit");

    let twin = history_of("drift-twin");
    let _ = ours(&twin, &["1"]).ok();
    assert_eq!(size(&twin), 1);
    assert_eq!(color(&twin), "blue");
    assert_eq!(statuses(&twin, major), ["superseded", "superseded", "deployed"]);
    helm_goes_on(&twin, major);
}

fn an_edit_by_hand_is_taken_back_with_helm3(world: &World) {
    an_edit_by_hand_is_taken_back(world, 3);
}

fn an_edit_by_hand_is_taken_back_with_client_side_helm4(world: &World) {
    an_edit_by_hand_is_taken_back(world, 4);
}
