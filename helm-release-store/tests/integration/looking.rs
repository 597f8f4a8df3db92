//! How live objects are looked at: many of a kind by one list, and never less truly than one by one.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use helm_release_core::drift;
use helm_release_core::patch::Schemas;
use helm_release_core::plan::{Action, RollbackOptions, plan};
use helm_release_core::ports::{
    Cluster, ClusterError, ClusterErrorKind, DryRun, Kinds, ListOptions, Listing, Location, LogOptions, NewRecord, PatchBody,
    Payload, Permission, Preconditions, Propagation, Request, Resource, Right, Storage as _, Table, TableOf, Validation,
    WatchStream,
};
use helm_release_core::release::Status;
use helm_release_core::survey::{SurveyError, survey};
use helm_release_core::{Gvk, Object};
use helm_release_store::cluster::RecordingCluster;
use serde_json::{Value, json};

use crate::stage::{Stage, config_map, key, name, namespace};

/// A cluster on which nothing may be listed.
#[derive(Debug)]
struct NoLists<C>(C);

impl<C> fmt::Display for NoLists<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a cluster without lists")
    }
}

#[async_trait]
impl<C: Cluster> Cluster for NoLists<C> {
    async fn kinds(&self, refresh: bool) -> Result<Arc<Kinds>, ClusterError> {
        self.0.kinds(refresh).await
    }

    async fn schemas(&self, kinds: &[Gvk]) -> Result<Arc<Schemas>, ClusterError> {
        self.0.schemas(kinds).await
    }

    async fn get(&self, at: &Location) -> Result<Object, ClusterError> {
        self.0.get(at).await
    }

    async fn list(&self, resource: &Resource, _options: &ListOptions) -> Result<Listing, ClusterError> {
        Err(ClusterError::new(ClusterErrorKind::Forbidden, format!("list {}", resource.plural), "not allowed"))
    }

    async fn table(&self, of: &TableOf) -> Result<Table, ClusterError> {
        self.0.table(of).await
    }

    async fn watch(&self, resource: &Resource, options: &ListOptions, from: &str) -> Result<WatchStream, ClusterError> {
        self.0.watch(resource, options, from).await
    }

    async fn write(&self, request: &Request, dry_run: DryRun) -> Result<Option<Object>, ClusterError> {
        self.0.write(request, dry_run).await
    }

    async fn logs(&self, namespace: &str, pod: &str, options: &LogOptions) -> Result<String, ClusterError> {
        self.0.logs(namespace, pod, options).await
    }

    async fn permissions(&self, rights: &[Right]) -> Vec<Permission> {
        self.0.permissions(rights).await
    }
}

fn maps(count: usize, color: &str) -> Vec<Value> {
    (0..count).map(|index| config_map(&format!("map-{index:02}"), color)).collect()
}

/// What is read of config maps, and the names of those that a plan patches.
async fn look(cluster: impl Cluster, stage: &Stage) -> (Vec<String>, Vec<String>) {
    let recording = RecordingCluster::new(cluster);
    let options = RollbackOptions::default();
    let seen = survey(&stage.storage, &recording, &namespace(), &name(), &options).await.unwrap();
    let reads = recording.reads().into_iter().filter(|read| read.contains("ConfigMap") || read.contains("configmaps")).collect();
    let plan = plan(&seen, &options);
    let patched = plan.steps_of(Action::Patch).filter_map(|step| Some(step.object()?.name));
    (reads, patched.collect())
}

fn all(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("map-{index:02}")).collect()
}

#[tokio::test]
async fn many_of_a_kind_are_read_by_one_list_and_few_one_by_one() {
    let stage = Stage::new().two(&maps(8, "blue"), &[], &maps(8, "red")).await;
    assert_eq!(look(stage.cluster.clone(), &stage).await, (vec!["list configmaps".to_owned()], all(8)));

    let stage = Stage::new().two(&maps(7, "blue"), &[], &maps(7, "red")).await;
    let (reads, patched) = look(stage.cluster.clone(), &stage).await;
    assert_eq!((reads.len(), patched), (7, all(7)), "{reads:?}");
    assert!(reads.iter().all(|read| read.starts_with("get ")), "{reads:?}");
}

#[tokio::test]
async fn what_a_list_does_not_show_is_read_by_itself() {
    let stage = Stage::new().two(&maps(9, "blue"), &[], &maps(9, "red")).await;
    // Somebody took Helm's label away from one, and another is gone.
    let at = stage.place("v1", "ConfigMap", "map-03").await;
    let unlabelled = json!({"metadata": {"labels": null}});
    let patch =
        Request::Patch { at, patch: PatchBody::Merge(unlabelled), manager: "kubectl".to_owned(), validation: Validation::Ignore };
    stage.cluster.write(&patch, DryRun::No).await.unwrap();
    let gone = stage.place("v1", "ConfigMap", "map-05").await;
    let delete = Request::Delete { at: gone, propagation: Propagation::Background, preconditions: Preconditions::default() };
    stage.cluster.write(&delete, DryRun::No).await.unwrap();

    let (reads, patched) = look(stage.cluster.clone(), &stage).await;
    assert_eq!(reads.len(), 3, "{reads:?}");
    assert!(reads[1].ends_with("map-03") && reads[2].ends_with("map-05"), "{reads:?}");
    assert_eq!(patched, all(9).into_iter().filter(|name| name != "map-05").collect::<Vec<_>>());
}

/// A release of that many revisions, none of which can be decoded.
async fn unreadable(revisions: u32) -> Stage {
    let stage = Stage::new();
    for revision in 1..=revisions {
        let number = revision.to_string();
        let labels = [("name", "web"), ("owner", "helm"), ("status", "superseded"), ("version", &number)];
        let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let record = NewRecord { labels, payload: Payload(b"no record".to_vec()) };
        stage.storage.create(&key(revision), &record).await.unwrap();
    }
    stage
}

#[tokio::test]
async fn where_no_record_can_be_decoded_each_is_told_with_its_reason() {
    let error = async |revisions: u32, selector: &str| {
        let stage = unreadable(revisions).await;
        let options = RollbackOptions::default().with_selector(selector.parse().unwrap());
        survey(&stage.storage, &stage.cluster, &namespace(), &name(), &options).await.unwrap_err()
    };
    for selector in ["@good", "-1"] {
        let text = error(1, selector).await.to_string();
        let start = "no record of release \"web\" in namespace \"default\" can be decoded: revision 1: ";
        assert!(text.starts_with(start) && text.len() > start.len(), "{text}");
    }
    let SurveyError::NoneReadable { unreadable, .. } = error(3, "@good").await else { panic!("none can be decoded") };
    assert_eq!(unreadable.iter().map(|(revision, _)| revision.get()).collect::<Vec<_>>(), [3, 2, 1]);
    // Who names a number hears of that number.
    assert!(matches!(error(1, "1").await, SurveyError::Undecodable { .. }));
    assert!(matches!(error(1, "9").await, SurveyError::NoTarget(_)));
}

#[tokio::test]
async fn an_uninstalled_release_has_not_drifted_where_its_objects_are_gone() {
    let stage = Stage::new();
    stage.record(1, "deployed", &[config_map("paint", "red"), config_map("kept", "red")], &[]).await;
    stage.seed().await;
    stage.record(2, "uninstalled", &[config_map("paint", "red"), config_map("kept", "red")], &[]).await;
    let report = async || drift::look(&stage.storage, &stage.cluster, &namespace(), &name()).await.unwrap();
    let gone = stage.place("v1", "ConfigMap", "paint").await;
    let delete = Request::Delete { at: gone, propagation: Propagation::Background, preconditions: Preconditions::default() };
    stage.cluster.write(&delete, DryRun::No).await.unwrap();
    let found = report().await;
    assert!(found.is_clean(), "{found:?}");
    assert_eq!((found.revision.get(), found.status), (2, Status::Uninstalled));
    // What the uninstallation kept may still be edited.
    let at = stage.place("v1", "ConfigMap", "kept").await;
    let (patch, manager) = (PatchBody::Merge(json!({"data": {"color": "blue"}})), "kubectl-edit".to_owned());
    stage.cluster.write(&Request::Patch { at, patch, manager, validation: Validation::Ignore }, DryRun::No).await.unwrap();
    let found = report().await;
    assert_eq!(found.objects.len(), 1, "{found:?}");
    assert!(!found.is_clean());
}

#[tokio::test]
async fn a_crowd_of_others_in_the_namespace_hides_nothing() {
    let stage = Stage::new().two(&maps(8, "blue"), &[], &maps(8, "red")).await;
    for index in 0..40 {
        let mut object = config_map(&format!("a-{index:02}"), "red");
        object["metadata"]["labels"] = json!({"app.kubernetes.io/managed-by": "Helm"});
        stage.insert(&object);
    }
    let (reads, patched) = look(stage.cluster.clone(), &stage).await;
    assert_eq!((reads.len(), patched), (9, all(8)), "{reads:?}");
}

#[tokio::test]
async fn without_the_right_to_list_all_are_read_one_by_one() {
    let stage = Stage::new().two(&maps(12, "blue"), &[], &maps(12, "red")).await;
    let (reads, patched) = look(NoLists(stage.cluster.clone()), &stage).await;
    assert_eq!((reads.len(), patched), (13, all(12)), "{reads:?}");
}
