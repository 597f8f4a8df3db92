//! Records near the limit of what Kubernetes stores, made here because they are too big to keep.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::Record;
use helm_release_core::codec::{self, CodecError, DecodeOptions, MAX_PAYLOAD};

/// Bytes that gzip cannot shrink: xorshift64.
fn noise(length: usize) -> Vec<u8> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn record_with_file(bytes: &[u8]) -> Record {
    let file = STANDARD.encode(bytes);
    let json = format!(r#"{{"name":"large","chart":{{"files":[{{"name":"blob","data":"{file}"}}]}},"version":1}}"#);
    Record::parse(json.as_bytes()).unwrap()
}

#[test]
fn a_record_that_helm_could_just_store_fits_and_comes_back() {
    // Go's gzip makes a payload of 1,037,876 bytes of it.
    let record = record_with_file(&noise(775_000));
    let payload = codec::encode(&record).0;
    assert!(payload.len() <= MAX_PAYLOAD, "{} bytes", payload.len());
    assert!(payload.len() > 1_000_000, "{} bytes", payload.len());
    let again = codec::decode(&payload, DecodeOptions::default()).unwrap();
    assert_eq!(again.to_json(), record.to_json());
}

#[test]
fn a_record_over_the_limit_is_seen_to_be() {
    assert!(codec::encode(&record_with_file(&noise(790_000))).0.len() > MAX_PAYLOAD);
}

#[test]
fn a_small_payload_that_inflates_without_end_is_refused() {
    let payload = codec::encode(&record_with_file(&vec![b'a'; 4 << 20])).0;
    assert!(payload.len() < 100_000);
    let refusal = codec::decode(&payload, DecodeOptions::default().with_inflate_limit(1 << 20)).unwrap_err();
    assert!(matches!(refusal, CodecError::TooLarge { limit } if limit == 1 << 20));
}
