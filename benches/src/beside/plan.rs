//! A whole plan, dry runs of every write and rights included, beside a whole `helm rollback`, which checks none of it.

use std::time::Duration;

use super::place::{Place, Program};
use super::rollback::{chart, install};
use super::{Bar, Limit};
use crate::child::time;

pub(super) fn of_a_hundred(place: &Place) -> Vec<Bar> {
    let (ours, theirs) = (release(place, 100, 50), release(place, 100, 50));
    let (mut plans, mut rollbacks) = (Vec::new(), Vec::new());
    for run in 0..=place.runs {
        let times = (plan(place, &ours), time(place.command(Program::Helm4, &theirs, &["rollback", "web"])));
        // The first turn warms both sides up.
        if run > 0 {
            plans.push(times.0);
            rollbacks.push(times.1);
        }
    }
    vec![Bar::times("plan of 100 objects, beside helm's rollback of them", &plans, &rollbacks, Limit::AtMost(0.4))]
}

pub(super) fn of_a_thousand(place: &Place) -> Vec<Bar> {
    let (large, small) = (release(place, 1000, 500), release(place, 100, 50));
    let (mut of_large, mut of_small) = (Vec::new(), Vec::new());
    for run in 0..=place.runs {
        let times = (plan(place, &large), plan(place, &small));
        if run > 0 {
            of_large.push(times.0);
            of_small.push(times.1);
        }
    }
    vec![Bar::times("plan of 1,000 objects, beside one of 100", &of_large, &of_small, Limit::AtMost(12.0))]
}

fn release(place: &Place, objects: usize, changing: usize) -> String {
    let folder = place.home().join(format!("chart-{objects}"));
    chart(&folder, objects, changing);
    let namespace = place.namespace();
    install(place, &namespace, &folder);
    namespace
}

fn plan(place: &Place, namespace: &str) -> Duration {
    time(place.command(Program::Plugin, namespace, &["plan", "web", "-1", "-o", "json"]))
}
