//! Decoding a record, beside Helm's own Go code in a process of its own.

use std::hint::black_box;
use std::time::{Duration, Instant};

use helm_release_core::codec::{self, DecodeOptions};
use helm_release_core::ports::Payload;
use serde_json::json;

use super::place::Place;
use super::{Bar, Limit};
use crate::data::{self, Identity};

/// How many decodes one question to Go, or one turn of ours, holds.
const AT_ONCE: usize = 10;

pub(super) fn measure(place: &Place) -> Vec<Bar> {
    let identity = Identity { name: "web", namespace: "default", revision: 1, status: "deployed" };
    let mut bars = Vec::new();
    for (title, bytes) in [("300 kB", 300_000), ("2 MB", 2_000_000)] {
        let payload = codec::encode(&data::record(identity, bytes));
        let (mut ours, mut read, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..place.runs {
            theirs.extend(go(place, &payload));
            ours.extend(repeat(|| drop(black_box(codec::decode(&payload.0, DecodeOptions::default())))));
            read.extend(repeat(|| read_all(&payload)));
        }
        bars.push(Bar::times(format!("decode of a record, {title} of JSON"), &ours, &theirs, Limit::AtLeast(8.0)));
        bars.push(Bar::times("the same, and all that a rollback reads of it", &read, &theirs, Limit::None));
    }
    bars
}

fn read_all(payload: &Payload) {
    let record = codec::decode(&payload.0, DecodeOptions::default()).expect("the payload is a record");
    drop(black_box((record.info(), record.chart(), record.manifest(), record.hooks())));
}

fn repeat(work: impl Fn()) -> Vec<Duration> {
    let run = |_| {
        let began = Instant::now();
        work();
        began.elapsed()
    };
    (0..AT_ONCE).map(run).collect()
}

fn go(place: &Place, payload: &Payload) -> Vec<Duration> {
    let data = String::from_utf8_lossy(&payload.0);
    let answer = place.oracle().ask("time-decode", json!({"helm": 4, "data": data, "runs": AT_ONCE}));
    let took: Vec<u64> = serde_json::from_value(answer.expect("Go decodes the record")).expect("the answer is a list of times");
    took.into_iter().map(Duration::from_nanos).collect()
}
