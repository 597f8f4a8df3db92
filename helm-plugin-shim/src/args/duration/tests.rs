use super::*;

#[test]
fn units_add_up() {
    assert_eq!(go_duration("1h2m3s4ms5us6ns"), Ok(Duration::from_nanos(3_723_004_005_006)));
    assert_eq!(go_duration("1.5m"), Ok(Duration::from_secs(90)));
    assert_eq!(go_duration(".5s"), Ok(Duration::from_millis(500)));
    assert_eq!(go_duration("+5m0s"), Ok(Duration::from_secs(300)));
    assert_eq!(go_duration("0"), Ok(Duration::ZERO));
    assert_eq!(go_duration("1µs"), Ok(Duration::from_micros(1)));
}

#[test]
fn a_number_alone_is_refused_because_timeouts_need_a_unit() {
    let text = go_duration("5").unwrap_err().to_string();
    assert_eq!(text, "time: missing unit in duration \"5\" (timeouts need a unit, such as 300s or 5m)");
}

#[test]
fn what_go_refuses_is_refused() {
    assert_eq!(go_duration("5 m").unwrap_err().to_string(), "time: unknown unit \" m\" in duration \"5 m\"");
    for text in ["", "s", ".s", "-", "1h-2m", "9223372036854775808ns", "300000000h"] {
        assert!(go_duration(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_duration_below_zero_is_refused() {
    assert_eq!(go_duration("-1s"), Err(InvalidDuration::Negative("-1s".to_owned())));
}
