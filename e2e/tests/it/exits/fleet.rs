//! Many cases of one kind, some at once, each with what was wrong with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e::{Output, Proxy, Tool};

/// How many cases of one test run at once: they mostly wait.
const AT_ONCE: usize = 2;
/// How many faults are told in full.
const TOLD: usize = 12;

/// Runs every case, says how many there were and how long they took, and fails with what was wrong.
pub(super) fn run<C: Sync + std::fmt::Debug>(what: &str, cases: &[C], check: impl Fn(&C) -> Vec<String> + Sync) {
    let began = Instant::now();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let faults = catch_unwind(AssertUnwindSafe(|| check(case))).unwrap_or_else(|panic| {
                        let text = panic.downcast_ref::<String>().cloned();
                        vec![text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()]
                    });
                    if !faults.is_empty() {
                        wrong.lock().expect("no case panics here").push(format!("{case:?}:\n  {}", faults.join("\n  ")));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no case panics here");
    wrong.sort();
    eprintln!("{what}: {} cases, {} wrong, {:.0?}", cases.len(), wrong.len(), began.elapsed());
    let shown: Vec<String> = wrong.iter().take(TOLD).cloned().collect();
    assert!(wrong.is_empty(), "{what}: {} of {} cases are wrong:\n{}", wrong.len(), cases.len(), shown.join("\n"));
}

/// Starts a program through a door; what it says is not read.
pub(super) fn start(tool: Tool, door: &Proxy) -> Child {
    let mut command = tool.env("KUBECONFIG", door.kubeconfig()).into_command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

/// Waits until the door has struck, then kills the program; whether it was killed before its end.
pub(super) fn kill_when_struck(child: &mut Child, door: &Proxy) -> bool {
    let until = Instant::now() + Duration::from_secs(120);
    loop {
        if door.has_struck() {
            // On Unix this is SIGKILL, which no process can handle.
            let _ = child.kill();
            let status = child.wait().expect("a child can be waited for");
            return status.code().is_none();
        }
        if child.try_wait().expect("a child can be waited for").is_some() {
            return false;
        }
        if Instant::now() > until {
            let _ = child.kill();
            let _ = child.wait();
            let last: Vec<String> = door.log().all().iter().rev().take(8).map(ToString::to_string).collect();
            panic!("the program neither ends nor comes to where it should die; the last requests: {last:#?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Runs a program through a door to its end.
pub(super) fn run_through(tool: Tool, door: &Proxy) -> Output {
    tool.env("KUBECONFIG", door.kubeconfig()).run()
}
