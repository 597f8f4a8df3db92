use serde_json::json;

use super::{RemovalPolicy, StoredPolicy, removal_policy, stored_policy};
use crate::Object;

fn annotated(policy: Option<&str>) -> Object {
    let annotations = policy.map_or(json!({}), |policy| json!({ "helm.sh/resource-policy": policy }));
    Object::new(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "annotations": annotations}})).unwrap()
}

#[test]
fn rollback_keeps_exactly_keep_and_uninstall_keeps_it_in_any_letters() {
    let cases = [
        (None, RemovalPolicy::Remove, StoredPolicy::Delete),
        (Some("keep"), RemovalPolicy::Keep, StoredPolicy::Keep),
        (Some(" Keep "), RemovalPolicy::RemoveDespiteIntent, StoredPolicy::Keep),
        (Some("delete"), RemovalPolicy::Remove, StoredPolicy::Forgotten),
        (Some(""), RemovalPolicy::Remove, StoredPolicy::Forgotten),
    ];
    for (policy, removal, stored) in cases {
        let object = annotated(policy);
        assert_eq!((removal_policy(&object), stored_policy(&object)), (removal, stored), "{policy:?}");
    }
}
