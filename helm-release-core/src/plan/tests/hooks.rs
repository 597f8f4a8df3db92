//! Which hooks a plan runs, in which order, and which stay silent.

use serde_json::{Value, json};

use super::world::{World, config_map, hook};
use crate::plan::{Action, Hooks, Plan, Subject, WaitStrategy};

fn world(old: &[Value], current: &[Value]) -> World {
    World::default()
        .revision("superseded", &[config_map("paint", "red")])
        .with("hooks", old)
        .revision("deployed", &[config_map("paint", "blue")])
        .with("hooks", current)
}

fn run(plan: &Plan) -> Vec<String> {
    let name = |subject: &Subject| match subject {
        Subject::Hook(planned) => format!("{} {}", planned.event, planned.hook.name),
        other => panic!("no hook: {other:?}"),
    };
    plan.steps_of(Action::RunHook).map(|step| name(&step.subject)).collect()
}

#[test]
fn hooks_run_by_weight_then_by_name_around_the_objects() {
    let hooks = [
        hook("b", &["pre-rollback"], 5),
        hook("after", &["post-rollback"], -9),
        hook("a", &["pre-rollback", "post-rollback"], 5),
        hook("first", &["pre-rollback"], -1),
        hook("upgrade", &["pre-upgrade"], 0),
    ];
    let plan = world(&hooks, &[]).plan();
    let expected = ["pre-rollback first", "pre-rollback a", "pre-rollback b", "post-rollback after", "post-rollback a"];
    assert_eq!(run(&plan), expected);
    let actions: Vec<_> = plan.steps.iter().map(|step| step.action).collect();
    let (hook, create) = (Action::RunHook, Action::Create);
    assert_eq!(actions, [Action::CreateRecord, hook, hook, hook, create, hook, hook, Action::FinishRecord, Action::Supersede]);
}

#[test]
fn a_wait_stands_between_the_objects_and_the_last_hooks() {
    let hooks = [hook("after", &["post-rollback"], 0)];
    let plan = world(&hooks, &[]).asked(|options| options.wait = WaitStrategy::Watcher).plan();
    let actions: Vec<_> = plan.steps.iter().map(|step| step.action).collect();
    let wait = actions.iter().position(|action| *action == Action::Wait).unwrap();
    assert_eq!((actions[wait - 1], actions[wait + 1]), (Action::Create, Action::RunHook));
    let Subject::Objects(waited) = &plan.steps[wait].subject else { panic!("{:?}", plan.steps[wait]) };
    assert_eq!(waited.iter().map(|location| location.name.as_str()).collect::<Vec<_>>(), ["paint"]);
}

#[test]
fn the_targets_hooks_run_and_those_that_only_the_current_revision_has_are_named() {
    let plan = world(&[hook("old", &["pre-rollback"], 0)], &[hook("new", &["pre-rollback"], 0)]).plan();
    assert_eq!(run(&plan), ["pre-rollback old"]);
    let [silent] = &plan.hooks_not_run[..] else { panic!("{:?}", plan.hooks_not_run) };
    assert_eq!((silent.event.as_str(), silent.hook.as_str()), ("pre-rollback", "Job new"));
    assert_eq!(silent.reason, "only revision 2 has it; a rollback runs the hooks of revision 1");
}

#[test]
fn a_hook_that_both_revisions_have_is_not_called_silent() {
    let hooks = [hook("both", &["pre-rollback"], 0)];
    assert_eq!(world(&hooks, &hooks).plan().hooks_not_run, []);
}

#[test]
fn hooks_that_are_switched_off_are_named_too() {
    let hooks = [hook("old", &["pre-rollback", "post-rollback"], 0)];
    let plan = world(&hooks, &[hook("new", &["post-rollback"], 0)]).asked(|options| options.hooks = Hooks::Skip).plan();
    assert_eq!(run(&plan), [] as [String; 0]);
    let silent: Vec<_> = plan.hooks_not_run.iter().map(|hook| (hook.event.as_str(), hook.hook.as_str())).collect();
    assert_eq!(silent, [("pre-rollback", "Job old"), ("post-rollback", "Job old"), ("post-rollback", "Job new")]);
}

#[test]
fn a_hook_is_planned_with_everything_that_running_it_needs() {
    let mut job = hook("job", &["pre-rollback"], 3);
    job["delete_policies"] = json!(["hook-succeeded"]);
    let plan = world(&[hook("later", &["pre-rollback"], 9), job], &[]).plan();
    let step = plan.steps_of(Action::RunHook).next().unwrap();
    assert_eq!(step.reason, "the target's pre-rollback hook, weight 3");
    let Subject::Hook(planned) = &step.subject else { panic!("{step:?}") };
    assert_eq!((planned.position, planned.entry.index), (0, 1));
    assert!(planned.entry.deleted_on_success && !planned.entry.deleted_before);
    assert_eq!(planned.objects.len(), 1);
    assert_eq!(planned.objects[0].location.to_string(), "Job default/job");
}

#[test]
fn hooks_of_the_current_revision_run_where_they_are_asked_for() {
    let (old, shared, new) =
        (hook("old", &["pre-rollback"], 0), hook("shared", &["post-rollback"], 0), hook("new", &["pre-rollback"], 1));
    let upgrade = hook("upgrade", &["pre-upgrade"], 0);
    let current = [upgrade, shared.clone(), new];
    let with = |hooks| world(&[old.clone(), shared.clone()], &current).asked(|options| options.hooks = hooks).plan();
    let names = |plan: &Plan| plan.hooks_not_run.iter().map(|hook| hook.hook.clone()).collect::<Vec<_>>();

    let plan = with(Hooks::Current);
    assert_eq!(run(&plan), ["pre-rollback new", "post-rollback shared"]);
    assert_eq!((names(&plan), plan.lent_hooks.clone()), (vec!["Job old".to_owned()], vec![1, 2]));
    let reasons: Vec<_> = plan.steps_of(Action::RunHook).map(|step| step.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["the current revision's pre-rollback hook, weight 1", "the current revision's post-rollback hook, weight 0"]
    );

    let plan = with(Hooks::Both);
    assert_eq!(run(&plan), ["pre-rollback old", "pre-rollback new", "post-rollback shared"]);
    assert_eq!((names(&plan), plan.lent_hooks.clone()), (vec![], vec![2]));
    // The record that the run writes has them in the places that the plan names, and only while it runs.
    let began = crate::release::HelmTime::parse("2026-11-27T03:00:00Z").unwrap();
    let record = plan.new_record(&began).unwrap();
    let stored: Vec<_> = record.hooks().unwrap().into_iter().map(|hook| hook.name).collect();
    assert_eq!(stored, ["old", "shared", "new"]);
    let own = record.with_first_hooks(plan.target.hooks.len()).unwrap();
    assert_eq!(own.raw("hooks"), plan.target.record.raw("hooks"));
    for (event, name) in [("pre-rollback", "new"), ("post-rollback", "shared")] {
        let step =
            plan.steps_of(Action::RunHook).find(|step| matches!(&step.subject, Subject::Hook(hook) if hook.hook.name == name));
        let Some(Subject::Hook(planned)) = step.map(|step| &step.subject) else { panic!("no {name}") };
        assert_eq!((planned.event.to_string().as_str(), stored[planned.entry.index].as_str()), (event, name));
    }
}

#[test]
fn a_hook_that_the_target_has_for_another_moment_is_lent_for_its_own() {
    // The newer chart runs the same Job at a rollback too.
    let (old, new) = (hook("migrate", &["pre-upgrade"], 0), hook("migrate", &["pre-upgrade", "pre-rollback"], 0));
    let plan = world(&[old], &[new]).asked(|options| options.hooks = Hooks::Both).plan();
    assert_eq!((run(&plan), plan.hooks_not_run.len()), (vec!["pre-rollback migrate".to_owned()], 0));
    // And never twice at one moment.
    let (old, new) = (hook("check", &["post-rollback"], 0), hook("check", &["pre-rollback", "post-rollback"], 0));
    let plan = world(&[old], &[new]).asked(|options| options.hooks = Hooks::Both).plan();
    assert_eq!(run(&plan), ["pre-rollback check", "post-rollback check"]);
    let whose: Vec<_> = plan.steps_of(Action::RunHook).map(|step| step.reason.as_str()).collect();
    assert!(whose[0].starts_with("the current revision's") && whose[1].starts_with("the target's"), "{whose:?}");
}

#[test]
fn a_record_without_hooks_of_its_own_has_none_when_those_lent_to_it_are_gone() {
    let plan = world(&[], &[hook("new", &["pre-rollback"], 0)]).asked(|options| options.hooks = Hooks::Current).plan();
    let began = crate::release::HelmTime::parse("2026-11-27T03:00:00Z").unwrap();
    let record = plan.new_record(&began).unwrap();
    assert_eq!(record.hooks().unwrap().len(), 1);
    assert_eq!(record.with_first_hooks(0).unwrap().raw("hooks"), None);
}

#[test]
fn a_rollback_to_the_current_revision_itself_runs_its_hooks_once() {
    let world = World::default()
        .revision("deployed", &[config_map("paint", "blue")])
        .with("hooks", vec![hook("h", &["pre-rollback"], 0)]);
    for hooks in [Hooks::Target, Hooks::Current, Hooks::Both] {
        let plan = world.clone().to(1).asked(|options| options.hooks = hooks).plan();
        assert_eq!((run(&plan), plan.lent_hooks.len()), (vec!["pre-rollback h".to_owned()], 0));
    }
}
