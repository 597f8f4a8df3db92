use super::*;

#[test]
fn ages_may_be_days() {
    assert_eq!(age("2d"), Ok(Duration::from_secs(2 * DAY)));
    assert_eq!(age("1h30m"), Ok(Duration::from_secs(5400)));
    for text in ["2", "d", "-3d", "99999999999999999999d", "2w"] {
        assert!(age(text).is_err(), "{text}");
    }
}

#[test]
fn sizes_have_binary_and_decimal_units() {
    assert_eq!(bytes("7"), Ok(7));
    assert_eq!(bytes("2Mi"), Ok(2 << 20));
    assert_eq!(bytes("3K"), Ok(3000));
    for text in ["", "Mi", "1.5Mi", "-1", "99999999999999Gi", "1Ti"] {
        assert!(bytes(text).is_err(), "{text}");
    }
}

#[test]
fn a_status_must_be_one_of_helms() {
    assert_eq!(known_status("failed"), Ok(Status::Failed));
    assert!(known_status("broken").unwrap_err().contains("pending-rollback"));
}
