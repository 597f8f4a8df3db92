use super::*;

fn record(json: &str) -> Record {
    Record::parse(json.as_bytes()).unwrap()
}

fn decoded(payload: &[u8]) -> Result<String, CodecError> {
    decode(payload, DecodeOptions::default()).map(|record| record.to_json())
}

fn gzip(json: &str) -> Vec<u8> {
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
    gzip.write_all(json.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

const JSON: &str = r#"{"name":"web","info":{"status":"deployed","x":1e3},"chart":{"metadata":{"name":"c","version":"1"}},"z":12345678901234567890123}"#;

#[test]
fn decoding_what_was_encoded_gives_the_same_text() {
    let payload = encode(&record(JSON));
    assert_eq!(decoded(&payload.0).unwrap(), JSON);
}

#[test]
fn the_gzip_header_is_gos() {
    let bytes = STANDARD.decode(encode(&record(JSON)).0).unwrap();
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]);
}

#[test]
fn a_record_from_before_compression_is_read() {
    assert_eq!(decoded(STANDARD.encode(JSON).as_bytes()).unwrap(), JSON);
    let found = summary(STANDARD.encode(JSON).as_bytes(), DecodeOptions::default()).unwrap();
    assert_eq!(found.chart.unwrap().full_name(), "c-1");
}

#[test]
fn concatenated_gzip_members_are_one_record() {
    let (front, back) = JSON.split_at(40);
    let members = [gzip(front), gzip(back)].concat();
    assert_eq!(decoded(STANDARD.encode(members).as_bytes()).unwrap(), JSON);
}

#[test]
fn line_breaks_in_the_base64_are_skipped() {
    let text = String::from_utf8(encode(&record(JSON)).0).unwrap();
    let (front, back) = text.split_at(21);
    assert_eq!(decoded(format!("{front}\r\n{back}\n").as_bytes()).unwrap(), JSON);
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let bomb = gzip(&format!("{{\"name\":\"{}\"}}", " ".repeat(8 << 20)));
    let options = DecodeOptions::default().with_inflate_limit(1 << 20);
    let error = decode(STANDARD.encode(&bomb).as_bytes(), options).unwrap_err();
    assert_eq!(error.to_string(), "payload inflates to more than 1048576 bytes");
    assert!(summary(STANDARD.encode(bomb).as_bytes(), options).is_err());
}

#[test]
fn a_cut_off_payload_is_an_error_that_quotes_nothing() {
    let mut cut = STANDARD.decode(encode(&record(JSON)).0).unwrap();
    cut.truncate(cut.len() / 2);
    let error = decoded(STANDARD.encode(cut).as_bytes()).unwrap_err();
    assert!(matches!(error, CodecError::Gzip(_)), "{error}");
    assert_eq!(decoded(b"?not base64").unwrap_err().to_string(), "payload is not base64: invalid character at byte 0");
    let text = STANDARD.encode(r#""topsecret""#);
    let error = decoded(text.as_bytes()).unwrap_err().to_string();
    assert!(!error.contains("topsecret"), "{error}");
}

#[test]
fn a_summary_does_not_read_what_lies_behind_it() {
    let json = r#"{"name":"web","info":{"status":"failed","description":"no"},"chart":{"metadata":{"name":"c","version":"1"},"templates":BROKEN"#;
    let found = summary(STANDARD.encode(gzip(json)).as_bytes(), DecodeOptions::default()).unwrap();
    assert_eq!((found.info.status.as_str(), found.info.description.as_str()), ("failed", "no"));
    assert_eq!(found.chart.unwrap().name, "c");
}

#[test]
fn a_summary_of_a_record_without_chart_is_read_whole() {
    for json in [r#"{"name":"web","info":{"status":"failed"}}"#, r#"{"chart":null,"info":{"status":"failed"}}"#] {
        let found = summary(&encode(&record(json)).0, DecodeOptions::default()).unwrap();
        assert_eq!(found.info.status.as_str(), "failed");
        assert_eq!(found.chart, None);
    }
}
