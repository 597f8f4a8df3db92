//! A record that nearly fills its Secret.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::Record;
use crate::codec::{MAX_PAYLOAD, compressed_size};
use crate::fsck::{Ailment, Class, Examination};

/// From how many bytes on a record is near the limit: four fifths of it.
const NEAR: usize = MAX_PAYLOAD / 5 * 4;

pub(super) fn look(examination: &Examination, _: Timestamp) -> Vec<Ailment> {
    // The next revision takes after the newest; what older ones hold is as it is.
    let newest = examination.readable().rev().find(|revision| revision.payload_bytes >= NEAR);
    newest
        .map(|revision| {
            let percent = revision.payload_bytes.saturating_mul(100) / MAX_PAYLOAD;
            let what = format!(
                "its record takes {} of {MAX_PAYLOAD} bytes ({percent} %): {}",
                revision.payload_bytes,
                fillings(&revision.record)
            );
            let why = "a record that is larger cannot be stored, and the upgrade or rollback that needs it fails";
            Ailment::note(Class::NearSizeLimit, what, why)
                .of(revision.revision())
                .way_out("leave files that templates do not read out of the chart (.helmignore)")
                .way_out("split the chart")
        })
        .into_iter()
        .collect()
}

/// What fills a record, the largest first: each part's size as it is stored.
fn fillings(record: &Record) -> String {
    let chart: BTreeMap<String, Box<RawValue>> =
        record.raw("chart").and_then(|chart| serde_json::from_str(chart).ok()).unwrap_or_default();
    let of_chart = |key: &str| chart.get(key).map(|part| part.get());
    let whole = |key: &str| record.raw(key);
    let parts = [
        ("chart templates", of_chart("templates")),
        ("chart files", of_chart("files")),
        ("chart values", of_chart("values")),
        ("chart schema", of_chart("schema")),
        ("user's values", whole("config")),
        ("manifest", whole("manifest")),
        ("hooks", whole("hooks")),
    ];
    let mut sizes: Vec<(usize, &str)> =
        parts.into_iter().filter_map(|(name, part)| Some((compressed_size(part?), name))).collect();
    sizes.sort_by(|a, b| b.cmp(a));
    // Some hundred bytes are what gzip makes of nothing much.
    let shown: Vec<String> =
        sizes.iter().filter(|(size, _)| *size >= 1024).map(|(size, name)| format!("{name} {} KiB", size / 1024)).collect();
    shown.join(", ")
}
