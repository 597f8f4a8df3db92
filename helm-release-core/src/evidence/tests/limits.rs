//! Time, amount, and what cannot be read.

use std::time::Duration;

use serde_json::json;

use super::scripted::{Failed, Mood, Scripted, crash_loop, deployment, pod, replica_set, warning, web_with};
use crate::evidence::{CauseKind, Limits};
use crate::ports::ClusterErrorKind;

#[test]
fn a_server_that_does_not_answer_costs_no_more_than_the_time_given() {
    let cluster = Scripted::holding(web_with(&crash_loop())).in_mood(Mood::Silent);
    let mut failed = Failed::waiting();
    failed.limits = Limits::default().with_time(Duration::from_secs(3));
    let evidence = failed.collect(&cluster);
    let [line] = evidence.unread.as_slice() else { panic!("{:?}", evidence.unread) };
    assert_eq!(
        line,
        "the time for collecting, 3 s, was up; not read: events in default of type=Warning, Deployment default/web, events in default of \
         type!=Warning"
    );
    assert_eq!(evidence.objects.len(), 1, "what the plan knows is kept");
    assert_eq!(evidence.cause().kind, CauseKind::Timeout);
}

#[test]
fn a_server_that_is_away_is_not_asked_again_and_again() {
    let cluster = Scripted::default().in_mood(Mood::Away);
    let mut failed = Failed::writing(ClusterErrorKind::Unreachable, "cannot reach https://10.0.0.1: connection refused");
    let one = failed.objects[0].clone();
    failed.objects.resize(30, one);
    failed.limits.at_once = 1;
    let evidence = failed.collect(&cluster);
    assert_eq!(cluster.asked.lock().unwrap().len(), 3);
    assert!(evidence.unread[0].starts_with("discover kinds: "), "{:?}", evidence.unread);
    let last = evidence.unread.last().unwrap();
    assert!(last.starts_with("the server could not be reached, so these were not asked for: "), "{last}");
    assert_eq!(
        evidence.cause().sentence,
        "Cannot patch Deployment default/web: the API server cannot be reached: cannot reach https://10.0.0.1: connection refused"
    );
}

#[test]
fn what_may_not_be_read_is_a_line_and_the_rest_is_there() {
    let cluster = Scripted::holding(web_with(&crash_loop())).forbidding("events").with_log("web-3-a", "main", "boom");
    let evidence = Failed::waiting().collect(&cluster);
    assert_eq!(evidence.unread, ["list events: events is forbidden: User \"me\" cannot list resource \"events\""]);
    assert_eq!(evidence.cause().kind, CauseKind::Crash);
}

#[test]
fn only_so_many_logs_and_lines_are_read() {
    let mut objects = vec![deployment(), replica_set(3)];
    objects.extend((0..5).map(|number| pod(&format!("web-3-{number}"), "rs-3", &crash_loop())));
    let long: Vec<String> = (0..200).map(|line| format!("line {line}")).collect();
    let cluster = Scripted::holding(objects).with_log("web-3-0", "main", &long.join("\n"));
    let mut failed = Failed::waiting();
    failed.limits = Limits::default().with_containers(2);
    let evidence = failed.collect(&cluster);
    assert_eq!(evidence.pods.len(), 5);
    assert_eq!((evidence.pods[0].containers[0].log.len(), evidence.pods[0].containers[0].last_line()), (50, Some("line 199")));
    assert_eq!(cluster.asked.lock().unwrap().iter().filter(|asked| asked.starts_with("log")).count(), 2);
    assert_eq!(evidence.unread, ["the logs of 3 further containers in trouble were not read"]);
}

#[test]
fn only_so_many_pods_and_events_are_kept_and_warnings_before_others() {
    let mut objects = vec![deployment(), replica_set(3)];
    objects.extend((0..5).map(|number| pod(&format!("web-3-{number}"), "rs-3", &crash_loop())));
    objects.extend((1..4).map(|minute| warning("Pod", "web-3-0", "BackOff", "back-off", minute)));
    let mut scaled = warning("Deployment", "web", "ScalingReplicaSet", "Scaled up", 4);
    scaled["type"] = json!("Normal");
    objects.push(scaled);
    let mut failed = Failed::waiting();
    (failed.limits.pods, failed.limits.events) = (3, 2);
    let evidence = failed.collect(&Scripted::holding(objects));
    assert_eq!(evidence.pods.len(), 3);
    let kept: Vec<_> = evidence.events.iter().map(|event| (event.reason.as_str(), event.at.unwrap().to_string())).collect();
    assert_eq!(kept, [("BackOff", "2026-05-01T12:02:00Z".to_owned()), ("BackOff", "2026-05-01T12:03:00Z".to_owned())]);
    assert_eq!(evidence.unread, ["2 further pods are not shown"]);
}

#[test]
fn only_so_many_objects_are_read_again_and_workloads_first() {
    let mut failed = Failed::waiting();
    let claim = |index: usize| {
        let mut at = super::scripted::place("ConfigMap", &format!("thing-{index}"));
        at.resource.gvk.kind = "Thing".to_owned();
        crate::evidence::Concerned::new(at, crate::plan::Action::Patch)
    };
    failed.objects.splice(0..0, (0..5).map(claim));
    failed.limits.objects = 1;
    let cluster = Scripted::holding([deployment()]);
    let evidence = failed.collect(&cluster);
    let asked = cluster.asked.lock().unwrap().clone();
    let asked: Vec<_> = asked.iter().filter(|asked| asked.starts_with("get")).collect();
    assert_eq!(asked, ["get Deployment default/web"]);
    assert_eq!(evidence.unread, ["5 further objects of the release were not read again"]);
    assert_eq!(evidence.objects.len(), 6);
}
