use std::error::Error;

use super::Failure;
use crate::ObjectId;
use crate::plan::{Finding, FindingId, Severity};
use crate::ports::StorageError;
use crate::run::{FailedPhase, RunError};

fn unanswered() -> RunError {
    let source = std::io::Error::other("connection reset");
    StorageError::Other { action: "store record web.v4".to_owned(), source: Box::new(source) }.into()
}

/// What a printer of the whole chain prints.
fn chain(error: RunError) -> Vec<String> {
    let failure = Failure::at(FailedPhase::Apply, error);
    std::iter::successors(Some(&failure as &dyn Error), |error| (*error).source()).map(ToString::to_string).collect()
}

#[test]
fn a_chain_printer_says_each_error_once() {
    assert_eq!(chain(unanswered()), ["cannot store record web.v4", "connection reset"]);
    let several = RunError::Several { first: Box::new(unanswered()), more: 2 };
    assert_eq!(chain(several), ["cannot store record web.v4 (and 2 more)", "connection reset"]);
    assert_eq!(chain(RunError::Interrupted), ["it was asked to stop"]);
}

#[test]
fn a_blocked_plan_names_the_objects_of_its_findings() {
    let object = ObjectId {
        group: String::new(),
        kind: "ConfigMap".to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
    };
    let finding = |id: FindingId| Finding::new(id, Severity::Block, "", "");
    let findings = vec![finding(FindingId::FOREIGN_OWNER).about(object), finding(FindingId::PENDING_REVISION)];
    let text = RunError::Blocked { findings }.to_string();
    assert_eq!(text, "the plan is blocked: foreign-owner (ConfigMap shop/web), pending-revision");
}
