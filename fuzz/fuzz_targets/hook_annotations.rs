//! Hook annotations by anybody, one a line: event, weight, delete policy, output-log policy.
#![no_main]

use helm_release_core::Object;
use helm_release_core::hook::annotations::{DELETE_POLICY, HOOK, OUTPUT_LOG_POLICY, WEIGHT, not_text, read};
use helm_release_core::hook::HookReading;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    let value = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fuzz"}});
    let Ok(mut object) = Object::new(value) else { return };
    for (key, value) in [HOOK, WEIGHT, DELETE_POLICY, OUTPUT_LOG_POLICY].into_iter().zip(text.split('\n')) {
        object.set_annotation(key, value);
    }
    assert!(not_text(&object).is_empty());
    assert!(!matches!(read(&object), HookReading::NotAHook | HookReading::Refused { .. }));
});
