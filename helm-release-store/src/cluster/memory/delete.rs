//! Deletion: preconditions, finalizers, and what happens to the objects that a deleted one owns.

use std::sync::Arc;

use helm_release_core::ObjectId;
use helm_release_core::ports::{Location, Preconditions, Propagation};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::state::State;
use super::tree;

/// The finalizer that waits until owned objects are gone.
const FOREGROUND: &str = "foregroundDeletion";
/// The finalizer that waits until owned objects know their owner no more.
const ORPHAN: &str = "orphan";

impl State {
    pub(crate) fn delete(
        &mut self,
        at: &Location,
        propagation: Propagation,
        preconditions: &Preconditions,
    ) -> Result<Arc<Value>, Refusal> {
        let current = self.current(at)?;
        for (what, wanted, key, since) in [
            ("UID", &preconditions.uid, "uid", "deleted and then recreated"),
            ("ResourceVersion", &preconditions.resource_version, "resourceVersion", "modified"),
        ] {
            let found = tree::text(&current, &["metadata", key]);
            if let Some(wanted) = wanted
                && wanted != found
            {
                let gap = format!("the {what} in the precondition ({wanted}) does not match the {what} in record ({found})");
                return Err(Refusal::unmet(&at.resource, &at.name, &format!("{gap}. The object might have been {since}")));
            }
        }
        Ok(self.remove(&at.id(), propagation))
    }

    /// Deletes an object that is there: at once, or marks it when something must happen before.
    pub(crate) fn remove(&mut self, id: &ObjectId, propagation: Propagation) -> Arc<Value> {
        let Some(current) = self.get(id).cloned() else { return Arc::new(Value::Null) };
        let mut going = current.as_ref().clone();
        let mut finalizers = finalizers(&going);
        finalizers.retain(|name| name != FOREGROUND && name != ORPHAN);
        let uid = tree::text(&going, &["metadata", "uid"]).to_owned();
        if !self.owned_by(&uid).is_empty() {
            match propagation {
                Propagation::Foreground => finalizers.push(FOREGROUND.to_owned()),
                Propagation::Orphan => finalizers.push(ORPHAN.to_owned()),
                Propagation::Background => {}
            }
        }
        set_finalizers(&mut going, &finalizers);
        let again = tree::at(&going, &["metadata", "deletionTimestamp"]).is_some();
        if !again {
            let grace = grace(id, &going);
            let until = self.now() + jiff::SignedDuration::from_secs(grace);
            let stamp = jiff::Timestamp::from_second(until.as_second()).map_or_else(|_| self.stamp(), |until| until.to_string());
            tree::set(&mut going, &["metadata", "deletionTimestamp"], stamp);
            tree::set(&mut going, &["metadata", "deletionGracePeriodSeconds"], grace);
            if tree::at(&going, &["metadata", "generation"]).is_some() {
                let generation = tree::number(&going, &["metadata", "generation"]).unwrap_or(0) + 1;
                tree::set(&mut going, &["metadata", "generation"], generation);
            }
            if id.kind == "Namespace" && id.group.is_empty() {
                tree::set(&mut going, &["status", "phase"], "Terminating");
            }
        }
        if may_go(id, &going) {
            return self.vanish(id, None);
        }
        if going == *current { current } else { self.commit(id, Some(going)) }
    }

    /// Takes an object away for good; what it owned is collected when controllers look.
    pub(crate) fn vanish(&mut self, id: &ObjectId, last: Option<Value>) -> Arc<Value> {
        let uid = self.get(id).map(|object| tree::text(object, &["metadata", "uid"]).to_owned()).unwrap_or_default();
        if let Some(last) = last {
            self.objects.insert(id.clone(), Arc::new(last));
        }
        let gone = self.commit(id, None);
        let owned = self.owned_by(&uid);
        self.unsettled.extend(owned);
        gone
    }

    /// Goes on with the deletion of an object as a garbage collector does.
    pub(crate) fn collect(&mut self, id: &ObjectId) {
        let Some(object) = self.get(id).cloned() else { return };
        if tree::at(&object, &["metadata", "deletionTimestamp"]).is_some() {
            self.finish(id, &object);
        } else if self.is_forsaken(&object) {
            self.remove(id, Propagation::Background);
        }
    }

    /// Whether an object names owners and none of them exists.
    fn is_forsaken(&self, object: &Value) -> bool {
        let owners = tree::items(object, &["metadata", "ownerReferences"]);
        let exists = |owner: &Value| {
            let uid = tree::text(owner, &["uid"]);
            self.objects.values().any(|other| tree::text(other, &["metadata", "uid"]) == uid)
        };
        !owners.is_empty() && !owners.iter().any(exists)
    }

    fn finish(&mut self, id: &ObjectId, object: &Value) {
        let held = finalizers(object);
        let uid = tree::text(object, &["metadata", "uid"]).to_owned();
        if held.iter().any(|name| name == ORPHAN) {
            for owned in self.owned_by(&uid) {
                self.disown(&owned, &uid);
            }
            self.release(id, ORPHAN);
        } else if held.iter().any(|name| name == FOREGROUND) {
            let owned = self.owned_by(&uid);
            for owned in &owned {
                self.remove(owned, Propagation::Foreground);
            }
            if self.owned_by(&uid).is_empty() {
                self.release(id, FOREGROUND);
            }
        }
    }

    fn disown(&mut self, id: &ObjectId, uid: &str) {
        let Some(object) = self.get(id) else { return };
        let mut object = object.as_ref().clone();
        let owners = tree::items(&object, &["metadata", "ownerReferences"]).iter();
        let others: Vec<Value> = owners.filter(|owner| tree::text(owner, &["uid"]) != uid).cloned().collect();
        if others.is_empty() {
            tree::remove(&mut object, &["metadata", "ownerReferences"]);
        } else {
            tree::set(&mut object, &["metadata", "ownerReferences"], others);
        }
        self.commit(id, Some(object));
    }

    /// Removes one finalizer, and with the last one the object.
    pub(crate) fn release(&mut self, id: &ObjectId, finalizer: &str) {
        let Some(object) = self.get(id) else { return };
        let mut object = object.as_ref().clone();
        let mut held = finalizers(&object);
        held.retain(|name| name != finalizer);
        set_finalizers(&mut object, &held);
        if may_go(id, &object) {
            self.vanish(id, Some(object));
        } else {
            self.commit(id, Some(object));
        }
    }
}

/// How long a kubelet may take to stop a pod, in seconds; everything else goes without.
fn grace(id: &ObjectId, object: &Value) -> i64 {
    let scheduled = !tree::text(object, &["spec", "nodeName"]).is_empty();
    let ended = ["Succeeded", "Failed"].contains(&tree::text(object, &["status", "phase"]));
    if id.kind == "Pod" && id.group.is_empty() && scheduled && !ended {
        tree::number(object, &["spec", "terminationGracePeriodSeconds"]).unwrap_or(30)
    } else {
        0
    }
}

/// Whether nothing holds an object that is being deleted.
pub(crate) fn may_go(id: &ObjectId, object: &Value) -> bool {
    let held = !finalizers(object).is_empty()
        || tree::number(object, &["metadata", "deletionGracePeriodSeconds"]).is_some_and(|seconds| seconds > 0)
        || (id.kind == "Namespace" && id.group.is_empty() && !tree::items(object, &["spec", "finalizers"]).is_empty());
    !held
}

pub(crate) fn finalizers(object: &Value) -> Vec<String> {
    let names = tree::items(object, &["metadata", "finalizers"]).iter();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn set_finalizers(object: &mut Value, names: &[String]) {
    if names.is_empty() {
        tree::remove(object, &["metadata", "finalizers"]);
    } else {
        tree::set(object, &["metadata", "finalizers"], json!(names));
    }
}
