use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn object(spec: Value) -> Object {
    let mut object = json!({ "apiVersion": "v1", "kind": "Thing", "metadata": { "name": "a", "namespace": "b" } });
    object["spec"] = spec;
    Object::new(object).unwrap()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_unpacked_is_what_was_packed(spec in value()) {
        let object = object(spec);
        prop_assert_eq!(PackedObject::new(&object).unpack(), object);
    }

    #[test]
    fn numbers_keep_their_last_bit(number in any::<f64>().prop_filter("JSON has no other", |number| number.is_finite())) {
        let unpacked = PackedObject::new(&object(json!(number))).unpack();
        prop_assert_eq!(unpacked.at(&["spec"]).unwrap().as_f64().unwrap().to_bits(), number.to_bits());
    }
}

#[test]
fn objects_as_deep_as_manifests_may_be_are_unpacked() {
    let deep = (0..crate::manifest::MAX_DEPTH).fold(Value::Null, |inner, _| json!([inner]));
    let object = object(deep);
    assert_eq!(PackedObject::new(&object).unpack(), object);
}

#[test]
fn debug_says_which_object_it_is_and_no_more() {
    let text = format!("{:?}", PackedObject::new(&object(json!("topsecret"))));
    assert_eq!(text, "PackedObject(Object(v1 Thing b/a))");
}
