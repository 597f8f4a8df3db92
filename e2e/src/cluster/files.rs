//! What the components read: users, kubeconfigs, the audit policy, the signing key.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use super::USERS;

/// Which requests the audit log holds how: those of the tests' own users with both bodies.
const AUDIT_POLICY: &str = r#"apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, nonResourceURLs: ["/livez*", "/readyz*", "/healthz*"]}
- {level: RequestResponse, userGroups: ["testers"]}
- {level: Metadata}
"#;

pub(super) fn write(dir: &Path, port: u16, signing_key: &str) -> io::Result<()> {
    fs::write(dir.join("sa.key"), signing_key)?;
    fs::write(dir.join("audit.yaml"), AUDIT_POLICY)?;
    let mut tokens = "components-token,components,components,system:masters\n".to_owned();
    for number in 0..USERS {
        let _ = writeln!(tokens, "tester-{number}-token,tester-{number},tester-{number},\"testers,system:masters\"");
        let _ = writeln!(tokens, "viewer-{number}-token,viewer-{number},viewer-{number},\"testers,viewers\"");
    }
    fs::write(dir.join("tokens.csv"), tokens)?;
    let server = format!("https://127.0.0.1:{port}");
    fs::write(dir.join("components.kubeconfig"), kubeconfig(&server, "default", &[("components", "components")]))
}

/// Writes a kubeconfig; each context is `(context, user)`, the first one is current.
pub(crate) fn kubeconfig(server: &str, namespace: &str, contexts: &[(&str, &str)]) -> String {
    let mut text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {}\n\
         clusters:\n- name: test\n  cluster: {{server: \"{server}\", insecure-skip-tls-verify: true}}\nusers:\n",
        contexts.first().map_or("", |(context, _)| context),
    );
    for (_, user) in contexts {
        let _ = writeln!(text, "- {{name: {user}, user: {{token: {user}-token}}}}");
    }
    text.push_str("contexts:\n");
    for (context, user) in contexts {
        let _ = writeln!(text, "- {{name: {context}, context: {{cluster: test, user: {user}, namespace: {namespace}}}}}");
    }
    text
}

/// Writes a kubeconfig for a server that asks for no credentials.
pub(crate) fn open_kubeconfig(server: &str, namespace: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: door\n\
         clusters:\n- name: door\n  cluster: {{server: \"{server}\"}}\n\
         users:\n- {{name: nobody, user: {{}}}}\n\
         contexts:\n- {{name: door, context: {{cluster: door, user: nobody, namespace: {namespace}}}}}\n"
    )
}
