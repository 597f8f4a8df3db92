//! A whole rollback, plan and all: twin releases in two namespaces, rolled back and forth by the plugin and by Helm 4.

use std::path::Path;

use e2e::Chart;

use super::place::{Place, Program};
use super::{Bar, Limit};
use crate::child::time;

pub(super) fn of_ten(place: &Place) -> Vec<Bar> {
    vec![measure(place, "rollback of 10 objects, all changed", 10, 10, Limit::AtMost(0.6))]
}

pub(super) fn of_a_hundred(place: &Place) -> Vec<Bar> {
    vec![measure(place, "rollback of 100 objects, half of them changed", 100, 50, Limit::AtMost(0.25))]
}

/// A chart of that many objects, of which the first `changing` follow the value `color`.
///
/// Nothing in it runs, so that no controller is busy on the measured server.
pub(super) fn chart(folder: &Path, objects: usize, changing: usize) {
    let mut chart = Chart::new("web", "1.0.0").values("color: blue\n");
    for index in 0..objects {
        let color = if index < changing { "{{ .Values.color }}" } else { "grey" };
        let about = format!("metadata:\n  name: object-{index}\n  annotations: {{color: {color}}}\n");
        let text = match index % 5 {
            0 => format!("apiVersion: v1\nkind: ConfigMap\n{about}data: {{color: {color}, size: \"3\"}}\n"),
            1 => format!("apiVersion: v1\nkind: Secret\n{about}stringData: {{password: {color}}}\n"),
            2 => format!(
                "apiVersion: v1\nkind: Service\n{about}spec:\n  selector: {{app: object-{index}}}\n  ports: [{{port: 80, name: http}}]\n"
            ),
            3 => format!("apiVersion: v1\nkind: ServiceAccount\n{about}"),
            _ => format!(
                "apiVersion: apps/v1\nkind: Deployment\n{about}spec:\n  replicas: 0\n  selector: {{matchLabels: {{app: object-{index}}}}}\n  \
                 template:\n    metadata: {{labels: {{app: object-{index}}}}}\n    spec:\n      containers:\n      - name: web\n        \
                 image: registry.example/web:1\n        env: [{{name: COLOR, value: {color}}}]\n"
            ),
        };
        chart = chart.template(&format!("object-{index}.yaml"), &text);
    }
    let _ = chart.write(folder);
}

/// Installs the chart in one colour, and upgrades it to another.
pub(super) fn install(place: &Place, namespace: &str, folder: &Path) {
    let folder = folder.display().to_string();
    for color in ["color=blue", "color=red"] {
        let args = ["upgrade", "--install", "web", &folder, "--set", color];
        let _ = place.tool(Program::Helm4, namespace).args(args).ok();
    }
}

fn measure(place: &Place, title: &str, objects: usize, changing: usize, limit: Limit) -> Bar {
    let folder = place.home().join(format!("chart-{objects}"));
    chart(&folder, objects, changing);
    let (ours, theirs) = (place.namespace(), place.namespace());
    for namespace in [&ours, &theirs] {
        install(place, namespace, &folder);
    }
    // Each goes to the revision before the latest, so the colours change to and fro and every run has the same work.
    let our_turn = || time(place.command(Program::Plugin, &ours, &["rollback", "web", "-1"]));
    let their_turn = || time(place.command(Program::Helm4, &theirs, &["rollback", "web"]));
    let (_, _) = (our_turn(), their_turn());
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..place.runs {
        our_times.push(our_turn());
        their_times.push(their_turn());
    }
    Bar::times(title, &our_times, &their_times, limit)
}
