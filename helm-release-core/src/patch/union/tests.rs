use serde_json::json;

use super::union;
use crate::Gvk;
use crate::patch::Schemas;

#[test]
fn every_field_and_every_keyed_entry_of_any_revision_is_there() {
    let gvk = Gvk::new("v1", "Pod");
    let first = json!({"metadata": {"finalizers": ["a"]}, "spec": {"containers": [{"name": "x", "tty": true}], "nodeName": "n"}});
    let second = json!({"metadata": {"finalizers": ["b", "a"]}, "spec": {"containers": [{"name": "y"}, {"name": "x", "image": "i"}], "hostPID": null}});
    let expected = json!({
        "metadata": {"finalizers": ["a", "b"]},
        "spec": {"containers": [{"name": "x", "tty": true, "image": "i"}, {"name": "y"}], "nodeName": "n", "hostPID": null},
    });
    assert_eq!(union(Schemas::built_in(), &gvk, &[&first, &second]), expected);
}

#[test]
fn a_list_that_is_replaced_is_the_last_ones() {
    let gvk = Gvk::new("example.com/v1", "Widget");
    let (first, second) = (json!({"l": [1, 2], "a": 1}), json!({"l": [3]}));
    assert_eq!(union(Schemas::built_in(), &gvk, &[&first, &second]), json!({"l": [3], "a": 1}));
}
