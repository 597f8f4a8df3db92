//! Sends every object write of a plan as the server's dry run.

use futures::StreamExt as _;

use crate::ObjectId;
use crate::plan::{Action, Plan, is_migration};
use crate::ports::{Cluster, DryRun};

/// What the server said to one step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviewedStep {
    /// The object.
    pub object: ObjectId,
    /// What the step does to it.
    pub action: Action,
    /// Why the server would refuse it; `None` when it would not.
    pub refusal: Option<String>,
}

/// What the server said to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Preview {
    /// One entry per step that writes an object, in the plan's order.
    pub steps: Vec<PreviewedStep>,
}

impl Preview {
    /// Asks the server, several steps at a time, what it would say to each. Nothing is stored.
    ///
    /// Of a step with several requests only the first that changes values is sent: what it does is not kept for the ones after it.
    pub async fn ask(cluster: &dyn Cluster, plan: &Plan) -> Self {
        let steps: Vec<_> = plan.steps.iter().filter(|step| step.action.writes_object()).cloned().collect();
        let asked = futures::stream::iter(steps).map(|step| async move {
            let request = step.requests.iter().find(|request| !is_migration(request));
            let (object, request) = (step.object()?, request?.clone());
            let refusal = cluster.write(&request, DryRun::Server).await.err().map(|error| error.to_string());
            Some(PreviewedStep { object, action: step.action, refusal })
        });
        let steps: Vec<_> = asked.buffered(plan.options.concurrency.max(1)).collect().await;
        Self { steps: steps.into_iter().flatten().collect() }
    }

    /// The steps that the server would refuse.
    pub fn refusals(&self) -> impl Iterator<Item = &PreviewedStep> {
        self.steps.iter().filter(|step| step.refusal.is_some())
    }
}
