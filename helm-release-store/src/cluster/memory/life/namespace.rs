//! Namespaces: one that is deleted goes when everything in it is gone.

use helm_release_core::ObjectId;
use helm_release_core::ports::Propagation;
use serde_json::{Value, json};

use super::super::delete::may_go;
use super::{State, is_going, tree};

impl State {
    pub(super) fn live_namespace(&mut self, id: &ObjectId, namespace: &Value) {
        if !is_going(namespace) {
            return;
        }
        let inside = |state: &Self| -> Vec<ObjectId> {
            let all = state.objects.keys().filter(|object| object.namespace.as_deref() == Some(&id.name));
            all.cloned().collect()
        };
        for object in inside(self) {
            self.remove(&object, Propagation::Background);
        }
        if inside(self).is_empty()
            && let Some(namespace) = self.get(id)
        {
            let mut done = namespace.as_ref().clone();
            tree::set(&mut done, &["spec", "finalizers"], json!([]));
            if may_go(id, &done) {
                self.vanish(id, Some(done));
            }
        }
    }
}
