//! What the server fills in where a field is left out (`pkg/apis/*/v1/defaults.go`).

use super::alike::Defaults;

/// Defaults of a pod's description, alone or as a template.
pub(super) const POD: &Defaults = &[
    ("ontainers[].terminationMessagePath", "\"/dev/termination-log\""),
    ("ontainers[].terminationMessagePolicy", "\"File\""),
    ("ontainers[].securityContext.procMount", "\"Default\""),
    ("ports[].protocol", "\"TCP\""),
    ("livenessProbe.timeoutSeconds", "1"),
    ("livenessProbe.periodSeconds", "10"),
    ("livenessProbe.successThreshold", "1"),
    ("livenessProbe.failureThreshold", "3"),
    ("readinessProbe.timeoutSeconds", "1"),
    ("readinessProbe.periodSeconds", "10"),
    ("readinessProbe.successThreshold", "1"),
    ("readinessProbe.failureThreshold", "3"),
    ("startupProbe.timeoutSeconds", "1"),
    ("startupProbe.periodSeconds", "10"),
    ("startupProbe.successThreshold", "1"),
    ("startupProbe.failureThreshold", "3"),
    ("httpGet.scheme", "\"HTTP\""),
    ("httpGet.path", "\"/\""),
    ("fieldRef.apiVersion", "\"v1\""),
    ("configMap.defaultMode", "420"),
    ("secret.defaultMode", "420"),
    ("projected.defaultMode", "420"),
    ("downwardAPI.defaultMode", "420"),
    ("serviceAccountToken.expirationSeconds", "3600"),
    ("hostPath.type", "\"\""),
    ("resourceFieldRef.divisor", "\"0\""),
    ("spec.dnsPolicy", "\"ClusterFirst\""),
    ("spec.restartPolicy", "\"Always\""),
    ("spec.terminationGracePeriodSeconds", "30"),
    ("spec.schedulerName", "\"default-scheduler\""),
    ("spec.securityContext", "{}"),
    ("spec.preemptionPolicy", "\"PreemptLowerPriority\""),
    ("spec.priority", "0"),
];

/// Defaults of the fields of a StatefulSet that stay as they were made.
pub(super) const STATEFUL_SET: &Defaults = &[
    ("spec.podManagementPolicy", "\"OrderedReady\""),
    ("volumeClaimTemplates[].apiVersion", "\"v1\""),
    ("volumeClaimTemplates[].kind", "\"PersistentVolumeClaim\""),
    ("volumeClaimTemplates[].status", "{\"phase\":\"Pending\"}"),
    ("volumeClaimTemplates[].spec.volumeMode", "\"Filesystem\""),
];

/// Defaults of a claim.
pub(super) const CLAIM: &Defaults = &[("spec.volumeMode", "\"Filesystem\"")];
