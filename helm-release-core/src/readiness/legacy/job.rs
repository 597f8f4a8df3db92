//! Jobs under `--wait-for-jobs`.

use super::status;
use crate::Object;
use crate::readiness::{Readiness, field};

/// The server's default for `spec.backoffLimit`.
const BACKOFF_LIMIT: i64 = 6;

pub(super) fn ready(job: &Object) -> Readiness {
    let (failed, succeeded) = (status(job, "failed"), status(job, "succeeded"));
    if failed > field::int(job, &["spec", "backoffLimit"]).unwrap_or(BACKOFF_LIMIT) {
        let message = format!("job is failed: {}/{}", job.namespace().unwrap_or_default(), job.name());
        return Readiness::failed(message, format!("{failed} of its pods failed, more than it tolerates"));
    }
    match field::int(job, &["spec", "completions"]) {
        Some(completions) if succeeded < completions => {
            Readiness::waiting("", format!("{succeeded} of {completions} pods have completed"))
        }
        Some(_) => Readiness::ready("", "it has completed"),
        // Work queues: Helm takes a Job without a number of completions as complete.
        None => Readiness::ready("", "it exists, and says not how often it must complete"),
    }
}
