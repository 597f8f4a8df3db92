//! What a program may be told of each request, for a log.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One request and how it was answered, told as soon as the answer has begun. It holds no body and no header, so no secret.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use helm_release_core::ports::Cluster as _;
/// use helm_release_store::cluster::KubernetesCluster;
/// use helm_release_store::connection::{Connection, ConnectionOptions, Exchange};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let told = Arc::new(Mutex::new(Vec::new()));
/// let listener = Arc::clone(&told);
/// let mut options = ConnectionOptions::default();
/// options.api_server = Some("http://127.0.0.1:1".to_owned());
/// options.on_exchange = Some(Arc::new(move |exchange: &Exchange<'_>| {
///     listener.lock().unwrap().push((exchange.method.to_owned(), exchange.path.to_owned(), exchange.status));
/// }));
/// let cluster = KubernetesCluster::new(&Connection::open(&options)?);
/// assert!(cluster.kinds(false).await.is_err());
/// // Nobody listens at that port; what may be asked again was asked again.
/// assert!(told.lock().unwrap().iter().all(|(method, _, status)| method == "GET" && status.is_none()));
/// # assert!(!told.lock().unwrap().is_empty());
/// # Ok::<(), helm_release_store::connection::ConnectionError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange<'a> {
    /// `GET`, `PATCH`, …
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Status code of the answer; none when no answer came.
    pub status: Option<u16>,
    /// From sending to the beginning of the answer.
    pub took: Duration,
}

impl fmt::Display for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, status, took } = self;
        match status {
            Some(status) => write!(f, "{method} {path} {status} in {} ms", took.as_millis()),
            None => write!(f, "{method} {path} unanswered after {} ms", took.as_millis()),
        }
    }
}

/// Who is told of each request. It is called between request and answer: let it be quick.
///
/// ```
/// use std::sync::Arc;
///
/// use helm_release_store::connection::{ConnectionOptions, OnExchange};
///
/// let log: OnExchange = Arc::new(|exchange| eprintln!("{exchange}"));
/// let mut options = ConnectionOptions::default();
/// options.on_exchange = Some(log);
/// ```
pub type OnExchange = Arc<dyn Fn(&Exchange<'_>) + Send + Sync>;
