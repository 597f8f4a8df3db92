//! What the tests of rollbacks share: small charts of a release `web`, and what its records say.

use e2e::{Chart, Namespace, Tool};
use serde_json::{Value, json};

/// The release of these tests.
pub(crate) const WEB: &str = "web";

/// A ConfigMap with one value.
pub(crate) fn config_map(name: &str, color: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{color: {color}}}\n")
}

/// A chart with the ConfigMap `web` of that colour.
pub(crate) fn web(color: &str) -> Chart {
    Chart::new("web", "1.0.0").template("web.yaml", &config_map("web", color))
}

/// Hexadecimal digits that gzip cannot make less than half as long, always the same.
pub(crate) fn noise(length: usize) -> String {
    let mut noise = 7_u32;
    std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_digit(noise >> 28, 16).expect("four bits are a digit")
    })
    .take(length)
    .collect()
}

/// A Pod that is a hook and ends as `story` says (see `cluster/stages/kubelet.yaml`); further annotations in YAML's flow form.
pub(crate) fn hook(name: &str, event: &str, story: &str, annotations: &str) -> String {
    format!(
        "apiVersion: v1
kind: Pod
metadata:
  name: {name}
  labels: {{test/kubelet: \"{story}\"}}
  annotations: {{helm.sh/hook: {event}{}{annotations}}}
spec: {{restartPolicy: Never, containers: [{{name: hook, image: hook}}]}}
",
        if annotations.is_empty() { "" } else { ", " }
    )
}

/// A Service that wants an address of its own, and comes after every ConfigMap. The server gives addresses from 10.0.1.1 on to those
/// who ask for none, so one of `10.0.0.…` is free.
pub(crate) fn addressed(name: &str, address: &str) -> String {
    format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{clusterIP: {address}, ports: [{{port: 80}}]}}\n")
}

/// Two revisions of which the first cannot be reached any more, and no plan can know it: its Service `late`, which the second has
/// not, wants an address that somebody else has taken.
pub(crate) fn without_a_way_back(ns: &Namespace<'_>, major: u8, chart: &Chart, address: &str) {
    deploy(ns, major, &[chart.clone().template("late.yaml", &addressed("late", address)), web("red")]);
    let _ = ns.until("v1/services", "late", |service| service.is_none());
    let spec = json!({"clusterIP": address, "ports": [{"port": 80}]});
    let _ =
        ns.create("v1/services", &json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "thief"}, "spec": spec}));
}

/// Prepares `helm upgrade --install web` of a chart.
pub(crate) fn upgrade(ns: &Namespace<'_>, major: u8, chart: &Chart) -> Tool {
    ns.helm(major).args(["upgrade", "--install", WEB, "--timeout", "60s"]).arg(ns.chart(chart))
}

/// Deploys charts as revisions 1, 2, …
pub(crate) fn deploy(ns: &Namespace<'_>, major: u8, charts: &[Chart]) {
    for chart in charts {
        let _ = upgrade(ns, major, chart).ok();
    }
}

/// Prepares `rollback-safe web` with further arguments.
pub(crate) fn ours(ns: &Namespace<'_>, args: &[&str]) -> Tool {
    ns.plugin().arg(WEB).args(args)
}

/// Prepares `helm rollback web` with further arguments.
pub(crate) fn helms(ns: &Namespace<'_>, major: u8, args: &[&str]) -> Tool {
    ns.helm(major).args(["rollback", WEB]).args(args)
}

/// The revisions of the release as Helm tells them, oldest first, each with the status that the label of its Secret says too.
pub(crate) fn history(ns: &Namespace<'_>, major: u8) -> Vec<Value> {
    let text = ns.helm(major).args(["history", WEB, "-o", "json"]).ok();
    let Ok(Value::Array(rows)) = serde_json::from_str(&text) else { panic!("history is no list: {text}") };
    for row in &rows {
        let secret = ns.live("v1/secrets", &format!("sh.helm.release.v1.{WEB}.v{}", row["revision"]));
        assert_eq!(secret["metadata"]["labels"]["status"], row["status"], "label and record differ: {row}");
    }
    rows
}

/// The statuses of the release's revisions, oldest first.
pub(crate) fn statuses(ns: &Namespace<'_>, major: u8) -> Vec<String> {
    history(ns, major).iter().map(|row| row["status"].as_str().unwrap_or_default().to_owned()).collect()
}

/// What the newest revision says of itself.
pub(crate) fn description(ns: &Namespace<'_>, major: u8) -> String {
    history(ns, major).last().and_then(|row| row["description"].as_str()).unwrap_or_default().to_owned()
}

/// The value of a live ConfigMap, empty where there is none.
pub(crate) fn color_of(ns: &Namespace<'_>, name: &str) -> String {
    let object = ns.get("v1/configmaps", name).unwrap_or_default();
    object["data"]["color"].as_str().unwrap_or_default().to_owned()
}

/// The value of the live ConfigMap `web`.
pub(crate) fn color(ns: &Namespace<'_>) -> String {
    color_of(ns, WEB)
}

/// Runs something and demands that nothing was written on the server meanwhile.
pub(crate) fn without_a_write<T>(ns: &Namespace<'_>, act: impl FnOnce() -> T) -> T {
    let mark = ns.mark();
    let result = act();
    let writes: Vec<_> =
        ns.requests_since(mark).into_iter().filter(e2e::Request::is_write).map(|request| (request.verb, request.uri)).collect();
    assert!(writes.is_empty(), "written: {writes:?}");
    result
}

/// Demands that the line of Helm that made the release goes on with it: history, upgrade, uninstall.
pub(crate) fn helm_goes_on(ns: &Namespace<'_>, major: u8) {
    let before = history(ns, major).len();
    let _ = upgrade(ns, major, &web("after")).ok();
    assert_eq!(color(ns), "after");
    let after = statuses(ns, major);
    assert!(after.len() > before.min(9), "{after:?}");
    assert_eq!(after.last().map(String::as_str), Some("deployed"), "{after:?}");
    assert_eq!(after.iter().filter(|status| *status == "deployed").count(), 1, "{after:?}");
}

/// Gives the viewer rights: API group, resources, verbs.
pub(crate) fn allow_viewer(ns: &Namespace<'_>, rules: &[(&str, &[&str], &[&str])]) {
    let rules: Vec<Value> = rules
        .iter()
        .map(|(group, resources, verbs)| json!({"apiGroups": [group], "resources": resources, "verbs": verbs}))
        .collect();
    let group = "rbac.authorization.k8s.io";
    let role = json!({"apiVersion": format!("{group}/v1"), "kind": "Role", "metadata": {"name": "viewer"}, "rules": rules});
    let _ = ns.create(&format!("{group}/v1/roles"), &role);
    let binding = json!({
        "apiVersion": format!("{group}/v1"),
        "kind": "RoleBinding",
        "metadata": {"name": "viewer"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "viewer"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": ns.viewer()}],
    });
    let _ = ns.create(&format!("{group}/v1/rolebindings"), &binding);
}
