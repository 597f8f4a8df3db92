//! Small texts beside Go's reading and writing of them: JSON, times, label selectors, and values as YAML.

use std::collections::BTreeMap;

use e2e::World;
use helm_release_core::release::{HelmTime, to_go_json};
use helm_release_store::selector::Selector;
use serde_json::{Map, Value, json};

use crate::dice::Dice;

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    json_is_written_as_go_writes_it,
    times_are_read_as_go_reads_them,
    selectors_mean_what_they_mean_to_kubernetes,
    values_are_printed_as_helm_prints_them,
];

/// Texts that one reader or writer or another takes for something else. U+0085 is not among them: Helm prints it as a space.
const TEXTS: &[&str] = &[
    "",
    " ",
    "plain",
    "two words",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "N",
    "true",
    "False",
    "null",
    "~",
    "0",
    "-1",
    "0644",
    "0o17",
    "0x1F",
    "1e3",
    "1_000",
    ".5",
    "+1",
    "-.inf",
    ".NaN",
    "1.",
    "12:30:45",
    "190:20:30",
    "2001-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "=",
    "<<",
    "!tag",
    "&a",
    "*a",
    "%",
    "@",
    "`",
    "- a",
    "-",
    "--",
    "---",
    "...",
    "? x",
    ": y",
    "a: b",
    "a:b",
    "#x",
    "a #b",
    "a#b",
    "[",
    "]",
    "{}",
    "{",
    ",",
    "|",
    ">",
    "'",
    "\"",
    "it's",
    "a \"b\" c",
    "\\",
    "a\\nb",
    "tab\there",
    "\tlead",
    " lead",
    "trail ",
    "line\nline",
    "line\n",
    "\nline",
    "a\n\nb\n",
    "a\n  b\nc",
    "\n",
    "\n\n",
    "cr\rlf\r\n",
    "ü",
    "日本語",
    "🚀",
    "\u{feff}bom",
    "a\u{2028}b",
    "\u{a0}",
    "\u{7f}",
    "\u{1}",
    "\u{1b}[0m",
    "<b>&amp;</b>",
    "\u{fffd}",
    "\u{e000}",
    "\u{fffe}",
    "a text that is longer than the eighty columns after which some writers of YAML begin another line of it",
    "the same: with a colon and a # and enough words behind them that somebody might want to fold the whole line",
];

fn number(dice: &mut Dice) -> Value {
    let texts = [
        "0",
        "1",
        "-1",
        "42",
        "1.5",
        "0.1",
        "1e3",
        "1E-7",
        "1e-6",
        "1e20",
        "1e21",
        "1.7976931348623157e308",
        "5e-324",
        "123456789",
        "9007199254740991",
        "9007199254740993",
        "-9223372036854775808",
        "18446744073709551615",
        "12345678901234567890",
        "3.0",
        "100.10",
        "0.30000000000000004",
        "1e100",
        "33333333.333333333",
    ];
    serde_json::from_str(dice.pick(&texts)).expect("a number")
}

fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth == 0 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => Value::Bool(dice.one_in(2)),
        2 => number(dice),
        3..6 => Value::from(text(dice)),
        6 | 7 => Value::Object(mapping(dice, depth - 1)),
        _ => (0..dice.below(4)).map(|_| value(dice, depth - 1)).collect(),
    }
}

/// One of the texts, or two in a row.
fn text(dice: &mut Dice) -> String {
    let first = dice.pick(TEXTS);
    if dice.one_in(4) { [first, dice.pick(TEXTS)].concat() } else { first.to_owned() }
}

fn mapping(dice: &mut Dice, depth: usize) -> Map<String, Value> {
    (0..dice.below(6)).map(|_| (text(dice), value(dice, depth))).collect()
}

fn json_is_written_as_go_writes_it(world: &World) {
    let mut dice = Dice::new();
    let values: Vec<Value> = (0..4_000).map(|_| value(&mut dice, 4)).collect();
    let answers = world.oracle().ask_all("json", values.iter().map(|value| json!({"text": value.to_string()})));
    for (value, answer) in values.iter().zip(answers) {
        // Go reads every number as a float; what is compared is how it is written.
        assert_eq!(answer, Ok(json!(to_go_json(&in_floats(value.clone())).unwrap())), "{value}");
    }
}

fn in_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.into_iter().map(in_floats).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, in_floats(value))).collect(),
        other => other,
    }
}

fn times_are_read_as_go_reads_them(world: &World) {
    let mut dice = Dice::new();
    let dates = [
        "2026-11-27",
        "2024-02-29",
        "2023-02-29",
        "0001-01-01",
        "1969-12-31",
        "9998-12-31",
        "2026-13-01",
        "2026-1-1",
        "10000-01-01",
    ];
    let marks = ["T", "t", " ", ""];
    let clocks = ["09:30:00", "00:00:00", "23:59:59", "24:00:00", "23:59:60", "9:30:00", "09:30", "12:61:00"];
    let fractions = ["", "", ".5", ".123456789", ".1234567891", ".000", ".", ",5", ",25"];
    let zones =
        ["Z", "z", "", "+00:00", "-00:00", "+02:00", "-03:30", "+14:00", "+24:00", "+25:00", "+0200", "+2:00", "+02:60", " UTC"];
    let texts: Vec<String> = (0..6_000)
        .map(|_| {
            let likely = !dice.one_in(3);
            let (mark, clock) = if likely { ("T", "09:30:00") } else { (dice.pick(&marks), dice.pick(&clocks)) };
            [dice.pick(&dates), mark, clock, dice.pick(&fractions), dice.pick(&zones)].concat()
        })
        .collect();
    let answers = world.oracle().ask_all("time", texts.iter().map(|text| json!({ "text": text })));
    let mut read = 0;
    for (text, answer) in texts.iter().zip(answers) {
        match (answer, HelmTime::parse(text)) {
            (Ok(theirs), Ok(ours)) => {
                assert_eq!(theirs["zero"], ours.is_zero(), "{text}");
                if let Some(moment) = ours.timestamp() {
                    let second = moment.as_nanosecond().div_euclid(1_000_000_000);
                    assert_eq!(theirs["unix"].as_i64().map(i128::from), Some(second), "{text}");
                }
                read += 1;
            }
            (Err(_), Err(_)) => {}
            // Go reads it, and cannot write it again.
            (Err(error), Ok(_)) if error.contains("MarshalJSON") => {}
            (theirs, ours) => panic!("{text}: Go {theirs:?}, ours {ours:?}"),
        }
    }
    assert!(read >= 1_000, "only {read} were times");
}

fn selectors_mean_what_they_mean_to_kubernetes(world: &World) {
    let mut dice = Dice::new();
    let keys = ["a", "b", "tier", "in", "notin", "example.com/a", "example.com/", "/a", "A_b.c-d", "-a", "a-", "", "ü", "a b"];
    let values =
        ["x", "y", "in", "1", "-5", "007", "9223372036854775807", "9223372036854775808", "", "a_b", "-x", "x.", "a/b", "\"x\""];
    let pieces = ["=", "==", "!=", "!", " in ", " notin ", "(", ")", ",", ">", "<", " ", "\t", "\n", ", ,"];
    let condition = |dice: &mut Dice| {
        let (key, value) = (dice.pick(&keys[..8]), dice.pick(&values));
        match dice.below(9) {
            0 => key.to_owned(),
            1 => format!("!{key}"),
            2 => format!("{key}={value}"),
            3 => format!("{key} != {value}"),
            4 => format!("{key} in ({value}, {})", dice.pick(&values)),
            5 => format!("{key} notin({value},{})", dice.pick(&values)),
            6 => format!("{key}>{value}"),
            7 => format!("{key} < {value}"),
            _ => (0..dice.below(6)).map(|_| [dice.pick(&pieces), dice.pick(&keys), dice.pick(&values)][dice.below(3)]).collect(),
        }
    };
    let questions: Vec<(String, BTreeMap<String, String>)> = (0..12_000)
        .map(|_| {
            let conditions: Vec<String> = (0..=dice.below(3)).map(|_| condition(&mut dice)).collect();
            let labels = (0..dice.below(5)).map(|_| (dice.pick(&keys[..6]).to_owned(), dice.pick(&values).to_owned())).collect();
            (conditions.join(","), labels)
        })
        .collect();
    let asked = questions.iter().map(|(text, labels)| json!({"text": text, "labels": labels}));
    let answers = world.oracle().ask_all("selector", asked);
    let mut read = 0;
    for ((text, labels), answer) in questions.iter().zip(answers) {
        match (answer, text.parse::<Selector>()) {
            (Ok(theirs), Ok(ours)) => {
                assert_eq!(theirs, ours.matches(labels), "{text:?} of {labels:?}");
                read += 1;
            }
            (Err(_), Err(_)) => {}
            (theirs, ours) => panic!("{text:?}: Go {theirs:?}, ours {ours:?}"),
        }
    }
    assert!(read >= 2_000, "only {read} were selectors");
}

/// JSON that is YAML too: what YAML allows only escaped is escaped.
fn printable(json: &str) -> String {
    let is_escaped = |character| matches!(character, '\u{7f}'..'\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{e000}'..='\u{ffff}');
    let write =
        |character| if is_escaped(character) { format!("\\u{:04x}", u32::from(character)) } else { character.to_string() };
    json.chars().map(write).collect()
}

fn values_are_printed_as_helm_prints_them(world: &World) {
    let ns = world.namespace("values");
    let mut dice = Dice::new();
    let releases: Vec<Value> = (0..60)
        .map(|number| {
            let config: Map<String, Value> = (0..12).map(|_| (text(&mut dice), value(&mut dice, 3))).collect();
            let time = "2026-11-27T09:30:00Z";
            json!({
                "name": format!("r{number}"), "namespace": "default", "version": 1, "config": config, "manifest": "",
                "info": {"first_deployed": time, "last_deployed": time, "deleted": "", "status": "deployed", "description": "made"},
                "chart": {"metadata": {"name": "c", "version": "1.0.0"}, "values": mapping(&mut dice, 3)},
            })
        })
        .collect();
    let file = ns.home().join("values.yaml");
    std::fs::write(&file, printable(&Value::from(releases.clone()).to_string())).unwrap();
    let (mut different, mut compared) = (Vec::new(), 0);
    for number in 0..releases.len() {
        for format in ["-oyaml", "-ojson", "--all"] {
            let name = format!("r{number}");
            let [helm, ours] = [ns.helm4(), ns.plugin()].map(|tool| {
                let tool = tool.env("HELM_DRIVER", "memory").env("HELM_MEMORY_DRIVER_DATA", &file);
                tool.args(["-n", "default", "get", "values", &name, format]).run()
            });
            // Helm can write no YAML of a value with a control character, nor of some others that it misreads on the way there.
            if helm.stderr.contains("unable to write YAML output") {
                assert_eq!(ours.code, 0, "{ours:?}");
                continue;
            }
            compared += 1;
            if helm.stdout != ours.stdout || helm.code != ours.code {
                let line = helm.stdout.lines().zip(ours.stdout.lines()).find(|(helm, ours)| helm != ours);
                different.push(format!("{name} {format}: {line:?} {} {}", helm.stderr, ours.stderr));
            }
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    assert!(compared >= 50, "only {compared} could be compared");
}
