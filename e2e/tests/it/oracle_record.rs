//! Our codec beside Go's, on every record that Helm wrote and on large ones.

use std::fs;
use std::path::Path;

use e2e::World;
use helm_release_core::Record;
use helm_release_core::codec::{self, DecodeOptions};
use helm_release_core::release::ChartMetadata;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::release::noise;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    go_reads_what_we_write_and_we_read_what_go_writes,
    records_of_700_kilobytes_are_read_both_ways_too,
    keys_in_any_case_and_twice_mean_what_they_mean_to_go,
];

/// What Helm stored, by the line that wrote it last: name, line, payload.
fn goldens() -> Vec<(String, u8, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../helm-release-core/tests/golden");
    let index: Value = serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
    let records = index["records"].as_array().unwrap().iter();
    let written = records.filter_map(|entry| Some((entry["name"].as_str()?, entry["helm"].as_str()?)));
    let read = |(name, helm): (&str, &str)| {
        let major = if helm.starts_with("v3") { 3 } else { 4 };
        (name.to_owned(), major, fs::read_to_string(folder.join(format!("{name}.record"))).unwrap())
    };
    written.map(read).collect()
}

/// The text with keys that Go takes for the same: in another case, and some written a second time with another value behind.
fn respelt(json: &str, dice: &mut Dice) -> String {
    let keys = [
        "name",
        "info",
        "chart",
        "manifest",
        "hooks",
        "version",
        "namespace",
        "apply_method",
        "first_deployed",
        "last_deployed",
        "deleted",
        "description",
        "status",
        "notes",
        "metadata",
        "appVersion",
        "kind",
        "path",
        "events",
        "last_run",
        "weight",
        "delete_policies",
        "started_at",
        "completed_at",
        "phase",
    ];
    keys.iter().fold(json.to_owned(), |text, key| {
        let other = match dice.below(3) {
            0 => key.to_uppercase(),
            1 => key.chars().map(|letter| if dice.one_in(2) { letter.to_ascii_uppercase() } else { letter }).collect(),
            _ => return text,
        };
        text.replace(&format!("\"{key}\":"), &format!("\"{other}\":"))
    })
}

fn keys_in_any_case_and_twice_mean_what_they_mean_to_go(world: &World) {
    let mut dice = Dice::new();
    let goldens: Vec<_> = goldens().into_iter().filter(|(_, _, payload)| payload.len() < 4_000).collect();
    let mut compared = 0;
    for (name, helm, payload) in goldens.iter().cycle().take(600) {
        let json = codec::decode(payload.as_bytes(), DecodeOptions::default()).unwrap().to_json();
        let odd = respelt(&json, &mut dice);
        // A second status and a second version behind the first ones.
        let odd = match dice.below(3) {
            0 => format!("{},\"VERSION\":77}}", odd.strip_suffix('}').unwrap()),
            1 => odd.replacen("\"last_deployed\"", "\"STATUS\":\"failed\",\"last_deployed\"", 1),
            _ => odd,
        };
        let ours = Record::parse(odd.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}: {odd}"));
        let payload = String::from_utf8(codec::encode(&ours).0).unwrap();
        let theirs = world.oracle().ask("encode", json!({"helm": helm, "text": odd})).expect("Go reads it");
        let theirs = codec::decode(theirs.as_str().unwrap().as_bytes(), DecodeOptions::default()).unwrap();
        assert_eq!(view(&ours), view(&theirs), "{name}: {odd}");
        let summary = codec::summary(payload.as_bytes(), DecodeOptions::default()).unwrap();
        assert_eq!(summary.info, theirs.info().unwrap(), "{name}: {odd}");
        assert_eq!(chart(summary.chart), chart(theirs.chart().unwrap()), "{name}: {odd}");
        compared += usize::from(odd != json);
    }
    assert!(compared >= 400, "only {compared} were respelt");
}

/// What is read of a chart, without the dependencies, which are shown as they were written.
fn chart(chart: Option<ChartMetadata>) -> Value {
    chart.map_or(Value::Null, |chart| json!([chart.full_name(), chart.app_version, chart.annotations]))
}

/// What is read of a record.
fn view(record: &Record) -> Value {
    json!({
        "name": record.name().unwrap(),
        "namespace": record.namespace().unwrap(),
        "version": record.version().unwrap(),
        "info": record.info().unwrap(),
        "chart": chart(record.chart().unwrap()),
        "hooks": record.hooks().unwrap(),
        "manifest": record.manifest().unwrap(),
        "method": record.apply_method_text().unwrap(),
    })
}

fn go_decodes(world: &World, helm: u8, data: &str) -> String {
    let answer = world.oracle().ask("decode", json!({"helm": helm, "data": data})).expect("Go reads it");
    answer.as_str().expect("a text").to_owned()
}

/// Demands that both codecs mean the same by a record, whoever of them writes it.
fn assert_alike(world: &World, name: &str, helm: u8, payload: &str) {
    let record = codec::decode(payload.as_bytes(), DecodeOptions::default()).unwrap();
    let theirs = go_decodes(world, helm, payload);
    let ours = String::from_utf8(codec::encode(&record).0).unwrap();
    assert!(go_decodes(world, helm, &ours) == theirs, "{name}: Go reads something else of what we wrote");

    let written = world.oracle().ask("encode", json!({"helm": helm, "text": record.to_json()})).expect("Go writes it");
    let read = codec::decode_json(written.as_str().expect("a text").as_bytes(), DecodeOptions::default()).unwrap();
    assert!(read == theirs.as_bytes(), "{name}: we read something else of what Go wrote");
}

fn go_reads_what_we_write_and_we_read_what_go_writes(world: &World) {
    let goldens = goldens();
    for (name, helm, payload) in &goldens {
        assert_alike(world, name, *helm, payload);
    }
    assert!(goldens.len() >= 40, "only {} records were compared", goldens.len());
}

fn records_of_700_kilobytes_are_read_both_ways_too(world: &World) {
    for (name, helm) in [("plain-v3", 3), ("plain-v4", 4)] {
        let (_, _, payload) = goldens().into_iter().find(|(golden, ..)| golden == name).expect("there is such a record");
        let small = codec::decode(payload.as_bytes(), DecodeOptions::default()).unwrap();
        let files = format!(r#"[{{"name":"noise.txt","data":"{}"}}]"#, noise(1_400_000));
        let mut members: serde_json::Map<String, Value> = serde_json::from_str(&small.to_json()).unwrap();
        members["chart"]["files"] = serde_json::from_str(&files).unwrap();
        let written = json!({"helm": helm, "text": Value::Object(members).to_string()});
        let written = world.oracle().ask("encode", written).expect("Go writes it");
        let payload = written.as_str().expect("a text");
        assert!(payload.len() >= 700_000, "{} bytes", payload.len());
        let record: Record = codec::decode(payload.as_bytes(), DecodeOptions::default()).unwrap();
        assert!(record.raw("chart").unwrap().contains("noise.txt"));
        assert_alike(world, name, helm, payload);
    }
}
