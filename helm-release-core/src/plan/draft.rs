//! The steps of a rollback, before anything is judged.

use super::objects::{ObjectPlanner, Planned};
use super::{
    Action, Asked, Mode, Plan, RevisionContent, RollbackOptions, ServerSide, Step, Subject, Survey, Verdict, WaitStrategy, hooks,
};
use crate::history::{Spared, prunable};
use crate::hook::Event;
use crate::release::{ApplyMethod, Status};

/// How objects are written: as asked, or as the target's record says (`pkg/action/upgrade.go`, `getUpgradeServerSideValue`).
pub(super) fn apply_method(options: &RollbackOptions, target: &RevisionContent) -> ApplyMethod {
    match options.server_side {
        ServerSide::Yes => ApplyMethod::Ssa,
        ServerSide::No => ApplyMethod::Csa,
        ServerSide::Auto => target.apply_method,
    }
}

/// Works out the steps of a rollback, and judges nothing yet: what the server is to be asked beforehand follows from the steps
/// ([`crate::inquiry::inquire_about`]), and the plan from its answers ([`Plan::judged`]).
///
/// ```
/// use helm_release_core::inquiry::inquire_about;
/// use helm_release_core::plan::{Action, FindingId, Keepers, RollbackOptions, draft, rules};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let options = RollbackOptions::default();
/// let survey = shop.survey(&options).await?;
/// let draft = draft(&survey, &options);
/// assert_eq!(draft.steps_of(Action::Delete).count(), 1);
/// assert!(draft.findings.is_empty() && draft.impact.is_empty(), "nobody has judged it");
///
/// let answers = inquire_about(&shop.cluster, &survey, &draft, &Keepers::default()).await;
/// let plan = draft.judged(&survey.with_answers(answers), &rules::all());
/// assert_eq!(plan.findings[0].id, FindingId::IMAGE_NOT_RUNNING);
/// assert_eq!(plan.impact[0].object.to_string(), "Deployment default/shop");
/// # Ok(()) });
/// ```
#[must_use]
pub fn draft(survey: &Survey, options: &RollbackOptions) -> Plan {
    let (current, target) = (survey.current(), survey.target());
    let method = apply_method(options, target);
    let objects = ObjectPlanner { survey, options, method };
    let Planned { steps: target_steps, findings } = objects.target_steps();
    let removals = objects.removal_steps();

    let changes_nothing = target_steps.iter().chain(&removals).all(|step| !step.action.writes_object());
    let is_idle = options.mode == Mode::Safe && !options.recreate_pods && changes_nothing && is_same_release(current, target);

    let mut steps = Vec::new();
    if !is_idle {
        steps.extend(opening_steps(survey, options));
        steps.extend(hooks::steps(survey, options, &Event::PreRollback));
    }
    let recreated = if options.recreate_pods { recreate_steps(survey, &target_steps) } else { Vec::new() };
    let waited: Vec<_> = target_steps.iter().filter_map(|step| step.location().cloned()).collect();
    steps.extend(target_steps);
    steps.extend(removals);
    if !is_idle {
        steps.extend(recreated);
        if options.wait != WaitStrategy::HookOnly {
            steps.push(Step::new(Action::Wait, Subject::Objects(waited), "asked for by --wait"));
        }
        steps.extend(hooks::steps(survey, options, &Event::PostRollback));
        steps.extend(closing_steps(survey, options));
    }

    Plan {
        namespace: survey.namespace.clone(),
        name: survey.name.clone(),
        current: current.clone(),
        target: target.clone(),
        choice: survey.choice.clone(),
        new_revision: survey.new_revision(),
        apply_method: method,
        line: current.record.line(),
        verdict: if is_idle { Verdict::NothingToDo } else { Verdict::RollBack },
        findings,
        steps,
        schedules: hooks::ROLLBACK_EVENTS.iter().map(|event| hooks::schedule_of(survey, options, event)).collect(),
        lent_hooks: hooks::lent(survey, options),
        hooks_not_run: hooks::not_run(survey, options),
        options: options.clone(),
        heads: survey.history.heads().to_vec(),
        deployed: survey.history.deployed().cloned().collect(),
        asked: Asked::default(),
        impact: Vec::new(),
    }
}

/// Whether returning from one revision to the other would not change what the record says of the release either.
fn is_same_release(current: &RevisionContent, target: &RevisionContent) -> bool {
    let same = |member| current.record.raw(member) == target.record.raw(member);
    current.info.status == Status::Deployed
        && current.info.notes == target.info.notes
        && current.apply_method == target.apply_method
        && ["chart", "config", "manifest"].into_iter().all(same)
}

/// One step per live object of the target that selects pods (`pkg/action/rollback.go` of Helm 3, `recreate`).
fn recreate_steps(survey: &Survey, target_steps: &[Step]) -> Vec<Step> {
    let live = target_steps.iter().filter(|step| matches!(step.action, Action::Patch | Action::Replace | Action::Unchanged));
    let selecting = live.filter_map(Step::location).filter(|location| {
        survey.target().find(location).is_some_and(|placed| crate::run::pod_selector(&placed.object.unpack()).is_some())
    });
    let step = |location: &crate::ports::Location| {
        Step::new(Action::RecreatePods, Subject::Object(location.clone()), "asked for by --recreate-pods")
    };
    selecting.map(step).collect()
}

/// Pruning as Helm does it, before the record is created, and the record itself.
fn opening_steps(survey: &Survey, options: &RollbackOptions) -> Vec<Step> {
    let mut steps = Vec::new();
    if options.mode == Mode::Compat {
        steps.extend(prune_steps(survey, options, &Spared::default()));
    }
    let reason = "holds other operations off and says what goes on";
    steps.push(Step::new(Action::CreateRecord, Subject::Record(survey.new_revision()), reason));
    steps
}

/// What the records say once everything else is done.
fn closing_steps(survey: &Survey, options: &RollbackOptions) -> Vec<Step> {
    let reason = "everything before has worked";
    let mut steps = vec![Step::new(Action::FinishRecord, Subject::Record(survey.new_revision()), reason)];
    let reason = "the new revision takes its place";
    let deployed = survey.history.deployed().map(|head| head.key.revision);
    steps.extend(deployed.map(|revision| Step::new(Action::Supersede, Subject::Record(revision), reason)));
    if options.mode == Mode::Safe {
        let spared = Spared { revisions: &[survey.choice.revision], good: options.keep_good, good_before: None, pinned: true };
        steps.extend(prune_steps(survey, options, &spared));
    }
    steps
}

fn prune_steps(survey: &Survey, options: &RollbackOptions, spared: &Spared<'_>) -> Vec<Step> {
    let Some(keep) = options.history_max.checked_sub(1) else { return Vec::new() };
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    let reason = format!("history is limited to {} revisions", options.history_max);
    let heads = prunable(&survey.history, keep, spared);
    heads.into_iter().map(|head| Step::new(Action::PruneRecord, Subject::Record(head.key.revision), reason.clone())).collect()
}
