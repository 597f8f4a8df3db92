//! The stage on which a rollback is played: a release in memory, a clock that costs no time, and a listener.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use helm_release_core::codec::{self, DecodeOptions};
use helm_release_core::lock::Claim;
use helm_release_core::plan::{Plan, RollbackOptions, Survey, plan, stamp};
use helm_release_core::ports::{
    Clock, Cluster, ClusterExt as _, DryRun, HeadQuery, Location, NewRecord, Observer, PatchBody, RecordKey, Request, Storage,
    StoredRecord, Validation,
};
use helm_release_core::recover::{Eyes, RecoveryPlan, Way, Wish, decide, look};
use helm_release_core::release::{HelmTime, Status, labels_for_create};
use helm_release_core::run::{Engine, Event, Failure, Outcome};
use helm_release_core::survey::survey;
use helm_release_core::{Gvk, Namespace, Object, Record, ReleaseName, Revision};
use helm_release_store::cluster::{MemoryCluster, seed};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::storage::MemoryStorage;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Tells a time that passes on tokio's clock.
#[derive(Debug, Clone)]
pub(crate) struct PausedClock {
    began: jiff::Timestamp,
    since: Instant,
}

impl PausedClock {
    fn new() -> Self {
        Self { began: "2026-05-01T12:00:00Z".parse().unwrap(), since: Instant::now() }
    }
}

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> jiff::Zoned {
        (self.began + self.since.elapsed()).to_zoned(jiff::tz::TimeZone::UTC)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

pub(crate) fn claim(id: &str) -> Claim {
    Claim::new(id, "ann@bastion", 4711, "rollback web")
}

/// Remembers everything that it hears.
#[derive(Debug, Default)]
pub(crate) struct Listener(Mutex<Vec<Event>>);

impl Observer for Listener {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// Release `web` in namespace `default`.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) storage: Arc<MemoryStorage>,
    pub(crate) cluster: MemoryCluster,
    pub(crate) clock: PausedClock,
    pub(crate) listener: Listener,
    method: &'static str,
    line: u8,
}

pub(crate) fn namespace() -> Namespace {
    "default".parse().unwrap()
}

pub(crate) fn name() -> ReleaseName {
    "web".parse().unwrap()
}

pub(crate) fn key(revision: u32) -> RecordKey {
    RecordKey { namespace: namespace(), name: name(), revision: Revision::new(revision).unwrap() }
}

pub(crate) fn config_map(name: &str, color: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"color": color}})
}

/// A Deployment whose pods behave as that story of the cluster's node says.
pub(crate) fn deployment(name: &str, image: &str, story: &str) -> Value {
    let labels = json!({"app": name, "test/kubelet": story});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": 1, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}},
        },
    })
}

/// A hook that is a Job; its pod behaves as that story says and takes that long.
pub(crate) fn job_hook(name: &str, events: &[&str], weight: i64, story: &str, takes: &str) -> Value {
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
        "spec": {
            "backoffLimit": 0,
            "template": {
                "metadata": {"labels": {"test/kubelet": story}, "annotations": {"test/kubelet-takes": takes}},
                "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "job:1"}]},
            },
        },
    });
    json!({
        "name": name, "kind": "Job", "path": format!("web/templates/{name}.yaml"), "manifest": job.to_string(),
        "events": events, "last_run": {"phase": ""}, "weight": weight, "delete_policies": ["before-hook-creation"],
    })
}

impl Stage {
    /// An empty stage for a release of Helm 4, its objects applied client-side.
    pub(crate) fn new() -> Self {
        let clock = PausedClock::new();
        Self {
            storage: Arc::default(),
            cluster: MemoryCluster::starting_at(clock.began),
            clock,
            listener: Listener::default(),
            method: "csa",
            line: 4,
        }
    }

    /// The same for a release whose objects the server applies.
    pub(crate) fn server_side() -> Self {
        Self { method: "ssa", ..Self::new() }
    }

    /// The same for a release of Helm 3.
    pub(crate) fn of_helm_3() -> Self {
        Self { line: 3, ..Self::new() }
    }

    /// Stores the record of a revision.
    pub(crate) async fn record(&self, revision: u32, status: &str, objects: &[Value], hooks: &[Value]) {
        let manifest = objects.iter().fold(String::new(), |manifest, object| manifest + &format!("---\n{object}\n"));
        let mut record = json!({
            "name": "web",
            "info": {
                "first_deployed": "2026-01-01T00:00:00Z", "last_deployed": format!("2026-01-{revision:02}T00:00:00Z"),
                "description": "Upgrade complete", "status": status,
            },
            "chart": {"metadata": {"name": "web", "version": format!("{revision}.0.0")}},
            "config": {"revision": revision}, "manifest": manifest, "hooks": hooks, "version": revision, "namespace": "default",
        });
        if self.line == 3 {
            record["info"]["deleted"] = json!("");
        } else {
            record["apply_method"] = json!(self.method);
        }
        let record = Record::parse(record.to_string().as_bytes()).unwrap();
        let (key, status) = (key(revision), Status::from(status.to_owned()));
        let labels = labels_for_create(
            &[("team".to_owned(), "shop".to_owned())].into(),
            &name(),
            key.revision,
            &status,
            self.clock.now().timestamp(),
        );
        self.storage.create(&key, &NewRecord { payload: codec::encode(&record), labels }).await.unwrap();
    }

    /// Revision 1 with those objects and hooks, superseded, and revision 2 with those, deployed and live.
    pub(crate) async fn two(self, old: &[Value], hooks: &[Value], current: &[Value]) -> Self {
        self.record(1, "superseded", old, hooks).await;
        self.record(2, "deployed", current, &[]).await;
        self.seed().await;
        self
    }

    /// Makes the objects of the newest deployed revision.
    pub(crate) async fn seed(&self) {
        let seeded = seed(&self.cluster, self.storage.as_ref()).await.unwrap();
        assert_eq!(seeded.left_out, [] as [String; 0]);
    }

    /// Makes an object of the release that no deployed revision has.
    pub(crate) fn insert(&self, object: &Value) {
        let mut object = Object::new(object.clone()).unwrap();
        stamp(&mut object, &name(), &namespace());
        self.cluster.insert(&object, "default", "helm").unwrap();
    }

    /// Writes an object of the release over whatever is live.
    pub(crate) async fn put(&self, object: &Value) {
        let mut object = Object::new(object.clone()).unwrap();
        stamp(&mut object, &name(), &namespace());
        let kinds = self.cluster.kinds(false).await.unwrap();
        let at = kinds.find(&object.gvk()).unwrap().locate(&object, "default");
        let (manager, validation) = ("helm".to_owned(), Validation::Ignore);
        let request = match self.cluster.find(&at).await.unwrap() {
            None => Request::Create { at, object, manager, validation },
            Some(_) => Request::Patch { at, patch: PatchBody::Merge(object.into_value()), manager, validation },
        };
        self.cluster.write(&request, DryRun::No).await.unwrap();
    }

    pub(crate) async fn plan(&self, options: &RollbackOptions) -> Plan {
        plan(&self.survey(options).await, options)
    }

    /// Looks at what really is there.
    pub(crate) async fn survey(&self, options: &RollbackOptions) -> Survey {
        survey(self.storage.as_ref(), &self.cluster, &namespace(), &name(), options).await.unwrap()
    }

    /// Runs a plan on what really is there.
    pub(crate) async fn run(&self, plan: &Plan) -> Result<Outcome, Failure> {
        self.run_on(self.storage.as_ref(), &self.cluster, plan).await
    }

    /// Runs a plan through other ports than the real ones.
    pub(crate) async fn run_on(&self, storage: &dyn Storage, cluster: &dyn Cluster, plan: &Plan) -> Result<Outcome, Failure> {
        Engine::new(storage, cluster, &self.clock, &self.listener).run(plan).await
    }

    /// An engine with lock, journal and everything, working on other ports than the real ones.
    pub(crate) async fn run_guarded(
        &self,
        storage: &dyn Storage,
        cluster: Arc<dyn Cluster>,
        plan: &Plan,
        id: &str,
    ) -> Result<Outcome, Failure> {
        let (lock, journal) = (LeaseLock::new(Arc::clone(&cluster)), SecretJournal::new(Arc::clone(&cluster)));
        let engine = Engine::new(storage, cluster.as_ref(), &self.clock, &self.listener);
        engine.with_lock(&lock, claim(id)).with_journal(&journal).run(plan).await
    }

    /// Decides on a recovery, and takes it.
    pub(crate) async fn recover(&self, wish: Wish) -> (RecoveryPlan, Result<Way, Failure>) {
        self.recover_on(self.storage.as_ref(), Arc::new(self.cluster.clone()), wish).await
    }

    /// The same through other ports than the real ones.
    pub(crate) async fn recover_on(
        &self,
        storage: &dyn Storage,
        cluster: Arc<dyn Cluster>,
        wish: Wish,
    ) -> (RecoveryPlan, Result<Way, Failure>) {
        let (lock, journal) = (LeaseLock::new(Arc::clone(&cluster)), SecretJournal::new(Arc::clone(&cluster)));
        let eyes = Eyes { storage, cluster: cluster.as_ref(), lock: &lock, journal: &journal, clock: &self.clock };
        let plan = decide(&look(eyes, &namespace(), &name()).await.unwrap(), wish);
        let engine = Engine::new(storage, cluster.as_ref(), &self.clock, &self.listener);
        let result = engine.with_lock(&lock, claim("recover")).with_journal(&journal).recover(&plan).await;
        (plan, result)
    }

    /// Plans and runs with the default options.
    pub(crate) async fn roll_back(&self) -> Result<Outcome, Failure> {
        self.run(&self.plan(&RollbackOptions::default()).await).await
    }

    pub(crate) async fn stored(&self, revision: u32) -> StoredRecord {
        self.storage.get(&key(revision)).await.unwrap()
    }

    pub(crate) async fn json(&self, revision: u32) -> Value {
        let stored = self.stored(revision).await;
        serde_json::from_slice(&codec::decode_json(&stored.payload.0, DecodeOptions::default()).unwrap()).unwrap()
    }

    /// Number and status of every revision. Label and payload of each must agree.
    pub(crate) async fn statuses(&self) -> Vec<(u32, String)> {
        let heads = self.storage.heads(&HeadQuery::release(&namespace(), &name())).await.unwrap();
        let mut statuses = Vec::new();
        for head in heads {
            let number = head.key.revision.get();
            let status = self.json(number).await["info"]["status"].as_str().unwrap().to_owned();
            assert_eq!(head.status_label(), status, "label and payload of revision {number} disagree");
            statuses.push((number, status));
        }
        statuses
    }

    pub(crate) async fn description(&self, revision: u32) -> String {
        self.json(revision).await["info"]["description"].as_str().unwrap_or_default().to_owned()
    }

    /// Phase of the last run of each hook of a revision, by name.
    pub(crate) async fn phases(&self, revision: u32) -> Vec<(String, String)> {
        let record = self.json(revision).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let hooks = record["hooks"].as_array().unwrap().iter();
        hooks.map(|hook| (text(&hook["name"]), text(&hook["last_run"]["phase"]))).collect()
    }

    pub(crate) async fn place(&self, api_version: &str, kind: &str, name: &str) -> Location {
        self.cluster.kinds(false).await.unwrap().find(&Gvk::new(api_version, kind)).unwrap().at("default", name)
    }

    pub(crate) async fn find(&self, api_version: &str, kind: &str, name: &str) -> Option<Object> {
        self.cluster.find(&self.place(api_version, kind, name).await).await.unwrap()
    }

    /// The colour of a ConfigMap; `None` when there is none.
    pub(crate) async fn color(&self, name: &str) -> Option<String> {
        let object = self.find("v1", "ConfigMap", name).await?;
        Some(object.at(&["data", "color"])?.as_str()?.to_owned())
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.listener.0.lock().unwrap().clone()
    }

    /// Warnings that were told.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warning = |event| match event {
            Event::Warning { message } => Some(message),
            _ => None,
        };
        self.events().into_iter().filter_map(warning).collect()
    }

    pub(crate) fn now(&self) -> HelmTime {
        HelmTime::from_zoned(&self.clock.now())
    }
}

pub(crate) fn statuses(expected: &[(u32, &str)]) -> Vec<(u32, String)> {
    expected.iter().map(|(number, status)| (*number, (*status).to_owned())).collect()
}
