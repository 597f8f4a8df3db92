//! What a storage keeps: payloads under keys, with labels and a version, and what tables need of each.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};

use serde::{Deserialize, Serialize};

use crate::release::Status;
use crate::{Namespace, ReleaseName, Revision};

/// Which record: one revision of one release in one namespace.
///
/// ```
/// use helm_release_core::Revision;
/// use helm_release_core::ports::RecordKey;
///
/// let key = RecordKey { namespace: "default".parse()?, name: "shop".parse()?, revision: Revision::FIRST };
/// assert_eq!(key.to_string(), "default/sh.helm.release.v1.shop.v1");
/// // Keys sort by namespace, name and revision.
/// assert!(key < RecordKey { revision: key.revision.next(), ..key.clone() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// Namespace in which the record lies.
    pub namespace: Namespace,
    /// Release that it belongs to.
    pub name: ReleaseName,
    /// Revision that it describes.
    pub revision: Revision,
}

impl RecordKey {
    /// The name that Helm gives the object of this record: `sh.helm.release.v1.<release>.v<revision>`.
    ///
    /// ```
    /// use helm_release_core::ports::RecordKey;
    ///
    /// let key = RecordKey { namespace: "default".parse()?, name: "shop".parse()?, revision: "12".parse()? };
    /// assert_eq!(key.object_name(), "sh.helm.release.v1.shop.v12");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn object_name(&self) -> String {
        format!("sh.helm.release.v1.{}.v{}", self.name, self.revision)
    }

    /// Reads a key from an object's name, the release's name may contain `.v`.
    ///
    /// ```
    /// use helm_release_core::Namespace;
    /// use helm_release_core::ports::RecordKey;
    ///
    /// let namespace = Namespace::new("default")?;
    /// let key = RecordKey::from_object_name(&namespace, "sh.helm.release.v1.web.v2.v12").ok_or("no record")?;
    /// assert_eq!((key.name.as_str(), key.revision.get()), ("web.v2", 12));
    /// assert_eq!(RecordKey::from_object_name(&namespace, "shop-db"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_object_name(namespace: &Namespace, object_name: &str) -> Option<Self> {
        let (name, revision) = object_name.strip_prefix("sh.helm.release.v1.")?.rsplit_once(".v")?;
        Some(Self { namespace: namespace.clone(), name: name.parse().ok()?, revision: revision.parse().ok()? })
    }
}

impl Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.object_name())
    }
}

/// The state of a stored record that a conditional write expects: opaque, equal only when nothing was written between.
///
/// ```
/// use helm_release_core::ports::{NewRecord, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let key = shop.key(2)?;
/// let before = shop.storage.get(&key).await?;
/// assert_eq!(shop.storage.get(&key).await?.head.version, before.head.version);
///
/// let mut marked = NewRecord { payload: before.payload, labels: before.head.labels };
/// marked.labels.insert("team".to_owned(), "web".to_owned());
/// let after = shop.storage.replace(&key, &before.head.version, &marked).await?;
/// assert_ne!(after.version, before.head.version);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub String);

/// What is known of a record without its payload.
///
/// ```
/// use helm_release_core::ports::{HeadQuery, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
/// let newest = heads.last().ok_or("no revisions")?;
/// assert_eq!(newest.key.revision.get(), 3);
/// assert_eq!(newest.labels["owner"], "helm");
/// assert_eq!(newest.labels["version"], "3");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which record.
    pub key: RecordKey,
    /// State that a conditional write expects.
    pub version: Version,
    /// All labels of the stored object, system labels (`name`, `owner`, `status`, `version`, `createdAt`, `modifiedAt`) included.
    pub labels: BTreeMap<String, String>,
}

impl Head {
    /// The `status` label, which storage queries go by; the payload may disagree.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let heads = shop.storage.heads(&HeadQuery::release(&shop.namespace, &shop.name)).await?;
    /// let labels: Vec<&str> = heads.iter().map(|head| head.status_label()).collect();
    /// assert_eq!(labels, ["superseded", "deployed", "failed"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn status_label(&self) -> &str {
        self.labels.get("status").map_or("", String::as_str)
    }

    /// Whether its label says that the release was uninstalled, or is being.
    pub(crate) fn is_removed(&self) -> bool {
        Status::from(self.status_label().to_owned()).is_removed()
    }
}

/// The bytes of a record as they are stored: usually base64 of gzip of JSON.
///
/// `Debug` prints the length only.
///
/// ```
/// use helm_release_core::codec::{DecodeOptions, decode, encode};
/// use helm_release_core::ports::Payload;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let record = shop.record(2).await?;
/// let payload: Payload = encode(&record);
/// // Base64 of gzip.
/// assert!(payload.0.starts_with(b"H4sI"));
/// assert_eq!(decode(&payload.0, DecodeOptions::default())?.version()?, 2);
/// assert_eq!(format!("{:?}", Payload(b"correct-horse".to_vec())), "Payload(13 bytes)");
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(pub Vec<u8>);

impl Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

/// A record with its payload.
///
/// ```
/// use helm_release_core::codec::{DecodeOptions, decode};
/// use helm_release_core::ports::Storage as _;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let stored = shop.storage.get(&shop.key(3)?).await?;
/// assert_eq!(stored.head.status_label(), "failed");
/// let record = decode(&stored.payload.0, DecodeOptions::default())?;
/// assert!(record.info()?.description.starts_with("Upgrade \"shop\" failed"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// What is known without the payload.
    pub head: Head,
    /// The encoded record.
    pub payload: Payload,
}

/// What a write puts into a record: payload and labels. [`Storage::replace`](super::Storage::replace) says what becomes of labels that are there.
///
/// ```
/// use helm_release_core::codec::encode;
/// use helm_release_core::ports::{NewRecord, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// // A copy of revision 2 as revision 4, as a move of a release to another storage makes it.
/// let labels = [("name", "shop"), ("owner", "helm"), ("status", "superseded"), ("version", "4")];
/// let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned())).into();
/// let new = NewRecord { payload: encode(&shop.record(2).await?), labels };
/// let head = shop.storage.create(&shop.key(4)?, &new).await?;
/// assert_eq!(head.labels, new.labels);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// The encoded record.
    pub payload: Payload,
    /// Labels to set, system labels included.
    pub labels: BTreeMap<String, String>,
}

/// Which heads to list.
///
/// ```
/// use helm_release_core::ports::{HeadQuery, Storage as _};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut query = HeadQuery::default();
/// query.name = Some("shop".parse()?);
/// // The release of that name in every namespace.
/// assert_eq!(shop.storage.heads(&query).await?.len(), 3);
/// query.namespace = Some("kube-system".parse()?);
/// assert_eq!(shop.storage.heads(&query).await?, []);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeadQuery {
    /// Only records in this namespace; `None` means all namespaces.
    pub namespace: Option<Namespace>,
    /// Only records of this release.
    pub name: Option<ReleaseName>,
    /// Kubernetes label selector, such as `team=a,tier!=web`, on top of the other conditions.
    pub selector: Option<String>,
}

impl HeadQuery {
    /// All revisions of one release.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    /// use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// let storage = MemoryStorage::new();
    /// let releases = "[{name: web, version: 1}, {name: web, version: 2}, {name: api, version: 1}]";
    /// load_memory_data(&storage, releases).await?;
    /// let heads = storage.heads(&HeadQuery::release(&"default".parse()?, &"web".parse()?)).await?;
    /// assert_eq!(heads.iter().map(|head| head.key.revision.get()).collect::<Vec<_>>(), [1, 2]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn release(namespace: &Namespace, name: &ReleaseName) -> Self {
        Self { namespace: Some(namespace.clone()), name: Some(name.clone()), selector: None }
    }

    /// All records of a namespace, or of all namespaces.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    /// use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// let storage = MemoryStorage::new();
    /// let releases = "[{name: web, version: 1, namespace: shop}, {name: web, version: 1, namespace: ops}]";
    /// load_memory_data(&storage, releases).await?;
    /// assert_eq!(storage.heads(&HeadQuery::all(Some("shop".parse()?))).await?.len(), 1);
    /// assert_eq!(storage.heads(&HeadQuery::all(None)).await?.len(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn all(namespace: Option<Namespace>) -> Self {
        Self { namespace, ..Self::default() }
    }

    /// Narrows the query by a label selector.
    ///
    /// ```
    /// use helm_release_core::ports::{HeadQuery, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let query = HeadQuery::all(None).with_selector("status in (deployed, failed)");
    /// let heads = shop.storage.heads(&query).await?;
    /// assert_eq!(heads.iter().map(|head| head.key.revision.get()).collect::<Vec<_>>(), [2, 3]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_selector(mut self, selector: impl Into<String>) -> Self {
        self.selector = Some(selector.into());
        self
    }
}
