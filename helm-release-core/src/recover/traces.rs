//! What in the cluster tells whether an operation of Helm's is still at work.

use jiff::Timestamp;

use crate::Object;
use crate::drift::{Managers, writes_releases};
use crate::hook::Phase;
use crate::plan::Plan;
use crate::ports::{Cluster, ClusterExt as _};
use crate::readiness::{Related, State, watcher};

use super::look::Interrupted;

/// What was seen of an operation besides its record.
///
/// ```
/// use helm_release_core::recover::{Life, Signs, Traces, Vitality};
///
/// let (written, now) = ("2026-11-27T01:00:00Z".parse()?, "2026-11-27T03:00:00Z".parse()?);
/// let judge = |traces: &Traces| Life::judge(Signs { lock: None, has_journal: false, last_written: Some(written), traces }, now);
/// let mut traces = Traces::default();
/// assert_eq!(judge(&traces).vitality, Vitality::Dead, "the record is two hours old");
///
/// traces.running_hooks.push("Job shop/migrate".to_owned());
/// assert_eq!(judge(&traces).vitality, Vitality::Unknown);
/// assert_eq!(judge(&traces).reasons[0], "its hook Job shop/migrate is still running, and Helm waits for hooks");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traces {
    /// When Helm wrote an object of the release last, and which, by its `managedFields`.
    pub last_write: Option<(Timestamp, String)>,
    /// Hooks that the record calls running, and whose Job or Pod has not ended.
    pub running_hooks: Vec<String>,
    /// Objects that are on the way to what was asked of them: whoever waits for them may be at work.
    pub changing: Vec<String>,
}

impl Traces {
    /// Looks at the objects of a release as a plan saw them, and at the hooks that its interrupted record calls running.
    pub(super) async fn gather(cluster: &dyn Cluster, interrupted: &Interrupted, seen: &Plan, now: Timestamp) -> Self {
        let live = || seen.steps.iter().filter_map(|step| step.seen.as_ref());
        let writes = live().filter_map(|object| Some((last_write(object)?, object.id().to_string())));
        let options = watcher::Options::at(now);
        let is_changing = |object: &&Object| {
            watcher::status(object, &Related::none(), &options).is_some_and(|readiness| readiness.state == State::Waiting)
        };
        let mut running_hooks = Vec::new();
        let stored = interrupted.record.hooks().unwrap_or_default();
        let is_running = |index: usize| stored.get(index).is_some_and(|hook| hook.last_run.phase == Phase::Running);
        let revisions = [&seen.target, &seen.current].into_iter();
        let own = revisions.filter(|revision| revision.revision() == interrupted.revision()).take(1);
        for placed in
            own.flat_map(|revision| &revision.hooks).filter(|hook| is_running(hook.index)).flat_map(|hook| &hook.contents.placed)
        {
            // One that cannot be looked at tells nothing.
            let Ok(Some(object)) = cluster.find(&placed.location).await else { continue };
            if watcher::hook_status(&object).state == State::Waiting {
                running_hooks.push(placed.location.to_string());
            }
        }
        Self {
            last_write: writes.max(),
            running_hooks,
            changing: live().filter(is_changing).map(|object| object.id().to_string()).collect(),
        }
    }
}

/// When somebody who writes releases wrote an object last.
fn last_write(object: &Object) -> Option<Timestamp> {
    let managers = Managers::of(object);
    let times = managers.writers().filter(|who| writes_releases(&who.manager)).filter_map(|who| who.time.as_ref()?.parse().ok());
    times.max()
}
