//! One rich object per kind.

use serde_json::{Value, json};

/// Objects of every kind that the comparison is made for.
pub(super) fn all() -> Vec<Value> {
    let mut kinds = workloads();
    kinds.extend(network());
    kinds.extend(configuration());
    kinds.extend(access());
    kinds.extend(limits());
    kinds.extend(extensions());
    kinds
}

fn object(api_version: &str, kind: &str, namespace: Option<&str>, rest: Value) -> Value {
    let mut object = json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": "web",
            "labels": {"app": "web", "tier": "front"},
            "annotations": {"meta.helm.sh/release-name": "r", "note": "n"},
            "finalizers": ["example.com/guard", "example.com/audit", "example.com/bill"],
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u1"}, {"apiVersion": "v1", "kind": "Node", "name": "m", "uid": "u2"}],
        },
    });
    if let Some(namespace) = namespace {
        object["metadata"]["namespace"] = json!(namespace);
    }
    if let Value::Object(rest) = rest {
        for (key, value) in rest {
            object[key] = value;
        }
    }
    object
}

fn namespaced(api_version: &str, kind: &str, rest: Value) -> Value {
    object(api_version, kind, Some("default"), rest)
}

fn cluster(api_version: &str, kind: &str, rest: Value) -> Value {
    object(api_version, kind, None, rest)
}

fn container(name: &str) -> Value {
    json!({
        "name": name,
        "image": "example.com/web:1",
        "args": ["--port", "8080"],
        "command": ["web"],
        "env": [
            {"name": "A", "value": "a"},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            {"name": "C", "value": "c"},
            {"name": "D", "value": "d"},
        ],
        "envFrom": [{"configMapRef": {"name": "c"}}, {"secretRef": {"name": "s"}}],
        "ports": [
            {"name": "http", "containerPort": 80},
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
        ],
        "volumeMounts": [{"name": "v", "mountPath": "/v"}, {"name": "w", "mountPath": "/w", "readOnly": true}],
        "volumeDevices": [{"name": "x", "devicePath": "/dev/x"}],
        "resources": {"limits": {"cpu": "1", "memory": "64Mi"}, "requests": {"cpu": "250m"}},
        "livenessProbe": {"httpGet": {"path": "/", "port": "http", "httpHeaders": [{"name": "h", "value": "v"}]}, "periodSeconds": 5},
        "securityContext": {"runAsNonRoot": true, "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "KILL"]}},
        "tty": true,
    })
}

fn pod_spec() -> Value {
    json!({
        "containers": [container("web"), container("side"), {"name": "tail", "image": "tail"}],
        "initContainers": [{"name": "setup", "image": "i", "env": [{"name": "X", "value": "x"}]}, {"name": "wait", "image": "w"}],
        "volumes": [
            {"name": "v", "emptyDir": {"medium": "Memory"}},
            {"name": "w", "configMap": {"name": "c", "items": [{"key": "k", "path": "p"}]}},
            {"name": "x", "projected": {"sources": [{"secret": {"name": "s"}}, {"configMap": {"name": "c"}}]}},
            {"name": "y", "secret": {"secretName": "s"}},
        ],
        "tolerations": [{"key": "k", "operator": "Exists"}, {"key": "l", "value": "v", "effect": "NoSchedule"}],
        "hostAliases": [{"ip": "10", "hostnames": ["a", "b"]}, {"ip": "64Mi", "hostnames": ["c"]}],
        "imagePullSecrets": [{"name": "p"}, {"name": "q"}],
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}}},
            {"maxSkew": 2, "topologyKey": "host", "whenUnsatisfiable": "ScheduleAnyway"},
        ],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {"topologyKey": "host", "labelSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}}},
        ]}},
        "nodeSelector": {"disk": "ssd", "arch": "arm"},
        "securityContext": {"runAsUser": 1, "sysctls": [{"name": "s", "value": "v"}], "supplementalGroups": [1, 2]},
        "readinessGates": [{"conditionType": "c"}],
        "schedulingGates": [{"name": "g"}, {"name": "h"}],
        "resourceClaims": [{"name": "gpu", "resourceClaimName": "c"}, {"name": "net", "resourceClaimTemplateName": "t"}],
        "dnsConfig": {"nameservers": ["n"], "options": [{"name": "ndots", "value": "2"}]},
        "serviceAccountName": "web",
        "terminationGracePeriodSeconds": 5,
    })
}

fn template() -> Value {
    json!({"metadata": {"labels": {"app": "web"}, "annotations": {"sum": "s"}}, "spec": pod_spec()})
}

fn selector() -> Value {
    json!({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}]})
}

fn claim_spec() -> Value {
    json!({
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1"}},
        "storageClassName": "fast",
        "dataSource": {"kind": "PersistentVolumeClaim", "name": "old"},
    })
}

fn workloads() -> Vec<Value> {
    let job = json!({"backoffLimit": 2, "template": template(), "podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "t", "status": "s"}]}]}});
    vec![
        namespaced(
            "apps/v1",
            "Deployment",
            json!({"spec": {
                "replicas": 2, "selector": selector(), "template": template(),
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}},
            }}),
        ),
        namespaced(
            "apps/v1",
            "StatefulSet",
            json!({"spec": {
                "replicas": 2, "serviceName": "web", "selector": selector(), "template": template(),
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
                "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim_spec()}, {"metadata": {"name": "log"}, "spec": claim_spec()}],
            }}),
        ),
        namespaced(
            "apps/v1",
            "DaemonSet",
            json!({"spec": {
                "selector": selector(), "template": template(), "updateStrategy": {"type": "OnDelete"},
            }}),
        ),
        namespaced("apps/v1", "ReplicaSet", json!({"spec": {"replicas": 1, "selector": selector(), "template": template()}})),
        namespaced("batch/v1", "Job", json!({"spec": job})),
        namespaced(
            "batch/v1",
            "CronJob",
            json!({"spec": {"schedule": "s", "suspend": false, "jobTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": job}}}),
        ),
        namespaced("v1", "Pod", json!({"spec": pod_spec()})),
        namespaced("v1", "PodTemplate", json!({"template": template()})),
        namespaced(
            "apps/v1",
            "ControllerRevision",
            json!({"revision": 1, "data": {"spec": {"a": {"b": "c"}, "l": ["x", "y"]}, "n": "m"}}),
        ),
    ]
}

fn network() -> Vec<Value> {
    let peer = json!({"podSelector": selector(), "namespaceSelector": {"matchLabels": {"a": "b"}}});
    vec![
        namespaced(
            "v1",
            "Service",
            json!({"spec": {
                "type": "ClusterIP", "selector": {"app": "web", "tier": "t"}, "externalIPs": ["1", "2"],
                "ports": [
                    {"name": "http", "port": 80, "targetPort": "http"},
                    {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
                    {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
                ],
                "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}},
            }}),
        ),
        namespaced("v1", "Endpoints", json!({"subsets": [{"addresses": [{"ip": "1"}], "ports": [{"port": 80}]}]})),
        namespaced(
            "networking.k8s.io/v1",
            "Ingress",
            json!({"spec": {
                "ingressClassName": "nginx", "tls": [{"hosts": ["a"], "secretName": "s"}],
                "rules": [{"host": "a", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}, {"host": "b"}],
            }}),
        ),
        cluster(
            "networking.k8s.io/v1",
            "IngressClass",
            json!({"spec": {"controller": "c", "parameters": {"kind": "K", "name": "n"}}}),
        ),
        namespaced(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"spec": {
                "podSelector": selector(), "policyTypes": ["Ingress", "Egress"],
                "ingress": [{"from": [peer, {"ipBlock": {"cidr": "1", "except": ["2"]}}], "ports": [{"port": 80, "protocol": "TCP"}]}],
                "egress": [{"to": [peer]}],
            }}),
        ),
        namespaced(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            json!({
                "addressType": "IPv4", "endpoints": [{"addresses": ["1"], "conditions": {"ready": true}}], "ports": [{"name": "p", "port": 80}],
            }),
        ),
    ]
}

fn configuration() -> Vec<Value> {
    vec![
        namespaced(
            "v1",
            "ConfigMap",
            json!({"data": {"a": "1", "b": "2", "c": "three"}, "binaryData": {"d": "AAAA"}, "immutable": false}),
        ),
        namespaced("v1", "Secret", json!({"type": "Opaque", "data": {"a": "QQ==", "b": "Qg=="}, "stringData": {"c": "d"}})),
        namespaced("v1", "PersistentVolumeClaim", json!({"spec": claim_spec()})),
        cluster(
            "v1",
            "PersistentVolume",
            json!({"spec": {
                "capacity": {"storage": "1"}, "accessModes": ["ReadWriteOnce", "ReadOnlyMany"], "mountOptions": ["ro", "soft"],
                "hostPath": {"path": "/p"}, "claimRef": {"name": "c", "namespace": "n"},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}]}]}},
            }}),
        ),
        cluster(
            "storage.k8s.io/v1",
            "StorageClass",
            json!({
                "provisioner": "p", "parameters": {"a": "b"}, "mountOptions": ["ro"], "allowVolumeExpansion": true,
                "allowedTopologies": [{"matchLabelExpressions": [{"key": "zone", "values": ["a", "b"]}]}],
            }),
        ),
        cluster(
            "storage.k8s.io/v1",
            "CSIDriver",
            json!({"spec": {"attachRequired": true, "tokenRequests": [{"audience": "a"}, {"audience": "b"}], "volumeLifecycleModes": ["Persistent"]}}),
        ),
        cluster("v1", "Namespace", json!({"spec": {"finalizers": ["kubernetes"]}})),
    ]
}

fn access() -> Vec<Value> {
    let rules = json!([{"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["get", "list"]}, {"nonResourceURLs": ["/v"], "verbs": ["get"]}]);
    let subjects = json!([{"kind": "ServiceAccount", "name": "a", "namespace": "n"}, {"kind": "User", "name": "b"}]);
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"});
    vec![
        namespaced(
            "v1",
            "ServiceAccount",
            json!({
                "secrets": [{"name": "a"}, {"name": "b"}], "imagePullSecrets": [{"name": "p"}, {"name": "q"}], "automountServiceAccountToken": true,
            }),
        ),
        namespaced("rbac.authorization.k8s.io/v1", "Role", json!({"rules": rules})),
        namespaced("rbac.authorization.k8s.io/v1", "RoleBinding", json!({"roleRef": role, "subjects": subjects})),
        cluster(
            "rbac.authorization.k8s.io/v1",
            "ClusterRole",
            json!({"rules": rules, "aggregationRule": {"clusterRoleSelectors": [selector()]}}),
        ),
        cluster("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", json!({"roleRef": role, "subjects": subjects})),
    ]
}

fn limits() -> Vec<Value> {
    let metrics = json!([
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}},
        {"type": "Pods", "pods": {"metric": {"name": "m", "selector": selector()}, "target": {"type": "AverageValue", "averageValue": "1"}}},
    ]);
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    vec![
        namespaced(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            json!({"spec": {
                "minReplicas": 1, "maxReplicas": 5, "scaleTargetRef": target, "metrics": metrics,
                "behavior": {"scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 5}], "selectPolicy": "Max"}},
            }}),
        ),
        namespaced("autoscaling/v1", "HorizontalPodAutoscaler", json!({"spec": {"maxReplicas": 5, "scaleTargetRef": target}})),
        namespaced("policy/v1", "PodDisruptionBudget", json!({"spec": {"minAvailable": 1, "selector": selector()}})),
        namespaced(
            "v1",
            "LimitRange",
            json!({"spec": {"limits": [
                {"type": "Container", "default": {"cpu": "1"}, "max": {"cpu": "2", "memory": "64Mi"}}, {"type": "Pod", "min": {"cpu": "1"}},
            ]}}),
        ),
        namespaced(
            "v1",
            "ResourceQuota",
            json!({"spec": {
                "hard": {"pods": "10", "cpu": "2"}, "scopes": ["BestEffort", "Terminating"],
                "scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["a"]}]},
            }}),
        ),
        cluster("scheduling.k8s.io/v1", "PriorityClass", json!({"value": 5, "globalDefault": false, "description": "text"})),
    ]
}

fn extensions() -> Vec<Value> {
    let webhook = |name: &str| {
        json!({
            "name": name, "sideEffects": "None", "admissionReviewVersions": ["v1", "v1beta1"],
            "clientConfig": {"service": {"name": "s", "namespace": "n", "path": "/p"}},
            "rules": [{"apiGroups": ["a"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
            "matchConditions": [{"name": "m", "expression": "e"}, {"name": "n", "expression": "f"}],
            "namespaceSelector": selector(),
        })
    };
    let widget = json!({"spec": {
        "size": 3, "ratio": 2.5, "big": 9_007_199_254_740_991_i64, "name": "w", "parts": [{"name": "a", "n": {"m": 1}}, {"name": "b"}],
        "nested": {"one": {"two": {"three": "x", "four": ["y"]}}}, "empty": {}, "flag": true,
    }});
    let definition = json!({"spec": {
        "group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets", "shortNames": ["w", "x"]},
        "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {
            "spec": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
        }}}}],
    }});
    vec![
        cluster(
            "admissionregistration.k8s.io/v1",
            "MutatingWebhookConfiguration",
            json!({"webhooks": [webhook("a"), webhook("b")]}),
        ),
        cluster(
            "admissionregistration.k8s.io/v1",
            "ValidatingWebhookConfiguration",
            json!({"webhooks": [webhook("a"), webhook("b")]}),
        ),
        cluster("apiextensions.k8s.io/v1", "CustomResourceDefinition", definition.clone()),
        cluster("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", definition),
        cluster(
            "apiregistration.k8s.io/v1",
            "APIService",
            json!({"spec": {"group": "g", "version": "v1", "service": {"name": "s", "namespace": "n"}, "versionPriority": 1}}),
        ),
        namespaced("example.com/v1", "Widget", widget.clone()),
        namespaced("monitoring.coreos.com/v1", "ServiceMonitor", widget),
    ]
}
