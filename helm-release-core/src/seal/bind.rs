//! Collects everything that a plan rests on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::binding::{Binding, Bound};
use super::content;
use super::digest::Digester;
use crate::Gvk;
use crate::manifest::read_objects;
use crate::plan::{Action, Finding, FindingId, Plan, PlannedHook, RevisionContent, Seen, Severity, Step, Subject, Survey};
use crate::ports::{Head, Location, Permission, Scope};
use crate::release::ApplyMethod;

/// The part of a record that moves with every write of it.
const VERSION: &str = "version";
/// What the name of a step that deletes pods begins with.
pub(super) const PODS_OF: &str = "pods of ";

/// Everything that a plan rests on; of live objects those that `objects` names.
pub(super) fn all(survey: &Survey, plan: &Plan, objects: &BTreeSet<String>, tool: &str, salt: &str) -> Vec<Binding> {
    let digester = Digester::new(salt);
    let mut bindings = records(survey, plan, digester);
    let places = survey.live.keys().filter(|place| objects.contains(&place.to_string()));
    bindings.extend(places.map(|place| object(place, survey.seen(place), digester)));
    bindings.extend(kinds(survey));
    bindings.extend(rights(survey));
    bindings.extend(rules(tool));
    bindings.extend(findings(&plan.findings));
    bindings.extend(steps(plan, digester));
    bindings.extend(results(plan, digester));
    bindings
}

/// A record as its head tells of it.
pub(super) fn head(head: &Head) -> Binding {
    let state = match head.status_label() {
        "" => "without a status",
        status => status,
    };
    Binding::new(Bound::Record, format!("of revision {}", head.key.revision), state).part(VERSION, head.version.0.clone())
}

/// Bindings of records without what only their payloads tell.
pub(super) fn heads_alone(mut records: Vec<Binding>) -> Vec<Binding> {
    for record in &mut records {
        record.parts.retain(|part, _| part == VERSION);
    }
    records
}

fn records(survey: &Survey, plan: &Plan, digester: Digester<'_>) -> Vec<Binding> {
    let bind = |known: &Head| {
        let binding = head(known).part("labels", digester.of(&json!(known.labels)));
        match survey.revisions.get(&known.key.revision) {
            Some(content) => binding.part("content", digester.of(&record(content))),
            None => binding,
        }
    };
    plan.heads.iter().map(bind).collect()
}

/// What a plan reads of a record, whatever kinds the server serves. Values, templates and notes may hold secrets and are bound
/// by the record's version alone, which is enough where a server counts it.
fn record(content: &RevisionContent) -> Value {
    let hooks: Vec<Value> = content.hooks.iter().map(|hook| objects(&hook.hook.manifest)).collect();
    json!({
        "status": content.info.status,
        "description": content.info.description,
        "chart": content.chart.as_ref().map(crate::release::ChartMetadata::full_name),
        "objects": content.record.manifest().map(|manifest| objects(&manifest)).unwrap_or_default(),
        "hooks": hooks,
    })
}

/// The objects of a manifest with their secret values masked; of one that cannot be read nothing.
fn objects(manifest: &str) -> Value {
    let mut objects = Vec::new();
    let read = read_objects(manifest).each(|found| objects.push(content::masked(found.object.kind(), found.object.as_value())));
    read.map(|()| Value::Array(objects)).unwrap_or_default()
}

/// The objects that a plan works on.
pub(super) fn touched(plan: &Plan) -> BTreeSet<String> {
    let touches = |action: Action| action.writes_object() || action == Action::RecreatePods;
    let steps = plan.steps.iter().filter(|step| touches(step.action));
    steps.filter_map(Step::location).map(ToString::to_string).collect()
}

fn object(place: &Location, seen: &Seen, digester: Digester<'_>) -> Binding {
    let bind = |state: &str| Binding::new(Bound::Object, place.to_string(), state);
    match seen {
        Seen::Absent => bind("absent"),
        Seen::Hidden(_) => bind("not to be read"),
        Seen::Live(live) => {
            let mut binding = bind(if live.is_terminating() { "being deleted" } else { "there" });
            binding.parts = content::parts(live, digester);
            binding
        }
    }
}

/// The kinds of every object that the revisions read have, hooks included.
fn kinds(survey: &Survey) -> Vec<Binding> {
    let contents = survey
        .revisions
        .values()
        .flat_map(|revision| std::iter::once(&revision.contents).chain(revision.hooks.iter().map(|hook| &hook.contents)));
    let mut used: BTreeSet<Gvk> = BTreeSet::new();
    for contents in contents {
        used.extend(contents.placed.iter().map(|placed| placed.location.resource.gvk.clone()));
        used.extend(contents.unplaced.iter().map(|unplaced| unplaced.gvk.clone()));
    }
    let bind = |gvk: Gvk| {
        let state = match survey.kinds.find(&gvk) {
            Some(resource) if resource.scope == Scope::Cluster => format!("served as {}, cluster-wide", resource.plural),
            Some(resource) => format!("served as {}", resource.plural),
            None => "not served".to_owned(),
        };
        Binding::new(Bound::Kind, gvk.to_string(), state)
    };
    used.into_iter().map(bind).collect()
}

/// Every right that was asked for, whether it is needed or one of several that will do.
fn rights(survey: &Survey) -> Vec<Binding> {
    let asked = survey.answers.needs.iter().flat_map(|(need, permissions)| need.any_of.iter().zip(permissions));
    let state = |permission: &Permission| match permission {
        Permission::Allowed => "given",
        Permission::Denied(_) => "not given",
        Permission::Unknown(_) => "not told",
    };
    let asked: BTreeMap<String, &str> = asked.map(|(right, permission)| (right.to_string(), state(permission))).collect();
    asked.into_iter().map(|(right, state)| Binding::new(Bound::Right, format!("to {right}"), state)).collect()
}

fn rules(tool: &str) -> Vec<Binding> {
    let mut rules = Binding::new(Bound::Rule, "the list of findings", format!("{} ids", FindingId::ALL.len()));
    rules.parts = FindingId::ALL.iter().map(|id| (id.to_string(), String::new())).collect();
    vec![Binding::new(Bound::Rule, "the version of this program", tool), rules]
}

/// Findings by id, object and weight. Their texts tell of numbers and times too, which may move without changing anything, and
/// notes tell of things that matter to nothing else.
fn findings(findings: &[Finding]) -> Vec<Binding> {
    let mut bindings: BTreeMap<String, Binding> = BTreeMap::new();
    // Who holds the release is a matter of the moment: the lock itself decides, and can be waited for.
    let counts = |finding: &&Finding| finding.severity > Severity::Note && finding.id != FindingId::RELEASE_HELD;
    for finding in findings.iter().filter(counts) {
        let mut name = finding.id.to_string();
        name.extend(finding.object.iter().map(|object| format!(" of {object}")));
        name.extend(finding.path.iter().map(|path| format!(", {path}")));
        let weight = if finding.accepted && finding.acceptable { ", accepted" } else { "" };
        let state = format!("{}{weight}", finding.severity);
        match bindings.get_mut(&name) {
            Some(known) => known.state = format!("{} and {state}", known.state),
            None => {
                bindings.insert(name.clone(), Binding::new(Bound::Finding, name, state));
            }
        }
    }
    bindings.into_values().collect()
}

/// What a step is called: the object, or whatever else it is about.
fn name_of(step: &Step) -> String {
    match &step.subject {
        Subject::Record(revision) => format!("{} revision {revision}", step.action),
        Subject::Object(location) if step.action == Action::RecreatePods => format!("{PODS_OF}{location}"),
        Subject::Object(location) => location.to_string(),
        Subject::Hook(planned) => format!("{} hook {} {}", planned.event, planned.hook.kind, planned.hook.name),
        Subject::Objects(_) => "wait".to_owned(),
    }
}

fn steps(plan: &Plan, digester: Digester<'_>) -> Vec<Binding> {
    let bind = |step: &Step| {
        let mut binding = Binding::new(Bound::Step, name_of(step), step.action.as_str());
        for (index, request) in step.requests.iter().enumerate() {
            binding = binding.part(format!("request {}", index + 1), digester.of(&content::request(request)));
        }
        match &step.subject {
            Subject::Hook(planned) => binding.part("hook", digester.of(&hook(planned))),
            Subject::Objects(waited) => binding.part("objects", digester.of(&json!(waited))),
            Subject::Record(_) | Subject::Object(_) => binding,
        }
    };
    plan.steps.iter().map(bind).collect()
}

fn hook(planned: &PlannedHook) -> Value {
    let objects = planned.objects.iter().map(|placed| {
        let object = placed.object.unpack();
        content::masked(object.kind(), object.as_value())
    });
    json!({
        "objects": objects.collect::<Vec<_>>(),
        "path": planned.hook.path,
        "weight": planned.hook.weight,
        "deletePolicies": planned.hook.delete_policies,
        "outputLogPolicies": planned.hook.output_log_policies,
    })
}

fn results(plan: &Plan, digester: Digester<'_>) -> Vec<Binding> {
    let bind = |name: &str, state: String| Binding::new(Bound::Plan, name, state);
    let method = match plan.apply_method {
        ApplyMethod::Ssa => "server-side apply",
        ApplyMethod::Csa => "client-side apply",
    };
    let order: Vec<String> = plan.steps.iter().map(name_of).collect();
    vec![
        bind("the verdict", plan.verdict.to_string()),
        bind("the origin", format!("revision {}", plan.current.revision())),
        bind("the target", format!("revision {}", plan.target.revision())),
        bind("the new record", format!("revision {}", plan.new_revision)),
        bind("the way of writing", method.to_owned()),
        bind("the hooks that do not run", plan.hooks_not_run.len().to_string())
            .part("hooks", digester.of(&json!(plan.hooks_not_run))),
        bind("the order of the steps", plan.steps.len().to_string()).part("order", digester.of(&json!(order))),
    ]
}
