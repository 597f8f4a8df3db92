//! Why a cluster did not do what it was asked.

/// What kind of failure it was, by what a caller can do about it.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::{Cluster as _, ClusterError, ClusterErrorKind};
/// use serde_json::json;
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// fn kind<T>(result: Result<T, ClusterError>) -> Option<ClusterErrorKind> {
///     result.err().map(|error| error.kind)
/// }
/// let missing = shop.cluster.get(&config_maps.at("default", "motd")).await;
/// assert_eq!(kind(missing), Some(ClusterErrorKind::NotFound));
///
/// let config = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shop-config"}}))?;
/// let there = shop.cluster.insert(&config, "default", "kubectl");
/// assert_eq!(kind(there), Some(ClusterErrorKind::AlreadyExists));
///
/// let wrong = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "Not A Name"}}))?;
/// let refused = shop.cluster.insert(&wrong, "default", "kubectl");
/// assert_eq!(kind(refused), Some(ClusterErrorKind::Invalid));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClusterErrorKind {
    /// The object is not there (HTTP 404).
    NotFound,
    /// The object is there already (409, reason `AlreadyExists`).
    AlreadyExists,
    /// A precondition does not hold, or somebody wrote between (409).
    Conflict,
    /// A server-side apply met fields of other managers (409 with `FieldManagerConflict` causes).
    FieldManagers,
    /// The server refused the object as it is (400, 422).
    Invalid,
    /// The right to do it is missing (401, 403).
    Forbidden,
    /// The `resourceVersion` is too old: list again (410).
    Expired,
    /// The server asks to come later; nothing was done (429).
    Busy,
    /// The server cannot be reached; nothing was done.
    Unreachable,
    /// It is not known whether the write was done: connection lost, time-out, 5xx.
    Ambiguous,
    /// Anything else.
    Other,
}

/// A request that failed: what was tried, and what the server said. Never holds values of Secrets.
///
/// ```
/// use helm_release_core::Gvk;
/// use helm_release_core::ports::Cluster as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let kinds = shop.cluster.kinds(false).await?;
/// let deployments = kinds.find(&Gvk::new("apps/v1", "Deployment")).ok_or("not served")?;
/// let error = shop.cluster.get(&deployments.at("default", "web")).await.err().ok_or("it is there")?;
/// assert_eq!(error.action, "get Deployment default/web");
/// assert_eq!(error.message, r#"deployments.apps "web" not found"#);
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{action}: {message}")]
#[non_exhaustive]
pub struct ClusterError {
    /// What kind of failure it was.
    pub kind: ClusterErrorKind,
    /// What was tried, such as `patch Deployment default/web`.
    pub action: String,
    /// What the server or the connection said, in one line.
    pub message: String,
}

impl ClusterError {
    /// A failure of that kind.
    ///
    /// ```
    /// use helm_release_core::ports::{ClusterError, ClusterErrorKind};
    ///
    /// // What a cluster of one's own says when it is asked too often.
    /// let error = ClusterError::new(ClusterErrorKind::Busy, "list pods", "too many requests");
    /// assert_eq!(error.to_string(), "list pods: too many requests");
    /// assert_eq!(error.kind, ClusterErrorKind::Busy);
    /// ```
    pub fn new(kind: ClusterErrorKind, action: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, action: action.into(), message: message.into() }
    }
}
