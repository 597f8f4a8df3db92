//! Gives objects what nobody owns: addresses, ports, generated labels, finalizers.

use helm_release_core::ports::Location;
use serde_json::{Value, json};

use super::state::State;
use super::tree::{self, set_default};

impl State {
    /// Adds what the server makes up itself; `before` is the object that is changed, if there is one.
    pub(crate) fn allocate(&mut self, at: &Location, object: &mut Value, before: Option<&Value>) {
        let gvk = &at.resource.gvk;
        match (gvk.group.as_str(), gvk.kind.as_str()) {
            ("", "Service") => self.address(object, before),
            ("", "PersistentVolumeClaim") if before.is_none() => finalizer(object, "kubernetes.io/pvc-protection"),
            ("", "PersistentVolume") if before.is_none() => finalizer(object, "kubernetes.io/pv-protection"),
            ("", "Pod") if before.is_none() => admit_pod(object),
            ("batch", "Job") if before.is_none() => select_own_pods(object),
            _ => {}
        }
    }

    /// Gives a Service its cluster IP and node ports, or those that it had.
    fn address(&mut self, service: &mut Value, before: Option<&Value>) {
        let kind = tree::text(service, &["spec", "type"]).to_owned();
        if kind == "ExternalName" {
            return;
        }
        if tree::text(service, &["spec", "clusterIP"]).is_empty() {
            let kept = before.map(|before| tree::text(before, &["spec", "clusterIP"])).unwrap_or_default().to_owned();
            let address = if kept.is_empty() { self.new_address() } else { kept };
            tree::set(service, &["spec", "clusterIP"], address);
        }
        let address = tree::text(service, &["spec", "clusterIP"]).to_owned();
        if tree::items(service, &["spec", "clusterIPs"]).first() != Some(&Value::from(address.as_str())) {
            tree::set(service, &["spec", "clusterIPs"], vec![address]);
        }
        set_default(service, &["spec", "ipFamilies"], json!(["IPv4"]));
        set_default(service, &["spec", "ipFamilyPolicy"], "SingleStack");
        let open = ["NodePort", "LoadBalancer"].contains(&kind.as_str());
        let policy = before.and_then(|before| tree::at(before, &["spec", "externalTrafficPolicy"]));
        if !open && policy.is_some() && policy == tree::at(service, &["spec", "externalTrafficPolicy"]) {
            tree::remove(service, &["spec", "externalTrafficPolicy"]);
        }
        let had: Vec<Value> = before.map(|before| tree::items(before, &["spec", "ports"]).to_vec()).unwrap_or_default();
        for port in tree::items_mut(service, &["spec", "ports"]) {
            let same = had.iter().find(|other| ["port", "protocol"].iter().all(|key| other.get(key) == port.get(key)));
            let kept = same.and_then(|same| same.get("nodePort")).cloned();
            match (open, kept) {
                (true, Some(kept)) => set_default(port, &["nodePort"], kept),
                (true, None) => {
                    if tree::at(port, &["nodePort"]).is_none() {
                        tree::set(port, &["nodePort"], self.new_node_port());
                    }
                }
                // A port that the Service had from its earlier type goes with it.
                (false, Some(kept)) if port.get("nodePort") == Some(&kept) => {
                    tree::remove(port, &["nodePort"]);
                }
                (false, _) => {}
            }
        }
    }
}

fn finalizer(object: &mut Value, name: &str) {
    let list = tree::mapping(object, &["metadata"]).entry("finalizers").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut()
        && !list.iter().any(|item| item == name)
    {
        list.push(Value::from(name));
    }
}

fn admit_pod(pod: &mut Value) {
    set_default(pod, &["spec", "priority"], 0);
    set_default(pod, &["spec", "preemptionPolicy"], "PreemptLowerPriority");
    let mut tolerations = tree::items(pod, &["spec", "tolerations"]).to_vec();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        if !tolerations.iter().any(|known| tree::text(known, &["key"]) == key) {
            tolerations.push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
        }
    }
    tree::set(pod, &["spec", "tolerations"], tolerations);
}

/// A Job tells its Pods by its own uid.
fn select_own_pods(job: &mut Value) {
    if tree::at(job, &["spec", "manualSelector"]) == Some(&Value::Bool(true)) {
        return;
    }
    let uid = tree::text(job, &["metadata", "uid"]).to_owned();
    let name = tree::text(job, &["metadata", "name"]).to_owned();
    tree::set(job, &["spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid"], uid.as_str());
    let labels = tree::mapping(job, &["spec", "template", "metadata", "labels"]);
    for prefix in ["", "batch.kubernetes.io/"] {
        labels.insert(format!("{prefix}controller-uid"), Value::from(uid.as_str()));
        labels.insert(format!("{prefix}job-name"), Value::from(name.as_str()));
    }
}
