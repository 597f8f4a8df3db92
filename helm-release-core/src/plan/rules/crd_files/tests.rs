use serde_json::json;

use super::*;
use crate::plan::tests::world::{World, definition, only};

fn things(version: &str) -> Value {
    let mut things = definition("things.example.org");
    things["spec"]["versions"] = json!([{"name": version, "served": true}]);
    things
}

fn world() -> World {
    let file = json!({"name": "crds/things.yaml", "data": BASE64_STANDARD.encode(things("v1").to_string())});
    let readme = json!({"name": "README.md", "data": ""});
    let chart = json!({"metadata": {"name": "web", "version": "1.0.0"}, "files": [readme, file]});
    World::default().revision("superseded", &[]).with("chart", chart).revision("deployed", &[])
}

#[test]
fn a_definition_of_the_chart_that_is_missing_or_older_is_named() {
    let finding = only(world().definition("things.example.org", None).found_by(CrdFiles));
    assert_eq!((finding.id.as_str(), finding.severity), ("crd-file-differs", Severity::Caution));
    assert_eq!(finding.what, "the target's chart brings it in its folder crds/, and it is not installed");
    let finding = only(world().definition("things.example.org", Some(things("v2"))).found_by(CrdFiles));
    assert_eq!(finding.what, "the target's chart brings version v1 of it in its folder crds/, which is not installed");
}

#[test]
fn one_that_is_installed_is_not() {
    assert_eq!(world().definition("things.example.org", Some(things("v1"))).found_by(CrdFiles), []);
    assert_eq!(world().found_by(CrdFiles), [], "nobody looked");
}
