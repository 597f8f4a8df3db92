//! Every golden record, whose story is in `tests/golden/README.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use helm_release_core::HelmLine;
use helm_release_core::codec::{self, DecodeOptions};
use helm_release_core::release::{ApplyMethod, HelmTime, NewRevision, RecordError, to_go_json};
use helm_release_core::{Record, codec::CodecError};
use serde_json::Value;
use serde_json::value::RawValue;

/// One element of the index, with its payload.
struct Golden {
    entry: Value,
    payload: Vec<u8>,
}

impl Golden {
    fn name(&self) -> &str {
        self.entry["name"].as_str().unwrap()
    }

    /// Whether Helm itself wrote these bytes.
    fn is_original(&self) -> bool {
        self.entry["helm"].is_string()
    }

    fn is_accepted(&self) -> bool {
        self.is_original() || (self.entry["accepted"]["helm3"] == true && self.entry["accepted"]["helm4"] == true)
    }

    fn record(&self) -> Record {
        codec::decode(&self.payload, DecodeOptions::default()).unwrap_or_else(|error| panic!("{}: {error}", self.name()))
    }

    fn json(&self) -> String {
        let json = codec::decode_json(&self.payload, DecodeOptions::default());
        String::from_utf8(json.unwrap_or_else(|error| panic!("{}: {error}", self.name()))).unwrap()
    }
}

fn all() -> Vec<Golden> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let index: Value = serde_json::from_slice(&fs::read(directory.join("index.json")).unwrap()).unwrap();
    let records = index["records"].as_array().unwrap();
    assert!(records.len() > 100, "the index is complete");
    let golden = |entry: &Value| {
        let file = directory.join(format!("{}.record", entry["name"].as_str().unwrap()));
        Golden { entry: entry.clone(), payload: fs::read(file).unwrap() }
    };
    records.iter().map(golden).collect()
}

fn originals() -> Vec<Golden> {
    all().into_iter().filter(Golden::is_original).collect()
}

/// Reads everything that any command reads of a record.
fn read_everything(payload: &[u8]) -> Result<(), CodecError> {
    let record = codec::decode(payload, DecodeOptions::default())?;
    let views = || -> Result<(), RecordError> {
        record.name()?;
        record.namespace()?;
        record.version()?;
        record.info()?;
        record.manifest()?;
        record.hooks()?;
        record.chart()?;
        record.chart_values()?;
        record.apply_method()?;
        Ok(())
    };
    views()?;
    codec::summary(payload, DecodeOptions::default())?;
    Ok(())
}

#[test]
fn every_record_that_helm_accepts_is_read() {
    let refused: Vec<String> = all()
        .iter()
        .filter(|golden| golden.is_accepted())
        .filter_map(|golden| Some(format!("{}: {}", golden.name(), read_everything(&golden.payload).err()?)))
        .collect();
    assert_eq!(refused, Vec::<String>::new());
}

#[test]
fn every_record_that_helm_cannot_decode_is_refused() {
    let read: Vec<String> = all()
        .iter()
        // Helm decodes a record without info and panics later, and it refuses one for a member that it only fills
        // in memory; nothing is lost by showing both.
        .filter(|golden| !golden.is_accepted() && !["missing-info", "info-resources"].contains(&golden.name()))
        .filter(|golden| read_everything(&golden.payload).is_ok())
        .map(|golden| golden.name().to_owned())
        .collect();
    assert_eq!(read, Vec::<String>::new());
}

#[test]
fn a_decoded_record_is_written_back_without_a_changed_byte() {
    for golden in originals() {
        assert_eq!(golden.record().to_json(), golden.json(), "{}", golden.name());
    }
}

#[test]
fn an_encoded_record_decodes_to_the_same_bytes() {
    for golden in originals() {
        let payload = codec::encode(&golden.record());
        let json = codec::decode_json(&payload.0, DecodeOptions::default()).unwrap();
        assert_eq!(String::from_utf8(json).unwrap(), golden.json(), "{}", golden.name());
    }
}

/// The members of a JSON object, each as it is written.
fn members(json: &str) -> BTreeMap<String, String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap();
    members.into_iter().map(|(key, value)| (key, value.get().to_owned())).collect()
}

#[test]
fn a_new_revision_differs_from_its_source_only_in_what_a_rollback_sets() {
    let began = HelmTime::parse("2026-11-25T01:02:03Z").unwrap();
    let originals = originals();
    for (golden, line) in originals.iter().flat_map(|golden| [(golden, HelmLine::V3), (golden, HelmLine::V4)]) {
        let name = golden.name();
        let record = golden.record();
        let new = NewRevision {
            current: &record,
            revision: "77".parse().unwrap(),
            to: "66".parse().unwrap(),
            began: &began,
            description: "Rollback to 66",
            apply_method: ApplyMethod::Csa,
            line,
        };
        let (mut before, mut after) = (members(&golden.json()), members(&record.rolled_back(&new).unwrap().to_json()));
        let (mut info, mut new_info) = (members(&before["info"]), members(&after["info"]));
        assert_eq!((after["version"].as_str(), after["namespace"].as_str()), ("77", before["namespace"].as_str()), "{name}");
        assert_eq!(after.get("apply_method").map(String::as_str), (line == HelmLine::V4).then_some("\"csa\""), "{name}");
        assert_eq!(new_info.get("rollback_revision").map(String::as_str), (line == HelmLine::V4).then_some("66"), "{name}");
        assert_eq!(new_info.get("deleted").map(String::as_str), (line == HelmLine::V3).then_some("\"\""), "{name}");
        assert_eq!(new_info["first_deployed"], info["first_deployed"], "{name}");
        for (key, value) in [("last_deployed", began.as_str()), ("description", new.description), ("status", "pending-rollback")]
        {
            assert_eq!(new_info[key], format!("{value:?}"), "{name}: {key}");
        }
        for map in [&mut info, &mut new_info] {
            map.retain(|key, _| {
                !["last_deployed", "deleted", "description", "status", "rollback_revision"].contains(&key.as_str())
            });
        }
        for map in [&mut before, &mut after] {
            map.retain(|key, _| !["info", "version", "apply_method"].contains(&key.as_str()));
        }
        assert_eq!((after, new_info), (before, info), "{name}");
    }
}

#[test]
fn the_gzip_header_is_the_one_that_helm_writes() {
    for golden in originals() {
        // Twelve characters of base64 are nine bytes; the tenth is in the next group, which also holds content.
        let ours = codec::encode(&golden.record()).0;
        assert_eq!(ours[..13], golden.payload[..13], "{}", golden.name());
    }
}

#[test]
fn name_revision_and_status_are_those_of_the_labels() {
    for golden in originals() {
        let (record, labels) = (golden.record(), &golden.entry["labels"]);
        assert_eq!(record.name().unwrap(), labels["name"].as_str().unwrap());
        assert_eq!(record.version().unwrap().to_string(), labels["version"].as_str().unwrap());
        assert_eq!(record.info().unwrap().status.as_str(), labels["status"].as_str().unwrap());
    }
}

#[test]
fn an_edited_record_has_the_name_and_revision_that_helm_shows() {
    for golden in all().iter().filter(|golden| !golden.is_original() && golden.is_accepted()) {
        let (name, version) = match golden.name() {
            "other-name" => ("somebody-else", 1),
            "version-missing" => ("version-missing", 0),
            name => (name, 1),
        };
        assert_eq!(golden.record().name().unwrap(), name);
        assert_eq!(golden.record().version().unwrap(), version, "{name}");
    }
}

#[test]
fn members_may_be_written_in_any_case_and_twice() {
    for name in ["upper-case-keys", "duplicate-keys"] {
        let golden = all().into_iter().find(|golden| golden.name() == name).unwrap();
        assert_eq!(golden.record().info().unwrap().status.as_str(), "deployed", "{name}");
    }
}

#[test]
fn the_line_of_helm_that_wrote_a_record_is_recognised() {
    for golden in originals() {
        let line = if golden.entry["helm"].as_str().unwrap().starts_with("v3") { HelmLine::V3 } else { HelmLine::V4 };
        assert_eq!(golden.record().line(), line, "{}", golden.name());
    }
}

#[test]
fn every_record_that_helm_wrote_says_by_which_commands() {
    for golden in originals() {
        let commands = golden.entry["commands"].as_array().unwrap();
        let last = commands.last().and_then(Value::as_str).unwrap_or_default();
        let helm = if golden.record().line() == HelmLine::V3 { "helm3 " } else { "helm4 " };
        assert!(last.contains(helm), "{}: {last:?}", golden.name());
    }
}

#[test]
fn a_summary_says_what_the_whole_record_says() {
    for golden in all().iter().filter(|golden| golden.is_accepted()) {
        let (record, summary) = (golden.record(), codec::summary(&golden.payload, DecodeOptions::default()).unwrap());
        assert_eq!(summary.info, record.info().unwrap(), "{}", golden.name());
        assert_eq!(summary.chart, record.chart().unwrap(), "{}", golden.name());
    }
}

#[test]
fn values_are_written_as_go_writes_them() {
    for golden in originals() {
        let record = golden.record();
        let Some(raw) = record.chart_values().unwrap() else { continue };
        let value: Value = serde_json::from_str(raw.get()).unwrap();
        assert_eq!(to_go_json(&value).unwrap(), raw.get(), "{}", golden.name());
    }
}

#[test]
fn text_that_is_not_utf8_and_html_characters_stay_as_helm_escaped_them() {
    for name in ["text-v3", "text-v4"] {
        let golden = all().into_iter().find(|golden| golden.name() == name).unwrap();
        let json = golden.json();
        for escaped in [r"\u003ca href=", r"\u0026amp;", r"\u2028", r"\u0000", r"\ufffd", r"\u001b"] {
            assert!(json.contains(escaped), "{name} has no {escaped}");
        }
        assert!(golden.record().info().unwrap().notes.contains("not UTF-8: \u{fffd}\u{fffd}("));
    }
}

#[test]
fn a_debug_print_of_a_record_shows_no_value() {
    let golden = all().into_iter().find(|golden| golden.name() == "lists-v4").unwrap();
    let record = golden.record();
    assert!(record.manifest().unwrap().contains("not-a-real-one"));
    assert!(!format!("{record:?}").contains("not-a-real-one"));
}
