//! Numbers as Go's JSON has them.

use serde_json::{Number, Value};

/// Writes fractions that are whole as whole numbers: Helm writes each object as JSON before it compares
/// them, and Go writes `1.0` as `1`.
pub(super) fn normalised(value: &Value) -> Value {
    map_numbers(value, &|number| whole(number).unwrap_or_else(|| number.clone()))
}

fn map_numbers(value: &Value, change: &impl Fn(&Number) -> Number) -> Value {
    match value {
        Value::Number(number) => Value::Number(change(number)),
        Value::Array(list) => Value::Array(list.iter().map(|value| map_numbers(value, change)).collect()),
        Value::Object(map) => Value::Object(map.iter().map(|(key, value)| (key.clone(), map_numbers(value, change))).collect()),
        value => value.clone(),
    }
}

/// The whole number that a fraction is, when it is one and fits.
fn whole(number: &Number) -> Option<Number> {
    if !number.is_f64() {
        return None;
    }
    let fraction = number.as_f64().filter(|fraction| fraction.fract() == 0.0)?;
    // The text of a fraction without a fractional part is that of a whole number: `{}` never writes an exponent.
    format!("{fraction}").parse::<i64>().ok().map(Number::from)
}
