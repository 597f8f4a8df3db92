use super::{can_name, fits, names};
use crate::ObjectId;

fn id(group: &str, kind: &str, namespace: Option<&str>, name: &str) -> ObjectId {
    ObjectId { group: group.to_owned(), kind: kind.to_owned(), namespace: namespace.map(str::to_owned), name: name.to_owned() }
}

#[test]
fn a_kind_is_compared_without_regard_to_case_and_a_name_with() {
    let role = id("rbac.authorization.k8s.io", "ClusterRole", None, "Shop:admin");
    for pattern in ["ClusterRole/Shop:admin", "clusterrole/Shop:admin", "CLUSTERROLE Shop:admin", "cluster*/Shop*", "*Role/*"] {
        assert!(names(pattern, &role), "{pattern}");
    }
    for pattern in ["ClusterRole/shop:admin", "Role/Shop:admin", "clusterroles/Shop:admin"] {
        assert!(!names(pattern, &role), "{pattern}");
    }
}

#[test]
fn what_findings_print_can_be_named() {
    for object in [
        id("apps", "Deployment", Some("shop"), "web"),
        id("", "Namespace", None, "shop"),
        id("cert-manager.io", "Certificate", Some("shop"), "web"),
        id("cert-manager.io", "ClusterIssuer", None, "letsencrypt"),
    ] {
        let printed = object.to_string();
        for pattern in [printed.replace(' ', "/"), printed] {
            assert!(can_name(&pattern) && names(&pattern, &object), "{pattern}");
        }
    }
    for pattern in ["*", "web*", "*shop/web", "*/shop/web", "Deployment/*/web", "Deployment/*"] {
        assert!(can_name(pattern), "{pattern}");
    }
}

#[test]
fn what_no_object_is_called_is_seen() {
    for pattern in [
        "",
        "web",
        "/web",
        "Deployment/",
        "Deployment/shop/",
        "Deployment//web",
        "apps/Deployment/web",
        "apps/Deployment/*",
        "apps/v1/Deployment/web",
        "Deployment.apps/web",
        "Ingress.networking.k8s.io/web",
        "Deployment/shop web",
    ] {
        assert!(!can_name(pattern), "{pattern}");
    }
}

#[test]
fn a_star_stands_for_any_signs() {
    for (pattern, text) in [("*", ""), ("a*", "a"), ("*a*", "bab"), ("a*b*c", "a-b-b-c"), ("a*a", "aa")] {
        assert!(fits(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a*a", "a"), ("a", "ab"), ("*a", "ab"), ("a*b*c", "a-c-b")] {
        assert!(!fits(pattern, text), "{pattern} {text}");
    }
}
