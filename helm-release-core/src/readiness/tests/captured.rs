//! Objects as a real API server had them, judged by both rule sets. `captured/README.md` says how they came about.

use std::fmt::Write as _;
use std::path::Path;

use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::readiness::{Related, legacy, watcher};
use crate::{HelmLine, Object};

/// One captured object, and those that belong to it.
#[derive(Deserialize)]
struct Case {
    object: Object,
    #[serde(default)]
    related: Vec<Object>,
}

impl Case {
    fn read(name: &str) -> Self {
        let file = folder().join(format!("{name}.json"));
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    fn related(&self) -> Related<'_> {
        self.related.iter().collect()
    }

    /// So long after its creation.
    fn after(&self, seconds: i64) -> Timestamp {
        let created = self.object.at(&["metadata", "creationTimestamp"]).unwrap().as_str().unwrap();
        created.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
    }

    fn by_watcher(&self, options: &watcher::Options) -> String {
        watcher::status(&self.object, &self.related(), options).map_or("not waited for".to_owned(), |found| found.to_string())
    }

    fn by_legacy(&self, wait_for_jobs: bool) -> String {
        let [three, four] = [HelmLine::V3, HelmLine::V4].map(|line| {
            let options = legacy::Options::of(line).with_wait_for_jobs(wait_for_jobs);
            legacy::ready(&self.object, &self.related(), &options).to_string()
        });
        assert_eq!(three, four, "the lines differ in API versions only that no server has any more");
        four
    }
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/readiness/tests/captured")
}

/// The names of all captured objects of a kind.
fn names(kind: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = files.filter_map(|file| file.strip_suffix(".json").map(str::to_owned));
    let mut names: Vec<String> = names.filter(|name| name.starts_with(&format!("{kind}-"))).collect();
    names.sort();
    names
}

/// What both rule sets say of each object of a kind, a minute after its creation.
fn judged(kind: &str, wait_for_jobs: bool) -> String {
    let mut text = String::new();
    for name in names(kind) {
        let case = Case::read(&name);
        let options = watcher::Options::at(case.after(60)).with_wait_for_jobs(wait_for_jobs);
        writeln!(text, "{name}").unwrap();
        writeln!(text, "  watcher: {}", case.by_watcher(&options)).unwrap();
        writeln!(text, "  legacy:  {}", case.by_legacy(wait_for_jobs)).unwrap();
    }
    text
}

#[test]
fn deployments_are_judged_by_their_counts_and_their_newest_replica_set() {
    assert_snapshot!(judged("deployment", false), @r#"
    deployment-deadline-passed
      watcher: failed: its rollout made no progress in time: ReplicaSet "late-f996f99f4" has timed out progressing.
      legacy:  waiting: 0 of 1 replicas are ready, 1 needed
    deployment-ready
      watcher: ready: 2 of 2 replicas are ready
      legacy:  ready: 2 of 2 replicas are ready, 2 needed
    deployment-rolling
      watcher: waiting: 1 of 3 replicas are updated
      legacy:  waiting: 0 of 3 replicas are ready, 3 needed
    deployment-unready
      watcher: waiting: 0 of 2 updated replicas are available
      legacy:  waiting: 0 of 2 replicas are ready, 2 needed
    "#);
    assert_snapshot!(judged("replica-set", false), @r#"
    replica-set-ready
      watcher: ready: 2 of 2 replicas are ready
      legacy:  ready: 2 of 2 pods are ready
    replica-set-unready
      watcher: waiting: 0 of 2 replicas are available
      legacy:  waiting: 0 of 2 pods are ready
    "#);
}

#[test]
fn stateful_sets_wait_for_their_pods_unless_those_are_replaced_by_hand() {
    assert_snapshot!(judged("stateful-set", false), @r#"
    stateful-set-crashing
      watcher: failed: 1 of its pods has failed
      legacy:  waiting: 1 of 2 replicas are updated
    stateful-set-on-delete
      watcher: ready: its pods are replaced by hand (update strategy OnDelete)
      legacy:  ready: its pods are replaced by hand (update strategy OnDelete)
    stateful-set-partition-done
      watcher: ready: 3 of 3 replicas are ready
      legacy:  ready: 3 of 3 replicas are ready
    stateful-set-ready
      watcher: ready: 2 of 2 replicas are ready
      legacy:  ready: 2 of 2 replicas are ready
    "#);
}

#[test]
fn daemon_sets_may_lack_pods_by_the_legacy_rules_alone() {
    assert_snapshot!(judged("daemon-set", false), @r#"
    daemon-set-ready
      watcher: ready: 1 of 1 pods are ready
      legacy:  ready: 1 of 1 pods are ready, 0 needed
    daemon-set-unready
      watcher: waiting: 0 of 1 pods are available
      legacy:  ready: 0 of 1 pods are ready, 0 needed
    "#);
}

#[test]
fn jobs_need_only_start_or_exist_unless_they_are_waited_for() {
    assert_snapshot!(judged("job", false), @r#"
    job-complete
      watcher: ready: it has completed
      legacy:  ready: it exists
    job-failed
      watcher: failed: it has failed: Job has reached the specified backoff limit
      legacy:  ready: it exists
    job-running
      watcher: ready: it has started
      legacy:  ready: it exists
    job-suspended
      watcher: waiting: it has not started yet
      legacy:  ready: it exists
    "#);
}

#[test]
fn jobs_that_are_waited_for_must_complete() {
    assert_snapshot!(judged("job", true), @r#"
    job-complete
      watcher: ready: it has completed
      legacy:  ready: it has completed
    job-failed
      watcher: failed: it has failed: Job has reached the specified backoff limit
      legacy:  failed: 1 of its pods failed, more than it tolerates
    job-running
      watcher: waiting: it has not finished yet
      legacy:  waiting: 0 of 1 pods have completed
    job-suspended
      watcher: waiting: it has not finished yet
      legacy:  waiting: 0 of 1 pods have completed
    "#);
}

#[test]
fn pods_that_have_ended_are_done_for_the_watcher_alone() {
    assert_snapshot!(judged("pod", false), @r#"
    pod-crashing
      watcher: failed: its container web crashes again and again
      legacy:  waiting: it is not ready, phase Running
    pod-failed
      watcher: ready: it has ended with a failure
      legacy:  waiting: it is not ready, phase Failed
    pod-pulling
      watcher: waiting: it is pending
      legacy:  waiting: it is not ready, phase Pending
    pod-ready
      watcher: ready: it is running and ready
      legacy:  ready: it is ready
    pod-scheduled
      watcher: waiting: it is pending
      legacy:  waiting: it is not ready, phase Pending
    pod-succeeded
      watcher: ready: it has completed
      legacy:  waiting: it is not ready, phase Succeeded
    pod-terminating
      watcher: terminating: it is being deleted
      legacy:  ready: it is ready
    pod-unready
      watcher: waiting: it is running but not ready
      legacy:  waiting: it is not ready, phase Running
    pod-unschedulable
      watcher: failed: no node takes it: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.
      legacy:  waiting: it is not ready, phase Pending
    "#);
}

#[test]
fn claims_wait_for_a_volume() {
    assert_snapshot!(judged("claim", false), @r#"
    claim-bound
      watcher: ready: it is bound to a volume
      legacy:  ready: it is bound to a volume
    claim-pending
      watcher: waiting: no volume is bound to it, phase Pending
      legacy:  waiting: no volume is bound to it, phase Pending
    "#);
}

#[test]
fn definitions_whose_names_are_taken_fail_for_the_watcher_alone() {
    assert_snapshot!(judged("crd", false), @r#"
    crd-established
      watcher: ready: the server serves it
      legacy:  ready: the server serves it
    crd-names-taken
      watcher: failed: its names were not accepted: "GadgetList" is already in use
      legacy:  ready: its names were not accepted, which Helm does not mind
    "#);
}

#[test]
fn load_balancers_are_waited_for_by_the_legacy_rules_alone() {
    assert_snapshot!(judged("service", false), @r#"
    service-cluster-ip
      watcher: ready: it exists
      legacy:  ready: it has its addresses
    service-external-name
      watcher: ready: it exists
      legacy:  ready: it points outside the cluster
    service-headless
      watcher: ready: it exists
      legacy:  ready: it has its addresses
    service-load-balancer
      watcher: ready: it exists
      legacy:  ready: it has its addresses
    service-load-balancer-pending
      watcher: ready: it exists
      legacy:  waiting: its load balancer has no address yet
    "#);
}

#[test]
fn a_pod_that_no_node_takes_is_given_a_quarter_of_a_minute() {
    let pod = Case::read("pod-unschedulable");
    assert_snapshot!(pod.by_watcher(&watcher::Options::at(pod.after(14))), @"waiting: no node takes it: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
    assert_snapshot!(pod.by_watcher(&watcher::Options::at(pod.after(15))), @"failed: no node takes it: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
}

#[test]
fn every_captured_object_is_of_a_kind_above() {
    let kinds = ["deployment", "replica-set", "stateful-set", "daemon-set", "job", "pod", "claim", "crd", "service"];
    let judged: usize = kinds.iter().map(|kind| names(kind).len()).sum();
    assert_eq!(std::fs::read_dir(folder()).unwrap().count(), judged + 1, "and README.md");
}
