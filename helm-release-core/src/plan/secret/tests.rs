use serde_json::json;

use super::*;

fn secret(body: &Value) -> Object {
    let mut value = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}});
    value.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    Object::new(value).unwrap()
}

#[test]
fn only_texts_that_the_server_holds_come_back() {
    let live = secret(&json!({"data": {"a": "aGk=", "b": "b3RoZXI="}}));
    let wanted = secret(&json!({"stringData": {"a": "hi", "b": "changed", "c": "new"}}));
    let seen = with_string_data(&live, &wanted);
    assert_eq!(seen.at(&["stringData"]), Some(&json!({"a": "hi"})));
    assert_eq!(seen.at(&["data"]), live.at(&["data"]));
}

#[test]
fn a_secret_without_string_data_stays_as_it_is() {
    let live = secret(&json!({"data": {"a": "aGk="}}));
    assert!(matches!(with_string_data(&live, &secret(&json!({"data": {"a": "aGk="}}))), Cow::Borrowed(_)));
}
