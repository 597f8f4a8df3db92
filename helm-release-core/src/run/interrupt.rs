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
    #[must_use]
    pub fn new() -> Self {
        let (sender, receiver) = oneshot::channel();
        Self { sender: Arc::new(Mutex::new(Some(sender))), requested: receiver.shared() }
    }

    /// Asks to stop. Asking again changes nothing.
    pub fn request(&self) {
        if let Some(sender) = self.sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A receiver is kept here, so that sending cannot fail.
            let _ = sender.send(());
        }
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Waits until somebody asks.
    pub(super) async fn requested(&self) {
        let _ = self.requested.clone().await;
    }
}
