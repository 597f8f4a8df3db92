use super::*;
use crate::Revision;
use crate::hook::{LastRun, Phase};

const V4: &str = r#"{"name":"web","info":{"first_deployed":"2026-01-02T03:04:05.6Z","last_deployed":"2026-01-02T03:04:05.6Z","description":"Install complete","status":"superseded","notes":"hello","future":{"x":[1e3]}},"chart":{"metadata":null},"config":{"big":12345678901234567890123},"manifest":"---\n","hooks":[{"name":"h","kind":"Job","last_run":{"phase":""},"weight":2,"other":1}],"version":1,"namespace":"ns","apply_method":"ssa","next":true}"#;
const V3: &str = r#"{"name":"web","info":{"first_deployed":"2026-01-02T03:04:05+02:00","last_deployed":"","deleted":"","description":"Upgrade complete","status":"deployed"},"version":2,"namespace":"ns"}"#;

fn record(json: &str) -> Record {
    Record::parse(json.as_bytes()).unwrap()
}

fn new<'a>(current: &'a Record, began: &'a HelmTime, line: HelmLine) -> NewRevision<'a> {
    NewRevision {
        current,
        revision: Revision::new(3).unwrap(),
        to: Revision::FIRST,
        began,
        description: "Rollback to 1",
        apply_method: ApplyMethod::Ssa,
        line,
    }
}

#[test]
fn a_record_is_written_as_it_was_read() {
    for json in [V3, V4] {
        assert_eq!(record(json).to_json(), json);
    }
}

#[test]
fn the_line_that_wrote_a_record_is_recognised() {
    assert_eq!(record(V3).line(), HelmLine::V3);
    assert_eq!(record(V4).line(), HelmLine::V4);
    let uninstalled = r#"{"info":{"deleted":"2026-01-02T03:04:05Z"},"chart":{"schemamodtime":"0001-01-01T00:00:00Z"}}"#;
    assert_eq!(record(uninstalled).line(), HelmLine::V4);
    assert_eq!(record(&uninstalled.replace("schemamodtime", "x")).line(), HelmLine::V3);
}

#[test]
fn a_rollback_in_helm_4_form_changes_only_what_it_sets() {
    let began = HelmTime::parse("2026-11-25T01:02:03Z").unwrap();
    let rolled_back = record(V4).rolled_back(&new(&record(V3), &began, HelmLine::V4)).unwrap();
    let expected = V4
        .replace(r#""first_deployed":"2026-01-02T03:04:05.6Z""#, r#""first_deployed":"2026-01-02T03:04:05+02:00""#)
        .replace(r#""last_deployed":"2026-01-02T03:04:05.6Z""#, r#""last_deployed":"2026-11-25T01:02:03Z""#)
        .replace("Install complete", "Rollback to 1")
        .replace(r#""status":"superseded""#, r#""status":"pending-rollback","rollback_revision":1"#)
        .replace(r#""version":1"#, r#""version":3"#);
    assert_eq!(rolled_back.to_json(), expected);
}

#[test]
fn a_rollback_in_helm_3_form_has_empty_times_and_no_apply_method() {
    let began = HelmTime::parse("2026-11-25T01:02:03Z").unwrap();
    let rolled_back = record(V4).rolled_back(&new(&record(V3), &began, HelmLine::V3)).unwrap();
    assert_eq!(rolled_back.line(), HelmLine::V3);
    assert!(rolled_back.to_json().contains(r#""last_deployed":"2026-11-25T01:02:03Z","deleted":"","description":"Rollback to 1","status":"pending-rollback","notes":"hello","future""#));
    assert!(rolled_back.raw("apply_method").is_none());
}

#[test]
fn a_hook_run_is_stored_with_helms_default_policy() {
    let run = LastRun {
        started_at: HelmTime::parse("2026-11-25T01:02:03Z").unwrap(),
        completed_at: HelmTime::zero(),
        phase: Phase::Running,
    };
    let ran = record(V4).with_hook_run(0, &run).unwrap();
    let hooks = ran.raw("hooks").unwrap();
    assert_eq!(
        hooks,
        r#"[{"name":"h","kind":"Job","last_run":{"started_at":"2026-11-25T01:02:03Z","phase":"Running"},"weight":2,"other":1,"delete_policies":["before-hook-creation"]}]"#
    );
    assert!(record(V4).with_hook_run(1, &run).is_err());
}

#[test]
fn null_reads_as_absent_everywhere() {
    let record = record(
        r#"{"name":null,"info":{"status":null,"last_deployed":null,"notes":null},"chart":null,"hooks":[{"events":null,"last_run":null}],"config":null}"#,
    );
    assert_eq!(record.name().unwrap(), "");
    assert!(record.info().unwrap().last_deployed.is_zero());
    assert_eq!(record.chart().unwrap(), None);
    assert_eq!(record.hooks().unwrap().len(), 1);
    assert!(record.config().is_none());
}

#[test]
fn a_wrong_type_is_named_without_its_content() {
    let error = record(r#"{"version":"topsecret"}"#).version().unwrap_err().to_string();
    assert_eq!(error, r#"member "version" cannot be read: invalid type: string, expected u32 at line 1 column 11"#);
}

#[test]
fn times_keep_their_text_and_are_read_strictly() {
    for text in
        ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456789+02:00", "2026-01-02T03:04:05-11:30", "0001-01-01T00:00:00Z", ""]
    {
        assert_eq!(HelmTime::parse(text).unwrap().as_str(), text);
    }
    let short = HelmTime::parse("2026-01-02T3:04:05Z").unwrap();
    assert_eq!(short.timestamp(), HelmTime::parse("2026-01-02T03:04:05Z").unwrap().timestamp());
    assert!(HelmTime::parse("0001-01-01T00:00:00Z").unwrap().is_zero());
    let finer = HelmTime::parse("2026-01-02T03:04:05.1234567891Z").unwrap();
    assert_eq!(finer.timestamp().unwrap().subsec_nanosecond(), 123_456_789);
    for text in [
        "2026-01-02T03:04:60Z",
        "2026-01-02",
        "2026-01-02t03:04:05Z",
        "2026-01-02T03:04:05",
        "2026-13-02T03:04:05Z",
        "2026-01-02T03:04:05+0200",
        "x",
    ] {
        assert!(HelmTime::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_moment_is_written_as_go_does() {
    let moment: jiff::Zoned = "2026-01-02T03:04:05.120-03:30[-03:30]".parse().unwrap();
    assert_eq!(HelmTime::from_zoned(&moment).as_str(), "2026-01-02T03:04:05.12-03:30");
}

#[test]
fn json_is_escaped_as_go_does() {
    let value = serde_json::json!({"a": "<&>\u{2028}\u{7f}/\u{1}\u{8}\n", "f": [1e-7, 1e21, 1e20, 0.1, -0.0, 1.5e-9]});
    assert_eq!(
        to_go_json(&value).unwrap(),
        r#"{"a":"\u003c\u0026\u003e\u2028"#.to_owned()
            + "\u{7f}"
            + r#"/\u0001\b\n","f":[1e-7,1e+21,100000000000000000000,0.1,-0,1.5e-9]}"#
    );
}
