//! Reads what is there, step by step: objects and events, then pods, then logs and quotas.

use std::collections::{BTreeMap, BTreeSet};

use super::events::{self, ClusterEvent, Interest};
use super::masked::masked;
use super::objects::{ObjectEvidence, rank, speaks};
use super::pods::PodEvidence;
use super::quota::{self, QuotaEvidence};
use super::reader::{Got, Reader, Wanted};
use super::wording::{LINE, shortened};
use super::workload::Workload;
use super::{Evidence, FirstError, Scene};
use crate::mask::Masker;
use crate::ports::{Clock, Cluster, Kinds, ListOptions, Location, Resource};
use crate::run::RunError;
use crate::{Gvk, Object, ObjectId};

/// Collects everything about a failed run that can be read within the scene's limits. Only reads, and never fails.
///
/// To be called before anything is undone: afterwards the pods that know why are gone.
///
/// # Cancellation
/// Dropping the future leaves nothing behind.
///
/// ```
/// use helm_release_core::evidence::{Scene, collect};
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_store::clock::SystemClock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let began = jiff::Timestamp::now();
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// // The run of the plan has failed, and nothing is undone yet.
/// let scene = Scene::told(&plan, "resource Deployment/default/shop not ready", began);
/// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
/// assert_eq!(evidence.began, began);
/// assert!(evidence.pods[0].is_in_trouble());
/// assert_eq!(evidence.pods[0].owner.to_string(), "Deployment default/shop");
/// # Ok(()) });
/// ```
pub async fn collect(cluster: &dyn Cluster, clock: &dyn Clock, scene: &Scene<'_>) -> Evidence {
    let mut evidence = Evidence {
        release: scene.release.clone(),
        namespace: scene.namespace.clone(),
        from: scene.from,
        to: scene.to,
        new_revision: scene.new_revision,
        began: scene.began,
        collected: clock.now().timestamp(),
        phase: scene.phase,
        error: first_error(scene),
        hook: scene.hook.clone(),
        objects: Vec::new(),
        pods: Vec::new(),
        events: Vec::new(),
        quotas: Vec::new(),
        timeline: scene.timeline.clone(),
        unread: Vec::new(),
    };
    let mut reader = Reader::new(cluster, clock, scene.limits.time, scene.limits.at_once);
    let Some(kinds) = reader.in_time(cluster.kinds(false)).await else {
        evidence.objects = objects(scene).into_iter().map(|(_, object)| object).collect();
        evidence.unread = reader.finish();
        return evidence;
    };
    let kinds = kinds.map_err(|error| reader.tell(error.to_string())).ok();
    let mut collector = Collector { scene, kinds: kinds.as_deref(), reader, interest: Interest::default() };
    let (workloads, warnings) = collector.look(&mut evidence).await;
    collector.find_pods(&mut evidence, &workloads).await;
    evidence.events = collector.of_interest(&warnings);
    collector.read_quotas(&mut evidence).await;
    collector.read_logs(&mut evidence).await;
    // A namespace may hold a great many of them, so they come last.
    let others = collector.list_events("type!=Warning").await;
    evidence.events.extend(collector.of_interest(&others));
    evidence.events = newest(evidence.events, scene.limits.events);
    evidence.unread = collector.reader.finish();
    evidence
}

fn first_error(scene: &Scene<'_>) -> FirstError {
    let mut error = scene.error;
    while let Some(RunError::Several { first, .. }) = error {
        error = Some(first);
    }
    let mut text = scene.said.clone();
    // What the storage met is a source of its error and not in its text.
    let mut source = error.and_then(std::error::Error::source);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    match error {
        Some(RunError::Cluster(error)) => {
            FirstError { text, message: error.message.clone(), action: Some(error.action.clone()), kind: Some(error.kind) }
        }
        _ => FirstError { message: text.clone(), text, action: None, kind: None },
    }
}

/// Every object concerned with its place, those of a hook that failed at the end.
fn objects(scene: &Scene<'_>) -> Vec<(Location, ObjectEvidence)> {
    let mut masker = Masker::default();
    let of_release = scene.objects.iter().map(|concerned| {
        let changes = masked(&concerned.at.resource.gvk.kind, &concerned.changes, &mut masker);
        (concerned.at.clone(), ObjectEvidence::not_read(concerned.at.id(), Some(concerned.action), changes))
    });
    let mut objects: Vec<_> = of_release.collect();
    let of_hook = scene.hook.iter().flat_map(|hook| &hook.objects);
    objects.extend(of_hook.map(|at| (at.clone(), ObjectEvidence::not_read(at.id(), None, Vec::new()))));
    objects
}

/// The newest events, oldest first; warnings are kept before others.
fn newest(mut events: Vec<ClusterEvent>, most: usize) -> Vec<ClusterEvent> {
    events.sort_by(|a, b| b.warning.cmp(&a.warning).then_with(|| b.at.cmp(&a.at)));
    events.truncate(most);
    events.sort_by_key(|event| event.at);
    events
}

struct Collector<'a> {
    scene: &'a Scene<'a>,
    kinds: Option<&'a Kinds>,
    reader: Reader<'a>,
    interest: Interest,
}

impl Collector<'_> {
    /// A kind of Kubernetes' own, when the server serves it or has not said what it serves.
    fn resource(&self, api_version: &str, kind: &str, plural: &str) -> Option<Resource> {
        let gvk = Gvk::new(api_version, kind);
        match self.kinds {
            Some(kinds) => kinds.find(&gvk).cloned(),
            None => Some(Resource { gvk, plural: plural.to_owned(), scope: crate::ports::Scope::Namespaced }),
        }
    }

    /// The requests for events of a kind in the release's namespace and wherever else its objects are.
    fn event_lists(&self, fields: &str) -> Vec<Wanted> {
        let resource = self.resource("v1", "Event", "events").or_else(|| self.resource("events.k8s.io/v1", "Event", "events"));
        let Some(resource) = resource else { return Vec::new() };
        let of_release = self.scene.objects.iter().map(|concerned| &concerned.at);
        let of_hook = self.scene.hook.iter().flat_map(|hook| &hook.objects);
        let mut places: BTreeSet<&str> = of_release.chain(of_hook).filter_map(|at| at.namespace.as_deref()).collect();
        places.insert(self.scene.namespace.as_str());
        let list =
            |place| Wanted::List { resource: resource.clone(), options: ListOptions::within(Some(place)).with_fields(fields) };
        places.into_iter().map(list).collect()
    }

    async fn list_events(&mut self, fields: &str) -> Vec<Object> {
        let answers = self.reader.read(self.event_lists(fields)).await;
        answers.into_iter().flatten().flat_map(Got::objects).collect()
    }

    /// Those events that are about the release's objects and not from before the run.
    fn of_interest(&self, events: &[Object]) -> Vec<ClusterEvent> {
        events.iter().filter_map(|event| events::read(event, &self.interest, self.scene.began)).collect()
    }

    /// Looks at the objects and lists warnings; returns the workloads that are not well, and the warnings.
    async fn look(&mut self, evidence: &mut Evidence) -> (Vec<Workload>, Vec<Object>) {
        let mut objects = objects(self.scene);
        let limit = self.scene.limits.objects;
        let mut read: Vec<usize> = (0..objects.len()).filter(|index| speaks(&objects[*index].0.resource.gvk.kind)).collect();
        // Those of the hook that failed come first, then workloads.
        read.sort_by_key(|index| (objects[*index].1.action.is_some(), rank(&objects[*index].0.resource.gvk.kind)));
        if read.len() > limit {
            let left = further(read.len() - limit, "object of the release was", "objects of the release were");
            self.reader.tell(format!("{left} not read again"));
            read.truncate(limit);
        }
        let mut wanted = self.event_lists("type=Warning");
        let lists = wanted.len();
        wanted.extend(read.iter().map(|index| Wanted::Object(objects[*index].0.clone())));
        let mut answers = self.reader.read(wanted).await;
        let looked_at = answers.split_off(lists);
        let warnings = answers.into_iter().flatten().flat_map(Got::objects).collect();
        let mut workloads = Vec::new();
        for (index, answer) in read.into_iter().zip(looked_at) {
            let Some(Got::Object(live)) = answer else { continue };
            let object = &mut objects[index].1;
            object.look(live.as_ref());
            self.interest.add(&object.object, live.as_ref());
            workloads.extend(Workload::of(&object.object, live.as_ref()));
            if let Some(pod) = live.filter(|live| live.kind() == "Pod" && live.api_version() == "v1") {
                evidence.pods.push(PodEvidence::read(&pod, &object.object, true));
            }
        }
        for (_, object) in &objects {
            self.interest.add(&object.object, None);
        }
        evidence.objects = objects.into_iter().map(|(_, object)| object).collect();
        (workloads, warnings)
    }

    /// Finds the pods of workloads, directly or through their sets.
    async fn find_pods(&mut self, evidence: &mut Evidence, workloads: &[Workload]) {
        let Some(pods) = self.resource("v1", "Pod", "pods") else { return };
        let sets = self.resource("apps/v1", "ReplicaSet", "replicasets");
        let mut wanted: Vec<Wanted> = workloads.iter().map(|workload| workload.list(&pods)).collect();
        let mut set_lists = BTreeMap::new();
        if let Some(sets) = sets {
            for (index, workload) in workloads.iter().enumerate().filter(|(_, workload)| workload.has_sets()) {
                set_lists.insert(index, wanted.len());
                wanted.push(workload.list(&sets));
            }
        }
        let answers = self.reader.read(wanted).await;
        let listed = |index: usize| answers.get(index).cloned().flatten().map(Got::objects).unwrap_or_default();
        for (index, workload) in workloads.iter().enumerate() {
            let sets = set_lists.get(&index).map(|list| listed(*list)).unwrap_or_default();
            let pods = listed(index);
            for set in workload.sets(&sets) {
                self.interest.add(&set.id(), Some(set));
            }
            if workload.id.kind == "Job" {
                let namespace = workload.id.namespace.clone().unwrap_or_default();
                self.interest.pods_like.insert((namespace, format!("{}-", workload.id.name)));
            }
            evidence.pods.extend(workload.pods(&sets, &pods));
        }
        for pod in &evidence.pods {
            let (namespace, name) = (Some(pod.namespace.clone()), pod.name.clone());
            let id = ObjectId { group: String::new(), kind: "Pod".to_owned(), namespace, name };
            self.interest.add(&id, None);
        }
        evidence.pods.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let limit = self.scene.limits.pods;
        if evidence.pods.len() > limit {
            let left = further(evidence.pods.len() - limit, "pod is", "pods are");
            self.reader.tell(format!("{left} not shown"));
            evidence.pods.truncate(limit);
        }
    }

    /// Reads the end of the logs of containers that are in trouble.
    async fn read_logs(&mut self, evidence: &mut Evidence) {
        let mut places = Vec::new();
        for (index, pod) in evidence.pods.iter().enumerate().filter(|(_, pod)| pod.is_in_trouble()) {
            let containers = pod.containers.iter().enumerate();
            let speaking = containers.filter(|(_, container)| container.is_in_trouble() && container.has_run());
            places.extend(speaking.map(|(container, _)| (index, container)));
        }
        let limit = self.scene.limits.containers;
        if places.len() > limit {
            let left = further(places.len() - limit, "container", "containers");
            self.reader.tell(format!("the logs of {left} in trouble were not read"));
            places.truncate(limit);
        }
        let wanted = places.iter().map(|(pod, container)| {
            let pod = &evidence.pods[*pod];
            Wanted::Log {
                namespace: pod.namespace.clone(),
                pod: pod.name.clone(),
                container: pod.containers[*container].name.clone(),
                lines: self.scene.limits.log_lines,
            }
        });
        let answers = self.reader.read(wanted.collect()).await;
        for ((pod, container), answer) in places.into_iter().zip(answers) {
            let Some(Got::Text(text)) = answer else { continue };
            let lines = text.lines().map(|line| shortened(line, LINE).into_owned());
            evidence.pods[pod].containers[container].log = lines.collect();
        }
    }

    /// Reads the quotas that the error, a condition or an event names.
    async fn read_quotas(&mut self, evidence: &mut Evidence) {
        let Some(resource) = self.resource("v1", "ResourceQuota", "resourcequotas") else { return };
        let conditions =
            evidence.objects.iter().flat_map(|object| &object.conditions).map(|condition| condition.message.as_str());
        let events = evidence.events.iter().map(|event| event.message.as_str());
        let names = quota::named([evidence.error.text.as_str()].into_iter().chain(conditions).chain(events));
        let here = self.scene.namespace.as_str();
        let wanted = names.iter().map(|name| Wanted::Object(resource.at(here, name)));
        let answers = self.reader.read(wanted.collect()).await;
        let quotas = answers.into_iter().flatten().flat_map(Got::objects);
        evidence.quotas = quotas.map(|quota| QuotaEvidence::read(&quota)).collect();
    }
}
/// How many were left out.
fn further(count: usize, one: &str, many: &str) -> String {
    format!("{count} further {}", if count == 1 { one } else { many })
}
