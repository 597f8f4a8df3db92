//! Hooks of the target that cannot be built when their moment comes.

use serde_json::Value;

use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Subject, Survey};

/// Hooks of the target that cannot be built when their moment comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnbuildableHook;

impl Rule for UnbuildableHook {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let planned = steps.iter().filter_map(|step| match &step.subject {
            Subject::Hook(planned) => Some(planned.as_ref()),
            _ => None,
        });
        let mut findings = Vec::new();
        for planned in planned {
            let Some(read) = survey.target().hooks.get(planned.entry.index) else { continue };
            let mut problems = read.contents.unreadable.clone();
            problems.extend(read.contents.unplaced.iter().map(|unplaced| format!("the server does not know {}", unplaced.gvk)));
            problems.extend(
                read.contents
                    .placed
                    .iter()
                    .filter_map(|placed| first_untyped(placed.object.as_value()))
                    .map(|path| format!("{path} is not text; write it in quotes")),
            );
            if problems.is_empty() && read.contents.placed.is_empty() {
                problems.push("it holds no object".to_owned());
            }
            for problem in problems {
                let hook = &planned.hook;
                let what =
                    format!("{} hook {} {} ({}) cannot be built: {problem}", planned.event, hook.kind, hook.name, hook.path);
                let why = "the rollback would stop there, helm's for ever in pending-rollback";
                findings.push(
                    Finding::new(FindingId::UNBUILDABLE_HOOK, Severity::Block, what, why)
                        .way_out("roll back without hooks: --no-hooks")
                        .way_out("choose another revision")
                        .impossible(),
                );
            }
        }
        findings
    }
}

/// The first label or annotation that is not text, which the API machinery refuses to decode.
fn first_untyped(object: &Value) -> Option<String> {
    ["labels", "annotations"].into_iter().find_map(|member| {
        let members = object.get("metadata")?.get(member)?.as_object()?;
        let (key, _) = members.iter().find(|(_, value)| !value.is_string())?;
        Some(format!("metadata.{member}[{key}]"))
    })
}
