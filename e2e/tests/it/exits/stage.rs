//! A release that Helm made once, and as many copies of it as are wanted, each in a namespace of its own.

use std::path::PathBuf;

use e2e::{Namespace, Tool, World};
use helm_release_core::codec::{self, DecodeOptions};
use k8s_openapi::ByteString;
use serde_json::{Value, json};

use super::objects::{WIDGETS, define_widgets};
use super::scenarios::{Maker, Scenario, Step};
use crate::release::WEB;

/// The kinds of which the scenarios' charts make objects.
pub(super) const RESOURCES: [&str; 8] = [
    "v1/configmaps",
    "v1/secrets",
    "v1/services",
    "v1/pods",
    "apps/v1/deployments",
    "apps/v1/statefulsets",
    "batch/v1/jobs",
    WIDGETS,
];

pub(super) const RECORD: &str = "helm.sh/release.v1";

/// A release as Helm left it.
pub(super) struct Stage<'a> {
    pub(super) scenario: &'a Scenario,
    master: Namespace<'a>,
    objects: Vec<(&'static str, Value)>,
    discovered: PathBuf,
    after: PathBuf,
}

/// Whether nobody but the test made the object.
pub(super) fn is_own(object: &Value) -> bool {
    object["metadata"]["ownerReferences"].is_null() && object["metadata"]["name"] != "kube-root-ca.crt"
}

pub(super) fn decoded(record: &Value) -> Vec<u8> {
    let ByteString(stored) = serde_json::from_value(record["data"]["release"].clone()).expect("data is base64");
    codec::decode_json(&stored, DecodeOptions::default()).expect("a record can be decoded")
}

impl<'a> Stage<'a> {
    /// Lets Helm make the release.
    pub(super) fn build(world: &'a World, scenario: &'a Scenario) -> Self {
        define_widgets(world);
        let master = world.namespace("exits");
        let after = master.chart(&scenario.after());
        let discovered = world.cluster().dir().join("exits-discovery");
        let mut stage = Self { scenario, master, objects: Vec::new(), discovered, after };
        let mut version = 0;
        for step in &scenario.past {
            match step {
                Step::Deploys(chart) => {
                    let chart = stage.master.chart(chart);
                    let _ = stage.upgrade(&stage.master, version == 0).arg(chart).ok();
                    version += 1;
                }
                Step::Fails(chart) => {
                    let chart = stage.master.chart(chart);
                    let _ = stage.upgrade(&stage.master, false).arg(chart).fails(1);
                }
                Step::Edits(edit) => edit(&stage.master),
            }
        }
        let own = |resource: &'static str| {
            let objects = stage.master.list(resource).into_iter().filter(is_own);
            objects.map(move |object| (resource, object)).collect::<Vec<_>>()
        };
        stage.objects = RESOURCES.into_iter().flat_map(own).collect();
        stage
    }

    /// Prepares an installation or upgrade; the chart is still to be named.
    fn upgrade(&self, ns: &Namespace<'_>, installs: bool) -> Tool {
        let Scenario { maker, .. } = self.scenario;
        // The server checks every object anyway, and all copies have the same one.
        let tool = ns.helm(maker.major()).env("KUBECACHEDIR", &self.discovered).args(["upgrade", WEB]);
        let tool = tool.args(["--disable-openapi-validation", "--timeout", "60s"]);
        let tool = if installs { tool.arg("--install") } else { tool };
        match (maker, installs) {
            (Maker::Helm4ClientSide, true) => tool.arg("--server-side=false"),
            _ => tool,
        }
    }

    /// Prepares an upgrade such as somebody does afterwards.
    pub(super) fn next_upgrade(&self, ns: &Namespace<'_>) -> Tool {
        self.upgrade(ns, false).arg(&self.after)
    }

    /// Prepares what makes the release when there is none, as somebody does afterwards.
    pub(super) fn next_install(&self, ns: &Namespace<'_>) -> Tool {
        self.upgrade(ns, true).arg(&self.after)
    }

    /// Prepares `helm` of the release's line with its cache warm.
    pub(super) fn helm(&self, ns: &Namespace<'_>) -> Tool {
        ns.helm(self.scenario.maker.major()).env("KUBECACHEDIR", &self.discovered)
    }

    /// Makes a copy: the same objects with the same owners of fields, the same records.
    pub(super) fn copy(&self) -> Namespace<'a> {
        let copy = self.master.sibling();
        for (resource, object) in &self.objects {
            if object["type"] == RECORD {
                let _ = copy.create(resource, &self.record_for(object, &copy));
                continue;
            }
            let object = self.object_for(resource, object, &copy);
            let owners = object["metadata"]["managedFields"].clone();
            let _ = copy.create(resource, &object);
            // A creation makes its sender the owner of everything.
            let name = object["metadata"]["name"].as_str().expect("an object has a name");
            let _ = copy.patch(resource, name, &json!({"metadata": {"managedFields": owners}}));
        }
        // A Job that is deleted and made again before its controller has seen its Pods may wait for them for minutes.
        for (resource, job) in self.objects.iter().filter(|(resource, _)| *resource == "batch/v1/jobs") {
            let name = job["metadata"]["name"].as_str().expect("an object has a name");
            let _ = copy.until(resource, name, |job| job.is_some_and(|job| job["status"]["succeeded"] == 1));
        }
        copy
    }

    fn object_for(&self, resource: &str, object: &Value, copy: &Namespace<'_>) -> Value {
        let text = object.to_string().replace(self.master.name(), copy.name());
        let mut object: Value = serde_json::from_str(&text).expect("it stays JSON");
        let top = object.as_object_mut().expect("an object is a mapping");
        top.remove("status");
        let metadata = top["metadata"].as_object_mut().expect("an object has metadata");
        for given in ["uid", "resourceVersion", "creationTimestamp", "generation"] {
            metadata.remove(given);
        }
        let entries = metadata.get_mut("managedFields").and_then(Value::as_array_mut).expect("every object has them");
        entries.retain(|entry| !is_controllers(entry));
        if let Some(spec) = top.get_mut("spec").and_then(Value::as_object_mut) {
            for given in ["clusterIP", "clusterIPs", "nodeName"] {
                spec.remove(given);
            }
            if resource == "batch/v1/jobs" {
                spec.remove("selector");
                spec["template"]["metadata"].as_object_mut().map(|metadata| metadata.remove("labels"));
            }
        }
        object
    }

    fn record_for(&self, secret: &Value, copy: &Namespace<'_>) -> Value {
        let json = String::from_utf8(decoded(secret)).expect("a record is text");
        let member = |name: &str| format!("\"namespace\":\"{name}\"");
        let json = json.replace(&member(self.master.name()), &member(copy.name()));
        let record = helm_release_core::Record::parse(json.as_bytes()).expect("it is still a record");
        let payload = ByteString(codec::encode(&record).0);
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": RECORD,
            "metadata": {"name": secret["metadata"]["name"], "labels": secret["metadata"]["labels"]},
            "data": {"release": serde_json::to_value(payload).expect("base64 is JSON")},
        })
    }
}

/// Whether the entry of `managedFields` is a controller's, which writes again on its own.
pub(super) fn is_controllers(entry: &Value) -> bool {
    ["kube-controller-manager", "kube-scheduler", "kwok"].iter().any(|controller| entry["manager"] == *controller)
}
