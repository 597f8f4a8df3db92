//! Plans the hooks of a rollback, and says which hooks stay silent.

use serde::Serialize;

use super::{Action, Hooks, Placed, ReadHook, RollbackOptions, Step, Subject, Survey};
use crate::hook::{Entry, Event, Hook, Schedule, schedule};

/// A hook as a step: everything that running it needs.
///
/// ```
/// use helm_release_core::hook::{Awaited, Event};
/// use helm_release_core::plan::{Action, RollbackOptions, Subject};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let step = plan.steps_of(Action::RunHook).next().ok_or("the shop has a hook")?;
/// let Subject::Hook(planned) = &step.subject else { panic!("a hook is run") };
/// assert_eq!((&planned.event, planned.position), (&Event::PostRollback, 0));
/// assert_eq!(planned.objects[0].location.to_string(), "Job default/shop-check");
/// assert_eq!(planned.entry.awaited, Awaited::JobEnd);
/// assert!(planned.entry.deleted_before && planned.entry.deleted_on_success);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PlannedHook {
    /// The moment at which it runs.
    pub event: Event,
    /// Its place in the order of execution of its event, from 0.
    pub position: usize,
    /// What happens around it.
    pub entry: Entry,
    /// The hook as stored.
    pub hook: Hook,
    /// The objects that its manifest holds; one, unless somebody wrote a list.
    pub objects: Vec<Placed>,
}

/// A hook of a rollback event that does not run.
///
/// ```
/// use helm_release_core::plan::{Hooks, RollbackOptions};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut options = RollbackOptions::default();
/// options.hooks = Hooks::Skip;
/// let plan = shop.plan(&options).await?;
/// let silent = &plan.hooks_not_run[0];
/// assert_eq!((silent.event.as_str(), silent.hook.as_str()), ("post-rollback", "Job shop-check"));
/// assert_eq!(silent.reason, "hooks are switched off");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookNotRun {
    /// Its moment.
    pub event: String,
    /// Its kind and name.
    pub hook: String,
    /// Why it does not run.
    pub reason: String,
}

pub(super) const ROLLBACK_EVENTS: [Event; 2] = [Event::PreRollback, Event::PostRollback];

/// The places of the hooks that the current revision lends, among its own.
///
/// None when it is gone on with a run: the record of the run, which is then the current one, has them already.
pub(super) fn lent(survey: &Survey, options: &RollbackOptions) -> Vec<usize> {
    let (current, target) = (survey.current(), survey.target());
    if survey.surroundings.is_resumed || current.revision() == target.revision() {
        return Vec::new();
    }
    let is_meant = |hook: &Hook, event: &Event| match options.hooks {
        Hooks::Target | Hooks::Skip => false,
        Hooks::Current => true,
        Hooks::Both => !is_among(&target.hooks, hook, event),
    };
    let runs = |hook: &Hook| ROLLBACK_EVENTS.iter().any(|event| hook.events.contains(event) && is_meant(hook, event));
    current.hooks.iter().filter(|read| runs(&read.hook)).map(|read| read.index).collect()
}

/// The hooks among which a run chooses, in the places that they have in its record: the target's, and behind them those that
/// the current revision lends.
pub(super) fn of_run(survey: &Survey, options: &RollbackOptions) -> Vec<ReadHook> {
    let (current, target) = (survey.current(), survey.target());
    let lends = matches!(options.hooks, Hooks::Current | Hooks::Both);
    if survey.surroundings.is_resumed && lends {
        return current.hooks.clone();
    }
    let lent = lent(survey, options);
    let lent = current.hooks.iter().filter(|read| lent.contains(&read.index));
    let hooks = target.hooks.iter().chain(lent).cloned().enumerate();
    hooks.map(|(index, read)| ReadHook { index, ..read }).collect()
}

fn is_same(a: &Hook, b: &Hook) -> bool {
    a.kind == b.kind && a.name == b.name
}

/// Whether one of that kind and name runs at that moment.
fn is_among(hooks: &[ReadHook], hook: &Hook, event: &Event) -> bool {
    hooks.iter().any(|other| other.hook.events.contains(event) && is_same(&other.hook, hook))
}

/// The hook steps of one event, in order of execution.
pub(super) fn steps(survey: &Survey, options: &RollbackOptions, event: &Event) -> Vec<Step> {
    let hooks = of_run(survey, options);
    let own = survey.target().hooks.len();
    let planned = schedule_of(survey, options, event).entries.into_iter().enumerate().filter_map(|(position, entry)| {
        let ReadHook { hook, contents, .. } = hooks.get(entry.index)?.clone();
        let whose = if entry.index < own { "the target's" } else { "the current revision's" };
        let reason = format!("{whose} {event} hook, weight {}", entry.weight);
        let planned = PlannedHook { event: event.clone(), position, entry, hook, objects: contents.placed };
        Some(Step::new(Action::RunHook, Subject::Hook(Box::new(planned)), reason))
    });
    planned.collect()
}

/// The hooks of one event that run, in order, by the rules of the line that works on the release.
pub(super) fn schedule_of(survey: &Survey, options: &RollbackOptions, event: &Event) -> Schedule {
    let (current, target) = (survey.current(), survey.target());
    let hooks: Vec<Hook> = of_run(survey, options).into_iter().map(|read| read.hook).collect();
    let mut schedule = schedule(&hooks, event, current.record.line());
    match options.hooks {
        Hooks::Skip => schedule.entries.clear(),
        Hooks::Current if current.revision() != target.revision() => {
            schedule.entries.retain(|entry| entry.index >= target.hooks.len());
        }
        // One that is lent for another moment.
        Hooks::Both => schedule.entries.retain(|entry| {
            let is_own = entry.index < target.hooks.len();
            is_own || hooks.get(entry.index).is_some_and(|hook| !is_among(&target.hooks, hook, event))
        }),
        _ => {}
    }
    schedule
}

/// The rollback hooks of either revision that will not run. Of two with one name the one that runs stands for both.
pub(super) fn not_run(survey: &Survey, options: &RollbackOptions) -> Vec<HookNotRun> {
    let (current, target) = (survey.current(), survey.target());
    let silent = |hook: &Hook, event: &Event, reason: String| HookNotRun {
        event: event.to_string(),
        hook: format!("{} {}", hook.kind, hook.name),
        reason,
    };
    let of = |hooks: &'_ [ReadHook], event: &Event| -> Vec<Hook> {
        hooks.iter().map(|read| read.hook.clone()).filter(|hook| hook.events.contains(event)).collect()
    };
    let mut hooks = Vec::new();
    for event in &ROLLBACK_EVENTS {
        let (in_target, in_current) = (of(&target.hooks, event), of(&current.hooks, event));
        let is_one = current.revision() == target.revision();
        let only_in = |hooks: &[Hook], others: &[Hook]| -> Vec<Hook> {
            hooks.iter().filter(|hook| !others.iter().any(|other| is_same(hook, other))).cloned().collect()
        };
        if options.hooks == Hooks::Skip {
            hooks.extend(in_target.iter().map(|hook| silent(hook, event, "hooks are switched off".to_owned())));
        }
        if is_one {
            continue;
        }
        let (of_target, of_current) = (target.revision(), current.revision());
        if options.hooks == Hooks::Current {
            let reason = format!("only revision {of_target} has it; those of revision {of_current} were asked for");
            hooks.extend(only_in(&in_target, &in_current).iter().map(|hook| silent(hook, event, reason.clone())));
        }
        if matches!(options.hooks, Hooks::Target | Hooks::Skip) {
            let reason = format!("only revision {of_current} has it; a rollback runs the hooks of revision {of_target}");
            hooks.extend(only_in(&in_current, &in_target).iter().map(|hook| silent(hook, event, reason.clone())));
        }
    }
    hooks
}
