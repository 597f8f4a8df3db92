//! Which revisions may have left objects in the cluster.

use super::{Answer, History, Judgement};
use crate::Revision;

impl History {
    /// The revisions from the latest back to the last one that really was deployed, newest first.
    ///
    /// Each of them may have left objects: a failed upgrade writes before it fails. Helm looks at the latest record
    /// alone, and what only the deployed one had is orphaned.
    #[must_use]
    pub fn baseline(&self) -> Answer<Vec<Revision>> {
        let mut revisions = Vec::new();
        for head in self.heads().iter().rev() {
            let revision = head.key.revision;
            revisions.push(revision);
            match self.judge(revision) {
                None => return Answer::Needs(vec![revision]),
                Some(Judgement::Good) => break,
                Some(Judgement::Bad(_)) => {}
            }
        }
        Answer::Known(revisions)
    }
}
