//! A small world to plan in: records, kinds and live objects, put together by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::codec::{self, Summary};
use crate::drift::Autoscalers;
use crate::history::{Answer, History, Selector};
use crate::patch::Schemas;
use crate::plan::{
    Answers, DryRunAnswer, Finding, Mode, Need, Plan, ProbeAnswer, RemovedApis, RevisionContent, RollbackOptions, Rule, Seen,
    Survey, plan, plan_with,
};
use crate::ports::{Head, Kinds, Location, Permission, RecordKey, Resource, Scope, Version};
use crate::{Gvk, Namespace, Object, ObjectId, Record, ReleaseName, Revision};

/// Release `web` in namespace `default`, and what is around it.
#[derive(Debug, Clone, Default)]
pub(in crate::plan) struct World {
    records: Vec<Value>,
    broken: BTreeMap<u32, String>,
    live: Vec<Object>,
    hidden: Vec<Object>,
    instances: Vec<(Object, usize)>,
    autoscalers: Autoscalers,
    pub(in crate::plan) surroundings: crate::plan::Surroundings,
    padding: usize,
    selector: Option<Selector>,
    answers: Answers,
    removed: RemovedApis,
    pub(in crate::plan) options: RollbackOptions,
}

pub(in crate::plan) fn namespace() -> Namespace {
    "default".parse().unwrap()
}

pub(in crate::plan) fn name() -> ReleaseName {
    "web".parse().unwrap()
}

pub(in crate::plan) fn revision(number: u32) -> Revision {
    Revision::new(number).unwrap()
}

fn kinds() -> Kinds {
    let served = [
        ("v1", "ConfigMap", "configmaps", Scope::Namespaced),
        ("v1", "Secret", "secrets", Scope::Namespaced),
        ("v1", "Service", "services", Scope::Namespaced),
        ("v1", "Pod", "pods", Scope::Namespaced),
        ("v1", "PersistentVolumeClaim", "persistentvolumeclaims", Scope::Namespaced),
        ("v1", "Namespace", "namespaces", Scope::Cluster),
        ("apps/v1", "Deployment", "deployments", Scope::Namespaced),
        ("apps/v1", "StatefulSet", "statefulsets", Scope::Namespaced),
        ("batch/v1", "Job", "jobs", Scope::Namespaced),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Scope::Namespaced),
        ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", Scope::Namespaced),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", Scope::Cluster),
    ];
    let resource = |(api_version, kind, plural, scope): (&str, &str, &str, Scope)| Resource {
        gvk: Gvk::new(api_version, kind),
        plural: plural.to_owned(),
        scope,
    };
    served.into_iter().map(resource).collect()
}

/// Where an object lies.
pub(in crate::plan) fn place(object: &Value) -> Location {
    let object = Object::new(object.clone()).unwrap();
    kinds().find(&object.gvk()).unwrap().locate(&object, "default")
}

pub(in crate::plan) fn config_map(name: &str, color: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"color": color}})
}

pub(in crate::plan) fn of_kind(api_version: &str, kind: &str, name: &str) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}})
}

pub(in crate::plan) fn definition(name: &str) -> Value {
    let mut definition = of_kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", name);
    definition["spec"] = json!({"group": "example.org", "names": {"kind": "Thing", "plural": "things"}});
    definition
}

/// A Deployment that reads the ConfigMap `settings` when it starts.
pub(in crate::plan) fn deployment(image: &str, strategy: &str, replicas: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"},
        "spec": {
            "replicas": replicas, "strategy": {"type": strategy},
            "template": {
                "metadata": {"labels": {"app": "shop"}},
                "spec": {"containers": [{"name": "shop", "image": image, "envFrom": [{"configMapRef": {"name": "settings"}}]}]},
            },
        },
    })
}

/// A Job that is a hook.
pub(in crate::plan) fn hook(name: &str, events: &[&str], weight: i64) -> Value {
    let job = of_kind("batch/v1", "Job", name);
    json!({
        "name": name, "kind": "Job", "path": format!("web/templates/{name}.yaml"), "manifest": job.to_string(),
        "events": events, "last_run": {"phase": ""}, "weight": weight,
    })
}

/// The object as this release has written it: the release's marks and what the server adds.
pub(in crate::plan) fn ours(object: &Value) -> Value {
    foreign(object, "web")
}

/// The object with the marks of a release of that name.
pub(in crate::plan) fn foreign(object: &Value, release: &str) -> Value {
    let mut object = object.clone();
    let metadata = object["metadata"].as_object_mut().unwrap();
    let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
    annotations["meta.helm.sh/release-name"] = json!(release);
    annotations["meta.helm.sh/release-namespace"] = json!("default");
    metadata.entry("labels").or_insert_with(|| json!({}))["app.kubernetes.io/managed-by"] = json!("Helm");
    object
}

/// The object with an entry in `managedFields` that owns everything in it.
pub(in crate::plan) fn managed(mut object: Value, operation: &str) -> Value {
    let mut fields = object.clone();
    for path in [["apiVersion", ""], ["kind", ""], ["metadata", "name"], ["metadata", "namespace"]] {
        let holder = if path[1].is_empty() { &mut fields } else { &mut fields[path[0]] };
        let key = if path[1].is_empty() { path[0] } else { path[1] };
        holder.as_object_mut().unwrap().remove(key);
    }
    let entry = json!({
        "manager": "helm", "operation": operation, "apiVersion": object["apiVersion"], "fieldsType": "FieldsV1",
        "fieldsV1": tree(&fields),
    });
    object["metadata"]["managedFields"] = json!([entry]);
    object
}

fn tree(value: &Value) -> Value {
    let Value::Object(members) = value else { return json!({}) };
    members.iter().map(|(key, value)| (format!("f:{key}"), tree(value))).collect::<Map<_, _>>().into()
}

impl World {
    /// A release of two revisions, the first to return to; the objects of the second are live.
    pub(in crate::plan) fn between(target: &[Value], live: &[Value]) -> Self {
        let world = Self::default().revision("superseded", target).revision("deployed", live);
        live.iter().fold(world, |world, object| world.live(ours(object)))
    }

    /// Adds the next revision, its chart and values unlike those of every other, written by Helm 4 client-side.
    pub(in crate::plan) fn revision(mut self, status: &str, objects: &[Value]) -> Self {
        let number = self.records.len() + 1;
        let documents: Vec<String> = objects.iter().map(|object| format!("---\n{object}\n")).collect();
        let manifest = documents.concat();
        self.records.push(json!({
            "name": "web",
            "info": {
                "first_deployed": "2026-01-01T00:00:00Z", "last_deployed": format!("2026-01-0{number}T00:00:00Z"),
                "description": "Upgrade complete", "status": status, "notes": "",
            },
            "chart": {"metadata": {"name": "web", "version": format!("{number}.0.0"), "appVersion": format!("1.{number}")}},
            "config": {"revision": number}, "manifest": manifest, "hooks": [], "version": number, "namespace": "default",
            "apply_method": "csa",
        }));
        self
    }

    /// Sets a member of the latest revision's record.
    pub(in crate::plan) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.records.last_mut().unwrap()[member] = value.into();
        self
    }

    /// Sets a member of every revision's record.
    pub(in crate::plan) fn with_all(mut self, member: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        for record in &mut self.records {
            record[member] = value.clone();
        }
        self
    }

    /// Sets a member of the latest revision's `info`.
    pub(in crate::plan) fn with_info(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.records.last_mut().unwrap()["info"][member] = value.into();
        self
    }

    /// Makes a revision's record unreadable.
    pub(in crate::plan) fn broken(mut self, number: u32, reason: &str) -> Self {
        self.broken.insert(number, reason.to_owned());
        self
    }

    /// Adds a live object, exactly as it is given but for uid and version.
    pub(in crate::plan) fn live(mut self, object: Value) -> Self {
        let mut object = object;
        let number = self.live.len() + 1;
        object["metadata"]["uid"] = json!(format!("uid-{number}"));
        object["metadata"]["resourceVersion"] = json!(format!("{}", 100 + number));
        if place(&object).namespace.is_some() {
            object["metadata"]["namespace"] = json!("default");
        }
        self.live.push(Object::new(object).unwrap());
        self
    }

    /// Changes the live object that was added last.
    pub(in crate::plan) fn with_live(mut self, change: impl FnOnce(&mut Value)) -> Self {
        let mut value = self.live.pop().unwrap().into_value();
        change(&mut value);
        self.live.push(Object::new(value).unwrap());
        self
    }

    /// Hides what is at an object's place.
    pub(in crate::plan) fn hidden(mut self, object: Value) -> Self {
        self.hidden.push(Object::new(object).unwrap());
        self
    }

    /// Says how many objects there are of the kind that a definition brings.
    pub(in crate::plan) fn instances(mut self, definition: Value, count: usize) -> Self {
        self.instances.push((Object::new(definition).unwrap(), count));
        self
    }

    /// Adds a live autoscaler of a workload.
    pub(in crate::plan) fn autoscaler(mut self, name: &str, of: &Value) -> Self {
        let mut object = of_kind("autoscaling/v2", "HorizontalPodAutoscaler", name);
        object["metadata"]["namespace"] = json!("default");
        object["spec"]["scaleTargetRef"] =
            json!({"apiVersion": of["apiVersion"], "kind": of["kind"], "name": of["metadata"]["name"]});
        self.autoscalers.found.push(Object::new(object).unwrap());
        self
    }

    /// Hides the autoscalers.
    pub(in crate::plan) fn hidden_autoscalers(mut self) -> Self {
        self.autoscalers.hidden = Some("horizontalpodautoscalers is forbidden".to_owned());
        self
    }

    /// Adds an object that stands around the release.
    pub(in crate::plan) fn around(mut self, object: Value) -> Self {
        self.answers.around.objects.push(Object::new(object).unwrap());
        self
    }

    /// Says what the server answers to the dry run of the write of an object.
    pub(in crate::plan) fn dry_run(mut self, object: &Value, answer: DryRunAnswer) -> Self {
        self.answers.dry_runs.insert(place(object).id(), answer);
        self
    }

    /// Puts something where a hook of the plan belongs.
    pub(in crate::plan) fn hook_place(mut self, live: &Value) -> Self {
        let mut live = live.clone();
        live["metadata"]["namespace"] = json!("default");
        self.answers.hook_places.insert(place(&live).id(), Object::new(live).unwrap());
        self
    }

    /// Adds an object of the kind that a definition brings.
    pub(in crate::plan) fn custom_resource(mut self, definition: &ObjectId, object: Value) -> Self {
        self.answers.custom_resources.entry(definition.clone()).or_default().push(Object::new(object).unwrap());
        self
    }

    /// Says what is installed of a definition in a chart's folder `crds/`.
    pub(in crate::plan) fn definition(mut self, name: &str, live: Option<Value>) -> Self {
        self.answers.definitions.insert(name.to_owned(), live.map(|live| Object::new(live).unwrap()));
        self
    }

    /// Adds what one of the user's own checks said.
    pub(in crate::plan) fn probe(mut self, answer: ProbeAnswer) -> Self {
        self.answers.probes.push(answer);
        self
    }

    /// Says what becomes of objects in removed versions.
    pub(in crate::plan) fn removed_apis(mut self, removed: RemovedApis) -> Self {
        self.removed = removed;
        self
    }

    /// Says what is given of something that the run needs.
    pub(in crate::plan) fn need(mut self, need: Need, given: &[Permission]) -> Self {
        self.answers.needs.push((need, given.to_vec()));
        self
    }

    /// Makes every payload look that much larger than it is.
    pub(in crate::plan) fn padded(mut self, bytes: usize) -> Self {
        self.padding = bytes;
        self
    }

    /// Returns to that revision instead of the newest good one.
    pub(in crate::plan) fn to(mut self, number: u32) -> Self {
        self.selector = Some(Selector::Revision(revision(number)));
        self
    }

    /// Changes the options.
    pub(in crate::plan) fn asked(mut self, change: impl FnOnce(&mut RollbackOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// Switches every difference from Helm off.
    pub(in crate::plan) fn compat(self) -> Self {
        self.asked(|options| options.mode = Mode::Compat)
    }

    pub(in crate::plan) fn survey(&self) -> Survey {
        let kinds = Arc::new(kinds());
        let heads: Vec<Head> = self.records.iter().map(head).collect();
        let mut history = History::new(heads.clone());
        let mut revisions = BTreeMap::new();
        for (record, head) in self.records.iter().zip(heads) {
            let revision = head.key.revision;
            if let Some(reason) = self.broken.get(&revision.get()) {
                history.learn(revision, Err(reason.clone()));
                continue;
            }
            let record = Record::parse(record.to_string().as_bytes()).unwrap();
            history.learn(revision, Ok(Summary { info: record.info().unwrap(), chart: record.chart().unwrap() }));
            let size = codec::encode(&record).0.len() + self.padding;
            revisions.insert(revision, RevisionContent::read_with(head, size, record, &kinds, self.removed).unwrap());
        }
        let Answer::Known(choice) = history.choose(&self.selector.clone().unwrap_or_default()).unwrap() else {
            panic!("everything was learned")
        };
        let Answer::Known(baseline) = history.baseline() else { panic!("everything was learned") };
        let broken = baseline.iter().filter_map(|number| Some((*number, self.broken.get(&number.get())?.clone())));
        let unreadable = broken.collect();
        let at = |object: &Object| place(object.as_value());
        let mut live: BTreeMap<Location, Seen> =
            self.live.iter().map(|object| (at(object), Seen::Live(object.clone()))).collect();
        live.extend(self.hidden.iter().map(|object| (at(object), Seen::Hidden("pods is forbidden".to_owned()))));
        Survey {
            namespace: namespace(),
            name: name(),
            current: *revisions.keys().next_back().unwrap(),
            baseline: baseline.into_iter().filter(|number| revisions.contains_key(number)).collect(),
            history,
            choice,
            revisions,
            unreadable,
            kinds,
            schemas: Arc::new(Schemas::built_in().clone()),
            live,
            instances: self.instances.iter().map(|(object, count)| (at(object), *count)).collect(),
            autoscalers: self.autoscalers.clone(),
            surroundings: self.surroundings.clone(),
            lock: crate::plan::LockSeen::NotLookedAt,
            looked: jiff::Timestamp::UNIX_EPOCH,
            answers: self.answers.clone(),
        }
    }

    pub(in crate::plan) fn plan(&self) -> Plan {
        plan(&self.survey(), &self.options)
    }

    /// What one rule alone finds.
    pub(in crate::plan) fn found_by(&self, rule: impl Rule + 'static) -> Vec<Finding> {
        plan_with(&self.survey(), &self.options, &[Box::new(rule)]).findings
    }
}

fn head(record: &Value) -> Head {
    let number = u32::try_from(record["version"].as_u64().unwrap()).unwrap();
    let labels = [("status", record["info"]["status"].as_str().unwrap()), ("team", "shop")];
    Head {
        key: RecordKey { namespace: namespace(), name: name(), revision: revision(number) },
        version: Version(number.to_string()),
        labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
    }
}

/// The only finding.
pub(in crate::plan) fn only(findings: Vec<Finding>) -> Finding {
    let [finding] = <[Finding; 1]>::try_from(findings).unwrap_or_else(|findings| panic!("not one finding: {findings:?}"));
    finding
}
