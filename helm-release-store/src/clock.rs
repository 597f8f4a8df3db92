//! The machine's clock.
//!
//! ```
//! use helm_release_core::plan::RollbackOptions;
//! use helm_release_core::ports::NoObserver;
//! use helm_release_core::run::{Engine, Outcome};
//! use helm_release_store::clock::SystemClock;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let plan = shop.plan(&RollbackOptions::default()).await?;
//! let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
//! assert_eq!(engine.run(&plan).await?, Outcome::RolledBack(plan.new_revision));
//! # Ok(()) });
//! ```

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use helm_release_core::ports::Clock;

/// Tells the machine's time in its local zone, and sleeps by tokio's timer.
///
/// ```
/// use std::time::Duration;
///
/// use helm_release_core::ports::Clock as _;
/// use helm_release_store::clock::SystemClock;
///
/// # examples::run(async {
/// let began = SystemClock.elapsed();
/// SystemClock.sleep(Duration::from_millis(20)).await;
/// assert!(SystemClock.elapsed() - began >= Duration::from_millis(20));
/// assert_eq!(*SystemClock.now().time_zone(), jiff::tz::TimeZone::system());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> jiff::Zoned {
        jiff::Zoned::now()
    }

    fn elapsed(&self) -> Duration {
        static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGIN.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
