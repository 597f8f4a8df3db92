//! Patches on objects by anybody. The first byte chooses kind and patch type; then come the object and the patch as JSON,
//! one line each.
#![no_main]

use helm_release_core::Gvk;
use helm_release_core::patch::{self, Schemas};
use helm_release_core::ports::PatchBody;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const KINDS: [(&str, &str); 4] =
    [("apps/v1", "Deployment"), ("v1", "Service"), ("v1", "ConfigMap"), ("example.com/v1", "Custom")];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, rest)) = data.split_first() else { return };
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return };
    let (Ok(live), Ok(body)) = (serde_json::from_slice::<Value>(&rest[..end]), serde_json::from_slice::<Value>(&rest[end..]))
    else {
        return;
    };
    let choice = usize::from(choice);
    let (api_version, kind) = KINDS[choice % KINDS.len()];
    let gvk = Gvk::new(api_version, kind);
    let schemas = Schemas::built_in();
    match choice / KINDS.len() % 3 {
        0 => drop(patch::apply(schemas, &gvk, &live, &PatchBody::Json(body))),
        1 => {
            let merge = PatchBody::Merge(body);
            let Ok(once) = patch::apply(schemas, &gvk, &live, &merge) else { return };
            let twice = patch::apply(schemas, &gvk, &once, &merge).expect("a merge patch that fits fits again");
            assert_eq!(once, twice);
        }
        _ => drop(patch::apply(schemas, &gvk, &live, &PatchBody::Strategic(body))),
    }
});
