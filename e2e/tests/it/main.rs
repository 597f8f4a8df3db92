//! The end-to-end tests: one program that shares one cluster and one oracle among them.
//!
//! It takes the arguments of `cargo test`: a filter, `--list`, `--test-threads`, `--nocapture`, …
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by a panic; Clippy does not see that this program is tests"
)]

mod audit;
mod clusters;
mod conformance_kubernetes;
mod dangers;
mod dice;
mod differential;
mod drift;
mod evidence;
mod exits;
mod foretold;
mod fsck;
mod helms_faults;
mod oracle;
mod oracle_hook;
mod oracle_manifest;
mod oracle_patch;
mod oracle_readiness;
mod oracle_record;
mod oracle_texts;
mod plugin_install;
mod preflight;
mod reading;
mod reading_only_reads;
mod release;
mod reversibility;
mod rollback_on_cluster;
mod sealed;
mod smoke;
mod status;
mod watchdog;
mod widget;

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
    ("clusters", clusters::TESTS),
    ("conformance_kubernetes", conformance_kubernetes::TESTS),
    ("dangers", dangers::TESTS),
    ("differential", differential::TESTS),
    ("drift::attributed", drift::attributed::TESTS),
    ("drift::choices", drift::choices::TESTS),
    ("drift::histories", drift::histories::TESTS),
    ("drift::owners", drift::owners::TESTS),
    ("exits::contention", exits::contention::TESTS),
    ("exits::crash", exits::crash::TESTS),
    ("exits::network", exits::network::TESTS),
    ("exits::wreckage", exits::wreckage::TESTS),
    ("fsck::around", fsck::around::TESTS),
    ("fsck::healthy", fsck::healthy::TESTS),
    ("fsck::prune", fsck::prune::TESTS),
    ("fsck::records", fsck::records::TESTS),
    ("oracle", oracle::TESTS),
    ("oracle_hook", oracle_hook::TESTS),
    ("oracle_manifest", oracle_manifest::TESTS),
    ("oracle_patch", oracle_patch::TESTS),
    ("oracle_readiness", oracle_readiness::TESTS),
    ("oracle_record", oracle_record::TESTS),
    ("oracle_texts", oracle_texts::TESTS),
    ("plugin_install", plugin_install::TESTS),
    ("preflight", preflight::TESTS),
    ("reading", reading::TESTS),
    ("reading_only_reads", reading_only_reads::TESTS),
    ("reversibility", reversibility::TESTS),
    ("reversibility::rollbacks", reversibility::rollbacks::TESTS),
    ("smoke", smoke::TESTS),
    ("status", status::TESTS),
    ("watchdog", watchdog::TESTS),
    ("evidence::admission", evidence::admission::TESTS),
    ("evidence::objects", evidence::objects::TESTS),
    ("evidence::pods", evidence::pods::TESTS),
    ("helms_faults::custom_resources", helms_faults::custom_resources::TESTS),
    ("helms_faults::foreign_owners", helms_faults::foreign_owners::TESTS),
    ("helms_faults::laundered", helms_faults::laundered::TESTS),
    ("helms_faults::option_clashes", helms_faults::option_clashes::TESTS),
    ("helms_faults::orphans", helms_faults::orphans::TESTS),
    ("helms_faults::parallel", helms_faults::parallel::TESTS),
    ("helms_faults::records", helms_faults::records::TESTS),
    ("rollback_on_cluster::cluster_trouble", rollback_on_cluster::cluster_trouble::TESTS),
    ("rollback_on_cluster::hooks", rollback_on_cluster::hooks::TESTS),
    ("rollback_on_cluster::objects", rollback_on_cluster::objects::TESTS),
    ("rollback_on_cluster::options", rollback_on_cluster::options::TESTS),
    ("rollback_on_cluster::records", rollback_on_cluster::records::TESTS),
    ("rollback_on_cluster::signals", rollback_on_cluster::signals::TESTS),
    ("rollback_on_cluster::targets", rollback_on_cluster::targets::TESTS),
    ("rollback_on_cluster::waiting", rollback_on_cluster::waiting::TESTS),
    ("sealed::moved", sealed::moved::TESTS),
    ("sealed::place", sealed::place::TESTS),
    ("sealed::unmoved", sealed::unmoved::TESTS),
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
