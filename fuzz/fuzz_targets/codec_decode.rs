//! A record payload by anybody: read without a panic, and written back without a changed byte.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::codec::{self, DecodeOptions};
use libfuzzer_sys::fuzz_target;

fn check(payload: &[u8]) {
    let options = DecodeOptions::default().with_inflate_limit(1 << 20);
    let _ = codec::summary(payload, options);
    let Ok(record) = codec::decode(payload, options) else { return };
    let _ = (record.info(), record.hooks(), record.chart(), record.chart_values(), record.manifest());
    let _ = (record.name(), record.namespace(), record.version(), record.apply_method(), record.line());
    let json = record.to_json();
    let again = codec::decode(&codec::encode(&record).0, DecodeOptions::default()).expect("what was encoded decodes");
    assert_eq!(again.to_json(), json);
}

fuzz_target!(|data: &[u8]| {
    check(data);
    // The form from before compression, so that the fuzzer reaches the JSON without finding base64 first.
    check(STANDARD.encode(data).as_bytes());
});
