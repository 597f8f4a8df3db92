//! Options that exclude each other on this release.

use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Writing, apply_method};
use crate::ports::Conflicts;
use crate::release::ApplyMethod;

/// Options that exclude each other on this release.
#[derive(Debug, Clone, Copy)]
pub(super) struct OptionClash;

impl Rule for OptionClash {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let method = apply_method(options, survey.target());
        let clash = match (method, options.writing, options.conflicts) {
            (_, Writing::Replace, Conflicts::Force) => {
                ("--force-replace and --force-conflicts exclude each other", "leave one of them out")
            }
            (ApplyMethod::Ssa, Writing::Replace, _) => (
                "--force-replace does not go with server-side apply, which the target's record asks for",
                "add --server-side=false, or leave --force-replace out",
            ),
            (ApplyMethod::Csa, _, Conflicts::Force) => (
                "--force-conflicts goes with server-side apply only, and the target's record asks for client-side apply",
                "add --server-side=true, or leave --force-conflicts out",
            ),
            _ => return Vec::new(),
        };
        let why = "helm notices it half-way, after the hooks ran";
        vec![Finding::new(FindingId::OPTION_CLASH, Severity::Block, clash.0, why).way_out(clash.1).impossible()]
    }
}

#[cfg(test)]
mod tests;
