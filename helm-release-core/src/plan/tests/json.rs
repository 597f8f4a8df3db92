//! A plan as JSON, and what it must never hold.

use serde_json::{Value, json};

use super::world::{World, config_map, hook, managed, of_kind, ours};
use crate::plan::Writing;

const SECRETS: [&str; 6] = ["b2xkLXBhc3M=", "bmV3LXBhc3M=", "ZHJpZnRlZA==", "plain-old", "plain-new", "hook-pass"];

fn secret(name: &str, password: &str, plain: &str) -> Value {
    let mut secret = of_kind("v1", "Secret", name);
    secret["data"] = json!({"password": password});
    secret["stringData"] = json!({"user": plain});
    secret
}

/// Secrets that are patched, drifted, created and removed, and one inside a hook.
fn secretive() -> World {
    let mut hook = hook("h", &["pre-rollback"], 0);
    hook["kind"] = json!("Secret");
    hook["manifest"] = json!(secret("h", SECRETS[0], SECRETS[5]).to_string());
    let mut drifted = ours(&secret("login", SECRETS[2], SECRETS[4]));
    drifted["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = json!(SECRETS[1]);
    World::default()
        .revision("superseded", &[secret("login", SECRETS[0], SECRETS[3]), secret("new", SECRETS[0], SECRETS[3])])
        .with("hooks", vec![hook])
        .revision("deployed", &[secret("login", SECRETS[1], SECRETS[4]), secret("gone", SECRETS[1], SECRETS[4])])
        .live(drifted)
        .live(ours(&secret("gone", SECRETS[1], SECRETS[4])))
}

#[test]
fn no_secret_value_is_in_the_json_or_debug_output_of_any_plan() {
    let plans = [
        secretive().plan(),
        secretive().compat().plan(),
        secretive().asked(|options| options.writing = Writing::Replace).plan(),
        secretive().with_all("apply_method", "ssa").plan(),
        secretive().with_all("apply_method", "ssa").live(managed(ours(&secret("new", SECRETS[2], "x")), "Update")).plan(),
    ];
    for plan in plans {
        let (json, debug) = (plan.to_json().to_string(), format!("{plan:?} {plan:#?}"));
        assert!(json.contains("masked #1"), "{json}");
        for secret in SECRETS {
            assert!(!json.contains(secret), "{secret} is in {json}");
            assert!(!debug.contains(secret), "{secret} is in {debug}");
        }
    }
}

#[test]
fn the_survey_keeps_secrets_to_itself_too() {
    let debug = format!("{:#?}", secretive().survey());
    assert!(SECRETS.iter().all(|secret| !debug.contains(secret)), "{debug}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "the snapshot of a whole plan is long")]
fn a_whole_plan_as_json() {
    let world = World::default()
        .revision("superseded", &[secret("login", SECRETS[0], "u"), config_map("paint", "red")])
        .with("hooks", vec![hook("migrate", &["pre-rollback"], -5)])
        .revision("deployed", &[secret("login", SECRETS[1], "u"), config_map("gone", "blue")])
        .live(ours(&secret("login", SECRETS[1], "u")))
        .live(ours(&config_map("gone", "blue")));
    insta::assert_json_snapshot!(world.plan().to_json(), @r#"
    {
      "applyMethod": "csa",
      "asked": {
        "dryRuns": 0,
        "lists": 0,
        "rights": 0
      },
      "choice": {
        "passedOver": [],
        "reason": "the newest revision before 2 that really was deployed",
        "revision": 1
      },
      "findings": [
        {
          "acceptable": true,
          "accepted": false,
          "id": "rotated-secret",
          "leadsTo": "roll-back",
          "object": {
            "group": "",
            "kind": "Secret",
            "name": "login",
            "namespace": "default"
          },
          "severity": "caution",
          "waysOut": [
            "set the value that is good at present in the target's place by an upgrade, or give the old one back to what it opens"
          ],
          "what": "later revisions gave it another value: password (live 8 bytes, target 8 bytes)",
          "why": "the rollback brings back the value of revision 1 of 2026-01-01, and what it opens may know only the later one"
        }
      ],
      "format": "helm-rollback-safe/plan/v1",
      "from": {
        "appVersion": "1.2",
        "chart": "web-2.0.0",
        "description": "Upgrade complete",
        "revision": 2,
        "status": "deployed"
      },
      "hooksNotRun": [],
      "impact": [],
      "mode": "safe",
      "namespace": "default",
      "newRevision": 3,
      "release": "web",
      "steps": [
        {
          "action": "create-record",
          "number": 1,
          "reason": "holds other operations off and says what goes on",
          "record": 3
        },
        {
          "action": "run-hook",
          "hook": {
            "deletePolicies": [],
            "event": "pre-rollback",
            "kind": "Job",
            "name": "migrate",
            "outputLogPolicies": [],
            "path": "web/templates/migrate.yaml",
            "weight": -5
          },
          "number": 2,
          "reason": "the target's pre-rollback hook, weight -5"
        },
        {
          "action": "patch",
          "changes": [
            {
              "after": "(masked #2, 12 bytes)",
              "before": "(masked #1, 12 bytes)",
              "path": "data.password"
            }
          ],
          "number": 3,
          "object": {
            "apiVersion": "v1",
            "kind": "Secret",
            "name": "login",
            "namespace": "default"
          },
          "precondition": {
            "resourceVersion": "101",
            "uid": "uid-1"
          },
          "reason": "fields differ from the target",
          "requests": [
            {
              "body": {
                "data": {
                  "password": "(masked #2, 12 bytes)"
                }
              },
              "manager": "helm",
              "patch": "strategic",
              "verb": "patch"
            }
          ]
        },
        {
          "action": "create",
          "number": 4,
          "object": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": "paint",
            "namespace": "default"
          },
          "reason": "only the target has it",
          "requests": [
            {
              "body": {
                "apiVersion": "v1",
                "data": {
                  "color": "red"
                },
                "kind": "ConfigMap",
                "metadata": {
                  "annotations": {
                    "meta.helm.sh/release-name": "web",
                    "meta.helm.sh/release-namespace": "default"
                  },
                  "labels": {
                    "app.kubernetes.io/managed-by": "Helm"
                  },
                  "name": "paint",
                  "namespace": "default"
                }
              },
              "manager": "helm",
              "verb": "create"
            }
          ]
        },
        {
          "action": "delete",
          "number": 5,
          "object": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": "gone",
            "namespace": "default"
          },
          "precondition": {
            "resourceVersion": "102",
            "uid": "uid-2"
          },
          "reason": "the target does not have it",
          "requests": [
            {
              "preconditions": {
                "uid": "uid-2"
              },
              "propagation": "Background",
              "verb": "delete"
            }
          ]
        },
        {
          "action": "finish-record",
          "number": 6,
          "reason": "everything before has worked",
          "record": 3
        },
        {
          "action": "supersede",
          "number": 7,
          "reason": "the new revision takes its place",
          "record": 2
        }
      ],
      "to": {
        "appVersion": "1.1",
        "chart": "web-1.0.0",
        "description": "Upgrade complete",
        "revision": 1,
        "status": "superseded"
      },
      "verdict": "roll-back"
    }
    "#);
}
