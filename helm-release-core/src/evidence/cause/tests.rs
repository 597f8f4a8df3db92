//! What the API server's messages mean; each is worded as its source has it.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

use super::{CauseKind, refusal};

fn read(message: &str) -> (CauseKind, String) {
    let words = refusal(message).unwrap_or_else(|| panic!("not read: {message}"));
    (words.kind, words.text)
}

fn is(message: &str, kind: CauseKind, text: &str) {
    assert_eq!(read(message), (kind, text.to_owned()));
}

#[test]
fn quotas_are_read() {
    is(
        "pods \"web\" is forbidden: exceeded quota: small, requested: requests.cpu=500m, used: requests.cpu=1800m, limited: requests.cpu=2",
        CauseKind::Quota,
        "quota \"small\" is exceeded: asked for 500m of requests.cpu, 1800m of 2 are used",
    );
    is(
        "pods \"web\" is forbidden: failed quota: small: must specify limits.cpu for: web; limits.memory for: web",
        CauseKind::Quota,
        "quota \"small\" wants more to be stated: must specify limits.cpu for: web; limits.memory for: web",
    );
    is(
        "pods \"web\" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high]}]",
        CauseKind::Quota,
        "no quota allows to match these scopes: [{PriorityClass In [high]}]",
    );
}

#[test]
fn webhooks_are_read() {
    is(
        "admission webhook \"guard.example.org\" denied the request: image must come from registry.example.org.",
        CauseKind::Admission,
        "the admission webhook \"guard.example.org\" denied it: image must come from registry.example.org",
    );
    is(
        "admission webhook \"guard.example.org\" denied the request without explanation",
        CauseKind::Admission,
        "the admission webhook \"guard.example.org\" denied it and does not say why",
    );
    is(
        "Internal error occurred: failed calling webhook \"guard.example.org\": failed to call webhook: Post \
         \"https://guard.default.svc:443/validate?timeout=10s\": service \"guard\" not found",
        CauseKind::Admission,
        "the admission webhook \"guard.example.org\" does not answer, and nothing is let through without it: Post \
         \"https://guard.default.svc:443/validate?timeout=10s\": service \"guard\" not found",
    );
}

#[test]
fn what_a_webhook_quotes_does_not_hide_the_webhook() {
    let (kind, text) =
        read("admission webhook \"rbac.example.org\" denied the request: User \"ci\" cannot patch resource \"pods\"");
    assert_eq!(kind, CauseKind::Admission, "{text}");
}

#[test]
fn policies_and_other_admission_is_read() {
    is(
        "configmaps \"web\" is forbidden: ValidatingAdmissionPolicy 'no-blue' with binding 'everywhere' denied request: blue is not allowed",
        CauseKind::Admission,
        "the admission policy \"no-blue\" denied it: blue is not allowed",
    );
    is(
        "pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false \
         (container \"web\" must set securityContext.allowPrivilegeEscalation=false)",
        CauseKind::Admission,
        "the namespace allows only pods of Pod security level \"restricted:latest\": allowPrivilegeEscalation != false \
         (container \"web\" must set securityContext.allowPrivilegeEscalation=false)",
    );
    is(
        "configmaps \"web\" is forbidden: unable to create new content in namespace shop because it is being terminated",
        CauseKind::Admission,
        "namespace shop is being deleted, so nothing can be made in it",
    );
    is(
        "pods \"web\" is forbidden: maximum cpu usage per Container is 1, but limit is 2",
        CauseKind::Admission,
        "an admission check forbids it: maximum cpu usage per Container is 1, but limit is 2",
    );
}

#[test]
fn missing_rights_are_read() {
    is(
        "deployments.apps \"web\" is forbidden: User \"ci\" cannot patch resource \"deployments\" in API group \"apps\" in the \
         namespace \"shop\"",
        CauseKind::Right,
        "user \"ci\" has no right to patch deployments.apps in namespace shop",
    );
    is(
        "clusterroles.rbac.authorization.k8s.io is forbidden: User \"system:serviceaccount:ci:deployer\" cannot create resource \
         \"clusterroles\" in API group \"rbac.authorization.k8s.io\" at the cluster scope",
        CauseKind::Right,
        "user \"system:serviceaccount:ci:deployer\" has no right to create clusterroles.rbac.authorization.k8s.io in the whole cluster",
    );
    is(
        "secrets is forbidden: User \"ci\" cannot list resource \"secrets\" in API group \"\" in the namespace \"shop\": RBAC: role \"x\" not found",
        CauseKind::Right,
        "user \"ci\" has no right to list secrets in namespace shop",
    );
    is("Unauthorized", CauseKind::Right, "the API server does not accept the credentials, they may have expired");
    let (kind, text) = read(
        "roles.rbac.authorization.k8s.io \"web\" is forbidden: user \"ci\" (groups=[\"dev\"]) is attempting to grant RBAC permissions \
         not currently held: {APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}",
    );
    assert_eq!(kind, CauseKind::Right);
    assert!(text.starts_with("only who has these rights may grant them: {APIGroups"), "{text}");
}

#[test]
fn fields_that_cannot_change_are_read_without_their_values() {
    let kept = |path: &str| format!("the API server does not let {path} be changed on an object that exists");
    is(
        "Deployment.apps \"web\" is invalid: spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"a: Forbidden\"}}: field is immutable",
        CauseKind::Immutable,
        &kept("spec.selector"),
    );
    is(
        "Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.0.0.2\"]: may not change once set",
        CauseKind::Immutable,
        &kept("spec.clusterIPs[0]"),
    );
    is(
        "RoleBinding.rbac.authorization.k8s.io \"web\" is invalid: roleRef: Invalid value: {\"kind\":\"Role\"}: cannot change roleRef",
        CauseKind::Immutable,
        &kept("roleRef"),
    );
    is(
        "StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden",
        CauseKind::Immutable,
        &format!("{}: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden", kept("spec")),
    );
    is(
        "PersistentVolumeClaim \"data\" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
        CauseKind::Immutable,
        &format!("{}: field can not be less than status.capacity", kept("spec.resources.requests.storage")),
    );
}

#[test]
fn invalid_objects_are_read_without_their_values() {
    is(
        "Deployment.apps \"web\" is invalid: [spec.template.spec.containers[0].image: Required value, spec.replicas: Invalid value: -1: \
         must be greater than or equal to 0]",
        CauseKind::Invalid,
        "the API server refuses spec.template.spec.containers[0].image: required value",
    );
    is(
        "Deployment.apps \"web\" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, \
         spec.template.spec.containers[0].image: Required value]",
        CauseKind::Invalid,
        "the API server refuses spec.replicas: invalid value, must be greater than or equal to 0",
    );
    is(
        "Service \"web\" is invalid: spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
        CauseKind::Invalid,
        "the API server refuses spec.ports[0].port: invalid value, must be between 1 and 65535, inclusive",
    );
    let (_, text) = read("Secret \"db\" is invalid: data.password: Invalid value: \"hunter: 2\": must be base64");
    assert_eq!(text, "the API server refuses data.password: invalid value, must be base64");
}

#[test]
fn field_conflicts_are_read() {
    is(
        "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using apps/v1 at 2026-05-01T12:00:00Z: .spec.replicas",
        CauseKind::FieldConflict,
        ".spec.replicas belongs to field manager \"kubectl-edit\"",
    );
    is(
        "Apply failed with 5 conflicts: conflicts with \"hpa\" using apps/v1: - .spec.replicas conflicts with \"kubectl-edit\" using \
         apps/v1: - .data.a - .data.b - .data.c - .data.d",
        CauseKind::FieldConflict,
        ".spec.replicas belongs to field manager \"hpa\"; .data.a, .data.b, .data.c and 1 more belong to field manager \"kubectl-edit\"",
    );
    is(
        "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your changes to the \
         latest version and try again",
        CauseKind::FieldConflict,
        "somebody else writes the object all the time, so no write gets through",
    );
    let (_, text) =
        read("Operation cannot be fulfilled on Pod \"web\": Precondition failed: UID in precondition: a, UID in object meta: b");
    assert!(text.starts_with("the object is not what it was: Pod \"web\""), "{text}");
}

#[test]
fn other_messages_are_left_alone() {
    for message in ["context deadline exceeded", "deployments.apps \"web\" not found", ""] {
        assert_eq!(refusal(message), None, "{message}");
    }
}

/// Pieces of messages, in any order and mixed with other text.
fn piece() -> impl Strategy<Value = String> {
    const MARKS: [&str; 16] = [
        "exceeded quota: ",
        ", requested: ",
        ", used: ",
        ", limited: ",
        "admission webhook \"",
        "\" denied the request: ",
        "failed calling webhook \"",
        "User \"",
        "\" cannot ",
        " resource \"",
        " is invalid: [",
        ": Invalid value: {\"a\": [",
        ": Forbidden: ",
        "Apply failed with 2 conflicts: ",
        "conflict with \"",
        " is forbidden: ",
    ];
    prop_oneof![proptest::sample::select(&MARKS[..]).prop_map(str::to_owned), any::<String>(), Just(", ".to_owned())]
}

proptest! {
    #[test]
    fn no_message_is_too_odd_to_be_read(pieces in vec(piece(), 0..8)) {
        if let Some(words) = refusal(&pieces.concat()) {
            proptest::prop_assert!(words.text.chars().count() < 5000, "{}", words.text);
            proptest::prop_assert!(!words.text.contains('\n'), "{}", words.text);
        }
    }

    #[test]
    fn a_refused_value_is_never_repeated(before in "[a-z: \"\\\\\u{0}-\u{20}]{0,8}", after in "[a-z: \"\\\\]{0,8}", inside in any::<bool>()) {
        let value = format!("{before}hunter2{after}");
        // Go writes control characters in ways that JSON has not.
        let quoted = format!("{value:?}").replace("\\u{", "\\x{");
        let quoted = if inside { format!("{{\"password\":{}}}", serde_json::json!(value)) } else { quoted };
        let message = format!("Thing.example.org \"web\" is invalid: spec.a: Invalid value: {quoted}: must not be so");
        let words = refusal(&message).unwrap();
        proptest::prop_assert_eq!(words.text, "the API server refuses spec.a: invalid value, must not be so");
    }
}
