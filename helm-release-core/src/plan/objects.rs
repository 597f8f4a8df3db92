//! Plans what happens to each object of the target, and to each that the target does not have.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::kept::Kept;
use super::owner::{Owner, owner_of, stamp};
use super::secret::with_string_data;
use super::tool;
use super::undo::comparable;
use super::{
    Action, Finding, FindingId, Mode, Placed, RollbackOptions, Seen, Severity, Step, Subject, Survey, Undo, Writing, migration,
    reversal,
};
use crate::manifest::{RemovalPolicy, removal_policy, sort_for_uninstall};
use crate::patch::{self, HelmPatch, PatchError, ThreeWay};
use crate::ports::{Conflicts, Location, PatchBody, Preconditions, Propagation, Request, Validation};
use crate::release::{ApplyMethod, HelmLine};
use crate::reverse::{self, Change, Fate, FieldFate, Recreation};
use crate::{Object, ObjectId};

/// The field manager that Helm's command line uses, whatever the binary is called.
///
/// ```
/// use helm_release_core::plan::{Action, FIELD_MANAGER, RollbackOptions};
/// use helm_release_core::ports::Request;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let patch = plan.steps_of(Action::Patch).next().ok_or("the Deployment is to change")?;
/// // Helm goes on as the owner of what it applied before.
/// assert!(matches!(&patch.requests[..], [Request::Apply { manager, .. }] if manager == FIELD_MANAGER));
/// # Ok(()) });
/// ```
pub const FIELD_MANAGER: &str = "helm";

/// The field manager of what others put into an object that was made anew.
const KEEPER: &str = "helm-rollback-safe-kept";

/// Plans the objects of one rollback.
#[derive(Debug)]
pub(super) struct ObjectPlanner<'a> {
    pub(super) survey: &'a Survey,
    pub(super) options: &'a RollbackOptions,
    pub(super) method: ApplyMethod,
}

/// Steps, and what stood in the way of planning some.
#[derive(Debug, Default)]
pub(super) struct Planned {
    pub(super) steps: Vec<Step>,
    pub(super) findings: Vec<Finding>,
}

impl ObjectPlanner<'_> {
    /// One step per object of the target, in the manifest's order.
    pub(super) fn target_steps(&self) -> Planned {
        let mut planned = Planned::default();
        let mut done: BTreeSet<ObjectId> = BTreeSet::new();
        // Of an object that stands twice the last one wins, as it does when both are applied in turn.
        for placed in self.survey.target().contents.placed.iter().rev() {
            if !done.insert(placed.location.id()) {
                continue;
            }
            match self.target_step(placed) {
                Ok(step) => planned.steps.push(step),
                Err(error) => planned.findings.push(unpatchable(&placed.location, &error)),
            }
        }
        planned.steps.reverse();
        planned
    }

    fn target_step(&self, placed: &Placed) -> Result<Step, PatchError> {
        let mut wanted = placed.object.unpack();
        stamp(&mut wanted, &self.survey.name, &self.survey.namespace);
        match self.survey.seen(&placed.location) {
            Seen::Live(live) if live.is_terminating() && self.options.mode == Mode::Safe => {
                let reason = "the live object is being deleted: waits until it is gone, then makes it anew";
                let instead_of = live.uid().map(str::to_owned);
                let kept = self.kept_of_exchanged(placed, &wanted)?;
                let mut step = self.creation(Action::Recreate, placed, wanted, kept, reason);
                step.undo = Some(Undo::Remove { at: placed.location.clone(), instead_of });
                Ok(step)
            }
            Seen::Live(live) => self.change(placed, wanted, live),
            Seen::Absent | Seen::Hidden(_) => {
                let was_ours = self.survey.current().find(&placed.location).is_some();
                let reason = if was_ours {
                    "it is gone from the cluster though the current revision has it"
                } else {
                    "only the target has it"
                };
                let kept = self.kept_of_exchanged(placed, &wanted)?;
                Ok(self.creation(Action::Create, placed, wanted, kept, reason))
            }
        }
    }

    fn subject(placed: &Placed) -> Subject {
        Subject::Object(placed.location.clone())
    }

    fn apply_request(&self, location: &Location, object: Object) -> Request {
        Request::Apply {
            at: location.clone(),
            object,
            manager: FIELD_MANAGER.to_owned(),
            conflicts: self.options.conflicts,
            validation: Validation::Strict,
        }
    }

    /// A step that makes an object, with what is kept of one that was there before.
    ///
    /// By server-side apply what is kept gets a manager of its own: helm's would take it away with the next upgrade.
    fn creation(&self, action: Action, placed: &Placed, wanted: Object, kept: Option<Object>, reason: &str) -> Step {
        let at = placed.location.clone();
        let whole = kept.as_ref().map_or_else(|| wanted.clone(), |kept| reversal::with_kept(&wanted, kept));
        let mut step = Step::new(action, Self::subject(placed), reason);
        match self.method {
            ApplyMethod::Ssa => {
                step.requests.push(self.apply_request(&at, whole));
                if let Some(kept) = kept {
                    step.requests.push(keeping(&at, kept));
                    step.requests.push(self.apply_request(&at, wanted));
                }
            }
            ApplyMethod::Csa => {
                let (object, manager) = (whole, FIELD_MANAGER.to_owned());
                step.requests.push(Request::Create { at, object, manager, validation: Validation::Ignore });
            }
        }
        step.undo = Some(Undo::Remove { at: placed.location.clone(), instead_of: None });
        step
    }

    /// What is kept of an object that this very rollback deleted before it was cut off.
    fn kept_of_exchanged(&self, placed: &Placed, wanted: &Object) -> Result<Option<Object>, PatchError> {
        let Some((_, old)) = self.survey.surroundings.exchanged.get(&placed.location) else { return Ok(None) };
        let (_, after) = self.written(placed, wanted.clone(), old, &Kept::default())?;
        Ok(reversal::kept(wanted, after.as_ref().unwrap_or(old.as_value())))
    }

    fn change(&self, placed: &Placed, wanted: Object, seen: &Object) -> Result<Step, PatchError> {
        let kept = Kept::of(self.survey, self.options, &placed.location, &wanted);
        let wanted = kept.taken_into(wanted);
        let live = match self.options.mode {
            Mode::Safe => with_string_data(seen, &wanted),
            Mode::Compat => Cow::Borrowed(seen),
        };
        let live = live.as_ref();
        let (mut step, mut after) = self.written(placed, wanted.clone(), live, &kept)?;
        let mut fates = self.fates(placed, live, after.as_ref(), &wanted);
        step.see(seen);
        kept.tell(&mut step);
        if self.options.mode == Mode::Compat {
            step.fates = fates;
            return Ok(step);
        }
        if let (Some(recreation), Some(after)) = (reversal::recreation(&mut fates), &after) {
            let kept = reversal::kept(&wanted, after);
            step = self.exchange(placed, wanted, kept, seen, &recreation, step);
        } else {
            if let Some(held) = reversal::with_live_values(&wanted, live, &fates) {
                (step, after) = self.written(placed, held, live, &kept)?;
                step.see(seen);
                kept.tell(&mut step);
                fates = reversal::joined(fates, self.fates(placed, live, after.as_ref(), &wanted));
            }
            if let Some(after) = after {
                step.undo = Some(Undo::of_change(&self.survey.schemas, &placed.location, seen, &after)?);
            }
            let is_new = self.survey.surroundings.exchanged.get(&placed.location).is_some_and(|(uid, _)| seen.uid() != Some(uid));
            if is_new && self.method == ApplyMethod::Ssa && step.action == Action::Patch {
                let kept = self.kept_of_exchanged(placed, &wanted)?;
                let before_the_last = step.requests.len().saturating_sub(1);
                step.requests.splice(before_the_last..before_the_last, kept.map(|kept| keeping(&placed.location, kept)));
            }
        }
        step.fates = fates;
        Ok(step)
    }

    fn written(&self, placed: &Placed, wanted: Object, live: &Object, kept: &Kept) -> Result<(Step, Option<Value>), PatchError> {
        let left_over = reversal::left_over(live, &wanted).filter(|_| self.options.mode == Mode::Safe);
        let (mut step, mut after) = match (self.options.writing, self.method) {
            (Writing::Replace, _) => return Ok(self.replacement(placed, wanted, live)),
            (Writing::Patch, ApplyMethod::Ssa) => self.server_side_apply(placed, &wanted, live, kept)?,
            (Writing::Patch, ApplyMethod::Csa) => self.client_side_patch(placed, &wanted, live)?,
        };
        if let (Some(path), Some(after)) = (left_over, &mut after) {
            reversal::clear(&mut step, after, path);
            step.changes = patch::changed_fields(&self.survey.schemas, &live.gvk(), live.as_value(), after);
        }
        Ok((step, after))
    }

    /// What becomes of the fields that are not simply changed in place.
    fn fates(&self, placed: &Placed, live: &Object, after: Option<&Value>, wanted: &Object) -> Vec<FieldFate> {
        let Some(after) = after else { return Vec::new() };
        let around = self.survey.around(&placed.location, live);
        let change = Change { schemas: &self.survey.schemas, live, after, wanted: wanted.as_value(), around };
        let mut fates = reverse::fates(&change);
        fates.retain(|field| field.fate != Fate::InPlace);
        fates
    }

    /// Deletes the very object that was seen, and makes another one in its place.
    fn exchange(
        &self,
        placed: &Placed,
        wanted: Object,
        kept: Option<Object>,
        seen: &Object,
        how: &Recreation,
        planned: Step,
    ) -> Step {
        let mut step = self.creation(Action::Recreate, placed, wanted, kept, &reversal::reason(how));
        let uid = seen.uid().map(str::to_owned);
        let resource_version = seen.resource_version().filter(|_| how.holds_while).map(str::to_owned);
        let preconditions = Preconditions { uid, resource_version };
        let delete = Request::Delete { at: placed.location.clone(), propagation: how.propagation, preconditions };
        step.requests.insert(0, delete);
        step.undo = Some(Undo::of_exchange(&placed.location, seen, how.propagation));
        step.changes = planned.changes;
        step.see(seen);
        step
    }

    fn replacement(&self, placed: &Placed, mut wanted: Object, live: &Object) -> (Step, Option<Value>) {
        let mut step = Step::new(Action::Replace, Self::subject(placed), "replaced whole, as asked");
        let (is, will_be) = (comparable(live.as_value()), comparable(wanted.as_value()));
        step.changes = patch::changed_fields(&self.survey.schemas, &wanted.gvk(), &is, &will_be);
        let after = wanted.as_value().clone();
        if let Some(version) = live.resource_version() {
            wanted.metadata_mut().insert("resourceVersion".to_owned(), Value::from(version));
        }
        let at = placed.location.clone();
        let validation =
            if self.survey.current().record.line() == HelmLine::V4 { Validation::Strict } else { Validation::Ignore };
        step.requests.push(Request::Replace { at, object: wanted, manager: FIELD_MANAGER.to_owned(), validation });
        (step, Some(after))
    }

    /// What earlier revisions said of the object: everything in it that the target lacks is to go.
    fn originals(&self, location: &Location) -> Vec<Object> {
        let revisions = self.survey.baseline().filter_map(|revision| revision.find(location));
        let originals = revisions.map(|placed| placed.object.unpack());
        match self.options.mode {
            Mode::Safe => originals.rev().collect(),
            // Helm knows the latest record alone.
            Mode::Compat => self.survey.current().find(location).map(|placed| placed.object.unpack()).into_iter().collect(),
        }
    }

    fn server_side_apply(
        &self,
        placed: &Placed,
        wanted: &Object,
        live: &Object,
        kept: &Kept,
    ) -> Result<(Step, Option<Value>), PatchError> {
        let migration = migration(live, FIELD_MANAGER);
        let applied = kept.left_to_others(wanted);
        if migration.is_none() && patch::apply_is_noop(live.as_value(), FIELD_MANAGER, applied.as_value()) {
            return Ok((Self::unchanged(placed), None));
        }
        let mut step = Step::new(Action::Patch, Self::subject(placed), "applied by the server");
        let after = self.predicted(placed, wanted, live)?;
        step.changes = patch::changed_fields(&self.survey.schemas, &wanted.gvk(), live.as_value(), &after);
        if let Some(operations) = migration {
            "applied by the server, after taking over the fields that helm wrote client-side".clone_into(&mut step.reason);
            step.requests.push(Request::Patch {
                at: placed.location.clone(),
                patch: PatchBody::Json(operations),
                manager: FIELD_MANAGER.to_owned(),
                validation: Validation::Strict,
            });
        }
        step.requests.push(self.apply_request(&placed.location, applied));
        Ok((step, Some(after)))
    }

    fn unchanged(placed: &Placed) -> Step {
        Step::new(Action::Unchanged, Self::subject(placed), "it is as the target wants it")
    }

    /// What an apply will make of the live object, as far as that can be told from here.
    pub(super) fn predicted(&self, placed: &Placed, wanted: &Object, live: &Object) -> Result<Value, PatchError> {
        let (schemas, gvk) = (&self.survey.schemas, wanted.gvk());
        let originals = self.originals(&placed.location);
        let originals: Vec<&Value> = originals.iter().map(Object::as_value).collect();
        let input = ThreeWay { gvk: &gvk, originals: &originals, target: wanted.as_value(), live: live.as_value() };
        match patch::three_way(schemas, input)? {
            Some(body) => patch::apply(schemas, &gvk, live.as_value(), &body),
            None => Ok(live.as_value().clone()),
        }
    }

    fn client_side_patch(&self, placed: &Placed, wanted: &Object, live: &Object) -> Result<(Step, Option<Value>), PatchError> {
        let (schemas, gvk) = (&self.survey.schemas, wanted.gvk());
        let originals = self.originals(&placed.location);
        let originals: Vec<&Value> = originals.iter().map(Object::as_value).collect();
        let input = ThreeWay { gvk: &gvk, originals: &originals, target: wanted.as_value(), live: live.as_value() };
        let body = match self.options.mode {
            Mode::Safe => patch::three_way(schemas, input)?,
            Mode::Compat => {
                let original = originals.first().copied().unwrap_or(live.as_value());
                patch::helm_patch(HelmPatch { gvk: &gvk, original, target: wanted.as_value(), live: live.as_value() })?
            }
        };
        let Some(body) = body else {
            return Ok((Self::unchanged(placed), None));
        };
        let after = patch::apply(schemas, &gvk, live.as_value(), &body)?;
        let mut step = Step::new(Action::Patch, Self::subject(placed), "fields differ from the target");
        step.changes = patch::changed_fields(schemas, &gvk, live.as_value(), &after);
        let at = placed.location.clone();
        step.requests.push(Request::Patch { at, patch: body, manager: FIELD_MANAGER.to_owned(), validation: Validation::Ignore });
        Ok((step, Some(after)))
    }

    /// One step per live object that the baseline has and the target has not, in the order in which Helm uninstalls.
    pub(super) fn removal_steps(&self) -> Vec<Step> {
        let target: BTreeSet<ObjectId> = self.survey.target().contents.placed.iter().map(|placed| placed.location.id()).collect();
        let mut seen = BTreeSet::new();
        let baseline: Vec<_> = match self.options.mode {
            Mode::Safe => self.survey.baseline().collect(),
            Mode::Compat => vec![self.survey.current()],
        };
        let gone = baseline.iter().flat_map(|revision| &revision.contents.placed);
        let mut gone: Vec<_> =
            gone.filter(|placed| !target.contains(&placed.location.id()) && seen.insert(placed.location.id())).collect();
        if self.options.mode == Mode::Safe {
            sort_for_uninstall(&mut gone, HelmLine::V4, |placed| &placed.location.resource.gvk.kind);
        }
        gone.into_iter().filter_map(|placed| self.removal_step(placed)).collect()
    }

    fn removal_step(&self, placed: &Placed) -> Option<Step> {
        let live = self.survey.seen(&placed.location).object()?;
        let keep = |reason: String| Some(Step::new(Action::Keep, Self::subject(placed), reason));
        let is_safe = self.options.mode == Mode::Safe;
        match removal_policy(live) {
            RemovalPolicy::Keep => return keep("its resource policy says keep".to_owned()),
            RemovalPolicy::RemoveDespiteIntent if is_safe => return keep("its resource policy means keep".to_owned()),
            RemovalPolicy::RemoveDespiteIntent | RemovalPolicy::Remove => {}
        }
        if is_safe {
            match owner_of(live, &self.survey.name, &self.survey.namespace) {
                Owner::Ours => {}
                Owner::Release(other) => return keep(format!("it belongs to release {other}")),
                Owner::Unclear(why) => return keep(format!("it does not say that it belongs to this release: {why}")),
            }
            if live.is_terminating() {
                return keep("it is being deleted already".to_owned());
            }
            if let Some(tool) = tool::guarding(self.survey, self.options, &placed.location) {
                return keep(tool.to_string());
            }
            if let Some(count) = self.survey.instances.get(&placed.location).filter(|count| **count > 0) {
                return keep(format!("there are {count} objects of its kind, which would be deleted with it"));
            }
        }
        let mut step = Step::new(Action::Delete, Self::subject(placed), "the target does not have it");
        step.see(live);
        step.undo = Some(Undo::of_deletion(&placed.location, live));
        let uid = live.uid().map(str::to_owned);
        let preconditions = Preconditions { uid: uid.filter(|_| is_safe), resource_version: None };
        step.requests.push(Request::Delete { at: placed.location.clone(), propagation: Propagation::Background, preconditions });
        Some(step)
    }
}

/// Makes what is kept of an object the property of a manager of its own.
fn keeping(at: &Location, kept: Object) -> Request {
    let (at, manager) = (at.clone(), KEEPER.to_owned());
    Request::Apply { at, object: kept, manager, conflicts: Conflicts::Force, validation: Validation::Ignore }
}

/// The finding for an object whose patch cannot be computed.
fn unpatchable(location: &Location, error: &PatchError) -> Finding {
    Finding::new(
        FindingId::INVALID_MANIFEST,
        Severity::Block,
        format!("no patch can be computed: {error}"),
        "the object cannot be brought back",
    )
    .about(location.id())
    .way_out("compare the manifests of the two revisions with diff, and repair the object by an upgrade")
    .impossible()
}
