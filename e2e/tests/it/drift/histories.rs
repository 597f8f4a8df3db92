//! In generated histories nothing has drifted but what somebody edited or deleted, and a plan cautions little.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use e2e::World;

use super::{findings, told};
use crate::differential::{Played, play_with_helm};

pub(crate) const TESTS: &[crate::Test] = crate::tests![nothing_has_drifted_in_histories_but_what_somebody_else_touched];

/// How many histories are looked at.
const WANTED: usize = 20;
/// Where the search for them ends.
const LAST: u64 = 200;

const IDS: &[&str] = &["drift", "held-replicas", "rotated-secret", "managed-elsewhere", "foreign-owner"];

/// What was found in all histories together.
#[derive(Debug, Default)]
struct Found {
    histories: usize,
    /// Histories in which something had drifted.
    drifted: usize,
    cautions: usize,
    failures: Vec<String>,
}

fn nothing_has_drifted_in_histories_but_what_somebody_else_touched(world: &World) {
    let (next, found) = (AtomicU64::new(0), Mutex::new(Found::default()));
    let work = || {
        while found.lock().unwrap().histories < WANTED {
            let number = next.fetch_add(1, Ordering::Relaxed);
            assert!(number < LAST, "too few histories are healthy");
            let Played::Healthy { ns, told: story } = play_with_helm(world, number) else { continue };
            let (drift, findings) = (told(&ns), findings(&ns, &[], IDS));
            let name = |line: &str| line.split(['/', ' ']).nth(1).unwrap_or_default().to_owned();
            let touched =
                |name: &str| story.split("; ").any(|step| step == format!("edit {name}") || step == format!("delete {name}"));
            let strange: Vec<&String> = drift.iter().filter(|line| !touched(&name(line))).collect();
            let blocks = findings.iter().filter(|finding| finding.starts_with("block ")).count();
            let mut found = found.lock().unwrap();
            found.histories += 1;
            found.drifted += usize::from(!drift.is_empty());
            found.cautions += findings.iter().filter(|finding| finding.starts_with("caution ")).count();
            if !strange.is_empty() || blocks > 0 {
                found.failures.push(format!("history {number}, {story}\n{strange:#?}\n{findings:#?}"));
            }
        }
    };
    thread::scope(|scope| {
        let other = scope.spawn(work);
        work();
        other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    let found = found.into_inner().unwrap();
    assert!(found.failures.is_empty(), "{}", found.failures.join("\n\n"));
    eprintln!("{} histories, {} of them drifted, {} cautions", found.histories, found.drifted, found.cautions);
    assert!(found.cautions < found.histories, "{} cautions in {} histories", found.cautions, found.histories);
}
