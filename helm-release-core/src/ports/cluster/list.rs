//! Lists of objects, and what a watch tells after one.

use futures::stream::BoxStream;

use super::ClusterError;
use crate::Object;

/// Which objects to list or watch.
///
/// ```
/// use helm_release_core::ports::ListOptions;
///
/// let options = ListOptions::within(Some("shop")).with_labels("app=web").with_fields("status.phase=Running");
/// assert_eq!(options.namespace.as_deref(), Some("shop"));
/// assert_eq!(options.labels.as_deref(), Some("app=web"));
/// assert_eq!(options.fields.as_deref(), Some("status.phase=Running"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListOptions {
    /// Only in this namespace; `None` means everywhere.
    pub namespace: Option<String>,
    /// Kubernetes label selector.
    pub labels: Option<String>,
    /// Kubernetes field selector, such as `metadata.name=web`.
    pub fields: Option<String>,
    /// How many objects there are at most, the first ones in the server's order, which is that of names; `None` for all.
    pub at_most: Option<usize>,
}

impl ListOptions {
    /// Everything in one namespace, or everywhere.
    ///
    /// ```
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # use helm_release_core::{Gvk, Object};
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let note = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "proxy"}});
    /// # shop.cluster.insert(&Object::new(note)?, "kube-system", "kubectl")?;
    /// # let kinds = shop.cluster.kinds(false).await?;
    /// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
    /// // Two ConfigMaps lie in namespace `default`, one in `kube-system`.
    /// let here = shop.cluster.list(config_maps, &ListOptions::within(Some("default"))).await?;
    /// let everywhere = shop.cluster.list(config_maps, &ListOptions::within(None)).await?;
    /// assert_eq!((here.items.len(), everywhere.items.len()), (2, 3));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn within(namespace: Option<&str>) -> Self {
        Self { namespace: namespace.map(str::to_owned), ..Self::default() }
    }

    /// Narrows by a label selector.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let pods = kinds.find(&Gvk::new("v1", "Pod")).ok_or("not served")?;
    /// let options = ListOptions::within(Some("default")).with_labels("app=shop");
    /// let all = shop.cluster.list(pods, &options).await?.items;
    /// // The pods of the failed upgrade have a label that the others do not have.
    /// let failing = shop.cluster.list(pods, &options.with_labels("app=shop,test/kubelet=pull")).await?.items;
    /// assert!(failing.len() < all.len());
    /// assert!(failing.iter().all(|pod| pod.label("test/kubelet") == Some("pull")));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_labels(mut self, selector: impl Into<String>) -> Self {
        self.labels = Some(selector.into());
        self
    }

    /// Narrows by a field selector.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
    /// // A list of one object, from which a watch of that one object can begin.
    /// let options = ListOptions::within(Some("default")).with_fields("metadata.name=shop-config");
    /// let listing = shop.cluster.list(config_maps, &options).await?;
    /// assert_eq!(listing.items.len(), 1);
    /// assert_eq!(listing.items[0].name(), "shop-config");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_fields(mut self, selector: impl Into<String>) -> Self {
        self.fields = Some(selector.into());
        self
    }

    /// Asks for the first so many objects alone.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::ports::{Cluster as _, ListOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let pods = kinds.find(&Gvk::new("v1", "Pod")).ok_or("not served")?;
    /// let failing = ListOptions::within(Some("default")).with_labels("test/kubelet=pull");
    /// assert!(shop.cluster.list(pods, &failing).await?.items.len() > 1);
    /// // Whether there is any at all is known by one.
    /// assert_eq!(shop.cluster.list(pods, &failing.at_most(1)).await?.items.len(), 1);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn at_most(mut self, count: usize) -> Self {
        self.at_most = Some(count);
        self
    }
}

/// A list of objects and the moment of the cluster that it shows.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::ports::{Cluster as _, ListOptions};
/// use serde_json::json;
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// let before = shop.cluster.list(config_maps, &ListOptions::default()).await?;
/// let motd = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "motd"}}))?;
/// shop.cluster.insert(&motd, "default", "kubectl")?;
/// let after = shop.cluster.list(config_maps, &ListOptions::default()).await?;
/// assert_eq!(after.items.len(), before.items.len() + 1);
/// // The cluster has moved on since, and a watch from `before` would tell how.
/// assert_ne!(after.resource_version, before.resource_version);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct Listing {
    /// The objects.
    pub items: Vec<Object>,
    /// The `resourceVersion` from which a watch goes on without a gap.
    pub resource_version: String,
}

/// What a watch tells.
///
/// ```
/// use futures::StreamExt as _;
/// use helm_release_core::Object;
/// use helm_release_core::ports::{Cluster as _, DryRun, ListOptions, Preconditions, Propagation, Request, WatchEvent};
/// use serde_json::json;
///
/// # use helm_release_core::Gvk;
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let kinds = shop.cluster.kinds(false).await?;
/// # let config_maps = kinds.find(&Gvk::new("v1", "ConfigMap")).ok_or("not served")?;
/// # let options = ListOptions::within(Some("default"));
/// # let from = shop.cluster.list(config_maps, &options).await?.resource_version;
/// let mut events = shop.cluster.watch(config_maps, &options, &from).await?;
/// let motd = Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "motd"}}))?;
/// shop.cluster.insert(&motd, "default", "kubectl")?;
/// let event = events.next().await.ok_or("the watch ended")??;
/// assert!(matches!(event, WatchEvent::Changed(object) if object.name() == "motd"));
///
/// let (at, propagation) = (config_maps.at("default", "motd"), Propagation::Background);
/// let delete = Request::Delete { at, propagation, preconditions: Preconditions::default() };
/// shop.cluster.write(&delete, DryRun::No).await?;
/// let event = events.next().await.ok_or("the watch ended")??;
/// assert!(matches!(event, WatchEvent::Deleted(last) if last.name() == "motd"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub enum WatchEvent {
    /// The object was created or changed.
    Changed(Object),
    /// The object is gone; its last state.
    Deleted(Object),
}

/// A stream of changes. An error of kind [`ClusterErrorKind::Expired`](super::ClusterErrorKind::Expired) means: list again, then watch from there.
/// A stream that ends without an error may simply be watched again from the last version seen.
///
/// ```
/// use futures::StreamExt as _;
/// use helm_release_core::Object;
/// use helm_release_core::ports::{ClusterError, ClusterErrorKind, WatchEvent, WatchStream};
/// use serde_json::json;
///
/// /// Follows a watch to its end; says whether the objects have to be listed again.
/// async fn follow(mut events: WatchStream, seen: &mut Vec<String>) -> bool {
///     while let Some(event) = events.next().await {
///         match event {
///             Ok(WatchEvent::Changed(object) | WatchEvent::Deleted(object)) => seen.push(object.name().to_owned()),
///             Err(error) => return error.kind == ClusterErrorKind::Expired,
///         }
///     }
///     false
/// }
///
/// # examples::run(async {
/// // What a cluster of one's own might answer in a test.
/// let web = Object::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0"}}))?;
/// let expired = ClusterError::new(ClusterErrorKind::Expired, "watch pods", "too old resource version");
/// let stream = futures::stream::iter([Ok(WatchEvent::Changed(web)), Err(expired)]).boxed();
/// let mut seen = Vec::new();
/// assert!(follow(stream, &mut seen).await);
/// assert_eq!(seen, ["web-0"]);
/// # Ok(()) });
/// ```
pub type WatchStream = BoxStream<'static, Result<WatchEvent, ClusterError>>;
