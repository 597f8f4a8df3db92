//! Kinds of which single fields are fixed, and kinds of which none is.

use serde_json::Value;

use super::alike::differences;
use super::fate::{Change, FieldFate, Loss, recreate};

/// The fixed fields of one kind.
#[derive(Debug)]
pub(super) struct SingleRule {
    group: &'static str,
    kind: &'static str,
    fixed: &'static [Fixed],
    /// What happens beside when it is made anew.
    beside: Option<&'static str>,
    /// What says that something uses it, and what is lost then.
    used: Option<(&'static [&'static str], &'static str)>,
}

#[derive(Debug)]
struct Fixed {
    path: &'static [&'static str],
    default: &'static str,
    /// Whether the order of a list does not matter.
    is_set: bool,
}

const fn fixed(path: &'static [&'static str]) -> Fixed {
    Fixed { path, default: "null", is_set: false }
}

const fn with_default(path: &'static [&'static str], default: &'static str) -> Fixed {
    Fixed { path, default, is_set: false }
}

const ROLE: &[Fixed] = &[
    fixed(&["roleRef", "kind"]),
    fixed(&["roleRef", "name"]),
    with_default(&["roleRef", "apiGroup"], "\"rbac.authorization.k8s.io\""),
];
const BINDING: Option<&str> = Some("whom it binds has no such right for a moment");

const RULES: &[SingleRule] = &[
    SingleRule { group: "rbac.authorization.k8s.io", kind: "RoleBinding", fixed: ROLE, beside: BINDING, used: None },
    SingleRule { group: "rbac.authorization.k8s.io", kind: "ClusterRoleBinding", fixed: ROLE, beside: BINDING, used: None },
    SingleRule {
        group: "storage.k8s.io",
        kind: "StorageClass",
        fixed: &[
            fixed(&["provisioner"]),
            fixed(&["parameters"]),
            with_default(&["reclaimPolicy"], "\"Delete\""),
            with_default(&["volumeBindingMode"], "\"Immediate\""),
        ],
        beside: Some("volumes that exist keep what they were made with"),
        used: None,
    },
    SingleRule {
        group: "storage.k8s.io",
        kind: "VolumeAttributesClass",
        fixed: &[fixed(&["driverName"]), fixed(&["parameters"])],
        beside: Some("volumes that exist keep what they were made with"),
        used: None,
    },
    SingleRule {
        group: "storage.k8s.io",
        kind: "CSIDriver",
        fixed: &[
            with_default(&["spec", "attachRequired"], "true"),
            with_default(&["spec", "volumeLifecycleModes"], "[\"Persistent\"]"),
        ],
        beside: None,
        used: None,
    },
    SingleRule {
        group: "storage.k8s.io",
        kind: "CSIStorageCapacity",
        fixed: &[fixed(&["nodeTopology"]), fixed(&["storageClassName"])],
        beside: None,
        used: None,
    },
    SingleRule { group: "storage.k8s.io", kind: "VolumeAttachment", fixed: &[fixed(&["spec"])], beside: None, used: None },
    SingleRule {
        group: "scheduling.k8s.io",
        kind: "PriorityClass",
        fixed: &[with_default(&["value"], "0"), with_default(&["preemptionPolicy"], "\"PreemptLowerPriority\"")],
        beside: Some("pods that exist keep the priority that they were made with"),
        used: None,
    },
    SingleRule {
        group: "node.k8s.io",
        kind: "RuntimeClass",
        fixed: &[fixed(&["handler"])],
        beside: Some("pods that exist go on as they were made"),
        used: None,
    },
    SingleRule {
        group: "networking.k8s.io",
        kind: "IngressClass",
        fixed: &[fixed(&["spec", "controller"])],
        beside: None,
        used: None,
    },
    SingleRule {
        group: "networking.k8s.io",
        kind: "IPAddress",
        fixed: &[fixed(&["spec", "parentRef"])],
        beside: None,
        used: None,
    },
    SingleRule { group: "discovery.k8s.io", kind: "EndpointSlice", fixed: &[fixed(&["addressType"])], beside: None, used: None },
    SingleRule {
        group: "",
        kind: "ResourceQuota",
        fixed: &[Fixed { path: &["spec", "scopes"], default: "null", is_set: true }],
        beside: Some("for a moment nothing is limited"),
        used: None,
    },
    SingleRule { group: "apps", kind: "ControllerRevision", fixed: &[fixed(&["data"])], beside: None, used: None },
    SingleRule {
        group: "resource.k8s.io",
        kind: "ResourceClaim",
        fixed: &[fixed(&["spec"])],
        beside: None,
        used: Some((&["status", "allocation"], "the devices that it holds, and the pods that use them")),
    },
    SingleRule { group: "resource.k8s.io", kind: "ResourceClaimTemplate", fixed: &[fixed(&["spec"])], beside: None, used: None },
    SingleRule {
        group: "certificates.k8s.io",
        kind: "ClusterTrustBundle",
        fixed: &[fixed(&["spec", "signerName"])],
        beside: None,
        used: None,
    },
    SingleRule {
        group: "storagemigration.k8s.io",
        kind: "StorageVersionMigration",
        fixed: &[fixed(&["spec"])],
        beside: Some("the migration runs again"),
        used: None,
    },
];

/// Kinds whose every field can be changed, as far as it is valid at all.
const FREE: &[(&str, &[&str])] = &[
    ("", &["Endpoints", "LimitRange", "Namespace", "PodTemplate", "ReplicationController", "ServiceAccount"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiregistration.k8s.io", &["APIService"]),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob"]),
    ("coordination.k8s.io", &["Lease"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["Ingress", "NetworkPolicy"]),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "Role"]),
    ("resource.k8s.io", &["DeviceClass"]),
];

/// The rule of a kind of which single fields are fixed.
pub(super) fn rule(group: &str, kind: &str) -> Option<&'static SingleRule> {
    RULES.iter().find(|rule| rule.group == group && rule.kind == kind)
}

/// Whether every field of a kind can be changed.
pub(super) fn is_free(group: &str, kind: &str) -> bool {
    FREE.iter().any(|(free, kinds)| *free == group && kinds.contains(&kind))
}

impl SingleRule {
    pub(super) fn fates(&self, change: &Change<'_>) -> Vec<FieldFate> {
        let mut fates = Vec::new();
        for Fixed { path, default, is_set } in self.fixed {
            let place = path.join(".");
            let (live, after) = (change.live_at(path), change.after_at(path));
            let (live, after) = if *is_set { (sorted(live), sorted(after)) } else { (live.cloned(), after.cloned()) };
            if !differences(&place, live.as_ref(), after.as_ref(), &[(path[path.len() - 1], default)]).is_empty() {
                let used = self.used.filter(|(path, _)| change.live_at(path).is_some());
                let loses = match used {
                    Some((_, lost)) => Loss::Work(lost.to_owned()),
                    None => Loss::Nothing(self.beside.map(str::to_owned)),
                };
                fates.push(recreate(place, "it is fixed when the object is made", loses));
            }
        }
        fates
    }
}

fn sorted(list: Option<&Value>) -> Option<Value> {
    let mut entries = list?.as_array()?.clone();
    entries.sort_by_key(ToString::to_string);
    Some(Value::Array(entries))
}
