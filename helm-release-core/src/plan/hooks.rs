//! Plans the hooks of a rollback, and says which hooks stay silent.

use serde::Serialize;

use super::{Action, Hooks, Placed, ReadHook, RollbackOptions, Step, Subject, Survey};
use crate::hook::{Entry, Event, Hook, Schedule, schedule};

/// A hook as a step: everything that running it needs.
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

/// The hook steps of one event, in order of execution: the target's hooks, never the current revision's.
pub(super) fn steps(survey: &Survey, options: &RollbackOptions, event: &Event) -> Vec<Step> {
    if options.hooks == Hooks::Skip {
        return Vec::new();
    }
    let target = survey.target();
    let planned = schedule_of(survey, event).entries.into_iter().enumerate().filter_map(|(position, entry)| {
        let ReadHook { hook, contents, .. } = target.hooks.get(entry.index)?.clone();
        let reason = format!("the target's {event} hook, weight {}", entry.weight);
        let planned = PlannedHook { event: event.clone(), position, entry, hook, objects: contents.placed };
        Some(Step::new(Action::RunHook, Subject::Hook(Box::new(planned)), reason))
    });
    planned.collect()
}

/// The target's hooks of one event in order, by the rules of the line that works on the release.
pub(super) fn schedule_of(survey: &Survey, event: &Event) -> Schedule {
    let hooks: Vec<Hook> = survey.target().hooks.iter().map(|read| read.hook.clone()).collect();
    schedule(&hooks, event, survey.current().record.line())
}

/// The rollback hooks that will not run: all of them with `--no-hooks`, else those that only the current revision has.
pub(super) fn not_run(survey: &Survey, options: &RollbackOptions) -> Vec<HookNotRun> {
    let (current, target) = (survey.current(), survey.target());
    let silent = |hook: &Hook, event: &Event, reason: String| HookNotRun {
        event: event.to_string(),
        hook: format!("{} {}", hook.kind, hook.name),
        reason,
    };
    let mut hooks = Vec::new();
    for event in &ROLLBACK_EVENTS {
        let of = |hooks: &'_ [ReadHook]| -> Vec<Hook> {
            hooks.iter().map(|read| read.hook.clone()).filter(|hook| hook.events.contains(event)).collect()
        };
        let in_target = of(&target.hooks);
        if options.hooks == Hooks::Skip {
            hooks.extend(in_target.iter().map(|hook| silent(hook, event, "hooks are switched off".to_owned())));
        }
        if current.revision() == target.revision() {
            continue;
        }
        let same = |a: &Hook, b: &Hook| a.kind == b.kind && a.name == b.name;
        let only_current = of(&current.hooks).into_iter().filter(|hook| !in_target.iter().any(|other| same(hook, other)));
        let reason =
            format!("only revision {} has it; a rollback runs the hooks of revision {}", current.revision(), target.revision());
        hooks.extend(only_current.map(|hook| silent(&hook, event, reason.clone())));
    }
    hooks
}
