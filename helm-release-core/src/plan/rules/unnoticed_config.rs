//! Changes of configuration that no running pod will notice.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::impact::reads_when_it_starts;
use crate::plan::{Action, Finding, FindingId, PodsFate, RollbackOptions, Rule, Severity, Step, Survey, impact};
use crate::{Object, ObjectId};

/// Changes of configuration that no running pod will notice: it is read when a container starts, and none is started.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnnoticedConfig;

impl Rule for UnnoticedConfig {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let restarted: BTreeSet<ObjectId> = impact(survey, steps)
            .into_iter()
            .filter(|impact| matches!(impact.pods, PodsFate::Replaced | PodsFate::Made | PodsFate::Removed))
            .map(|impact| impact.object)
            .collect();
        let placed = survey.target().contents.placed.iter().filter(|placed| has_template(&placed.location.resource.gvk.kind));
        let workloads: BTreeMap<ObjectId, Object> = placed.map(|placed| (placed.location.id(), placed.object.unpack())).collect();
        let configs = steps.iter().filter(|step| matches!(step.action, Action::Patch | Action::Replace));
        let configs = configs.filter_map(|step| Some((step, step.object()?)));
        let configs = configs.filter(|(step, object)| {
            object.group.is_empty()
                && matches!(object.kind.as_str(), "ConfigMap" | "Secret")
                && step
                    .changes
                    .iter()
                    .any(|change| ["data", "binaryData", "stringData"].iter().any(|top| change.path.starts_with(top)))
        });
        let mut findings = Vec::new();
        for (_, object) in configs {
            let near = workloads.iter().filter(|(id, _)| id.namespace == object.namespace);
            let blind: Vec<String> = near
                .filter(|(id, _)| !restarted.contains(id))
                .filter(|(_, workload)| reads_when_it_starts(workload, &object.kind, &object.name))
                .map(|(id, _)| id.to_string())
                .collect();
            if !blind.is_empty() {
                let what = format!("{} reads it when a container starts, and gets no new pods", blind.join(", "));
                let why = "the pods go on with what they read before, and change at some later restart";
                let finding = Finding::new(FindingId::UNNOTICED_CONFIG, Severity::Caution, what, why).about(object);
                findings.push(finding.way_out("restart those workloads after the rollback: kubectl rollout restart"));
            }
        }
        findings
    }
}

/// Kinds whose pods run on, and read nothing anew until they are replaced.
fn has_template(kind: &str) -> bool {
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"].contains(&kind)
}

#[cfg(test)]
mod tests;
