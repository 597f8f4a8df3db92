//! Rows of what connects: Services, Ingresses and so on.

use serde_json::{Value, json};

use super::row::Foretold::{Anew, AnewWork, CarriedOver, InPlace, Unknown};
use super::row::{Row, merged, row};

fn services() -> Vec<Row> {
    let base = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "ROW"},
        "spec": {"selector": {"app": "ROW"}, "ports": [{"name": "http", "port": 80}]},
    });
    let nothing = json!({});
    let set = |field: &str, value: Value| json!({"spec": {field: value}});
    let of_type = |kind: &str| set("type", json!(kind));
    let port = |more: Value| set("ports", json!([merged(&json!({"name": "http", "port": 80}), &more)]));
    let balancer = |more: Value| json!({"spec": merged(&json!({"type": "LoadBalancer"}), &more)});
    let local = |more: Value| balancer(merged(&json!({"externalTrafficPolicy": "Local"}), &more));
    let node = |more: Value| merged(&of_type("NodePort"), &more);
    let headless = set("clusterIP", json!("None"));
    let row = |first: &Value, then: &Value, path, foretold| row(&base, first, then, path, foretold);
    vec![
        row(&nothing, &port(json!({"port": 81})), "spec.ports[port=81]", InPlace),
        row(&nothing, &port(json!({"targetPort": 8080})), "spec.ports[port=80].targetPort", InPlace),
        row(&nothing, &set("selector", json!({"app": "other"})), "spec.selector.app", InPlace),
        row(&nothing, &set("sessionAffinity", json!("ClientIP")), "spec.sessionAffinity", InPlace),
        row(&nothing, &set("internalTrafficPolicy", json!("Local")), "spec.internalTrafficPolicy", InPlace),
        row(&nothing, &set("publishNotReadyAddresses", json!(true)), "spec.publishNotReadyAddresses", InPlace),
        row(&nothing, &set("clusterIP", json!("10.0.0.71")), "spec.clusterIP", CarriedOver),
        row(&set("clusterIP", json!("10.0.0.72")), &json!({"spec": {"clusterIP": null}}), "spec.clusterIP", CarriedOver),
        row(&set("clusterIP", json!("10.0.0.73")), &set("clusterIP", json!("10.0.0.74")), "spec.clusterIP", CarriedOver),
        row(&nothing, &headless, "spec.clusterIP", AnewWork),
        row(&headless, &json!({"spec": {"clusterIP": null}}), "spec.clusterIP", Anew),
        row(&headless, &set("clusterIP", json!("10.0.0.75")), "spec.clusterIP", Anew),
        row(&nothing, &of_type("NodePort"), "spec.type", InPlace),
        row(&of_type("NodePort"), &json!({"spec": {"type": null}}), "spec.type", InPlace),
        row(
            &node(port(json!({"nodePort": 30_001}))),
            &port(json!({"nodePort": 30_002})),
            "spec.ports[port=80].nodePort",
            InPlace,
        ),
        row(
            &node(port(json!({"nodePort": 30_003}))),
            &port(json!({"nodePort": null})),
            "spec.ports[port=80].nodePort",
            CarriedOver,
        ),
        row(&nothing, &json!({"spec": {"type": "ExternalName", "externalName": "example.com"}}), "spec.type", InPlace),
        row(
            &json!({"spec": {"type": "ExternalName", "externalName": "example.com"}}),
            &json!({"spec": {"type": "ClusterIP", "externalName": null}}),
            "spec.type",
            InPlace,
        ),
        row(&nothing, &balancer(json!({})), "spec.type", InPlace),
        row(&balancer(json!({})), &of_type("ClusterIP"), "spec.type", InPlace),
        row(
            &balancer(json!({"loadBalancerClass": "example.com/a"})),
            &set("loadBalancerClass", json!("example.com/b")),
            "spec.loadBalancerClass",
            CarriedOver,
        ),
        row(
            &balancer(json!({"loadBalancerClass": "example.com/a"})),
            &json!({"spec": {"loadBalancerClass": null}}),
            "spec.loadBalancerClass",
            CarriedOver,
        ),
        row(&balancer(json!({})), &set("loadBalancerClass", json!("example.com/b")), "spec.loadBalancerClass", CarriedOver),
        // Of the lowest eighty-six ports the server gives none by itself.
        row(
            &local(json!({"healthCheckNodePort": 30_011})),
            &set("healthCheckNodePort", json!(30_012)),
            "spec.healthCheckNodePort",
            CarriedOver,
        ),
        row(
            &local(json!({"healthCheckNodePort": 30_013})),
            &json!({"spec": {"healthCheckNodePort": null}}),
            "spec.healthCheckNodePort",
            CarriedOver,
        ),
        row(&local(json!({})), &set("externalTrafficPolicy", json!("Cluster")), "spec.externalTrafficPolicy", InPlace),
        row(
            &balancer(json!({})),
            &set("allocateLoadBalancerNodePorts", json!(false)),
            "spec.allocateLoadBalancerNodePorts",
            InPlace,
        ),
        row(&nothing, &set("ipFamilies", json!(["IPv6"])), "spec.ipFamilies", CarriedOver),
        row(&nothing, &set("ipFamilyPolicy", json!("PreferDualStack")), "spec.ipFamilyPolicy", InPlace),
        row(&nothing, &set("ipFamilyPolicy", json!("RequireDualStack")), "spec.ipFamilyPolicy", Unknown),
        row(&nothing, &set("externalIPs", json!(["192.0.2.1"])), "spec.externalIPs", InPlace),
    ]
}

fn others() -> Vec<Row> {
    let nothing = json!({});
    let backend = |name: &str| json!({"service": {"name": name, "port": {"number": 80}}});
    let ingress = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "ROW"},
        "spec": {"ingressClassName": "a", "defaultBackend": backend("a")},
    });
    let class = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "ROW"}, "spec": {"controller": "example.com/a"},
    });
    let policy = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "ROW"},
        "spec": {"podSelector": {"matchLabels": {"app": "ROW"}}, "policyTypes": ["Ingress"]},
    });
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "ROW"},
        "addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.1"]}],
    });
    let endpoints = json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "ROW"}, "subsets": [{"addresses": [{"ip": "192.0.2.1"}]}]});
    let reference = json!({"spec": {"parameters": {"kind": "ConfigMap", "name": "a"}}});
    vec![
        row(&ingress, &nothing, &json!({"spec": {"ingressClassName": "b"}}), "spec.ingressClassName", InPlace),
        row(&ingress, &nothing, &json!({"spec": {"defaultBackend": backend("b")}}), "spec.defaultBackend.service.name", InPlace),
        row(&class, &nothing, &json!({"spec": {"controller": "example.com/b"}}), "spec.controller", Anew),
        row(&class, &nothing, &reference, "spec.parameters", InPlace),
        row(
            &policy,
            &nothing,
            &json!({"spec": {"podSelector": {"matchLabels": {"app": "b"}}}}),
            "spec.podSelector.matchLabels.app",
            InPlace,
        ),
        row(&policy, &nothing, &json!({"spec": {"policyTypes": ["Ingress", "Egress"]}}), "spec.policyTypes", InPlace),
        row(
            &slice,
            &nothing,
            &json!({"addressType": "IPv6", "endpoints": [{"addresses": ["2001:db8::1"]}]}),
            "addressType",
            Anew,
        ),
        row(&slice, &nothing, &json!({"endpoints": [{"addresses": ["192.0.2.2"]}]}), "endpoints", InPlace),
        row(&endpoints, &nothing, &json!({"subsets": [{"addresses": [{"ip": "192.0.2.2"}]}]}), "subsets", InPlace),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [services(), others()].concat()
}
