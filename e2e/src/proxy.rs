//! A door between a program and the API server, at which the test decides what becomes of each request.
//!
//! Programs speak plain HTTP to it and need no credentials: the door adds those of the namespace's user. Every request is
//! written down; at a chosen one the connection is cut, the answer replaced, or everything brought to a standstill so that
//! the test can end the process.

mod fault;
mod log;

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::cluster::files::open_kubeconfig;

pub use fault::{Act, Fault, Moment, Traffic};
pub use log::{Log, Passed};

/// How long an answer that was handed to the connection may take to reach the process on the other side.
const ON_THE_WAY: Duration = Duration::from_millis(15);

/// The way from doors to the server, in one user's name. Cheap to clone.
#[derive(Clone)]
pub struct Upstream(kube::Client);

impl Upstream {
    pub(crate) fn new(cluster: &Cluster, user: &str) -> Self {
        Self(cluster.client_of(user))
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").finish_non_exhaustive()
    }
}

/// A door. It closes, and every connection through it ends, when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    kubeconfig: TempDir,
    accepting: JoinHandle<()>,
}

struct Shared {
    name: String,
    upstream: Upstream,
    log: Log,
    fault: Mutex<Option<Fault>>,
    /// How many requests of the fault's kind have come.
    counted: AtomicUsize,
    /// How many writes have come; renewals of a lock are not counted, since their number goes by the clock.
    writes: AtomicUsize,
    /// Whether the fault has happened.
    struck: AtomicBool,
    /// Whether every further request waits for ever.
    still: AtomicBool,
    /// How many requests are with the server.
    in_flight: AtomicUsize,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Shared {
    fn fault(&self) -> MutexGuard<'_, Option<Fault>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the server has answered everything that was passed on, so that nothing changes after a death.
    async fn come_to_rest(&self) {
        while self.in_flight.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Proxy {
    /// Opens a door to a namespace; `upstream` says in whose name. Doors with the same log write into it together.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn open(cluster: &Cluster, upstream: Upstream, namespace: &str, log: &Log, name: &str) -> Self {
        let listener = cluster.runtime().block_on(TcpListener::bind(("127.0.0.1", 0))).expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let kubeconfig = tempfile::Builder::new().prefix("helm-rollback-safe-door-").tempdir().expect("a folder can be made");
        fs::write(kubeconfig.path().join("kubeconfig"), open_kubeconfig(&format!("http://127.0.0.1:{port}"), namespace))
            .expect("a kubeconfig can be written");
        let shared = Arc::new(Shared {
            name: name.to_owned(),
            upstream,
            log: log.clone(),
            fault: Mutex::default(),
            counted: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
            struck: AtomicBool::new(false),
            still: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
        });
        let accepting = cluster.runtime().spawn(accept(listener, Arc::clone(&shared)));
        Self { shared, kubeconfig, accepting }
    }

    /// The kubeconfig of whoever goes through this door.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        Path::join(self.kubeconfig.path(), "kubeconfig")
    }

    /// Lets something happen to a request that is yet to come, counted from here.
    pub fn expect(&self, fault: Fault) {
        self.shared.counted.store(0, Ordering::SeqCst);
        self.shared.struck.store(false, Ordering::SeqCst);
        self.shared.still.store(false, Ordering::SeqCst);
        *self.shared.fault() = Some(fault);
    }

    /// Lets everything pass from here on. Requests that wait go on waiting.
    pub fn heal(&self) {
        *self.shared.fault() = None;
        self.shared.still.store(false, Ordering::SeqCst);
    }

    /// Whether the fault has happened; a death is to be brought about by whoever asks.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.shared.struck.load(Ordering::SeqCst)
    }

    /// How many writes have come so far, renewals of a lock not counted.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.shared.writes.load(Ordering::SeqCst)
    }

    /// How many requests of the fault's kind have come since it was expected.
    #[must_use]
    pub fn counted(&self) -> usize {
        self.shared.counted.load(Ordering::SeqCst)
    }

    /// What went through the door.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.shared.log
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        let connection = shared.log.take_connection();
        connections.spawn(async move {
            let service = service_fn(move |request| pass(Arc::clone(&shared), connection, request));
            // A connection that is cut ends in an error: that is what was asked for.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// The connection is to be cut.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl std::error::Error for Cut {}

async fn pass(shared: Arc<Shared>, connection: usize, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Err(Cut) };
    let body = body.to_bytes();
    let entry = shared.log.note(&shared.name, connection, &parts, &body);
    if shared.still.load(Ordering::SeqCst) {
        return wait_for_ever().await;
    }
    let is_write = entry.is_write() && !entry.is_renewal();
    if is_write {
        shared.writes.fetch_add(1, Ordering::SeqCst);
    }
    let act = shared.fault().clone().and_then(|fault| {
        let is_meant = fault.means(&entry);
        let number = if is_meant { shared.counted.fetch_add(1, Ordering::SeqCst) + 1 } else { 0 };
        (fault.nth..fault.nth + fault.times).contains(&number).then_some(fault.act)
    });
    let forward = async {
        let answer = forward(&shared, &parts, body).await;
        shared.log.answered(&entry, answer.as_ref().ok().map(Response::status));
        answer
    };
    let struck = || shared.struck.store(true, Ordering::SeqCst);
    match act {
        None => forward.await,
        Some(Act::Die(Moment::Before)) => {
            shared.still.store(true, Ordering::SeqCst);
            shared.come_to_rest().await;
            struck();
            wait_for_ever().await
        }
        Some(Act::Die(Moment::Unanswered)) => {
            shared.still.store(true, Ordering::SeqCst);
            let _ = whole(forward.await).await;
            shared.come_to_rest().await;
            struck();
            wait_for_ever().await
        }
        Some(Act::Die(Moment::After)) => {
            shared.still.store(true, Ordering::SeqCst);
            let answer = whole(forward.await).await;
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                tokio::time::sleep(ON_THE_WAY).await;
                shared.come_to_rest().await;
                shared.struck.store(true, Ordering::SeqCst);
            });
            answer
        }
        Some(Act::CutBefore) => {
            struck();
            Err(Cut)
        }
        Some(Act::CutAfter) => {
            let _ = whole(forward.await).await;
            struck();
            Err(Cut)
        }
        Some(Act::Stall(time)) => {
            struck();
            tokio::time::sleep(time).await;
            forward.await
        }
        Some(Act::Answer(code)) => {
            struck();
            shared.log.replaced(&entry, code);
            Ok(refusal(code))
        }
        Some(Act::AnswerAfter(code)) => {
            let _ = whole(forward.await).await;
            struck();
            Ok(refusal(code))
        }
    }
}

async fn wait_for_ever() -> Result<Response<Body>, Cut> {
    let never: Result<Infallible, Cut> = std::future::pending().await;
    match never? {}
}

/// An answer with its whole body read.
async fn whole(answer: Result<Response<Body>, Cut>) -> Result<Response<Body>, Cut> {
    let (parts, body) = answer?.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    Ok(Response::from_parts(parts, Body::from(body.to_vec())))
}

/// Headers that belong to one connection, or to whoever sends.
const OF_A_HOP: [header::HeaderName; 5] =
    [header::HOST, header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::AUTHORIZATION];

fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in OF_A_HOP {
        headers.remove(name);
    }
    headers
}

async fn forward(shared: &Arc<Shared>, parts: &http::request::Parts, body: hyper::body::Bytes) -> Result<Response<Body>, Cut> {
    let body = if parts.method == Method::GET { Body::empty() } else { Body::from(body.to_vec()) };
    let mut request = Request::new(body);
    *request.method_mut() = parts.method.clone();
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    *request.uri_mut() = path.parse().map_err(|_| Cut)?;
    *request.headers_mut() = end_to_end(&parts.headers);
    let shared = Arc::clone(shared);
    shared.in_flight.fetch_add(1, Ordering::SeqCst);
    // Once sent a write is done, whatever becomes of the connection that brought it.
    let sending = tokio::spawn(async move {
        let answer = shared.upstream.0.send(request).await;
        shared.in_flight.fetch_sub(1, Ordering::SeqCst);
        answer
    });
    let mut answer = sending.await.map_err(|_| Cut)?.map_err(|_| Cut)?;
    *answer.headers_mut() = end_to_end(answer.headers());
    Ok(answer)
}

/// An answer as the API server words it.
fn refusal(code: u16) -> Response<Body> {
    let reason = match code {
        403 => "Forbidden",
        409 => "Conflict",
        422 => "Invalid",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "InternalError",
    };
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": format!("the door answered {code}"), "reason": reason, "code": code,
    });
    let mut answer = Response::new(Body::from(status.to_string().into_bytes()));
    *answer.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    if code == 429 {
        headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    }
    answer
}
