//! Hooks whose name is taken by something that is no hook of this release.

use crate::Object;
use crate::plan::rules::block_unless_compat;
use crate::plan::{Action, Finding, FindingId, Owner, RollbackOptions, Rule, Step, Subject, Survey, Verdict, owner_of};

/// Hooks whose name is taken by an object of the release itself, or of somebody else: the hook's delete policy would delete it,
/// or the hook fails because it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct HookClash;

const HOOK: &str = "helm.sh/hook";

impl Rule for HookClash {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for step in steps.iter().filter(|step| step.action == Action::RunHook) {
            let Subject::Hook(planned) = &step.subject else { continue };
            for placed in &planned.objects {
                let at = &placed.location;
                let in_manifest = survey.target().find(at).or_else(|| survey.current().find(at));
                let live = survey.seen(at).object().or_else(|| survey.answers.hook_places.get(&at.id()));
                let holder = match (in_manifest, live) {
                    (Some(_), _) => "an object of the release itself".to_owned(),
                    (None, Some(live)) if live.annotation(HOOK).is_none() => match owner(live, survey) {
                        Some(owner) => owner,
                        None => continue,
                    },
                    _ => continue,
                };
                let deletes =
                    planned.entry.deleted_before || planned.entry.deleted_on_success || planned.entry.deleted_on_failure;
                let (what, why) = if deletes {
                    (
                        format!("the {} hook {at} has the name of {holder}, and its delete policy deletes that", planned.event),
                        "the object would be gone, with whatever it holds",
                    )
                } else {
                    (
                        format!("the {} hook {at} has the name of {holder}", planned.event),
                        "the hook cannot be made, and the rollback fails there",
                    )
                };
                let finding = Finding::new(FindingId::HOOK_CLASH, block_unless_compat(options), what, why).about(at.id());
                let finding = finding.way_out("run no hooks: --no-hooks").way_out("rename one of the two in the chart");
                findings.push(if deletes { finding.leading_to(Verdict::BackUpFirst) } else { finding });
            }
        }
        findings
    }
}

/// Whose a live object is that no hook made.
fn owner(live: &Object, survey: &Survey) -> Option<String> {
    match owner_of(live, &survey.name, &survey.namespace) {
        Owner::Ours => Some("an object of the release itself".to_owned()),
        Owner::Release(other) => Some(format!("an object of release {other}")),
        Owner::Unclear(_) => Some("an object that no hook has made".to_owned()),
    }
}

#[cfg(test)]
mod tests;
