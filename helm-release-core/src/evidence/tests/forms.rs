//! The forms in which evidence is given.

use serde_json::json;

use super::scripted::{Failed, Scripted, crash_loop, deployment, pod, replica_set, warning, web_with};
use crate::evidence::{EVIDENCE_FORMAT, Evidence, Moment};
use crate::patch::FieldChange;

fn crashed() -> Evidence {
    let mut objects = web_with(&crash_loop());
    objects.push(warning("Pod", "web-3-a", "BackOff", "Back-off restarting failed container main", 4));
    let cluster = Scripted::holding(objects).with_log("web-3-a", "main", "starting\npanic: no database");
    let mut failed = Failed::waiting();
    let change = FieldChange::new("spec.replicas", Some(json!(2)), Some(json!(1)));
    failed.objects[0].changes = vec![change];
    let mut evidence = failed.collect(&cluster);
    evidence.timeline = vec![Moment::new("2026-05-01T12:00:01Z".parse().unwrap(), "revision 3: pending-rollback")];
    evidence
}

#[test]
fn the_text_begins_with_the_cause_and_has_a_section_for_each_thing() {
    insta::assert_snapshot!(crashed().to_text(), @r#"
    Deployment default/web: container "main" crashes again and again (exit code 1, 5 restarts, Pod web-3-a); its last log line: panic: no database

    Release web in namespace default, from revision 2 to 1 as 3, failed while objects became ready
    Began 2026-05-01T12:00:00.5Z, evidence collected 2026-05-01T12:05:00Z

    First error:
      resource Deployment/default/web not ready. status: InProgress, message: Available: 0/1
      context deadline exceeded

    Objects:
      Deployment default/web: patch
        ~ spec.replicas: 2 -> 1
        Available is False (MinimumReplicasUnavailable): Deployment does not have minimum availability.

    Pods:
      Pod default/web-3-a of Deployment default/web, Running on node-0
        Ready is False (ContainersNotReady): containers with unready status: [main]
        container main (web:1): waits (CrashLoopBackOff), 5 restarts, before that exit code 1 (Error)
          back-off 2m40s restarting failed container=main

    Logs:
      default/web-3-a, container main, the last lines:
        starting
        panic: no database

    Events:
      2026-05-01T12:04:00Z warning Pod default/web-3-a: BackOff: Back-off restarting failed container main (3 times)

    Timeline:
      2026-05-01T12:00:01Z revision 3: pending-rollback
    "#);
}

#[test]
fn the_short_form_has_at_most_twelve_lines() {
    insta::assert_snapshot!(crashed().summary_lines().join("\n"), @r#"
    Deployment default/web: container "main" crashes again and again (exit code 1, 5 restarts, Pod web-3-a); its last log line: panic: no database
    Release web in namespace default, from revision 2 to 1 as 3, failed while objects became ready
      Pod default/web-3-a of Deployment default/web, Running on node-0, main waits (CrashLoopBackOff), 5 restarts, before that exit code 1 (Error)
      Deployment default/web: Available is False (MinimumReplicasUnavailable): Deployment does not have minimum availability
      Pod default/web-3-a: BackOff: Back-off restarting failed container main
      web-3-a/main: starting
      web-3-a/main: panic: no database
    "#);
    let mut objects = vec![deployment(), replica_set(3)];
    objects.extend((0..9).map(|number| pod(&format!("web-3-{number}"), "rs-3", &crash_loop())));
    objects.extend((1..9).map(|minute| warning("Pod", "web-3-0", "BackOff", "back-off", minute)));
    let cluster = Scripted::holding(objects).with_log("web-3-0", "main", "one\ntwo\nthree").forbidding("resourcequotas");
    let mut evidence = Failed::waiting().collect(&cluster);
    evidence.unread.push("list events: forbidden".to_owned());
    let lines = evidence.summary_lines();
    assert_eq!(lines.len(), 12, "{lines:#?}");
    assert_eq!(lines[0], evidence.cause().sentence);
    assert!(lines[11].starts_with("  not everything could be read"), "{lines:#?}");
}

#[test]
fn the_json_form_has_a_name_and_every_member() {
    let json = crashed().to_json();
    assert_eq!(json["format"], EVIDENCE_FORMAT);
    assert_eq!(
        json["pods"],
        json!([{
            "namespace": "default", "name": "web-3-a", "node": "node-0", "current": true,
            "owner": {"group": "apps", "kind": "Deployment", "namespace": "default", "name": "web"},
            "phase": "Running", "reason": "", "message": "", "ready": false, "terminating": false,
            "conditions": [{
                "type": "Ready", "status": "False", "reason": "ContainersNotReady",
                "message": "containers with unready status: [main]", "since": null,
            }],
            "containers": [{
                "name": "main", "init": false, "image": "web:1", "ready": false, "restarts": 5, "readinessProbe": null,
                "state": {
                    "is": "waiting", "reason": "CrashLoopBackOff", "message": "back-off 2m40s restarting failed container=main",
                },
                "lastExit": {"code": 1, "reason": "Error", "message": "", "at": "2026-05-01T12:04:00Z"},
                "log": ["starting", "panic: no database"],
            }],
        }])
    );
    assert_eq!(
        json["objects"],
        json!([{
            "object": {"group": "apps", "kind": "Deployment", "namespace": "default", "name": "web"},
            "action": "patch", "presence": "live", "changes": [{"path": "spec.replicas", "before": 2, "after": 1}],
            "conditions": [{
                "type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable",
                "message": "Deployment does not have minimum availability.", "since": "2026-05-01T12:00:01Z",
            }],
            "finalizers": [],
        }])
    );
    assert_eq!(
        json["events"],
        json!([{
            "at": "2026-05-01T12:04:00Z", "warning": true, "reason": "BackOff", "count": 3, "source": "kubelet",
            "object": {"group": "", "kind": "Pod", "namespace": "default", "name": "web-3-a"},
            "message": "Back-off restarting failed container main",
        }])
    );
    let mut members: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    let documented = include_str!("../../../../docs/evidence.md");
    for member in members {
        assert!(documented.contains(&format!("| `{member}` |")), "docs/evidence.md does not describe {member}");
    }
    assert_eq!(json["cause"]["kind"], "crash");
    assert_eq!(json["phase"], "wait");
}
