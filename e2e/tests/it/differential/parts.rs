//! What a generated chart is made of: one template per part, each in three variants.

/// A part of a chart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Name of the object, and of the template's file.
    pub(super) name: &'static str,
    /// The resource, as in `apps/v1/deployments`.
    pub(super) resource: &'static str,
    /// The template of a variant.
    pub(super) template: fn(usize) -> String,
    /// A merge patch that somebody else may make.
    pub(super) edit: &'static str,
}

/// Every part that a chart may have. Hooks have names that begin with `hook-`.
pub(super) const PARTS: &[Part] = &[
    Part {
        name: "config-a",
        resource: "v1/configmaps",
        template: config,
        edit: r#"{"data":{"one":"edited","stranger":"s"},"metadata":{"labels":{"by":"hand"}}}"#,
    },
    Part { name: "config-kept", resource: "v1/configmaps", template: kept, edit: r#"{"data":{"kept":"edited"}}"# },
    Part { name: "secret-a", resource: "v1/secrets", template: secret, edit: r#"{"data":{"key":"ZWRpdGVk"}}"# },
    Part { name: "secret-text", resource: "v1/secrets", template: secret_text, edit: r#"{"data":{"more":"bW9yZQ=="}}"# },
    Part { name: "web", resource: "v1/services", template: service, edit: r#"{"spec":{"sessionAffinity":"ClientIP"}}"# },
    Part {
        name: "api",
        resource: "apps/v1/deployments",
        template: api,
        edit: r#"{"spec":{"replicas":3},"metadata":{"annotations":{"note":"by hand"}}}"#,
    },
    Part {
        name: "worker",
        resource: "apps/v1/deployments",
        template: worker,
        edit: r#"{"spec":{"template":{"spec":{"containers":[{"name":"worker","image":"worker:edited"}]}}}}"#,
    },
    Part { name: "db", resource: "apps/v1/statefulsets", template: stateful, edit: r#"{"spec":{"replicas":2}}"# },
    Part {
        name: "robot",
        resource: "v1/serviceaccounts",
        template: account,
        edit: r#"{"metadata":{"labels":{"tier":"edited"}}}"#,
    },
    Part { name: "reader", resource: "rbac.authorization.k8s.io/v1/roles", template: role, edit: r#"{"rules":[]}"# },
    Part {
        name: "reads",
        resource: "rbac.authorization.k8s.io/v1/rolebindings",
        template: binding,
        edit: r#"{"metadata":{"annotations":{"note":"by hand"}}}"#,
    },
    Part {
        name: "disk",
        resource: "v1/persistentvolumeclaims",
        template: claim,
        edit: r#"{"metadata":{"labels":{"tier":"edited"}}}"#,
    },
    Part { name: "once", resource: "batch/v1/jobs", template: job, edit: r#"{"metadata":{"labels":{"tier":"edited"}}}"# },
    Part {
        name: "gear",
        resource: "differential.example.com/v1/widgets",
        template: widget,
        edit: r#"{"spec":{"size":99,"stranger":true}}"#,
    },
    Part {
        name: "wall",
        resource: "networking.k8s.io/v1/networkpolicies",
        template: policy,
        edit: r#"{"spec":{"podSelector":{"matchLabels":{"app":"edited"}}}}"#,
    },
    Part { name: "hook-config", resource: "v1/configmaps", template: hook_config, edit: r#"{"data":{"event":"edited"}}"# },
    Part { name: "hook-last", resource: "v1/configmaps", template: hook_last, edit: r#"{"data":{"event":"edited"}}"# },
    Part {
        name: "hook-job",
        resource: "batch/v1/jobs",
        template: hook_job,
        edit: r#"{"metadata":{"labels":{"tier":"edited"}}}"#,
    },
];

fn config(variant: usize) -> String {
    let data = ["one: first", "one: second\n  two: second", "three: third"][variant];
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: config-a}}\n\
         data:\n  color: {{{{ .Values.color | quote }}}}\n  place: {{{{ .Release.Namespace }}}}\n  {data}\n"
    )
}

fn kept(variant: usize) -> String {
    let policy = ["keep", "keep", "delete"][variant];
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: config-kept, annotations: {{helm.sh/resource-policy: {policy}}}}}\n\
         data: {{kept: \"{variant}\"}}\n"
    )
}

fn secret(variant: usize) -> String {
    let data = ["key: Zmlyc3Q=", "key: c2Vjb25k, more: bW9yZQ==", "other: b3RoZXI="][variant];
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: secret-a}}\ndata: {{{data}}}\n")
}

fn secret_text(variant: usize) -> String {
    let data = ["key: first", "key: second", "other: third"][variant];
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: secret-text}}\nstringData: {{{data}}}\n")
}

fn service(variant: usize) -> String {
    let ports = [
        "[{name: http, port: 80}]",
        "[{name: http, port: 80, targetPort: 8080}, {name: https, port: 443}]",
        "[{name: other, port: 8080, protocol: TCP}]",
    ][variant];
    format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: api}}, ports: {ports}}}\n")
}

fn api(variant: usize) -> String {
    let containers = [
        "[{name: api, image: \"api:1\", env: [{name: A, value: a}]}]",
        "[{name: api, image: \"api:2\", env: [{name: B, value: b}, {name: A, value: z}]}, {name: side, image: side}]",
        "[{name: api, image: \"api:3\", ports: [{containerPort: 80}], resources: {limits: {cpu: 1}}}]",
    ][variant];
    let replicas = ["replicas: 1", "replicas: 2", "minReadySeconds: 0"][variant];
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: api, labels: {{variant: v{variant}}}}}\n\
         spec:\n  {replicas}\n  selector: {{matchLabels: {{app: api}}}}\n  template:\n    metadata: {{labels: {{app: api}}}}\n    \
         spec: {{containers: {containers}}}\n"
    )
}

fn worker(variant: usize) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: worker}}\nspec:\n  \
         selector: {{matchLabels: {{app: worker}}}}\n  template:\n    \
         metadata: {{labels: {{app: worker, test/kubelet: \"{{{{ .Values.story }}}}\"}}}}\n    \
         spec: {{containers: [{{name: worker, image: \"worker:{variant}\", env: [{{name: COLOR, value: \"{{{{ .Values.color }}}}\"}}]}}]}}\n"
    )
}

fn stateful(variant: usize) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec:\n  serviceName: db\n  \
         selector: {{matchLabels: {{app: db}}}}\n  template:\n    metadata: {{labels: {{app: db, variant: v{variant}}}}}\n    \
         spec: {{containers: [{{name: db, image: \"db:{variant}\"}}]}}\n"
    )
}

fn account(variant: usize) -> String {
    format!("apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: robot, labels: {{tier: t{variant}}}}}\n")
}

fn role(variant: usize) -> String {
    let verbs = ["[get]", "[get, list]", "[watch]"][variant];
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: reader}}\n\
         rules: [{{apiGroups: [\"\"], resources: [pods], verbs: {verbs}}}]\n"
    )
}

fn binding(variant: usize) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: reads}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}}\n\
         subjects: [{{kind: ServiceAccount, name: robot-{variant}, namespace: {{{{ .Release.Namespace }}}}}}]\n"
    )
}

fn claim(variant: usize) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: disk, labels: {{tier: t{variant}}}}}\n\
         spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n"
    )
}

fn job(variant: usize) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: once, labels: {{tier: t{variant}}}}}\n\
         spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: once, image: once}}]}}}}}}\n"
    )
}

fn widget(variant: usize) -> String {
    let spec =
        ["size: 1, colors: [red]", "size: {{ .Values.big }}, colors: [red, blue], deep: {a: 1, b: 2}", "deep: {b: 3}"][variant];
    format!("apiVersion: differential.example.com/v1\nkind: Widget\nmetadata: {{name: gear}}\nspec: {{{spec}}}\n")
}

fn policy(variant: usize) -> String {
    let ingress =
        ["", ", ingress: [{from: [{podSelector: {}}]}]", ", ingress: [{ports: [{port: 80}, {port: 443}]}], egress: [{}]"]
            [variant];
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: wall}}\n\
         spec: {{podSelector: {{matchLabels: {{app: api}}}}{ingress}}}\n"
    )
}

/// Sets of delete policies under which a hook can run again, whatever another revision's policies left of it.
const POLICIES: [&str; 3] = [
    "",
    ", helm.sh/hook-delete-policy: \"hook-succeeded,before-hook-creation\"",
    ", helm.sh/hook-delete-policy: \"before-hook-creation,hook-succeeded,hook-failed\"",
];

fn hook_config(variant: usize) -> String {
    let policy = POLICIES[variant];
    let weight = ["-5", "0", "7"][variant];
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook-config\n  \
         annotations: {{helm.sh/hook: \"pre-rollback,post-rollback,pre-upgrade\", helm.sh/hook-weight: \"{weight}\"{policy}}}\n\
         data: {{event: v{variant}, color: {{{{ .Values.color | quote }}}}}}\n"
    )
}

fn hook_last(variant: usize) -> String {
    let policy = POLICIES[(variant + 1) % 3];
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook-last\n  \
         annotations: {{helm.sh/hook: post-rollback, helm.sh/hook-weight: \"{variant}\"{policy}}}\ndata: {{event: v{variant}}}\n"
    )
}

fn hook_job(variant: usize) -> String {
    let policy = POLICIES[variant];
    let event = ["pre-rollback", "pre-rollback", "post-rollback"][variant];
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: hook-job\n  \
         annotations: {{helm.sh/hook: {event}, helm.sh/hook-weight: \"2\"{policy}}}\n\
         spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: job, image: \"job:{variant}\"}}]}}}}}}\n"
    )
}
