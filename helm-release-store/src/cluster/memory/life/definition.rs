//! Custom resource definitions: established at once; their objects go with them.

use helm_release_core::ObjectId;
use helm_release_core::ports::Propagation;
use serde_json::Value;

use super::{State, is_going, set_condition, tree};

/// The finalizer that waits until a definition's objects are gone.
const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

impl State {
    pub(super) fn live_definition(&mut self, id: &ObjectId, definition: &Value) {
        let group = tree::text(definition, &["spec", "group"]).to_owned();
        let kind = tree::text(definition, &["spec", "names", "kind"]).to_owned();
        if is_going(definition) {
            let objects =
                |state: &Self| -> Vec<ObjectId> { state.of_kind(&group, &kind, None).map(|(id, _)| id.clone()).collect() };
            for object in objects(self) {
                self.remove(&object, Propagation::Background);
            }
            if objects(self).is_empty() && super::super::delete::finalizers(definition).iter().any(|name| name == CLEANUP) {
                self.release(id, CLEANUP);
            }
            return;
        }
        if super::holds(definition, "Established") {
            return;
        }
        let stamp = self.stamp();
        self.amend(id, "kube-apiserver", true, |definition| {
            let names = tree::at(definition, &["spec", "names"]).cloned();
            tree::set(definition, &["status", "acceptedNames"], names);
            let versions = tree::items(definition, &["spec", "versions"]).iter();
            let stored = versions.filter(|version| version.get("storage") == Some(&Value::Bool(true)));
            let stored: Vec<Value> = stored.filter_map(|version| version.get("name").cloned()).collect();
            tree::set(definition, &["status", "storedVersions"], stored);
            set_condition(definition, "NamesAccepted", true, "NoConflicts", "no conflicts found", &stamp);
            set_condition(
                definition,
                "Established",
                true,
                "InitialNamesAccepted",
                "the initial names have been accepted",
                &stamp,
            );
        });
        self.amend(id, "kube-apiserver", false, |definition| {
            let finalizers = tree::mapping(definition, &["metadata"]).entry("finalizers").or_insert_with(|| Value::Array(vec![]));
            if let Some(finalizers) = finalizers.as_array_mut() {
                finalizers.push(Value::from(CLEANUP));
            }
        });
    }
}
