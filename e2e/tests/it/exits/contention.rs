//! Many at one release: never two at work, nobody writes who has lost the lock, and no record is false at the end.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use e2e::proxy::{Log, Passed};
use e2e::{Namespace, World};

use super::state::State;
use crate::release::{WEB, color, config_map, deploy, helm_goes_on, hook, ours, web};

pub(crate) const TESTS: &[crate::Test] = crate::tests![
    fifty_processes_at_one_release,
    a_turn_that_comes_to_nothing_gives_the_lock_back,
    who_waits_for_a_turn_can_be_stopped_at_once,
    a_holder_that_slept_writes_nothing_more,
    upgrades_rollbacks_and_uninstalls_of_helm3_meanwhile,
    upgrades_rollbacks_and_uninstalls_of_helm4_meanwhile,
];

const PROCESSES: usize = 50;

/// From when to when a process had the lock, as far as the requests tell: it certainly had it within.
struct Hold {
    door: String,
    taken: Instant,
    given_back: Option<Instant>,
}

fn holds(requests: &[Passed]) -> Vec<Hold> {
    let of_lease = |request: &&Passed| request.path().contains("/leases") && request.is_write() && request.is_done();
    let mut holds: Vec<Hold> = Vec::new();
    for request in requests.iter().filter(of_lease) {
        let mine = holds.iter_mut().find(|hold| hold.door == request.door && hold.given_back.is_none());
        match (request.method.as_str(), mine) {
            ("DELETE", Some(hold)) => hold.given_back = Some(request.came),
            ("POST" | "PUT", None) => {
                let taken = request.done.expect("what is done has an end");
                holds.push(Hold { door: request.door.clone(), taken, given_back: None });
            }
            _ => {}
        }
    }
    holds.sort_by_key(|hold| hold.taken);
    holds
}

fn fifty_processes_at_one_release(world: &World) {
    let ns = world.namespace("fifty");
    deploy(&ns, 4, &[web("blue"), web("red"), web("green")]);
    let log = Log::new();
    let outputs: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = (0..PROCESSES)
            .map(|number| {
                let door = ns.door(&format!("process {number}"), &log);
                let tool = ours(&ns, &[if number % 2 == 0 { "1" } else { "2" }, "--wait-lock", "8m", "--history-max", "0"])
                    .env("KUBECONFIG", door.kubeconfig());
                scope.spawn(move || (tool.run(), door))
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("the tool ends").0).collect()
    });
    let count = |code: i32| outputs.iter().filter(|output| output.code == code).count();
    // Each waits for its turn, and plans when it has it.
    assert_eq!(count(0), PROCESSES, "{outputs:#?}");
    let requests = log.all();
    let holds = holds(&requests);
    for pair in holds.windows(2) {
        let [first, second] = pair else { continue };
        let given_back = first.given_back.expect("everybody gave it back");
        assert!(given_back <= second.taken, "{} and {} had the lock at once", first.door, second.door);
    }
    for write in requests.iter().filter(|request| request.is_write() && request.is_done() && !request.path().contains("/leases"))
    {
        let is_covered = holds.iter().any(|hold| {
            hold.door == write.door
                && hold.taken <= write.came
                && hold.given_back.is_none_or(|end| write.done.is_some_and(|done| done <= end))
        });
        assert!(is_covered, "{write} was written without the lock");
    }
    let end = State::of(&ns, &[]);
    assert_eq!(end.untruths(), [""; 0]);
    let newest = end.records.keys().copied().max();
    assert_eq!(end.deployed().ok(), newest);
    eprintln!(
        "contention: {PROCESSES} processes, all in turn, {} revisions, {} holds, none at once",
        end.records.len(),
        holds.len()
    );
    helm_goes_on(&ns, 4);
}

fn signal(process: u32, signal: &str) {
    let status = Command::new("kill").args([signal, &process.to_string()]).status().expect("kill starts");
    assert!(status.success());
}

fn a_turn_that_comes_to_nothing_gives_the_lock_back(world: &World) {
    let ns = world.namespace("turn");
    deploy(&ns, 4, &[web("blue"), web("red")]);
    // No such revision, nothing to do, and refused: objects of this release are not replaced but applied.
    for (args, code) in [(&["9"][..], 2), (&["2"], 0), (&["1", "--force-replace"], 3)] {
        let said = ours(&ns, &[args, &["--wait-lock", "20s"]].concat()).run();
        assert_eq!(said.code, code, "{said:#?}");
        assert_eq!(ns.list("coordination.k8s.io/v1/leases"), Vec::<serde_json::Value>::new(), "{said:#?}");
    }
    assert_eq!((State::of(&ns, &[]).records.len(), color(&ns)), (2, "red".to_owned()));
}

fn who_waits_for_a_turn_can_be_stopped_at_once(world: &World) {
    let ns = world.namespace("stopped");
    let slow = hook("slow", "pre-rollback", "", "test/kubelet-takes: 8s");
    deploy(&ns, 4, &[web("blue").template("hook.yaml", &slow), web("red")]);
    let start = |args: &[&str]| {
        let mut command = ours(&ns, args).into_command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    let mut first = start(&["1"]);
    let _ = ns.until("v1/pods", "slow", |pod| pod.is_some());
    let second = start(&["1", "--wait-lock", "5m"]);
    thread::sleep(Duration::from_millis(1500));
    signal(second.id(), "-INT");
    let second = second.wait_with_output().expect("a child can be waited for");
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{told}");
    assert!(told.contains("rollback of \"web\" was not begun, and nothing was changed"), "{told}");
    assert!(first.try_wait().expect("a child can be asked").is_none(), "the other one is still at work");
    assert_eq!(first.wait().expect("a child can be waited for").code(), Some(0));
    let end = State::of(&ns, &["slow"]);
    assert_eq!((end.untruths(), end.records.len(), color(&ns)), (Vec::new(), 3, "blue".to_owned()));
}

fn a_holder_that_slept_writes_nothing_more(world: &World) {
    for (major, event, way) in [(3, "pre-rollback", "--undo"), (4, "pre-rollback", "--finish"), (4, "post-rollback", "--undo")] {
        let ns = world.namespace("slept");
        let slow = hook("slow", event, "", "test/kubelet-takes: 6s");
        deploy(
            &ns,
            major,
            &[web("blue").template("hook.yaml", &slow).template("old.yaml", &config_map("old", "blue")), web("red")],
        );
        let log = Log::new();
        let door = ns.door("sleeper", &log);
        let tool = ours(&ns, &["1", "--lock-lasts", "1s"]).env("KUBECONFIG", door.kubeconfig());
        let mut child =
            tool.into_command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let _ = ns.until("v1/pods", "slow", |pod| pod.is_some());
        signal(child.id(), "-STOP");
        let other = ns.door("other", &log);
        let recovered = ns.plugin().args(["recover", WEB, way, "--wait-lock", "30s"]).env("KUBECONFIG", other.kubeconfig()).run();
        assert_eq!(recovered.code, 0, "{recovered:?}");
        let before = State::of(&ns, &["slow"]);
        signal(child.id(), "-CONT");
        let woken = Instant::now();
        let status = child.wait().expect("a child can be waited for");
        assert_eq!(status.code(), Some(7), "it tells that it lost the lock");
        let taken = log.all().into_iter().find(|request| request.door == "other" && request.is_renewal() && request.is_done());
        let taken = taken.and_then(|request| request.done).expect("the lock was taken over");
        let late: Vec<String> = log
            .all()
            .iter()
            .filter(|request| request.door == "sleeper" && request.is_write() && request.is_done() && request.done > Some(taken))
            .map(ToString::to_string)
            .collect();
        assert!(late.is_empty(), "written after the lock was lost: {late:#?}");
        assert_eq!(State::of(&ns, &["slow"]), before, "nothing changed after {:?}", woken.elapsed());
        assert_eq!(before.untruths(), [""; 0]);
        assert_eq!(color(&ns), if way == "--undo" { "red" } else { "blue" });
        helm_goes_on(&ns, major);
    }
}

/// Starts ours and one of Helm's at the same moment, and gives how they ended.
fn together(ns: &Namespace<'_>, major: u8, helm: &[&str], delay: Duration) -> (i32, i32) {
    let chart = ns.chart(&web("green").template("more.yaml", &config_map("more", "green")));
    let theirs = ns.helm(major).args(helm);
    let theirs = if helm[0] == "upgrade" { theirs.arg(chart) } else { theirs };
    let mine = ours(ns, &["1"]);
    thread::scope(|scope| {
        let theirs = scope.spawn(move || theirs.run());
        thread::sleep(delay);
        let mine = mine.run();
        (mine.code, theirs.join().expect("helm ends").code)
    })
}

fn meanwhile(world: &World, major: u8) {
    let mut seen = Vec::new();
    for helm in [&["upgrade", WEB][..], &["rollback", WEB, "2"], &["uninstall", WEB], &["uninstall", WEB, "--keep-history"]] {
        for round in 0..5 {
            let ns = world.namespace("meanwhile");
            deploy(&ns, major, &[web("blue"), web("red"), web("white")]);
            let ended = together(&ns, major, helm, Duration::from_millis(round * 120));
            // That exit says that a recovery is needed.
            if ended.0 == 7 {
                let recovered = ns.plugin().args(["recover", WEB, "--assume-dead"]).run();
                // An uninstall may have removed every record, the one of ours too, before ours wrote its journal.
                let is_gone = recovered.code == 2 && helm[0] == "uninstall" && State::of(&ns, &[]).records.is_empty();
                assert!(recovered.code == 0 || is_gone, "{helm:?} in round {round}: {recovered:#?}");
            }
            let state = State::of(&ns, &[]);
            let told = format!("{helm:?} in round {round}: ours and helm ended with {ended:?}, {:?}", state.records);
            seen.push(told.clone());
            // Helm removes the records that it has listed; one that ours made a moment later stays, and says that it failed.
            let is_removed =
                helm[0] == "uninstall" && state.records.iter().all(|(number, status)| *number > 3 && status == "failed");
            let is_gone = is_removed || state.records.values().any(|status| status == "uninstalled");
            if is_gone {
                assert_eq!(state.untruths(), [""; 0], "{told}");
                continue;
            }
            assert_eq!(state.untruths(), [""; 0], "{told}");
            let deployed = state.deployed().unwrap_or_else(|fault| panic!("{told}: {fault}"));
            let manifest = ns.helm(major).args(["get", "manifest", WEB, "--revision", &deployed.to_string()]).ok();
            assert!(manifest.contains(&format!("color: {}", color(&ns))), "{told}: live is {}, and {manifest}", color(&ns));
        }
    }
    eprintln!("meanwhile, helm {major}:\n  {}", seen.join("\n  "));
}

fn upgrades_rollbacks_and_uninstalls_of_helm3_meanwhile(world: &World) {
    meanwhile(world, 3);
}

fn upgrades_rollbacks_and_uninstalls_of_helm4_meanwhile(world: &World) {
    meanwhile(world, 4);
}
