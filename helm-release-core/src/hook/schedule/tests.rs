use super::*;

fn hook(name: &str, kind: &str, weight: i64) -> Hook {
    let (name, kind) = (name.to_owned(), kind.to_owned());
    Hook { name, kind, weight, events: vec![Event::PreRollback], ..Hook::default() }
}

fn names(schedule: &Schedule) -> Vec<&str> {
    schedule.entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn weight_comes_before_name_and_kind_plays_no_part() {
    let hooks = [hook("d", "Pod", 2), hook("c", "Secret", 0), hook("b", "Pod", 0), hook("z", "Pod", -1)];
    assert_eq!(names(&schedule(&hooks, &Event::PreRollback, HelmLine::V3)), ["z", "b", "c", "d"]);
    assert_eq!(names(&schedule(&hooks, &Event::PostRollback, HelmLine::V3)), [""; 0]);
}

#[test]
fn equal_hooks_keep_the_records_order_and_a_repeated_event_runs_again() {
    let mut twice = hook("a", "Pod", 0);
    twice.events = vec![Event::PreRollback, Event::Test, Event::PreRollback];
    let schedule = schedule(&[hook("a", "Job", 0), twice], &Event::PreRollback, HelmLine::V4);
    assert_eq!(schedule.entries.iter().map(|entry| entry.index).collect::<Vec<_>>(), [0, 1, 1]);
}

#[test]
fn default_policy_applies_only_without_any_other() {
    let mut own = hook("b", "Pod", 0);
    own.delete_policies = vec![DeletePolicy::Other(String::new())];
    let schedule = schedule(&[hook("a", "Pod", 0), own], &Event::PreRollback, HelmLine::V3);
    let [default, own] = schedule.entries.as_slice() else { panic!() };
    assert!(default.takes_default_policy && default.deleted_before);
    assert!(!own.takes_default_policy && !own.deleted_before);
}

#[test]
fn definitions_are_never_deleted() {
    let mut definition = hook("a", "CustomResourceDefinition", 0);
    definition.delete_policies = vec![DeletePolicy::BeforeHookCreation, DeletePolicy::HookSucceeded, DeletePolicy::HookFailed];
    let schedule = schedule(&[definition], &Event::PreRollback, HelmLine::V3);
    assert!(!schedule.entries[0].deleted_before);
    assert_eq!((schedule.on_success(), schedule.on_failure_of(0)), (vec![], vec![]));
}

fn three() -> Schedule {
    let mut hooks = [hook("a", "Job", 1), hook("b", "Pod", 2), hook("c", "Pod", 3)];
    for hook in &mut hooks {
        hook.delete_policies = vec![DeletePolicy::HookSucceeded, DeletePolicy::HookFailed];
    }
    hooks[0].output_log_policies = vec![OutputLogPolicy::HookSucceeded];
    hooks[1].output_log_policies = vec![OutputLogPolicy::HookFailed];
    schedule(&hooks, &Event::PreRollback, HelmLine::V3)
}

#[test]
fn success_cleans_up_from_the_last_to_the_first() {
    let logs = CleanupAction::ShowLogs(LogSource::Labels("job-name=a".to_owned()));
    assert_eq!(three().on_success(), [ending(2), ending(1), told(0, logs), ending(0)]);
}

#[test]
fn failure_cleans_up_the_failed_hook_and_then_the_earlier_ones_in_order() {
    let logs = CleanupAction::ShowLogs(LogSource::Fields("metadata.name=b".to_owned()));
    assert_eq!(three().on_failure_of(1), [told(1, logs), told(1, CleanupAction::Delete), ending(0)]);
    assert_eq!(three().on_failure_of(2), [told(2, CleanupAction::Delete), ending(0), ending(1)]);
    assert_eq!(three().on_failure_of(9), []);
}

#[test]
fn lines_of_helm_differ_in_waiting_creating_and_vanished_objects() {
    let [three, four] = [HelmLine::V3, HelmLine::V4].map(Manner::of);
    assert_eq!((three.deletion_wait, four.deletion_wait), (DeletionWait::Always, DeletionWait::ByStrategy));
    assert_eq!((three.creation, four.creation), (Creation::Post, Creation::ByApplyMethod));
    assert!(three.gone_is_success && !four.gone_is_success);
}
