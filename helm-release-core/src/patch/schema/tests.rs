use serde_json::json;

use super::{ListMerge, ListType, MapType, OpenApiError, Schemas};
use crate::Gvk;

#[test]
fn containers_of_a_deployment_merge_by_name() {
    let deployment = Schemas::built_in().find(&Gvk::new("apps/v1", "Deployment")).unwrap();
    let pod = deployment.field("spec").unwrap().field("template").unwrap().field("spec").unwrap();
    let containers = pod.field("containers").unwrap();
    assert_eq!(containers.list_merge(), ListMerge::Merge { key: Some("name") });
    assert_eq!(containers.list_type(), ListType::Map(&["name".to_owned()]));
    let ports = containers.items().unwrap().field("ports").unwrap();
    assert_eq!(ports.list_merge(), ListMerge::Merge { key: Some("containerPort") });
    assert_eq!(ports.list_type(), ListType::Map(&["containerPort".to_owned(), "protocol".to_owned()]));
    assert_eq!(pod.field("tolerations").unwrap().list_merge(), ListMerge::Replace);
    assert!(pod.field("volumes").unwrap().retain_keys());
}

#[test]
fn selectors_are_atomic_and_labels_are_free() {
    let deployment = Schemas::built_in().find(&Gvk::new("apps/v1", "Deployment")).unwrap();
    let spec = deployment.field("spec").unwrap();
    assert_eq!(spec.field("selector").unwrap().map_type(), MapType::Atomic);
    assert_eq!(spec.field("template").unwrap().map_type(), MapType::Granular);
    assert!(deployment.field("metadata").unwrap().field("labels").unwrap().is_free_mapping());
    assert!(!spec.is_free_mapping());
}

#[test]
fn a_custom_resource_of_a_server_is_known_but_takes_no_strategic_merge() {
    let mut schemas = Schemas::built_in().clone();
    let gvk = Gvk::new("example.com/v1", "Widget");
    let document = json!({
        "openapi": "3.0.0",
        "paths": {"/apis/example.com/v1/widgets/{name}": {"patch": {
            "x-kubernetes-group-version-kind": {"group": "example.com", "version": "v1", "kind": "Widget"},
            "requestBody": {"content": {"application/merge-patch+json": {}}},
        }}},
        "components": {"schemas": {"com.example.v1.Widget": {
            "type": "object",
            "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Widget"}],
            "properties": {"parts": {
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
                "items": {"type": "object"},
            }},
        }}},
    });
    schemas.add_openapi_v3(&document).unwrap();
    let parts = schemas.find(&gvk).unwrap().field("parts").unwrap();
    assert_eq!(parts.list_type(), ListType::Map(&["id".to_owned()]));
    assert!(!schemas.takes_strategic_merge(&gvk));
    assert!(schemas.takes_strategic_merge(&Gvk::new("v1", "Pod")));
}

#[test]
fn version_2_is_refused() {
    assert_eq!(Schemas::default().add_openapi_v3(&json!({"swagger": "2.0"})), Err(OpenApiError::Version));
}

#[test]
fn a_kind_that_other_groups_only_use_keeps_its_strategic_merge() {
    let gvk = Gvk::new("v1", "PersistentVolumeClaim");
    assert!(Schemas::built_in().takes_strategic_merge(&gvk));
    let mut schemas = Schemas::built_in().clone();
    let kind = json!({"group": "", "version": "v1", "kind": "PersistentVolumeClaim"});
    let types = json!({"io.k8s.api.core.v1.PersistentVolumeClaim": {
        "type": "object", "x-kubernetes-group-version-kind": [kind], "properties": {"spec": {"type": "object"}},
    }});
    schemas.add_openapi_v3(&json!({"openapi": "3.0.0", "components": {"schemas": types}})).unwrap();
    assert!(schemas.takes_strategic_merge(&gvk));
}

#[test]
fn versions_that_only_older_servers_have_are_known() {
    for (api_version, kind) in [("extensions/v1beta1", "Ingress"), ("batch/v1beta1", "CronJob"), ("apps/v1beta2", "Deployment")] {
        assert!(Schemas::built_in().takes_strategic_merge(&Gvk::new(api_version, kind)), "{api_version} {kind}");
    }
    assert!(!Schemas::built_in().takes_strategic_merge(&Gvk::new("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition")));
}

#[test]
fn every_kind_that_charts_bring_along_takes_a_strategic_merge() {
    let kinds = [
        (
            "v1",
            "ConfigMap Endpoints LimitRange Namespace PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
        ),
        ("apps/v1", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet"),
        ("batch/v1", "CronJob Job"),
        ("autoscaling/v1", "HorizontalPodAutoscaler"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("networking.k8s.io/v1", "Ingress IngressClass IPAddress NetworkPolicy ServiceCIDR"),
        ("policy/v1", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole ClusterRoleBinding Role RoleBinding"),
        ("storage.k8s.io/v1", "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass"),
        (
            "admissionregistration.k8s.io/v1",
            "MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
        ),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("apiregistration.k8s.io/v1", "APIService"),
        ("certificates.k8s.io/v1", "CertificateSigningRequest"),
        ("coordination.k8s.io/v1", "Lease"),
        ("discovery.k8s.io/v1", "EndpointSlice"),
        ("events.k8s.io/v1", "Event"),
        ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema PriorityLevelConfiguration"),
        ("node.k8s.io/v1", "RuntimeClass"),
        ("resource.k8s.io/v1", "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice"),
        ("scheduling.k8s.io/v1", "PriorityClass"),
    ];
    for (api_version, names) in kinds {
        for name in names.split(' ') {
            let gvk = Gvk::new(api_version, name);
            assert!(Schemas::built_in().takes_strategic_merge(&gvk), "{gvk}");
            let finalizers = Schemas::built_in().find(&gvk).and_then(|kind| kind.field("metadata")?.field("finalizers"));
            assert_eq!(finalizers.map(super::Node::list_merge), Some(ListMerge::Merge { key: None }), "{gvk}");
        }
    }
}
