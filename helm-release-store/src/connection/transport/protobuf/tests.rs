use super::*;

#[test]
fn a_status_is_read_with_its_causes_and_pause() {
    let details = WireDetails { causes: vec![WireCause { reason: "FieldManagerConflict".to_owned() }], retry_after_seconds: 3 };
    let status = WireStatus { message: "no".to_owned(), reason: "Conflict".to_owned(), details: Some(details), code: 409 };
    let read = read_status(&wrap(&status));
    assert_eq!((read.code, read.message.as_deref(), read.reason.as_deref()), (Some(409), Some("no"), Some("Conflict")));
    let details = read.details.unwrap();
    assert_eq!(details.retry_after_seconds, Some(3));
    assert_eq!(details.causes.unwrap()[0].reason.as_deref(), Some("FieldManagerConflict"));
}

#[test]
fn what_the_api_server_sends_is_read() {
    // `Status` of a Secret that is not there, as kube-apiserver 1.37 wrote it.
    let sent = include_bytes!("not_found.bin");
    let read = read_status(sent);
    assert_eq!((read.code, read.reason.as_deref()), (Some(404), Some("NotFound")));
    assert_eq!(read.message.as_deref(), Some("secrets \"absent\" not found"));
}

#[test]
fn a_cut_answer_is_unusable_and_no_panic() {
    let whole = wrap(&WireStatus { message: "long enough".to_owned(), ..WireStatus::default() });
    for length in MAGIC.len()..whole.len() {
        let cut = whole[..length].to_vec();
        assert!(is_protobuf(&cut));
        let _ = read::<WireStatus>(cut);
    }
    assert!(read::<WireStatus>(whole[..whole.len() - 1].to_vec()).is_err());
}
