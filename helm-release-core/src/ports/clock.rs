//! The port through which the engine knows and spends time.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

/// Tells the time and waits. The engine has no other access to a clock.
///
/// ```
/// use std::time::Duration;
///
/// use helm_release_core::ports::Clock;
/// use jiff::{Timestamp, Zoned, tz::TimeZone};
///
/// /// Has records written in UTC, whatever the machine's zone is.
/// #[derive(Debug)]
/// struct Utc;
///
/// #[async_trait::async_trait]
/// impl Clock for Utc {
///     fn now(&self) -> Zoned {
///         Timestamp::now().to_zoned(TimeZone::UTC)
///     }
///
///     async fn sleep(&self, duration: Duration) {
///         tokio::time::sleep(duration).await;
///     }
/// }
/// assert_eq!(Utc.now().offset().seconds(), 0);
/// ```
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment, in the zone that records are to be written in (Helm writes the machine's local one).
    ///
    /// ```
    /// use helm_release_core::ports::Clock as _;
    /// use helm_release_store::clock::SystemClock;
    /// use jiff::tz::TimeZone;
    ///
    /// assert_eq!(*SystemClock.now().time_zone(), TimeZone::system());
    /// ```
    fn now(&self) -> jiff::Zoned;

    /// How long ago some fixed moment was: never goes back, whatever somebody sets the machine's clock to.
    ///
    /// The default goes by [`Clock::now`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use helm_release_core::ports::Clock as _;
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// let pause = Duration::from_millis(5);
    /// let began = SystemClock.elapsed();
    /// SystemClock.sleep(pause).await;
    /// // Only the difference of two answers means something.
    /// assert!(SystemClock.elapsed() - began >= pause);
    /// # Ok(()) });
    /// ```
    fn elapsed(&self) -> Duration {
        Duration::try_from(self.now().timestamp().as_duration()).unwrap_or_default()
    }

    /// Waits for that long.
    ///
    /// # Cancellation
    /// Dropping the future leaves nothing behind.
    ///
    /// ```
    /// use std::future::pending;
    /// use std::time::Duration;
    ///
    /// use futures::future::{Either, select};
    /// use helm_release_core::ports::Clock as _;
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// let answer = Box::pin(pending::<&str>());
    /// let patience = SystemClock.sleep(Duration::from_millis(5));
    /// assert!(matches!(select(answer, patience).await, Either::Right(_)), "nobody answered in time");
    /// # Ok(()) });
    /// ```
    async fn sleep(&self, duration: Duration);
}
