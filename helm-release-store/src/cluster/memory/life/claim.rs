//! Claims and the volumes that they are bound to.

use helm_release_core::ObjectId;
use helm_release_core::ports::Propagation;
use serde_json::{Value, json};

use super::{State, is_going, tree};

const MANAGER: &str = "kube-controller-manager";

impl State {
    pub(super) fn live_claim(&mut self, id: &ObjectId, claim: &Value) {
        if is_going(claim) {
            let mounts = |pod: &Value| {
                let volumes = tree::items(pod, &["spec", "volumes"]).iter();
                volumes.map(|volume| tree::text(volume, &["persistentVolumeClaim", "claimName"])).any(|name| name == id.name)
            };
            let used = self.of_kind("", "Pod", id.namespace.as_deref()).any(|(_, pod)| mounts(pod));
            if !used && super::super::delete::finalizers(claim).iter().any(|name| name == "kubernetes.io/pvc-protection") {
                self.release(id, "kubernetes.io/pvc-protection");
            }
            return;
        }
        if tree::text(claim, &["status", "phase"]) == "Bound" {
            return;
        }
        let mut volume = tree::text(claim, &["spec", "volumeName"]).to_owned();
        if volume.is_empty() {
            volume = format!("pvc-{}", tree::text(claim, &["metadata", "uid"]));
            self.provide(id, claim, &volume);
        }
        self.amend(id, MANAGER, false, |claim| {
            tree::set(claim, &["spec", "volumeName"], volume.as_str());
            tree::set(claim, &["metadata", "annotations", "pv.kubernetes.io/bind-completed"], "yes");
            tree::set(claim, &["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"], "yes");
        });
        self.amend(id, MANAGER, true, |claim| {
            let modes = tree::at(claim, &["spec", "accessModes"]).cloned();
            let capacity = tree::at(claim, &["spec", "resources", "requests"]).cloned();
            tree::set(claim, &["status"], json!({"phase": "Bound", "accessModes": modes, "capacity": capacity}));
        });
    }

    /// Makes a volume for a claim; it goes with the claim, as the volumes of the usual storage classes do.
    fn provide(&mut self, id: &ObjectId, claim: &Value, name: &str) {
        let volume = json!({
            "apiVersion": "v1", "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {
                "accessModes": tree::at(claim, &["spec", "accessModes"]),
                "capacity": tree::at(claim, &["spec", "resources", "requests"]),
                "claimRef": {
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": id.name, "namespace": id.namespace,
                    "uid": tree::text(claim, &["metadata", "uid"]),
                },
                "hostPath": {"path": format!("/var/lib/volumes/{name}")},
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": tree::at(claim, &["spec", "storageClassName"]),
            },
        });
        self.bear("", volume);
    }

    pub(super) fn live_volume(&mut self, id: &ObjectId, volume: &Value) {
        if is_going(volume) {
            return self.release(id, "kubernetes.io/pv-protection");
        }
        let claim = tree::text(volume, &["spec", "claimRef", "uid"]).to_owned();
        if claim.is_empty() {
            return self.amend(id, MANAGER, true, |volume| tree::set(volume, &["status", "phase"], "Available"));
        }
        let bound = self.objects.values().any(|object| tree::text(object, &["metadata", "uid"]) == claim);
        if !bound && tree::text(volume, &["spec", "persistentVolumeReclaimPolicy"]) == "Delete" {
            self.remove(id, Propagation::Background);
        } else {
            let phase = if bound { "Bound" } else { "Released" };
            self.amend(id, MANAGER, true, |volume| tree::set(volume, &["status", "phase"], phase));
        }
    }
}
