//! Fields that cannot be changed.

use helm_release_core::ports::{ClusterErrorKind, PatchBody};
use serde_json::{Value, json};

use super::bench::Bench;
use super::objects::{config_map, deployment, job, service, template};
use crate::conformance::Deviation;

async fn refuses(bench: &Bench<'_>, object: &Value, patch: Value, words: &str) -> Result<(), Deviation> {
    let at = bench.place(object).await?;
    // A controller may write between; that is no refusal.
    for _ in 0..20 {
        match bench.patch(&at, PatchBody::Merge(patch.clone())).await {
            Err(error) if error.kind == ClusterErrorKind::Conflict => {}
            other => return bench.refused(other, ClusterErrorKind::Invalid, words),
        }
    }
    Err(bench.deviation("always conflicts"))
}

super::behaviours! {
    a_selector_is_fixed(bench) {
        let object = deployment("fixed", "web:1");
        bench.create(&object).await?;
        let patch = json!({"spec": {
            "selector": {"matchLabels": {"app": "other"}}, "template": {"metadata": {"labels": {"app": "other"}}},
        }});
        let words = "Deployment.apps \"fixed\" is invalid: spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"other\"}}: field is immutable";
        refuses(&bench, &object, patch, words).await?;
    }
    a_stateful_set_is_mostly_fixed(bench) {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "fixed"},
            "spec": {"replicas": 0, "serviceName": "fixed", "selector": {"matchLabels": {"app": "fixed"}}, "template": template("fixed", "db:1")},
        });
        bench.create(&object).await?;
        let words = "StatefulSet.apps \"fixed\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', \
            'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
        refuses(&bench, &object, json!({"spec": {"podManagementPolicy": "Parallel"}}), words).await?;
        let at = bench.place(&object).await?;
        bench.did(bench.patch(&at, PatchBody::Merge(json!({"spec": {"minReadySeconds": 1}}))).await)?;
    }
    a_job_template_is_fixed(bench) {
        let object = job("fixed", None);
        bench.create(&object).await?;
        let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "job:2"}]}}}});
        refuses(&bench, &object, patch, "field is immutable").await?;
        refuses(&bench, &object, json!({"spec": {"completions": 2}}), "spec.completions: Invalid value: 2: field is immutable").await?;
    }
    a_service_keeps_its_address(bench) {
        let object = service("fixed");
        let made = bench.create(&object).await?;
        let address = made.at(&["spec", "clusterIP"]).cloned().unwrap_or_default();
        let words = "Service \"fixed\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.0.0.250\"]: may not change once set";
        let patch = json!({"spec": {"clusterIP": "10.0.0.250", "clusterIPs": ["10.0.0.250"]}});
        refuses(&bench, &object, patch, words).await?;
        let replaced = bench.did(bench.replace(&object).await?)?;
        bench.equal("the address after a replacement that names none", replaced.at(&["spec", "clusterIP"]), &address)?;
    }
    a_claim_is_fixed(bench) {
        let object = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "fixed"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        });
        bench.create(&object).await?;
        let words = "PersistentVolumeClaim \"fixed\" is invalid: spec: Forbidden: spec is immutable after creation except \
            resources.requests and volumeAttributesClassName for bound claims";
        refuses(&bench, &object, json!({"spec": {"accessModes": ["ReadWriteMany"]}}), words).await?;
    }
    what_says_so_of_itself_is_fixed(bench) {
        let mut object = config_map("fixed", &json!({"a": "1"}));
        object["immutable"] = json!(true);
        bench.create(&object).await?;
        let words = "ConfigMap \"fixed\" is invalid: data: Forbidden: field is immutable when `immutable` is set";
        refuses(&bench, &object, json!({"data": {"a": "2"}}), words).await?;
        let words = "ConfigMap \"fixed\" is invalid: immutable: Forbidden: field is immutable when `immutable` is set";
        refuses(&bench, &object, json!({"immutable": false}), words).await?;
    }
    a_secret_keeps_its_type(bench) {
        let mut object = config_map("fixed", &json!({"a": "YQ=="}));
        object["kind"] = json!("Secret");
        bench.create(&object).await?;
        // An implementation may mask the value.
        refuses(&bench, &object, json!({"type": "other"}), "Secret \"fixed\" is invalid: type: Invalid value: ").await?;
    }
    a_binding_keeps_its_role(bench) {
        let group = "rbac.authorization.k8s.io";
        let object = json!({
            "apiVersion": format!("{group}/v1"), "kind": "RoleBinding", "metadata": {"name": "fixed"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
            "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": bench.namespace}],
        });
        bench.create(&object).await?;
        let words = "RoleBinding.rbac.authorization.k8s.io \"fixed\" is invalid: roleRef: Invalid value: \
            {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"ClusterRole\",\"Name\":\"edit\"}: cannot change roleRef";
        refuses(&bench, &object, json!({"roleRef": {"name": "edit"}}), words).await?;
    }
    a_pod_is_mostly_fixed(bench) {
        let object = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "fixed", "labels": {"test/kubelet": "hang"}},
            "spec": template("fixed", "web:1")["spec"],
        });
        bench.create(&object).await?;
        let words = "Pod \"fixed\" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`";
        refuses(&bench, &object, json!({"spec": {"hostNetwork": true}}), words).await?;
    }
}
