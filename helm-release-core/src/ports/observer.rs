//! The port through which a run tells what it does.

use std::fmt::Debug;

use crate::run::Event;

/// Hears what a run does while it does it. Called in order, never twice at once; must return quickly.
///
/// ```
/// use std::sync::Mutex;
///
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::ports::Observer;
/// use helm_release_core::run::{Engine, Event};
/// use helm_release_store::clock::SystemClock;
///
/// /// Keeps the names of the objects that a run writes.
/// #[derive(Debug, Default)]
/// struct Written(Mutex<Vec<String>>);
///
/// impl Observer for Written {
///     fn event(&self, event: &Event) {
///         if let (Event::ObjectWritten { object, .. }, Ok(mut names)) = (event, self.0.lock()) {
///             names.push(object.to_string());
///         }
///     }
/// }
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let written = Written::default();
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// Engine::new(&shop.storage, &shop.cluster, &SystemClock, &written).run(&plan).await?;
/// assert_eq!(written.0.into_inner()?, ["Deployment default/shop", "ConfigMap default/shop-feature"]);
/// # Ok(()) });
/// ```
pub trait Observer: Debug + Send + Sync {
    /// Hears one event.
    ///
    /// ```
    /// use std::sync::mpsc::{Sender, channel};
    ///
    /// use helm_release_core::ports::Observer;
    /// use helm_release_core::run::Event;
    ///
    /// /// Sends events on, so that a slow reader does not hold the run up.
    /// #[derive(Debug)]
    /// struct Channel(Sender<Event>);
    ///
    /// impl Observer for Channel {
    ///     fn event(&self, event: &Event) {
    ///         // A reader who has left need not be told.
    ///         self.0.send(event.clone()).ok();
    ///     }
    /// }
    ///
    /// let (sender, receiver) = channel();
    /// let warning = Event::Warning { message: "the server is slow".to_owned() };
    /// Channel(sender).event(&warning);
    /// assert_eq!(receiver.recv()?, warning);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn event(&self, event: &Event);
}

/// Hears nothing.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::ports::NoObserver;
/// use helm_release_core::run::{Engine, Outcome};
/// use helm_release_store::clock::SystemClock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let outcome = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver).run(&plan).await?;
/// assert_eq!(outcome, Outcome::RolledBack(plan.new_revision));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn event(&self, _event: &Event) {}
}
