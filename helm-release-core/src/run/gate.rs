//! The gate that every write passes: closed once the lock is lost or somebody asked to stop.
//!
//! A write that may not be sent waits at the gate, and whoever runs the work hears [`Gate::closed`] and drops it. So no
//! write begins after the closing, and none that has begun is torn.

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{Either, select};

use super::{Event, Interrupt};
use crate::lock::{Claim, NotTaken, acquire, acquire_unless, renewal_interval};
use crate::ports::{Clock, Held, Lock, LockError, LockKey, Observer};

/// Why the gate is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Somebody else has the lock, or it could not be renewed in time.
    LockLost(String),
    /// Somebody asked to stop.
    Interrupted,
}

/// Lets writes through while the release is held.
#[derive(Debug)]
pub(crate) struct Gate<'a> {
    clock: &'a dyn Clock,
    lock: Option<&'a dyn Lock>,
    interrupt: Option<&'a Interrupt>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    /// When the lock ends by this process's own clock, unless it is renewed.
    until: Duration,
    lost: Option<String>,
    in_flight: usize,
    waker: Option<Waker>,
    /// Nobody who asks to stop is heard any more.
    deaf: bool,
}

/// One write on its way.
#[derive(Debug)]
pub(crate) struct Ticket<'g, 'a>(&'g Gate<'a>);

impl Drop for Ticket<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

impl<'a> Gate<'a> {
    /// A gate that is open as long as nobody asks to stop.
    pub(super) fn new(clock: &'a dyn Clock, interrupt: Option<&'a Interrupt>) -> Self {
        Self { clock, lock: None, interrupt, state: Mutex::default() }
    }

    /// A gate guarded by the lock of a release, which is taken first. Without the right to locks it is open as in Helm,
    /// which the observer is told.
    ///
    /// # Errors
    /// [`NotTaken`] when somebody else holds the lock, or it cannot be read or written.
    pub(crate) async fn take(
        clock: &'a dyn Clock,
        observer: &dyn Observer,
        interrupt: Option<&'a Interrupt>,
        lock: &'a dyn Lock,
        (key, claim): (&LockKey, &Claim),
    ) -> Result<Self, NotTaken> {
        let mut gate = Self::new(clock, interrupt);
        let asked = clock.elapsed();
        let taken = match interrupt {
            Some(interrupt) => acquire_unless(interrupt, lock, clock, observer, key, claim).await,
            None => acquire(lock, clock, observer, key, claim).await,
        };
        match taken {
            Ok(held) => {
                gate.lock = Some(lock);
                gate.state = Mutex::new(State { until: asked + usable(held.holder.lasts), held: Some(held), ..State::default() });
            }
            Err(NotTaken::Failed(LockError::Forbidden { action, message })) => {
                let message = format!("no right to {action}: the record alone keeps other operations off ({message})");
                observer.event(&Event::Warning { message });
            }
            Err(error) => return Err(error),
        }
        Ok(gate)
    }

    /// From here on nobody who asks to stop is heard: on the way back, and once the target is reached.
    pub(super) fn heed_no_interrupt(&self) {
        self.state().deaf = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of another holder leaves nothing half-written here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.is_some_and(Interrupt::is_requested) && !self.state().deaf
    }

    /// Waits for the right to send one write: for ever when there is none any more.
    pub(crate) async fn enter(&self) -> Ticket<'_, 'a> {
        loop {
            if self.is_interrupted() || self.state().lost.is_some() {
                futures::future::pending::<()>().await;
            }
            let is_fresh = self.lock.is_none() || self.clock.elapsed() < self.state().until;
            if is_fresh {
                self.state().in_flight += 1;
                return Ticket(self);
            }
            // The process may have been asleep for longer than the lock lasts.
            self.renew_or_lose().await;
        }
    }

    /// Resolves once no write may begin and none is on its way.
    pub(super) async fn closed(&self) -> Closed {
        let told = async {
            match self.interrupt {
                Some(interrupt) => interrupt.requested().await,
                None => futures::future::pending().await,
            }
        };
        let mut told = std::pin::pin!(told);
        let mut is_told = false;
        poll_fn(|context| {
            is_told = is_told || told.poll_unpin(context).is_ready();
            let mut state = self.state();
            if let Some(reason) = &state.lost {
                return Poll::Ready(Closed::LockLost(reason.clone()));
            }
            if is_told && !state.deaf && state.in_flight == 0 {
                return Poll::Ready(Closed::Interrupted);
            }
            state.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Renews the lock for as long as it is polled.
    pub(super) async fn keep(&self) {
        let lasts = self.state().held.as_ref().map(|held| held.holder.lasts);
        let (Some(lasts), Some(_)) = (lasts, self.lock) else { return futures::future::pending().await };
        loop {
            self.clock.sleep(renewal_interval(lasts)).await;
            self.renew_or_lose().await;
        }
    }

    fn lose(&self, reason: String) {
        let mut state = self.state();
        state.lost = Some(reason);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    /// Renews the lock, again and again until that is done or it is certain that it is lost.
    async fn renew_or_lose(&self) {
        let mut last = None;
        loop {
            let (Some(lock), Some(held)) = (self.lock, self.state().held.clone()) else { return };
            let asked = self.clock.elapsed();
            let mut holder = held.holder.clone();
            holder.renewed = self.clock.now().timestamp();
            match lock.replace(&held, &holder).await {
                Ok(renewed) => {
                    let mut state = self.state();
                    state.until = asked + usable(renewed.holder.lasts);
                    state.held = Some(renewed);
                    return;
                }
                Err(LockError::Lost { .. }) => match self.look_after(lock, &held).await {
                    Some(current) => self.state().held = Some(current),
                    None => return self.lose("somebody else took it over or released it".to_owned()),
                },
                Err(error) => last = Some(error),
            }
            // Twice its length without a word from the server: somebody else may well have it.
            if let Some(error) = &last
                && self.clock.elapsed() > self.state().until + held.holder.lasts
            {
                return self.lose(format!("it could not be renewed in time: {error}"));
            }
            self.clock.sleep(held.holder.lasts / 10).await;
        }
    }

    /// The lock as it is, when it is still this operation's: a renewal whose answer was lost, or that came twice at once.
    async fn look_after(&self, lock: &dyn Lock, held: &Held) -> Option<Held> {
        let current = lock.find(&held.key).await.ok()??;
        (current.holder.id == held.holder.id).then_some(current)
    }

    /// Gives the lock back.
    pub(crate) async fn release(&self) -> Result<(), LockError> {
        let held = self.state().held.take();
        let (Some(lock), Some(held)) = (self.lock, held) else { return Ok(()) };
        match lock.delete(&held).await {
            Err(LockError::Lost { .. }) => match self.look_after(lock, &held).await {
                Some(current) => lock.delete(&current).await,
                None => Ok(()),
            },
            result => result,
        }
    }

    /// Does work until it ends or the gate is closed.
    pub(crate) async fn guard<T>(&self, work: impl Future<Output = T> + Send) -> Result<T, Closed> {
        let closing = select(self.closed().boxed(), self.keep().boxed()).map(|ended| match ended {
            Either::Left((closed, _)) => closed,
            Either::Right(((), _)) => Closed::Interrupted,
        });
        match select(work.boxed(), closing.boxed()).await {
            Either::Left((result, _)) => Ok(result),
            Either::Right((closed, _)) => Err(closed),
        }
    }
}

/// How much of a lock's time a holder uses: what remains covers a write on its way.
fn usable(lasts: Duration) -> Duration {
    lasts * 4 / 5
}
