use super::*;
use serde_json::json;

use crate::plan::tests::world::{World, config_map, only, ours};

fn removed(policy: &str) -> World {
    let mut live = ours(&config_map("a", "red"));
    live["metadata"]["annotations"]["helm.sh/resource-policy"] = json!(policy);
    World::default().revision("superseded", &[]).revision("deployed", &[config_map("a", "red")]).live(live)
}

#[test]
fn a_policy_that_helm_overlooks_is_noted() {
    let finding = only(removed("Keep").found_by(OddResourcePolicy));
    assert_eq!((finding.id.as_str(), finding.severity), ("odd-resource-policy", Severity::Note));
    assert_eq!(finding.path.as_deref(), Some("metadata.annotations[helm.sh/resource-policy]"));
    assert_eq!(finding.why, "helm rollback would delete it, this tool keeps it");
}

#[test]
fn where_the_object_is_deleted_that_is_not_called_keeping() {
    let finding = only(removed("Keep").compat().found_by(OddResourcePolicy));
    assert_eq!(finding.severity, Severity::Caution);
    assert_eq!(finding.why, "helm overlooks it on a rollback, and the object is deleted");
}

#[test]
fn the_exact_word_and_other_words_are_not_odd() {
    assert_eq!(removed("keep").found_by(OddResourcePolicy), []);
    assert_eq!(removed("delete").found_by(OddResourcePolicy), []);
}
