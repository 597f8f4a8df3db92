//! A release in memory with everything that an examination looks at.

use std::collections::BTreeMap;
use std::sync::Arc;

use helm_release_core::fsck::{
    Ailment, Bench, Class, Examination, RepairOptions, RepairPlan, Repaired, backups, check, examine, repair, repair_plan,
    restore, restore_plan,
};
use helm_release_core::lock::Claim;
use helm_release_core::ports::{
    Clock as _, Cluster as _, DryRun, HeadQuery, NewRecord, RecordKey, Request, Storage as _, Validation,
};
use helm_release_core::release::{RevisionUpdate, Status};
use helm_release_core::{Object, Revision, codec};
use helm_release_store::cluster::MemoryCluster;
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use jiff::Timestamp;
use serde_json::Value;

use crate::stage::{Stage, config_map, key, name, namespace};

/// A stage with what locks and notes are kept in.
pub(super) struct Ward {
    pub(super) stage: Stage,
    pub(super) lock: LeaseLock,
    pub(super) journal: SecretJournal,
    pub(super) claim: Claim,
}

impl Ward {
    /// Revisions 1 and 2 superseded, 3 deployed, one ConfigMap live.
    pub(super) async fn new() -> Self {
        let stage = Stage::new();
        stage.record(1, "superseded", &[config_map("paint", "red")], &[]).await;
        stage.record(2, "superseded", &[config_map("paint", "green")], &[]).await;
        stage.record(3, "deployed", &[config_map("paint", "blue")], &[]).await;
        stage.seed().await;
        Self::of(stage)
    }

    pub(super) fn of(stage: Stage) -> Self {
        let cluster = Arc::new(stage.cluster.clone());
        let (lock, journal) = (LeaseLock::new(Arc::<MemoryCluster>::clone(&cluster)), SecretJournal::new(cluster));
        Self { stage, lock, journal, claim: Claim::new("mine", "bob@laptop", 8, "fsck web --repair") }
    }

    pub(super) fn bench(&self) -> Bench<'_> {
        let Self { stage, lock, journal, claim } = self;
        Bench { storage: stage.storage.as_ref(), lock, journal, clock: &stage.clock, claim }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.stage.clock.now().timestamp()
    }

    pub(super) async fn examine(&self) -> Examination {
        let Self { stage, lock, journal, .. } = self;
        examine(stage.storage.as_ref(), lock, journal, &stage.cluster, &namespace(), &name()).await.unwrap()
    }

    pub(super) async fn check(&self) -> Vec<Ailment> {
        check(&self.examine().await, self.now())
    }

    /// Class and revision of what is found, notes left out.
    pub(super) async fn ailments(&self) -> Vec<(Class, Option<u32>)> {
        let serious = self.check().await.into_iter().filter(Ailment::is_serious);
        serious.map(|ailment| (ailment.class, ailment.revision.map(Revision::get))).collect()
    }

    pub(super) async fn plan(&self) -> RepairPlan {
        let found = self.examine().await;
        let options = RepairOptions::default().with_remove_undecodable(true);
        repair_plan(&found, &check(&found, self.now()), options, self.now())
    }

    pub(super) async fn repair(&self) -> Vec<Repaired> {
        let plan = self.plan().await;
        repair(&plan, self.bench()).await.unwrap()
    }

    pub(super) async fn restore(&self) -> Vec<Repaired> {
        let kept = backups(&self.journal, &namespace(), &name()).await.unwrap();
        let heads = self.stage.storage.heads(&HeadQuery::all(Some(namespace()))).await.unwrap();
        let plan = restore_plan(&namespace(), &name(), kept, &heads);
        restore(&plan, self.bench()).await.unwrap()
    }

    /// Labels and payload of every record, by object name.
    pub(super) async fn records(&self) -> BTreeMap<RecordKey, (BTreeMap<String, String>, Vec<u8>)> {
        let mut records = BTreeMap::new();
        for head in self.stage.storage.heads(&HeadQuery::all(None)).await.unwrap() {
            let stored = self.stage.storage.get(&head.key).await.unwrap();
            records.insert(head.key, (stored.head.labels, stored.payload.0));
        }
        records
    }

    /// Writes a record's labels and payload as somebody with kubectl would.
    pub(super) async fn tamper(&self, number: u32, change: impl FnOnce(&mut NewRecord)) {
        let stored = self.stage.stored(number).await;
        let mut record = NewRecord { payload: stored.payload, labels: stored.head.labels };
        change(&mut record);
        self.stage.storage.replace(&key(number), &stored.head.version, &record).await.unwrap();
    }

    pub(super) async fn label(&self, number: u32, label: &str, value: &str) {
        self.tamper(number, |record| drop(record.labels.insert(label.to_owned(), value.to_owned()))).await;
    }

    /// Writes a status and a description into payload and label.
    pub(super) async fn rewrite(&self, number: u32, status: &str, description: &str) {
        self.tamper(number, |record| {
            let before = codec::decode(&record.payload.0, codec::DecodeOptions::default()).unwrap();
            let status = Status::from(status.to_owned());
            record.labels.insert("status".to_owned(), status.to_string());
            let update = RevisionUpdate { status: Some(status), description: Some(description.to_owned()) };
            record.payload = codec::encode(&before.updated(&update));
        })
        .await;
    }

    pub(super) async fn create(&self, object: Value) {
        let object = Object::new(object).unwrap();
        let at = self.stage.place(object.api_version(), object.kind(), object.name()).await;
        let request = Request::Create { at, object, manager: "test".to_owned(), validation: Validation::Ignore };
        self.stage.cluster.write(&request, DryRun::No).await.unwrap();
    }
}
