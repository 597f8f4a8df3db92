//! No process of the cluster outlives the tests, however they end.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use e2e::World;

pub(crate) const TESTS: &[crate::Test] = crate::tests![a_killed_test_run_leaves_no_process_and_no_data];

/// The argument with which this program only holds a cluster of its own.
pub(crate) const HOLD: &str = "hold-a-cluster";

/// Starts a cluster, says which processes it has, and waits to be killed.
#[expect(clippy::print_stdout, reason = "the test that started this process reads it")]
pub(crate) fn hold() -> ExitCode {
    let world = World::new();
    let cluster = world.cluster();
    let ids: Vec<String> = cluster.process_ids().iter().map(ToString::to_string).collect();
    println!("{}\n{}", cluster.dir().display(), ids.join(" "));
    thread::sleep(Duration::from_secs(60));
    ExitCode::FAILURE
}

fn a_killed_test_run_leaves_no_process_and_no_data(_: &World) {
    let program = std::env::current_exe().expect("a program knows its path");
    let mut child = Command::new(program).arg(HOLD).stdout(Stdio::piped()).spawn().expect("this program starts again");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let dir = lines.next().expect("the child says its folder").expect("in text");
    let ids = lines.next().expect("the child says its processes").expect("in text");
    assert_eq!(ids.split(' ').filter(|id| alive(id)).count(), 5);
    assert!(Path::new(&dir).is_dir());
    // On Unix this is SIGKILL, which no process can handle.
    child.kill().expect("a child can be killed");
    child.wait().expect("a child can be waited for");
    let until = Instant::now() + Duration::from_secs(20);
    while ids.split(' ').any(alive) || Path::new(&dir).exists() {
        assert!(Instant::now() < until, "{dir} or one of {ids} is still there");
        thread::sleep(Duration::from_millis(50));
    }
}

fn alive(id: &str) -> bool {
    Command::new("sh")
        .args(["-c", "kill -0 \"$1\"", "alive", id])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
