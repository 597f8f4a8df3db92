//! Writes that the server refuses, found out by dry run.

use std::collections::BTreeSet;

use crate::ObjectId;
use crate::evidence::{CauseKind, refusal_in_words};
use crate::plan::rules::block_unless_compat;
use crate::plan::{Action, DryRunAnswer, Finding, FindingId, RollbackOptions, Rule, Step, Survey};
use crate::ports::ClusterErrorKind;

/// Writes that the server refuses, found out by dry run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RefusedByServer;

impl Rule for RefusedByServer {
    fn look(&self, _survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let made: BTreeSet<ObjectId> = steps
            .iter()
            .filter(|step| matches!(step.action, Action::Create | Action::Recreate))
            .filter_map(Step::object)
            .collect();
        let refused = steps.iter().filter_map(|step| match &step.dry_run {
            Some(DryRunAnswer::Refused { kind, message }) => Some((step, *kind, message.as_str())),
            _ => None,
        });
        let refused = refused.filter(|(_, kind, message)| !waits_for(&made, *kind, message));
        refused.filter_map(|(step, _, message)| Some(finding(step.object()?, step.action, message, options))).collect()
    }
}

/// Whether the server misses something that the plan itself makes first: a namespace, a role.
fn waits_for(made: &BTreeSet<ObjectId>, kind: ClusterErrorKind, message: &str) -> bool {
    kind == ClusterErrorKind::NotFound && made.iter().any(|object| message.contains(&format!("\"{}\" not found", object.name)))
}

fn finding(object: ObjectId, action: Action, message: &str, options: &RollbackOptions) -> Finding {
    let (kind, words) = refusal_in_words(message).unwrap_or_else(|| (CauseKind::Other, message.to_owned()));
    let why = "the rollback would stop here, with the objects before it changed already";
    let finding = Finding::new(
        FindingId::REFUSED_BY_SERVER,
        block_unless_compat(options),
        format!("the server refuses to {action} it: {words}"),
        why,
    );
    let finding = match kind {
        CauseKind::Admission => finding.way_out("ask whoever keeps that check, or choose a revision that passes it"),
        CauseKind::Quota => finding.way_out("free what the quota counts, or have it raised"),
        CauseKind::Right => finding.way_out("get that right, or roll back as somebody who has it"),
        CauseKind::FieldConflict => {
            finding.way_out("--force-conflicts takes those fields over").way_out("give them back to helm first")
        }
        CauseKind::Immutable => finding.way_out("delete and recreate the object yourself, if nothing is lost with it"),
        _ => finding.way_out("repair it by an upgrade that the server takes"),
    };
    finding.about(object)
}

#[cfg(test)]
mod tests;
