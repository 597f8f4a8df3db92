//! A manifest by anybody: split and read without a panic, and every document found where it is said to be.
#![no_main]

use helm_release_core::HelmLine;
use helm_release_core::manifest::{read_objects, read_yaml, split_documents, split_helm};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for line in [HelmLine::V3, HelmLine::V4] {
        for document in split_helm(text, line) {
            assert!(text.contains(document));
        }
    }
    if let Ok(chunks) = split_documents(text) {
        let mut end = 0;
        for chunk in chunks {
            assert!(chunk.range.start >= end && text.get(chunk.range.clone()).is_some());
            end = chunk.range.end;
            let _ = read_yaml(&chunk.text);
        }
    }
    let _ = read_objects(text).each(drop);
});
