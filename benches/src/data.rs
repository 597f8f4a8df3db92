//! Generated input: always the same, and about as compressible as real charts.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::Record;
use helm_release_core::codec;
use helm_release_core::ports::Payload;
use serde_json::{Value, json};

/// A source of numbers that look random and are the same in every run.
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// Starts a series; equal seeds give equal series.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// The next number below a limit.
    pub const fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// A word out of a few hundred.
    pub fn word(&mut self) -> String {
        const SYLLABLES: [&str; 24] = [
            "re", "pli", "ca", "ser", "vi", "ce", "con", "fig", "map", "sto", "ra", "ge", "in", "gress", "na", "me", "spa", "se",
            "cret", "pod", "vo", "lume", "port", "node",
        ];
        let number = self.below(700);
        let syllable = |place: u64| SYLLABLES[usize::try_from(place % 24).unwrap_or(0)];
        format!("{}{}", syllable(number), syllable(number / 24))
    }

    /// Lines of words, at least that many bytes.
    pub fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 80);
        while text.len() < bytes {
            for _ in 0..8 {
                text.push_str(&self.word());
                text.push(' ');
            }
            let number = self.below(100_000);
            let _ = writeln!(text, "{number}");
        }
        text
    }
}

/// A Deployment as charts have them, with that many containers.
#[must_use]
pub fn deployment(name: &str, containers: usize, numbers: &mut Numbers) -> Value {
    let container = |index: usize, numbers: &mut Numbers| {
        let env: Vec<Value> =
            (0..12).map(|variable| json!({"name": format!("VARIABLE_{variable}"), "value": numbers.word()})).collect();
        json!({
            "name": format!("container-{index}"),
            "image": format!("registry.example/{}:{}", numbers.word(), numbers.below(100)),
            "env": env,
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        })
    };
    let containers: Vec<Value> = (0..containers).map(|index| container(index, numbers)).collect();
    let labels = json!({"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "Helm"});
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "labels": labels,
            "annotations": {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "default"},
        },
        "spec": {
            "replicas": numbers.below(5),
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": containers, "volumes": [{"name": "data", "emptyDir": {}}]},
            },
        },
    })
}

/// A ConfigMap with that many bytes of text, or a few more.
#[must_use]
pub fn config_map(name: &str, bytes: usize, numbers: &mut Numbers) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "labels": {"app.kubernetes.io/managed-by": "Helm"},
            "annotations": {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "default"},
        },
        "data": {"settings.conf": numbers.text(bytes), "level": numbers.word()},
    })
}

/// Writes a value as the block YAML that templates give.
fn write_yaml(text: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, member) in map {
                let _ = write!(text, "{indent}{key}:");
                write_member(text, member, depth);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let mut inner = String::new();
                write_yaml(&mut inner, item, depth + 1);
                let first = inner.get(indent.len() + 2..).unwrap_or_default();
                let _ = write!(text, "{indent}- {first}");
            }
        }
        scalar => {
            let _ = writeln!(text, "{indent}{scalar}");
        }
    }
}

fn write_member(text: &mut String, member: &Value, depth: usize) {
    match member {
        Value::Object(map) if !map.is_empty() => {
            text.push('\n');
            write_yaml(text, member, depth + 1);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            write_yaml(text, member, depth);
        }
        Value::String(lines) if lines.ends_with('\n') => {
            text.push_str(" |\n");
            for line in lines.lines() {
                let _ = writeln!(text, "{}{line}", "  ".repeat(depth + 1));
            }
        }
        scalar => {
            let _ = writeln!(text, " {scalar}");
        }
    }
}

/// A manifest of Deployments and ConfigMaps in turns, as Helm stores it, at least that many bytes.
#[must_use]
pub fn manifest(bytes: usize, seed: u64) -> String {
    let mut numbers = Numbers::new(seed);
    let mut text = String::with_capacity(bytes + 8192);
    let mut index = 0_u32;
    while text.len() < bytes {
        let name = format!("object-{index}");
        let object =
            if index.is_multiple_of(2) { deployment(&name, 2, &mut numbers) } else { config_map(&name, 1500, &mut numbers) };
        let _ = writeln!(text, "---\n# Source: web/templates/{name}.yaml");
        write_yaml(&mut text, &object, 0);
        index += 1;
    }
    text
}

/// What tells one generated record from another.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The release's name.
    pub name: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// The revision.
    pub revision: u32,
    /// The status.
    pub status: &'a str,
}

/// A record as Helm 4 writes it, its JSON at least that many bytes: one third manifest, two thirds chart.
#[must_use]
pub fn record(identity: Identity<'_>, bytes: usize) -> Record {
    let seed = u64::from(identity.revision) * 1_000_003 + identity.name.bytes().map(u64::from).sum::<u64>();
    let mut numbers = Numbers::new(seed);
    // Base64 makes three bytes four.
    let (file, mut templates) = (8192, Vec::new());
    while templates.len() * file * 4 / 3 < bytes * 2 / 3 {
        let name = format!("templates/file-{}.yaml", templates.len());
        templates.push(json!({
            "name": name,
            "modtime": "2026-01-01T00:00:00Z",
            "data": STANDARD.encode(numbers.text(file)),
        }));
    }
    let time = "2026-01-01T10:00:00.000000000Z";
    let json = format!(
        r#"{{"name":{name},"info":{info},"chart":{chart},"config":{config},"manifest":{manifest},"version":{version},"namespace":{namespace},"apply_method":"ssa"}}"#,
        name = json!(identity.name),
        info = format_args!(
            r#"{{"first_deployed":"{time}","last_deployed":"{time}","deleted":"","description":"Upgrade complete","status":{},"notes":{}}}"#,
            json!(identity.status),
            json!(numbers.text(500)),
        ),
        chart = format_args!(
            r#"{{"metadata":{},"lock":null,"templates":{},"values":{},"schema":null,"files":null}}"#,
            json!({"name": "web", "version": "1.2.3", "appVersion": "1.0", "apiVersion": "v2", "type": "application"}),
            Value::from(templates),
            json!({"color": "blue", "replicas": 3}),
        ),
        config = json!({"color": numbers.word()}),
        manifest = json!(manifest(bytes / 3, seed)),
        version = identity.revision,
        namespace = json!(identity.namespace),
    );
    Record::parse(json.as_bytes()).expect("the generated text is a JSON object")
}

/// An encoded record whose stored payload is about that many bytes.
#[must_use]
pub fn payload(identity: Identity<'_>, bytes: usize) -> Payload {
    // What is left after compression is measured once on a sample of the same text.
    let sample = 200_000;
    let left = codec::encode(&record(identity, sample)).0.len();
    codec::encode(&record(identity, bytes * sample / left))
}

/// The Secret in which Helm keeps a record.
#[must_use]
pub fn secret(identity: Identity<'_>, payload: &Payload) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "helm.sh/release.v1",
        "metadata": {
            "name": format!("sh.helm.release.v1.{}.v{}", identity.name, identity.revision),
            "labels": {
                "name": identity.name,
                "owner": "helm",
                "status": identity.status,
                "version": identity.revision.to_string(),
                "createdAt": "1767261600",
            },
        },
        "data": {"release": STANDARD.encode(&payload.0)},
    })
}
