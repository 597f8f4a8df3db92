//! The steps as a graph: one phase after another, and side by side what is done together.

use helm_release_core::plan::{Action, DryRunAnswer, Mode, Plan, Step, Subject};
use helm_release_core::reverse::{Fate, Recreation};

use super::diff::Change;
use super::escape::Html;
use crate::render::plan::subject;

/// A stretch of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Begin,
    HooksBefore,
    Objects,
    Removals,
    Pods,
    Wait,
    HooksAfter,
    Records,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Begin => "Begin",
            Self::HooksBefore => "Hooks before",
            Self::Objects => "Objects",
            Self::Removals => "Removals",
            Self::Pods => "Pods",
            Self::Wait => "Wait",
            Self::HooksAfter => "Hooks after",
            Self::Records => "Records",
        }
    }

    fn of(step: &Step, objects_seen: bool) -> Self {
        match step.action {
            Action::CreateRecord => Self::Begin,
            Action::PruneRecord if !objects_seen => Self::Begin,
            Action::RunHook => match &step.subject {
                Subject::Hook(planned) if planned.event == helm_release_core::hook::Event::PreRollback => Self::HooksBefore,
                _ => Self::HooksAfter,
            },
            Action::Delete | Action::Keep => Self::Removals,
            Action::RecreatePods => Self::Pods,
            Action::Wait => Self::Wait,
            Action::Supersede | Action::FinishRecord | Action::PruneRecord => Self::Records,
            _ => Self::Objects,
        }
    }
}

/// Steps that are done together, by their places in the plan.
struct Rank<'a> {
    phase: Phase,
    kind: &'a str,
    steps: Vec<(usize, &'a Step)>,
}

/// The steps but for those that do nothing, in ranks.
fn ranks(plan: &Plan) -> Vec<Rank<'_>> {
    let mut ranks: Vec<Rank<'_>> = Vec::new();
    let mut objects_seen = false;
    for (index, step) in plan.steps.iter().enumerate() {
        let phase = Phase::of(step, objects_seen);
        objects_seen |= phase == Phase::Objects;
        if step.action == Action::Unchanged {
            continue;
        }
        // The engine writes objects of one kind together, and deletes all at once; everything else goes one by one, as in Helm.
        let kind = step.location().map_or("", |location| location.resource.gvk.kind.as_str());
        let joins = |rank: &&mut Rank<'_>| {
            let goes_together = phase == Phase::Removals || phase == Phase::Objects && rank.kind == kind;
            plan.options.mode == Mode::Safe && rank.phase == phase && goes_together
        };
        match ranks.last_mut().filter(joins) {
            Some(rank) => rank.steps.push((index + 1, step)),
            None => ranks.push(Rank { phase, kind, steps: vec![(index + 1, step)] }),
        }
    }
    ranks
}

pub(super) fn write(page: &mut Html, plan: &Plan, changes: &[Change]) {
    page.raw("<section aria-labelledby=\"steps\">\n<h2 id=\"steps\">Steps</h2>\n");
    let ranks = ranks(plan);
    if ranks.is_empty() {
        page.raw("<p class=\"empty\">There is nothing to do.</p>\n");
    } else {
        page.raw("<p class=\"hint\">From top to bottom; what stands side by side is done together.</p>\n<ol class=\"graph\">\n");
    }
    let phases = ranks.chunk_by(|one, other| one.phase == other.phase);
    for phase in phases {
        let Some(first) = phase.first() else { continue };
        page.raw("<li class=\"phase\"><h3>").raw(first.phase.name()).raw("</h3>\n<ol class=\"ranks\">\n");
        for rank in phase {
            page.raw("<li class=\"rank\"><ul>\n");
            for (number, step) in &rank.steps {
                write_step(page, *number, step, changes);
            }
            page.raw("</ul></li>\n");
        }
        page.raw("</ol></li>\n");
    }
    if !ranks.is_empty() {
        page.raw("</ol>\n");
    }
    unchanged(page, plan);
    silent_hooks(page, plan);
    page.raw("</section>\n");
}

fn class(action: Action) -> &'static str {
    match action {
        Action::Create => "good",
        Action::Delete | Action::Recreate => "bad",
        Action::Patch | Action::Replace | Action::RecreatePods => "careful",
        _ => "calm",
    }
}

fn write_step(page: &mut Html, number: usize, step: &Step, changes: &[Change]) {
    page.raw("<li class=\"step ").raw(class(step.action)).raw("\"><p class=\"name\"><span class=\"number\">").number(number);
    page.raw("</span> <span class=\"badge\">").raw(step.action.as_str()).raw("</span> <strong>").text(&subject(step));
    page.raw("</strong></p>\n<p>").text(&step.reason).raw("</p>\n");
    if changes.iter().any(|change| change.number == number) {
        let (count, number) = (step.changes.len(), number.to_string());
        page.raw("<p><a href=\"#change-").raw(&number).raw("\">");
        match count {
            0 => page.raw("the object"),
            1 => page.raw("1 field"),
            count => page.number(count).raw(" fields"),
        };
        page.raw("<span class=\"vh\"> of step ").raw(&number).raw("</span></a></p>\n");
    }
    for field in &step.fates {
        let (Fate::CarriedOver { why, .. }
        | Fate::Impossible { why }
        | Fate::Unknown { why }
        | Fate::Recreate(Recreation { why, .. })) = &field.fate
        else {
            continue;
        };
        page.raw("<p class=\"details\"><code>").text(&field.path).raw("</code> ").text(field.fate.as_str()).raw(": ").text(why);
        page.raw("</p>\n");
    }
    if let Subject::Hook(planned) = &step.subject {
        let policies: Vec<&str> =
            planned.hook.delete_policies.iter().map(helm_release_core::hook::DeletePolicy::as_str).collect();
        let policies = if policies.is_empty() { "before-hook-creation (default)".to_owned() } else { policies.join(", ") };
        page.raw("<p class=\"details\">deleted: ").text(&policies).raw("</p>\n");
    }
    match &step.dry_run {
        Some(DryRunAnswer::Refused { message, .. }) => {
            page.raw("<p class=\"refused\"><strong>The server refuses it:</strong> ").text(message).raw("</p>\n");
        }
        Some(DryRunAnswer::Open(message)) => {
            page.raw("<p class=\"details\">The server cannot tell beforehand: ").text(message).raw("</p>\n");
        }
        Some(DryRunAnswer::Accepted(_)) => {
            page.raw("<p class=\"details\">The server's dry run accepts it.</p>\n");
        }
        _ => {}
    }
    page.raw("</li>\n");
}

fn unchanged(page: &mut Html, plan: &Plan) {
    let unchanged: Vec<&Step> = plan.steps_of(Action::Unchanged).collect();
    if unchanged.is_empty() {
        return;
    }
    page.raw("<details class=\"aside\"><summary>").number(unchanged.len());
    page.raw(if unchanged.len() == 1 { " object stays" } else { " objects stay" }).raw(" as it is</summary>\n<ul>\n");
    for step in unchanged {
        page.raw("<li>").text(&subject(step)).raw("</li>\n");
    }
    page.raw("</ul></details>\n");
}

fn silent_hooks(page: &mut Html, plan: &Plan) {
    if plan.hooks_not_run.is_empty() {
        return;
    }
    page.raw("<h3 class=\"sub\">Hooks that do not run</h3>\n<ul class=\"silent\">\n");
    for hook in &plan.hooks_not_run {
        page.raw("<li><strong>")
            .text(&hook.hook)
            .raw("</strong> (")
            .text(&hook.event)
            .raw("): ")
            .text(&hook.reason)
            .raw("</li>\n");
    }
    page.raw("</ul>\n");
}
