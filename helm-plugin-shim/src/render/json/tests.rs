use super::*;

#[test]
fn numbers_look_as_after_gos_float64() {
    let value: Value = serde_json::from_str(r#"{"b":1000000,"a":9007199254740993,"c":1.50,"d":1e21,"e":1e-7,"f":-0}"#).unwrap();
    let text = to_go_json(&through_go(value)).unwrap();
    assert_eq!(text, r#"{"a":9007199254740992,"b":1000000,"c":1.5,"d":1e+21,"e":1e-7,"f":-0}"#);
}

#[test]
fn html_is_escaped() {
    let mut out = Vec::new();
    write(&mut out, "a<b>&c").unwrap();
    assert_eq!(out, b"\"a\\u003cb\\u003e\\u0026c\"\n");
}
