use insta::assert_json_snapshot;
use serde_json::json;

use super::{DriftReport, Fate, ObjectDrift};
use crate::drift::{Drifted, FieldPath, Manager, replicas};
use crate::mask::Masker;
use crate::ports::{Location, Resource, Scope};
use crate::release::Status;
use crate::{Gvk, Revision};

fn at(api_version: &str, kind: &str) -> Location {
    let resource = Resource { gvk: Gvk::new(api_version, kind), plural: String::new(), scope: Scope::Namespaced };
    resource.at("shop", "web")
}

fn changed(at: Location, fields: Vec<Drifted>) -> ObjectDrift {
    ObjectDrift { at, fate: Fate::Changed, fields }
}

fn report(objects: Vec<ObjectDrift>) -> DriftReport {
    DriftReport {
        namespace: "shop".parse().unwrap(),
        name: "web".parse().unwrap(),
        revision: Revision::new(3).unwrap(),
        status: Status::Deployed,
        objects,
        unseen: Vec::new(),
    }
}

fn scaled() -> Drifted {
    let manager = Manager {
        manager: "kube-controller-manager".to_owned(),
        operation: "Update".to_owned(),
        subresource: Some("scale".to_owned()),
        time: None,
    };
    Drifted::new(replicas(), Some(json!(3)), Some(json!(8)), vec![manager])
}

fn held() -> Drifted {
    Drifted { held_by: Some("HorizontalPodAutoscaler shop/web".to_owned()), ..scaled() }
}

#[test]
fn a_report_as_json() {
    let gone = ObjectDrift { at: at("v1", "ConfigMap"), fate: Fate::Gone, fields: Vec::new() };
    assert_json_snapshot!(report(vec![changed(at("apps/v1", "Deployment"), vec![held()]), gone]).to_json(), @r#"
    {
      "clean": false,
      "format": "helm-rollback-safe/drift/v1",
      "namespace": "shop",
      "objects": [
        {
          "apiVersion": "apps/v1",
          "fate": "changed",
          "fields": [
            {
              "by": [
                {
                  "manager": "kube-controller-manager",
                  "operation": "Update",
                  "subresource": "scale"
                }
              ],
              "heldBy": "HorizontalPodAutoscaler shop/web",
              "is": 8,
              "path": "spec.replicas",
              "was": 3
            }
          ],
          "kind": "Deployment",
          "name": "web",
          "namespace": "shop"
        },
        {
          "apiVersion": "v1",
          "fate": "gone",
          "fields": [],
          "kind": "ConfigMap",
          "name": "web",
          "namespace": "shop"
        }
      ],
      "release": "web",
      "revision": 3,
      "status": "deployed",
      "unseen": []
    }
    "#);
}

#[test]
fn replicas_that_an_autoscaler_holds_do_not_count() {
    assert!(report(vec![changed(at("apps/v1", "Deployment"), vec![held()])]).is_clean());
    assert!(!report(vec![changed(at("apps/v1", "Deployment"), vec![scaled()])]).is_clean());
    assert!(!report(vec![ObjectDrift { at: at("v1", "Secret"), fate: Fate::Extra, fields: Vec::new() }]).is_clean());
}

#[test]
fn adopting_says_exactly_the_fields_that_differ() {
    let gone = Drifted::new(FieldPath::of_fields(&["spec", "paused"]), Some(json!(true)), None, Vec::new());
    let objects = vec![changed(at("apps/v1", "Deployment"), vec![scaled(), gone]), changed(at("v1", "Service"), vec![held()])];
    let expected = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 8, "paused": null},
    });
    assert_eq!(report(objects).adoption(), [expected]);
}

#[test]
fn secret_values_are_masked() {
    let path = FieldPath::of_fields(&["data", "key"]);
    let field = Drifted::new(path, Some(json!("aHVudGVyMg==")), Some(json!("b3RoZXI=")), Vec::new());
    let masked = report(vec![changed(at("v1", "Secret"), vec![field])]).masked(&mut Masker::default());
    let shown = format!("{}{:?}", masked.to_json(), masked.adoption());
    assert!(shown.contains("(masked #2, 8 bytes)"), "{shown}");
    assert!(!shown.contains("aHVu") && !shown.contains("b3Ro"), "{shown}");
}
