//! `history` and `list`.

use super::place::{Place, Program};
use super::{Bar, Limit};
use crate::child::{peak, time};
use crate::data::{self, Identity};

/// Runs the programs in turns and gives what was measured of each, in the same order.
fn in_turns<T>(runs: usize, sides: &[Program], measure: impl Fn(Program) -> T) -> Vec<Vec<T>> {
    let mut measured: Vec<Vec<T>> = sides.iter().map(|_| Vec::with_capacity(runs)).collect();
    for _ in 0..runs {
        for (side, results) in sides.iter().zip(&mut measured) {
            results.push(measure(*side));
        }
    }
    measured
}

const SIDES: [Program; 3] = [Program::Plugin, Program::Helm4, Program::Helm3];

pub(super) fn history(place: &Place) -> Vec<Bar> {
    let namespace = place.namespace();
    for revision in 1..=10 {
        let status = if revision == 10 { "deployed" } else { "superseded" };
        let identity = Identity { name: "web", namespace: &namespace, revision, status };
        place.create_secret(&namespace, &data::secret(identity, &data::payload(identity, 500_000)));
    }
    let run = |program| time(place.command(program, &namespace, &["history", "web"]));
    let _ = in_turns(1, &SIDES, run);
    let measured = in_turns(place.runs, &SIDES, run);
    let [ours, four, three] = measured.as_slice() else { return Vec::new() };
    vec![
        Bar::times("history of 10 revisions of 500 kB, helm 4", ours, four, Limit::AtMost(0.25)),
        Bar::times("history of 10 revisions of 500 kB, helm 3", ours, three, Limit::AtMost(0.25)),
    ]
}

pub(super) fn list(place: &Place) -> Vec<Bar> {
    let namespace = place.namespace();
    for release in 0..100 {
        let name = format!("release-{release}");
        for revision in 1..=10 {
            let status = if revision == 10 { "deployed" } else { "superseded" };
            let identity = Identity { name: &name, namespace: &namespace, revision, status };
            place.create_secret(&namespace, &data::secret(identity, &data::payload(identity, 50_000)));
        }
    }
    let command = |program| place.command(program, &namespace, &["list"]);
    let _ = in_turns(1, &SIDES, |program| time(command(program)));
    let times = in_turns(place.runs, &SIDES, |program| time(command(program)));
    let peaks = in_turns(place.runs.min(5), &SIDES, |program| peak(command(program)));
    let mut bars = Vec::new();
    let title = "list of 1,000 records of 50 kB in 100 releases";
    for (index, line) in [(1, "helm 4"), (2, "helm 3")] {
        bars.push(Bar::times(format!("{title}, {line}"), &times[0], &times[index], Limit::AtMost(0.1)));
        bars.push(Bar::bytes(format!("peak memory of the same, {line}"), &peaks[0], &peaks[index], Limit::AtMost(0.2)));
    }
    bars
}
