//! Fields that a rollback leaves as they are live: those that drifted and are to be kept, and replicas that an autoscaler holds.

use serde_json::Value;

use super::{Mode, RollbackOptions, Step, Survey, Writing, stamp};
use crate::Object;
use crate::drift::{DriftChoice, Drifted, FieldPath, Managers, as_stored, choose, drifted_since, replicas, writes_releases};
use crate::ports::Location;

/// A field of a live object that is not as it was applied, or that an autoscaler holds, and what becomes of it.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) field: Drifted,
    pub(super) choice: DriftChoice,
}

/// Decides about every field of a live object that drifted since the current revision was applied.
///
/// What any revision of the baseline may have written is no drift. Held replicas are kept unless a rule names them.
pub(super) fn decisions(survey: &Survey, options: &RollbackOptions, at: &Location) -> Vec<Decision> {
    let Some(live) = survey.seen(at).object() else { return Vec::new() };
    let of_release = |placed: &super::Placed| {
        let mut object = placed.object.unpack();
        stamp(&mut object, &survey.name, &survey.namespace);
        object
    };
    let applied: Vec<Object> = survey.baseline().filter_map(|revision| revision.find(at)).map(of_release).collect();
    let mut fields = drifted_since(&survey.schemas, &applied, live);
    if let Some(holder) = holder(survey, at, live) {
        let path = replicas();
        if let Some(field) = fields.iter_mut().find(|field| field.path == path) {
            field.held_by = Some(holder);
        } else {
            let value = |object: &Object| path.get(object.as_value()).cloned();
            let mut field = Drifted::new(path.clone(), applied.first().and_then(value), value(live), Vec::new());
            field.held_by = Some(holder);
            fields.push(field);
        }
    }
    let choice = |field: &Drifted| match (options.mode, &field.held_by) {
        (Mode::Compat, _) => DriftChoice::Restore,
        (Mode::Safe, Some(_)) => choose(&options.drift_rules, &at.id(), &field.path, DriftChoice::Keep),
        (Mode::Safe, None) => choose(&options.drift_rules, &at.id(), &field.path, options.drift),
    };
    fields.into_iter().map(|field| Decision { choice: choice(&field), field }).collect()
}

/// Who holds the replicas of a workload, when that one is still there after the rollback.
fn holder(survey: &Survey, at: &Location, live: &Object) -> Option<String> {
    let has = |revision: &super::RevisionContent, id: &crate::ObjectId| {
        revision.contents.placed.iter().any(|placed| placed.location.is_of(id))
    };
    let staying =
        survey.autoscalers.without(|id| survey.baseline().any(|revision| has(revision, id)) && !has(survey.target(), id));
    staying.holder(at, live)
}

/// The fields of one object that stay as they are live.
#[derive(Debug, Default)]
pub(super) struct Kept(Vec<KeptField>);

#[derive(Debug)]
struct KeptField {
    path: FieldPath,
    /// The live value; `None` for a field that somebody took away.
    is: Option<Value>,
    /// Whether somebody other than Helm owns it.
    is_others: bool,
}

impl Kept {
    /// What is kept of the live object that `wanted` is to be written over.
    pub(super) fn of(survey: &Survey, options: &RollbackOptions, at: &Location, wanted: &Object) -> Self {
        let (Mode::Safe, Some(live)) = (options.mode, survey.seen(at).object()) else { return Self::default() };
        let managers = Managers::of(live);
        let wanted = as_stored(wanted);
        let kept = decisions(survey, options, at).into_iter().filter(|decision| decision.choice == DriftChoice::Keep);
        let kept = kept.map(|decision| decision.field).filter(|field| {
            let target = field.path.get(&wanted);
            let is_meant = match &field.held_by {
                // A target that leaves replicas out does not touch them.
                Some(_) => target.is_some(),
                // What others added stays where fields are patched.
                None => options.writing == Writing::Replace || !field.is_addition(),
            };
            is_meant && target != field.is.as_ref() && field.path.is_reachable(&wanted)
        });
        let field = |field: Drifted| {
            let is_others = managers.owners(&field.path).iter().any(|owner| !writes_releases(&owner.manager));
            KeptField { path: field.path, is: field.is, is_others }
        };
        Self(kept.map(field).collect())
    }

    /// The wanted object with the live values of what is kept.
    pub(super) fn taken_into(&self, wanted: Object) -> Object {
        if self.0.is_empty() {
            return wanted;
        }
        let mut value = as_stored(&wanted);
        for field in &self.0 {
            match &field.is {
                Some(live) => field.path.set(&mut value, live.clone()),
                None => field.path.remove(&mut value),
            }
        }
        Object::new(value).unwrap_or(wanted)
    }

    /// The wanted object without the kept fields that others own: an apply neither takes them over nor conflicts with a value
    /// that changes meanwhile. What Helm alone owns has to be applied, or the server would remove it.
    pub(super) fn left_to_others(&self, wanted: &Object) -> Object {
        let mut value = wanted.as_value().clone();
        for field in self.0.iter().filter(|field| field.is_others) {
            field.path.remove(&mut value);
        }
        Object::new(value).unwrap_or_else(|_| wanted.clone())
    }

    /// Says in a step's reason what is kept.
    pub(super) fn tell(&self, step: &mut Step) {
        if !self.0.is_empty() {
            let paths: Vec<String> = self.0.iter().map(|field| field.path.to_string()).collect();
            step.reason = format!("{}; left as live: {}", step.reason, paths.join(", "));
        }
    }
}

#[cfg(test)]
mod tests;
