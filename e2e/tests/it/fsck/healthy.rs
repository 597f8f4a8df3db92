//! In what Helm makes of generated histories without a fault of its own nothing is found, not even a note.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use e2e::World;

use super::found;
use crate::differential::{Played, play_with_helm};

pub(crate) const TESTS: &[crate::Test] = crate::tests![nothing_is_found_in_forty_healthy_histories];

/// How many histories are looked at.
const WANTED: usize = 42;
/// Where the search for them ends.
const LAST: u64 = 200;

fn nothing_is_found_in_forty_healthy_histories(world: &World) {
    let (next, healthy, failures) = (AtomicU64::new(0), Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let work = || {
        while healthy.lock().unwrap().len() < WANTED {
            let number = next.fetch_add(1, Ordering::Relaxed);
            assert!(number < LAST, "too few histories are healthy");
            match play_with_helm(world, number) {
                // A rollback of Helm's that failed leaves what ails, and so does pruning after a failure.
                Played::Unhealthy => {}
                Played::Healthy { ns, told } => {
                    let found = found(&ns);
                    if !found.is_empty() {
                        failures.lock().unwrap().push(format!("history {number}, {told}\n{found:?}"));
                    }
                    healthy.lock().unwrap().push(number);
                }
            }
        }
    };
    thread::scope(|scope| {
        let others: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        work();
        for other in others {
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    eprintln!("{} healthy histories of {}", healthy.into_inner().unwrap().len(), next.into_inner());
}
