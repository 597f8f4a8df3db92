use serde_json::{Value, json};

use super::world::{World, config_map, managed, ours};
use crate::plan::{Action, Prediction, RollbackOptions, ServerSide, Writing};

fn predictions(world: &World) -> Vec<(Action, Prediction)> {
    let (survey, plan) = (world.survey(), world.plan());
    let predict = |step| plan.predict(&survey, step).unwrap();
    plan.steps.iter().filter_map(|step| Some((step.action, predict(step)?))).collect()
}

fn world() -> World {
    World::default()
        .revision("superseded", &[config_map("web", "blue"), config_map("old", "blue")])
        .revision("deployed", &[config_map("web", "red"), config_map("new", "red")])
        .live(managed(ours(&config_map("web", "red")), "Apply"))
        .live(managed(ours(&config_map("new", "red")), "Apply"))
}

fn by(change: impl FnOnce(&mut RollbackOptions)) -> World {
    world().asked(change)
}

fn color(object: Option<&Value>) -> Option<&str> {
    object.and_then(|object| object["data"]["color"].as_str())
}

#[test]
fn every_way_of_writing_tells_the_whole_object_before_and_after() {
    let ways = [
        by(|options| options.server_side = ServerSide::Yes),
        by(|options| options.server_side = ServerSide::No),
        by(|options| options.writing = Writing::Replace),
    ];
    for world in ways {
        let found = predictions(&world);
        let colors: Vec<_> = found.iter().map(|(_, found)| (color(found.before.as_ref()), color(found.after.as_ref()))).collect();
        assert_eq!(colors, [(Some("red"), Some("blue")), (None, Some("blue")), (Some("red"), None)], "{found:?}");
    }
}

#[test]
fn what_the_server_keeps_for_itself_is_left_out() {
    for (action, found) in predictions(&world()) {
        for object in [found.before, found.after].into_iter().flatten() {
            for member in ["managedFields", "resourceVersion", "uid"] {
                assert_eq!(object["metadata"][member], Value::Null, "{action}: {object}");
            }
            assert_eq!(object["metadata"]["annotations"]["meta.helm.sh/release-name"], json!("web"), "{action}: {object}");
        }
    }
}

fn the_patch(world: &World) -> Prediction {
    let [(action, found)] = <[_; 1]>::try_from(predictions(world)).unwrap();
    assert_eq!(action, Action::Patch);
    found
}

#[test]
fn a_field_that_stays_is_on_both_sides() {
    let mut live = ours(&config_map("web", "red"));
    live["data"]["added"] = json!("by hand");
    let world = World::default()
        .revision("superseded", &[config_map("web", "blue")])
        .revision("deployed", &[config_map("web", "red")])
        .live(live);
    let found = the_patch(&world);
    assert_eq!(found.before.unwrap()["data"], json!({"color": "red", "added": "by hand"}));
    assert_eq!(found.after.unwrap()["data"], json!({"color": "blue", "added": "by hand"}));
}

#[test]
fn the_text_of_a_secret_is_compared_with_the_data_that_came_of_it() {
    let secret = |text: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": text, "b": "same"}});
    let mut live = ours(&secret("new"));
    live.as_object_mut().unwrap().remove("stringData");
    live["data"] = json!({"a": "bmV3", "b": "c2FtZQ=="});
    let world = World::default().revision("superseded", &[secret("old")]).revision("deployed", &[secret("new")]).live(live);
    let found = the_patch(&world);
    let (before, after) = (found.before.unwrap(), found.after.unwrap());
    assert_eq!(before["data"], json!({"a": "bmV3", "b": "c2FtZQ=="}));
    assert_eq!(after["data"], json!({"a": "b2xk", "b": "c2FtZQ=="}));
    assert_eq!((&before["stringData"], &after["stringData"]), (&Value::Null, &Value::Null));
}
