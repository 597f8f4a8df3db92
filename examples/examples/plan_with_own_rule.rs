//! Plans a rollback with a rule of one's own beside those of the library.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use helm_release_core::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, rules};
use helm_release_core::ports::NoObserver;
use helm_release_core::run::Engine;
use helm_release_core::{Namespace, ReleaseName};
use helm_release_store::clock::SystemClock;
use helm_release_store::cluster::{MemoryCluster, seed};

/// Nothing is changed on the shop's configuration without the shop team.
#[derive(Debug)]
struct AskTheShopTeam;

impl Rule for AskTheShopTeam {
    fn look(&self, _survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let touched = steps.iter().filter(|step| step.action == Action::Patch).filter_map(Step::object);
        let ours = touched.filter(|object| object.kind == "ConfigMap" && object.name.starts_with("shop-"));
        ours.map(|object| {
            let id = FindingId::custom("shop-config");
            Finding::new(id, Severity::Block, "it belongs to the shop team", "they want to be asked")
                .about(object)
                .way_out("ask them, then accept shop-config")
        })
        .collect()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (storage, cluster) = (examples::shop().await?, MemoryCluster::new());
    seed(&cluster, &storage).await?;

    let options = RollbackOptions::default();
    let engine = Engine::new(&storage, &cluster, &SystemClock, &NoObserver);
    let looked = engine.look(&Namespace::new("default")?, &ReleaseName::new("shop")?, &options).await?;
    let mut all = rules::all();
    all.push(Box::new(AskTheShopTeam));
    let (_, plan) = looked.judged(&all);

    println!("verdict: {}", plan.verdict);
    for finding in &plan.findings {
        let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
        println!("{} {}: {object}: {}", finding.severity, finding.id, finding.what);
    }
    for step in plan.steps.iter().filter(|step| step.action.writes_object()) {
        println!("{}: {}", step.action, step.object().map(|object| object.to_string()).unwrap_or_default());
    }
    assert_eq!(plan.blocking().count(), 1, "the rule of our own blocks");
    Ok(())
}
