use super::*;
use crate::plan::tests::world::{World, config_map, hook, of_kind, ours};

fn asked(world: &World) -> Vec<String> {
    let (survey, plan) = (world.survey(), world.plan());
    let keepers = Keepers {
        records: KeepersRights::over("", "secrets", "default"),
        lock: KeepersRights::over("coordination.k8s.io", "leases", "default"),
        journal: KeepersRights::default(),
    };
    let needs = needs(&plan, &survey.kinds, &keepers);
    let text = |need: &Need| {
        let any: Vec<String> = need.any_of.iter().map(ToString::to_string).collect();
        format!("{} {}: {}", need.weight, need.purpose, any.join(" or "))
    };
    needs.iter().map(text).collect()
}

#[test]
fn each_request_of_the_plan_asks_for_its_right() {
    let world = World::default().revision("superseded", &[config_map("a", "red"), config_map("b", "red")]);
    let world = world.revision("deployed", &[config_map("a", "blue"), config_map("c", "blue")]);
    let world = world.live(ours(&config_map("a", "blue"))).live(ours(&config_map("c", "blue")));
    let asked = asked(&world);
    for expected in [
        "block patch ConfigMap default/a: patch configmaps \"a\" in namespace default",
        "block create ConfigMap default/b: create configmaps in namespace default",
        "block delete ConfigMap default/c: delete configmaps \"c\" in namespace default",
        "block store the new record: create secrets in namespace default",
        "block bring records up to date: patch secrets in namespace default or update secrets in namespace default",
        "caution make the lock: create leases.coordination.k8s.io in namespace default",
        "caution bring objects back when the rollback fails: delete configmaps \"b\" in namespace default",
        "note explain a failure by events, pods and logs: get pods/log in namespace default",
    ] {
        assert!(asked.iter().any(|line| line == expected), "{expected} is not among {asked:#?}");
    }
}

#[test]
fn an_object_made_anew_needs_the_rights_for_both_ways() {
    let fixed = |color: &str| {
        let mut map = config_map("fixed", color);
        map["immutable"] = serde_json::json!(true);
        map
    };
    let world = World::default().revision("superseded", &[fixed("red")]).revision("deployed", &[fixed("blue")]);
    let asked = asked(&world.live(ours(&fixed("blue"))));
    for expected in [
        "block recreate ConfigMap default/fixed: delete configmaps \"fixed\" in namespace default",
        "block recreate ConfigMap default/fixed: create configmaps in namespace default",
        "caution bring objects back when the rollback fails: delete configmaps \"fixed\" in namespace default",
        "caution bring objects back when the rollback fails: create configmaps in namespace default",
    ] {
        assert!(asked.iter().any(|line| line == expected), "{expected} is not among {asked:#?}");
    }
}

#[test]
fn hooks_and_waits_ask_for_theirs() {
    let deployment = of_kind("apps/v1", "Deployment", "shop");
    let world = World::default().revision("superseded", std::slice::from_ref(&deployment));
    let world = world.with("hooks", vec![hook("migrate", &["pre-rollback"], 0)]).revision("deployed", &[]);
    let asked = asked(&world.asked(|options| options.wait = WaitStrategy::Watcher));
    for expected in [
        "block run the pre-rollback hook Job default/migrate: create jobs.batch in namespace default",
        "block wait for the pre-rollback hook Job default/migrate: watch jobs.batch \"migrate\" in namespace default",
        "block delete the pre-rollback hook Job default/migrate: delete jobs.batch \"migrate\" in namespace default",
        "caution tell when workloads are ready: list pods in namespace default",
    ] {
        assert!(asked.iter().any(|line| line == expected), "{expected} is not among {asked:#?}");
    }
}

#[test]
fn a_plan_that_does_nothing_asks_for_nothing() {
    let same = [config_map("a", "red")];
    let world = World::default().revision("deployed", &same).live(ours(&config_map("a", "red")));
    assert_eq!(asked(&world.to(1)), Vec::<String>::new());
}
