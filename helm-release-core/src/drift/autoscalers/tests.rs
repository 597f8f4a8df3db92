use serde_json::{Value, json};

use super::Autoscalers;
use crate::drift::tests::{object, owned};
use crate::ports::{Location, Resource, Scope};
use crate::{Gvk, Object};

fn at(kind: &str, name: &str) -> Location {
    let resource = Resource { gvk: Gvk::new("apps/v1", kind), plural: String::new(), scope: Scope::Namespaced };
    resource.at("shop", name)
}

fn web(replicas: u32) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": replicas}})
}

fn autoscaler(api_version: &str, kind: &str, name: &str) -> Object {
    object(
        &json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"scaleTargetRef": {"apiVersion": api_version, "kind": kind, "name": name}}}),
    )
}

#[test]
fn an_autoscaler_holds_what_it_names() {
    let held = |autoscaler| Autoscalers::of([autoscaler]).holder(&at("Deployment", "web"), &object(&web(3)));
    let holder = Some("HorizontalPodAutoscaler shop/web".to_owned());
    assert_eq!(held(autoscaler("apps/v1", "Deployment", "web")), holder);
    assert_eq!(held(autoscaler("apps/v1beta1", "Deployment", "web")), holder, "whatever the version");
    for (api_version, kind, name) in
        [("apps/v1", "StatefulSet", "web"), ("apps/v1", "Deployment", "api"), ("v1", "Deployment", "web")]
    {
        assert_eq!(held(autoscaler(api_version, kind, name)), None, "{api_version} {kind} {name}");
    }
}

#[test]
fn a_workload_that_was_scaled_to_nothing_is_left_alone_by_its_autoscaler() {
    let autoscalers = Autoscalers::of([autoscaler("apps/v1", "Deployment", "web")]);
    assert_eq!(autoscalers.holder(&at("Deployment", "web"), &object(&web(0))), None);
}

#[test]
fn where_autoscalers_may_not_be_listed_the_manager_tells() {
    let scaled = |manager, subresource| {
        object(&owned(&web(3), &[(manager, "Update", subresource, json!({"f:spec": {"f:replicas": {}}}))]))
    };
    let hidden = Autoscalers { hidden: Some("forbidden".to_owned()), ..Autoscalers::default() };
    let held = |live: &Object| hidden.holder(&at("Deployment", "web"), live).is_some();
    assert!(held(&scaled("kube-controller-manager", "scale")));
    assert!(!held(&scaled("kubectl", "scale")));
    assert!(!held(&scaled("kube-controller-manager", "")));
    let listed = Autoscalers::default();
    assert_eq!(
        listed.holder(&at("Deployment", "web"), &scaled("kube-controller-manager", "scale")),
        None,
        "there is none any more"
    );
}

#[test]
fn an_autoscaler_that_goes_holds_nothing() {
    let autoscalers = Autoscalers::of([autoscaler("apps/v1", "Deployment", "web")]).without(|id| id.name == "web");
    assert_eq!(autoscalers.holder(&at("Deployment", "web"), &object(&web(3))), None);
}
