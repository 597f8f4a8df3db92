//! Which revisions may have left objects in the cluster.

use super::{Answer, History, Judgement};
use crate::Revision;

impl History {
    /// The revisions from the latest back to the last one that really was deployed, newest first.
    ///
    /// Each of them may have left objects: a failed upgrade writes before it fails. Helm looks at the latest record
    /// alone, and what only the deployed one had is orphaned.
    ///
    /// ```
    /// use helm_release_core::history::Answer;
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let history = shop.survey(&RollbackOptions::default()).await?.history;
    /// // Revision 3 failed half-way; what it did not come to is still as revision 2 left it.
    /// assert_eq!(history.baseline(), Answer::Known(vec!["3".parse()?, "2".parse()?]));
    /// # Ok(()) });
    /// ```
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
