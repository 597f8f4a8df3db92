//! Keeps what a run tells, with the time.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::ports::{Clock, Observer};
use crate::run::Event;

/// How many moments from the beginning are kept.
const FIRST: usize = 50;
/// How many of the newest moments are kept besides.
const LAST: usize = 450;

/// Something that happened, and when.
///
/// ```
/// use helm_release_core::evidence::Moment;
/// use serde_json::json;
///
/// let moment = Moment::new("2026-11-23T09:00:01Z".parse()?, "the pager rang");
/// assert_eq!(json!(moment), json!({"at": "2026-11-23T09:00:01Z", "what": "the pager rang"}));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What, in a few words.
    pub what: String,
}

impl Moment {
    /// Something in words.
    ///
    /// ```
    /// use helm_release_core::evidence::Moment;
    ///
    /// let at = "2026-11-23T09:00:00Z".parse()?;
    /// // A note of one's own, to stand among what the run tells.
    /// let mut timeline = vec![Moment::new(at, "the load balancer was drained")];
    /// timeline.insert(0, Moment::new(at - jiff::SignedDuration::from_mins(5), "the pager rang"));
    /// assert!(timeline.is_sorted_by_key(|moment| moment.at));
    /// # Ok::<(), jiff::Error>(())
    /// ```
    #[must_use]
    pub fn new(at: Timestamp, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }

    /// Something that a run told.
    ///
    /// ```
    /// use helm_release_core::evidence::Moment;
    /// use helm_release_core::run::Event;
    /// use jiff::Timestamp;
    ///
    /// let started = Event::HookStarted { event: "post-rollback".to_owned(), hook: "Job shop-check".to_owned() };
    /// assert_eq!(Moment::of(Timestamp::now(), &started).what, "post-rollback hook Job shop-check: started");
    /// ```
    #[must_use]
    pub fn of(at: Timestamp, event: &Event) -> Self {
        Self::new(at, words(event))
    }
}

#[derive(Default)]
struct Kept {
    first: Vec<Moment>,
    last: VecDeque<Moment>,
    left_out: usize,
}

/// An observer that passes everything on and keeps it with its time: the first 50 and the last 450 events.
///
/// # Examples
/// ```
/// # use helm_release_core::evidence::Timeline;
/// # use helm_release_core::ports::{Clock, NoObserver, Observer as _};
/// # use helm_release_core::run::Event;
/// # #[derive(Debug)]
/// # struct Stopped;
/// # #[async_trait::async_trait]
/// # impl Clock for Stopped {
/// #     fn now(&self) -> jiff::Zoned { jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC) }
/// #     async fn sleep(&self, _: std::time::Duration) {}
/// # }
/// let timeline = Timeline::new(&NoObserver, &Stopped);
/// timeline.event(&Event::Warning { message: "the server is slow".to_owned() });
/// assert_eq!(timeline.moments()[0].what, "warning: the server is slow");
/// ```
pub struct Timeline<'a> {
    inner: &'a dyn Observer,
    clock: &'a dyn Clock,
    kept: Mutex<Kept>,
}

impl<'a> Timeline<'a> {
    /// Listens for `inner`, by that clock.
    ///
    /// ```
    /// use helm_release_core::evidence::Timeline;
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::Engine;
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// // Where somebody else wants to listen too, their observer stands in the place of `NoObserver`.
    /// let timeline = Timeline::new(&NoObserver, &SystemClock);
    /// Engine::new(&shop.storage, &shop.cluster, &SystemClock, &timeline).run(&plan).await?;
    /// let moments = timeline.moments();
    /// assert_eq!(moments[0].what, "revision 4: pending-rollback");
    /// assert!(moments.iter().any(|moment| moment.what == "patch Deployment default/shop: done"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(inner: &'a dyn Observer, clock: &'a dyn Clock) -> Self {
        Self { inner, clock, kept: Mutex::default() }
    }

    /// What was kept, oldest first; a moment in between says how many were not.
    ///
    /// ```
    /// use helm_release_core::evidence::Timeline;
    /// use helm_release_core::ports::{NoObserver, Observer as _};
    /// use helm_release_core::run::Event;
    /// use helm_release_store::clock::SystemClock;
    ///
    /// let timeline = Timeline::new(&NoObserver, &SystemClock);
    /// for number in 0..600 {
    ///     timeline.event(&Event::Warning { message: format!("number {number}") });
    /// }
    /// let moments = timeline.moments();
    /// assert_eq!(moments[49].what, "warning: number 49");
    /// assert_eq!(moments[50].what, "(100 events in between were not kept)");
    /// assert_eq!(moments[51].what, "warning: number 150");
    /// ```
    #[must_use]
    pub fn moments(&self) -> Vec<Moment> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut moments = kept.first.clone();
        if let Some(next) = kept.last.front().filter(|_| kept.left_out > 0) {
            moments.push(Moment::new(next.at, format!("({} events in between were not kept)", kept.left_out)));
        }
        moments.extend(kept.last.iter().cloned());
        moments
    }
}

impl Observer for Timeline<'_> {
    fn event(&self, event: &Event) {
        let moment = Moment::of(self.clock.now().timestamp(), event);
        {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.first.len() < FIRST {
                kept.first.push(moment);
            } else {
                kept.last.push_back(moment);
                if kept.last.len() > LAST {
                    kept.last.pop_front();
                    kept.left_out += 1;
                }
            }
        }
        self.inner.event(event);
    }
}

impl fmt::Debug for Timeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeline").field("inner", &self.inner).finish_non_exhaustive()
    }
}

fn words(event: &Event) -> String {
    match event {
        Event::RecordWritten { revision, status } => format!("revision {revision}: {status}"),
        Event::RecordPruned { revision } => format!("revision {revision}: record deleted"),
        Event::ObjectWritten { object, action } => format!("{action} {object}: done"),
        Event::HookStarted { event, hook } => format!("{event} hook {hook}: started"),
        Event::HookEnded { event, hook, failure: None } => format!("{event} hook {hook}: ended well"),
        Event::HookEnded { event, hook, failure: Some(_) } => format!("{event} hook {hook}: failed"),
        Event::HookLog { source, line } => format!("{source}: {line}"),
        Event::ObjectState { object, state, reason } => format!("{object}: {state}: {reason}"),
        Event::LockAwaited { holder } => format!("waiting for the lock: {holder}"),
        Event::ReturnBegun { cause } => format!("the way back begins: {cause}"),
        Event::ObjectReturned { object, how } => format!("{object}: {how}"),
        Event::Warning { message } => format!("warning: {message}"),
    }
}
