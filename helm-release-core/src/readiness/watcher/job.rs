//! Jobs.

use super::Options;
use crate::Object;
use crate::readiness::Readiness;
use crate::readiness::field::{self, WrongType};

/// kstatus' rule: a Job that has started is ready.
pub(super) fn status(job: &Object, _: &Options) -> Result<Readiness, WrongType> {
    if let Some(ended) = ended(job)? {
        return Ok(ended);
    }
    let status = |name: &str| field::int(job, &["status", name]).unwrap_or(0);
    if field::text(job, &["status", "startTime"]).is_none_or(str::is_empty) {
        return Ok(Readiness::waiting("Job not started", "it has not started yet"));
    }
    let (succeeded, active, failed) = (status("succeeded"), status("active"), status("failed"));
    let message = format!("Job in progress. success:{succeeded}, active: {active}, failed: {failed}");
    Ok(Readiness::ready(message, "it has started"))
}

/// Helm's rule for hooks and `--wait-for-jobs`: a Job is ready when it has completed.
pub(super) fn finished(job: &Object) -> Result<Readiness, WrongType> {
    Ok(ended(job)?.unwrap_or_else(|| Readiness::waiting("Job in progress", "it has not finished yet")))
}

fn ended(job: &Object) -> Result<Option<Readiness>, WrongType> {
    let number = |path: [&str; 2]| field::int(job, &path);
    let parallelism = number(["spec", "parallelism"]).unwrap_or(1);
    let completions = number(["spec", "completions"]).unwrap_or(parallelism);
    for condition in field::conditions(job)? {
        if condition.holds("Complete") {
            let message = format!("Job Completed. succeeded: {}/{completions}", number(["status", "succeeded"]).unwrap_or(0));
            return Ok(Some(Readiness::ready(message, "it has completed")));
        }
        if condition.holds("Failed") {
            let message = format!("Job Failed. failed: {}/{completions}", number(["status", "failed"]).unwrap_or(0));
            return Ok(Some(Readiness::failed(message, super::because("it has failed", condition.message))));
        }
    }
    Ok(None)
}
