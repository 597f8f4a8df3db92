//! What the server knows: objects, their past, and the time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use helm_release_core::ObjectId;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::api::{Api, Served};
use super::tree;

/// How many changes are kept for watches that begin in the past.
const REMEMBERED: usize = 10_000;

/// One change of one object.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) revision: u64,
    pub(crate) id: ObjectId,
    pub(crate) before: Option<Arc<Value>>,
    pub(crate) after: Option<Arc<Value>>,
    /// The last state of a deleted object, in the revision of its deletion.
    pub(crate) last: Arc<Value>,
}

/// Everything. A copy is cheap: objects are shared.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<ObjectId, Arc<Value>>,
    pub(crate) api: Arc<Api>,
    pub(crate) history: VecDeque<Change>,
    /// Watches may begin at this revision or later.
    pub(crate) oldest: u64,
    pub(crate) revision: u64,
    /// Objects that changed since controllers looked at them.
    pub(crate) unsettled: BTreeSet<ObjectId>,
    /// When controllers must look at an object again.
    pub(crate) alarms: BTreeSet<(Timestamp, ObjectId)>,
    pub(crate) logs: BTreeMap<(String, String, String), String>,
    ids: u64,
    addresses: u8,
    node_ports: u32,
    began: Timestamp,
    since: Instant,
    /// While overdue alarms are worked off, it is as late as the alarm said.
    late: Option<Timestamp>,
}

impl State {
    pub(crate) fn new(began: Timestamp) -> Self {
        let mut state = Self {
            objects: BTreeMap::new(),
            api: Arc::new(Api::with(std::iter::empty())),
            history: VecDeque::new(),
            oldest: 0,
            revision: 0,
            unsettled: BTreeSet::new(),
            alarms: BTreeSet::new(),
            logs: BTreeMap::new(),
            ids: 0,
            addresses: 0,
            node_ports: 0,
            began,
            since: Instant::now(),
            late: None,
        };
        for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            state.begin_with_namespace(namespace);
        }
        state
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.late.unwrap_or_else(|| self.began + self.since.elapsed())
    }

    /// The present moment as objects show it, to the second.
    pub(crate) fn stamp(&self) -> String {
        Timestamp::from_second(self.now().as_second()).unwrap_or(self.began).to_string()
    }

    /// Makes it as late as `then` for what follows, `None` for the present.
    pub(crate) fn at_time(&mut self, then: Option<Timestamp>) {
        self.late = then;
    }

    /// How long from a moment of this server until the other clock, `tokio`'s, reaches it.
    pub(crate) fn instant_of(&self, then: Timestamp) -> Instant {
        self.since + std::time::Duration::try_from(then.duration_since(self.began)).unwrap_or_default()
    }

    pub(crate) fn new_uid(&mut self) -> String {
        self.ids += 1;
        format!("00000000-0000-4000-8000-{:012x}", self.ids)
    }

    /// A cluster IP that no Service has.
    pub(crate) fn new_address(&mut self) -> String {
        self.addresses = self.addresses.wrapping_add(1);
        format!("10.0.0.{}", self.addresses)
    }

    /// A node port that no Service has.
    pub(crate) fn new_node_port(&mut self) -> u32 {
        self.node_ports += 1;
        30_000 + self.node_ports
    }

    /// Five letters as `generateName` appends them.
    pub(crate) fn new_suffix(&mut self) -> String {
        self.ids += 1;
        suffix(self.ids.wrapping_mul(0x9e37_79b9_7f4a_7c15), 5)
    }

    pub(crate) fn get(&self, id: &ObjectId) -> Option<&Arc<Value>> {
        self.objects.get(id)
    }

    pub(crate) fn served(&self, id: &ObjectId) -> Option<Arc<Served>> {
        self.api.any_version(&id.group, &id.kind)
    }

    /// Objects of one kind in one namespace.
    pub(crate) fn of_kind<'a>(
        &'a self,
        group: &'a str,
        kind: &'a str,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a ObjectId, &'a Arc<Value>)> {
        self.objects.iter().filter(move |(id, _)| {
            id.group == group && id.kind == kind && (namespace.is_none() || id.namespace.as_deref() == namespace)
        })
    }

    /// Objects that name `uid` as an owner.
    pub(crate) fn owned_by(&self, uid: &str) -> Vec<ObjectId> {
        let owned = |value: &Value| {
            tree::items(value, &["metadata", "ownerReferences"]).iter().any(|owner| tree::text(owner, &["uid"]) == uid)
        };
        self.objects.iter().filter(|(_, value)| owned(value)).map(|(id, _)| id.clone()).collect()
    }

    /// Stores an object, or removes it, and remembers the change.
    pub(crate) fn commit(&mut self, id: &ObjectId, after: Option<Value>) -> Arc<Value> {
        self.revision += 1;
        let revision = self.revision.to_string();
        let before = self.objects.get(id).cloned();
        let versioned = |mut value: Value| {
            tree::set(&mut value, &["metadata", "resourceVersion"], revision.as_str());
            Arc::new(value)
        };
        let after = after.map(versioned);
        let last = match (&after, &before) {
            (Some(after), _) => Arc::clone(after),
            (None, Some(before)) => versioned(before.as_ref().clone()),
            (None, None) => return Arc::new(Value::Null),
        };
        match &after {
            Some(after) => self.objects.insert(id.clone(), Arc::clone(after)),
            None => self.objects.remove(id),
        };
        for owner in tree::items(&last, &["metadata", "ownerReferences"]) {
            let uid = tree::text(owner, &["uid"]);
            let found = self.objects.iter().find(|(_, value)| tree::text(value, &["metadata", "uid"]) == uid);
            self.unsettled.extend(found.map(|(id, _)| id.clone()));
        }
        self.unsettled.insert(id.clone());
        if id.kind == "CustomResourceDefinition" {
            let definitions = self.objects.iter().filter(|(id, _)| id.kind == "CustomResourceDefinition");
            self.api = Arc::new(Api::with(definitions.map(|(_, value)| value.as_ref())));
        }
        self.history.push_back(Change { revision: self.revision, id: id.clone(), before, after, last: Arc::clone(&last) });
        if self.history.len() > REMEMBERED {
            self.oldest = self.history.pop_front().map_or(self.oldest, |change| change.revision);
        }
        last
    }

    fn begin_with_namespace(&mut self, name: &str) {
        let uid = self.new_uid();
        let stamp = self.stamp();
        let id = ObjectId { group: String::new(), kind: "Namespace".to_owned(), namespace: None, name: name.to_owned() };
        let namespace = serde_json::json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {
                "name": name, "uid": uid, "creationTimestamp": stamp, "labels": {"kubernetes.io/metadata.name": name},
            },
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        });
        self.commit(&id, Some(namespace));
    }
}

/// Letters that make no words, as Kubernetes draws them.
pub(crate) fn suffix(mut seed: u64, length: usize) -> String {
    const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    let letter = |_| {
        let index = usize::try_from(seed % 27).unwrap_or(0);
        seed /= 27;
        char::from(LETTERS[index])
    };
    (0..length).map(letter).collect()
}
