//! The end-to-end tests: one program that shares one cluster and one oracle among them.
//!
//! It takes the arguments of `cargo test`: a filter, `--list`, `--test-threads`, `--nocapture`, …
#![expect(clippy::expect_used, reason = "a test fails by a panic; Clippy does not see that this program is tests")]

mod audit;
mod clusters;
mod conformance_kubernetes;
mod differential;
mod oracle;
mod oracle_patch;
mod smoke;
mod watchdog;

use std::process::ExitCode;
use std::sync::Arc;

use e2e::World;
use libtest_mimic::{Arguments, Trial};

/// A test: its name and what it does; it fails by a panic.
type Test = (&'static str, fn(&World));

/// Makes the list of a module's tests from their functions.
macro_rules! tests {
    ($($test:ident),* $(,)?) => { &[$((stringify!($test), $test)),*] };
}
use tests;

/// Every module with its tests; a further module is added here and with `mod` above.
const MODULES: &[(&str, &[Test])] = &[
    ("audit", audit::TESTS),
    ("conformance_kubernetes", conformance_kubernetes::TESTS),
    ("oracle", oracle::TESTS),
    ("oracle_patch", oracle_patch::TESTS),
    ("clusters", clusters::TESTS),
    ("differential", differential::TESTS),
    ("smoke", smoke::TESTS),
    ("watchdog", watchdog::TESTS),
];

/// Tests mostly wait for the cluster, so more run at once than there are cores, but not so many that they starve it.
const THREADS: usize = 4;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(watchdog::HOLD) {
        return watchdog::hold();
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let world = Arc::new(World::new());
    let obstacle = World::obstacle().map(|error| error.to_string());
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    if let Some(why) = obstacle.as_ref().filter(|_| !arguments.list) {
        let fate = if ci { "fail, because CI=true" } else { "are ignored" };
        eprintln!("the end-to-end tests {fate}: {why}");
    }
    let mut trials = Vec::new();
    for (module, tests) in MODULES {
        for &(name, run) in *tests {
            let (world, obstacle) = (Arc::clone(&world), obstacle.clone());
            let ignored = obstacle.is_some() && !ci;
            let trial = Trial::test(format!("{module}::{name}"), move || {
                if let Some(why) = obstacle {
                    return Err(why.into());
                }
                run(&world);
                Ok(())
            });
            trials.push(trial.with_ignored_flag(ignored));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // The cluster ends before the process does.
    drop(world);
    conclusion.exit_code()
}
