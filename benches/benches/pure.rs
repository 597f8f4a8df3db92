//! Times the parts that touch nothing: `cargo bench -p benches --bench pure`.
#![expect(clippy::expect_used, reason = "what goes wrong in a benchmark ends it")]

use std::hint::black_box;

use benches::data::{self, Identity, Numbers};
use benches::survey::survey;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use helm_release_core::codec::{self, DecodeOptions};
use helm_release_core::hook::{Event, Hook, schedule};
use helm_release_core::manifest::{read_objects, split_documents};
use helm_release_core::patch::{Schemas, ThreeWay, three_way};
use helm_release_core::plan::{RollbackOptions, plan};
use helm_release_core::{Gvk, HelmLine};
use serde_json::json;

fn manifests(c: &mut Criterion) {
    let manifest = data::manifest(1_000_000, 1);
    let mut group = c.benchmark_group("manifest of 1 MB");
    group.sample_size(10).throughput(Throughput::Bytes(u64::try_from(manifest.len()).unwrap_or_default()));
    group.bench_function("split", |b| b.iter(|| split_documents(black_box(&manifest))));
    group.bench_function("split and read", |b| {
        b.iter(|| read_objects(black_box(&manifest)).each(|object| drop(black_box(object))).expect("it is readable"));
    });
    group.finish();
}

fn plans(c: &mut Criterion) {
    let (survey, options) = (survey(1000), RollbackOptions::default());
    let mut group = c.benchmark_group("plan");
    group.sample_size(10);
    group.bench_function("1,000 objects", |b| b.iter(|| plan(black_box(&survey), &options)));
    group.finish();
}

fn hooks(c: &mut Criterion) {
    let mut numbers = Numbers::new(1);
    let hook = |index: usize, numbers: &mut Numbers| -> Hook {
        let json = json!({
            "name": format!("hook-{}-{index}", numbers.word()),
            "kind": if index.is_multiple_of(2) { "Job" } else { "ConfigMap" },
            "path": "web/templates/hook.yaml",
            "manifest": "",
            "events": ["pre-rollback", "post-upgrade"],
            "weight": numbers.below(20),
            "delete_policies": ["before-hook-creation", "hook-succeeded"],
        });
        serde_json::from_value(json).expect("it has a hook's form")
    };
    let hooks: Vec<Hook> = (0..1000).map(|index| hook(index, &mut numbers)).collect();
    c.bench_function("hook schedule of 1,000", |b| {
        b.iter(|| schedule(black_box(&hooks), &Event::PreRollback, HelmLine::V4));
    });
}

fn patches(c: &mut Criterion) {
    let object = |seed| data::deployment("web", 20, &mut Numbers::new(seed));
    let (original, target, mut live) = (object(1), object(2), object(1));
    live["metadata"]["resourceVersion"] = json!("1");
    live["status"] = json!({"observedGeneration": 1, "replicas": 3, "readyReplicas": 3});
    let gvk = Gvk::new("apps/v1", "Deployment");
    let input = ThreeWay { gvk: &gvk, originals: &[&original], target: &target, live: &live };
    let schemas = Schemas::built_in();
    c.bench_function("three-way patch of a Deployment with 20 containers", |b| {
        b.iter(|| three_way(schemas, black_box(input)).expect("a patch can be computed"));
    });
}

fn records(c: &mut Criterion) {
    let identity = Identity { name: "web", namespace: "default", revision: 1, status: "deployed" };
    for (title, bytes) in [("record of 300 kB", 300_000), ("record of 2 MB", 2_000_000)] {
        let record = data::record(identity, bytes);
        let payload = codec::encode(&record);
        let mut group = c.benchmark_group(title);
        group.sample_size(10).throughput(Throughput::Bytes(u64::try_from(record.to_json().len()).unwrap_or_default()));
        let options = DecodeOptions::default();
        group.bench_function("decode", |b| b.iter(|| codec::decode(black_box(&payload.0), options).expect("it is a record")));
        group.bench_function("summary", |b| b.iter(|| codec::summary(black_box(&payload.0), options).expect("it is a record")));
        group.bench_function("encode", |b| b.iter(|| codec::encode(black_box(&record))));
        group.finish();
    }
}

/// What `list` does with the payloads of 100 releases once it has them.
fn tables(c: &mut Criterion) {
    let payload = |release: u32| {
        let name = format!("release-{release}");
        let identity = Identity { name: &name, namespace: "default", revision: 10, status: "deployed" };
        codec::encode(&data::record(identity, 200_000))
    };
    let payloads: Vec<_> = (0..100).map(payload).collect();
    let mut group = c.benchmark_group("list");
    group.sample_size(10);
    group.bench_function("summaries of 100 records of 200 kB", |b| {
        b.iter(|| {
            for payload in &payloads {
                black_box(codec::summary(black_box(&payload.0), DecodeOptions::default()).expect("it is a record"));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, manifests, plans, hooks, patches, records, tables);
criterion_main!(benches);
