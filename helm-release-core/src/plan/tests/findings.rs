//! Findings as a plan carries them: order, acceptance, verdict.

use super::world::{World, config_map, definition, foreign, of_kind, ours};
use crate::plan::{Acceptance, Finding, FindingId, Plan, RollbackOptions, Rule, Severity, Step, Survey, Verdict, plan_with};

/// A target with two objects that are another release's, one of a kind that holds data and is to go.
fn dangers() -> World {
    let [a, b] = ["a", "b"].map(|name| config_map(name, "red"));
    let set = of_kind("v1", "PersistentVolumeClaim", "db");
    World::default()
        .revision("superseded", &[a.clone(), b.clone()])
        .revision("deployed", std::slice::from_ref(&set))
        .live(foreign(&a, "shop"))
        .live(foreign(&b, "shop"))
        .live(ours(&set))
}

fn accepted(texts: &[&str]) -> Plan {
    let accept = texts.iter().map(|text| Acceptance::parse(text));
    dangers().asked(|options| options.accept.extend(accept)).plan()
}

fn blocking(plan: &Plan) -> Vec<String> {
    plan.blocking().filter_map(|finding| Some(finding.object.as_ref()?.to_string())).collect()
}

#[test]
fn findings_stand_heaviest_first_then_by_id_and_object() {
    let plan = dangers().plan();
    let found: Vec<_> = plan
        .findings
        .iter()
        .map(|finding| format!("{} {} {}", finding.severity, finding.id, finding.object.as_ref().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            "block foreign-owner ConfigMap default/a",
            "block foreign-owner ConfigMap default/b",
            "caution data-removed PersistentVolumeClaim default/db",
        ]
    );
}

#[test]
fn an_acceptance_by_id_covers_every_finding_of_that_id() {
    assert_eq!(blocking(&dangers().plan()), ["ConfigMap default/a", "ConfigMap default/b"]);
    assert_eq!(blocking(&accepted(&["foreign-owner"])), [] as [String; 0]);
    assert_eq!(blocking(&accepted(&["data-removed"])).len(), 2);
}

#[test]
fn an_acceptance_with_an_object_covers_that_one_however_it_is_written() {
    for object in ["ConfigMap default/a", "ConfigMap/default/a", "ConfigMap/a", "a"] {
        let text = &format!("foreign-owner={object}");
        assert_eq!(blocking(&accepted(&[text])), ["ConfigMap default/b"], "{text}");
    }
    for object in ["c", "Secret/a", "ConfigMap other/a", "ConfigMap"] {
        assert_eq!(blocking(&accepted(&[&format!("foreign-owner={object}")])).len(), 2, "{object}");
    }
    assert_eq!(blocking(&accepted(&["foreign-owner=a", "foreign-owner=b"])), [] as [String; 0]);
}

#[test]
fn an_accepted_finding_stays_visible() {
    let plan = accepted(&["foreign-owner=a"]);
    let accepted: Vec<_> = plan.findings.iter().filter(|finding| finding.accepted).collect();
    let [finding] = &accepted[..] else { panic!("{accepted:?}") };
    assert_eq!(finding.severity, Severity::Block);
    assert!(!finding.blocks());
}

#[test]
fn what_is_impossible_stays_so_whatever_is_accepted() {
    let world = World::default()
        .revision("superseded", &[of_kind("example.org/v1", "Thing", "gone")])
        .revision("deployed", &[])
        .asked(|options| options.accept.push(Acceptance::parse("unknown-kind")));
    let plan = world.plan();
    assert_eq!(plan.blocking().map(|finding| finding.id.clone()).collect::<Vec<_>>(), [FindingId::UNKNOWN_KIND]);
}

#[test]
fn the_verdict_is_the_heaviest_that_a_finding_leads_to() {
    let plain = World::default().revision("superseded", &[config_map("a", "red")]).revision("deployed", &[]);
    assert_eq!(plain.plan().verdict, Verdict::RollBack);
    assert_eq!(dangers().plan().verdict, Verdict::BackUpFirst);
    let set = of_kind("v1", "PersistentVolumeClaim", "db");
    let both = World::default()
        .revision("superseded", &[of_kind("example.org/v1", "Thing", "gone")])
        .revision("deployed", std::slice::from_ref(&set))
        .live(ours(&set));
    assert_eq!(both.plan().verdict, Verdict::FixForward);
}

#[test]
fn a_kept_definition_is_told_though_nothing_is_done_to_it() {
    let things = definition("things.example.org");
    let world = World::default()
        .revision("superseded", &[])
        .revision("deployed", std::slice::from_ref(&things))
        .live(ours(&things))
        .instances(things, 2);
    let plan = world.plan();
    assert_eq!(plan.findings.iter().map(|finding| finding.id.clone()).collect::<Vec<_>>(), [FindingId::CRD_IN_USE]);
}

#[derive(Debug)]
struct FreezeOnFriday;

impl Rule for FreezeOnFriday {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let what = format!("{} has {} steps", survey.name, steps.len());
        vec![Finding::new(FindingId::custom("friday"), Severity::Block, what, "nobody is there on Saturday")]
    }
}

#[test]
fn rules_of_others_are_asked_and_accepted_like_our_own() {
    let world = dangers();
    let rules: Vec<Box<dyn Rule>> = vec![Box::new(FreezeOnFriday)];
    let plan = plan_with(&world.survey(), &world.options, &rules);
    assert_eq!(plan.findings.len(), 1);
    assert_eq!(plan.blocking().count(), 1);
    let options = world.options.clone().with_accepted([Acceptance::parse("friday")]);
    assert_eq!(plan_with(&world.survey(), &options, &rules).blocking().count(), 0);
}
