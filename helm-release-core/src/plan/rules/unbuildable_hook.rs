//! Hooks of the target that cannot be built when their moment comes.

use crate::plan::hooks::of_run;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Subject, Survey};

/// Hooks of the target that cannot be built when their moment comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnbuildableHook;

impl Rule for UnbuildableHook {
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let planned = steps.iter().filter_map(|step| match &step.subject {
            Subject::Hook(planned) => Some(planned.as_ref()),
            _ => None,
        });
        let hooks = of_run(survey, options);
        let mut findings = Vec::new();
        for planned in planned {
            let Some(read) = hooks.get(planned.entry.index) else { continue };
            let mut problems = read.contents.unreadable.clone();
            problems.extend(read.contents.unplaced.iter().map(|unplaced| format!("the server does not know {}", unplaced.gvk)));
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
                        .way_out("run those of the current revision instead: --hooks current")
                        .way_out("choose another revision")
                        .impossible(),
                );
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests;
