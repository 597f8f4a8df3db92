//! A wish to stop, from outside.

use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::Shared;

/// Asks a run to stop at its next safe point: a handle that signal handlers keep and runs look at.
///
/// ```
/// use helm_release_core::run::Interrupt;
///
/// let interrupt = Interrupt::new();
/// let handler = interrupt.clone();
/// assert!(!interrupt.is_requested());
/// handler.request();
/// assert!(interrupt.is_requested());
/// ```
#[derive(Debug, Clone)]
pub struct Interrupt {
    sender: Arc<Mutex<Option<oneshot::Sender<()>>>>,
    requested: Shared<oneshot::Receiver<()>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new()
    }
}

impl Interrupt {
    /// A wish that nobody has yet.
    ///
    /// ```
    /// use helm_release_core::run::Interrupt;
    ///
    /// // Each operation that can be stopped by itself has one of its own.
    /// let (shop, web) = (Interrupt::new(), Interrupt::new());
    /// shop.request();
    /// assert!(shop.is_requested() && !web.is_requested());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        let (sender, receiver) = oneshot::channel();
        Self { sender: Arc::new(Mutex::new(Some(sender))), requested: receiver.shared() }
    }

    /// Asks to stop. Asking again changes nothing.
    ///
    /// ```
    /// use helm_release_core::ports::Observer;
    /// use helm_release_core::run::{Engine, Event, Interrupt, Left};
    /// use helm_release_store::clock::SystemClock;
    ///
    /// #[derive(Debug)]
    /// struct StopAtFirstObject(Interrupt);
    ///
    /// impl Observer for StopAtFirstObject {
    ///     fn event(&self, event: &Event) {
    ///         if matches!(event, Event::ObjectWritten { .. }) {
    ///             self.0.request();
    ///         }
    ///     }
    /// }
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&helm_release_core::plan::RollbackOptions::default()).await?;
    /// let interrupt = Interrupt::new();
    /// let observer = StopAtFirstObject(interrupt.clone());
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &observer).with_interrupt(&interrupt);
    /// let failure = engine.run(&plan).await.unwrap_err();
    /// // What was written until then was taken back.
    /// assert_eq!(failure.left, Left::Returned);
    /// # Ok(()) });
    /// ```
    pub fn request(&self) {
        if let Some(sender) = self.sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A receiver is kept here, so that sending cannot fail.
            let _ = sender.send(());
        }
    }

    /// Whether somebody asked.
    ///
    /// ```
    /// use helm_release_core::run::Interrupt;
    ///
    /// let interrupt = Interrupt::new();
    /// let mut done = Vec::new();
    /// for release in ["shop", "web", "db"] {
    ///     // Whoever works on several releases does not begin another one.
    ///     if interrupt.is_requested() {
    ///         break;
    ///     }
    ///     done.push(release);
    ///     # if release == "web" {
    ///     #     interrupt.request();
    ///     # }
    /// }
    /// // Somebody asked while the second one was worked on.
    /// assert_eq!(done, ["shop", "web"]);
    /// ```
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Waits until somebody asks.
    ///
    /// # Cancellation
    /// Nothing is lost: who asks is heard by the next one that waits.
    ///
    /// ```
    /// use helm_release_core::run::Interrupt;
    ///
    /// # examples::run(async {
    /// let interrupt = Interrupt::new();
    /// let handler = interrupt.clone();
    /// futures::join!(interrupt.requested(), async { handler.request() });
    /// // It stays asked for.
    /// interrupt.requested().await;
    /// assert!(interrupt.is_requested());
    /// # Ok(()) });
    /// ```
    pub async fn requested(&self) {
        let _ = self.requested.clone().await;
    }
}
