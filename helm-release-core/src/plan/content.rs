//! A revision with everything inside it read, placed on the server's kinds.

use crate::api;
use crate::hook::Hook;
use crate::manifest::{ManifestObject, read_objects};
use crate::ports::{Head, Kinds, Location};
use crate::release::{ApplyMethod, ChartMetadata, Info, RecordError};
use crate::{Gvk, Namespace, PackedObject, Record, Revision};

/// An object of a manifest, and where it lies in the cluster.
///
/// ```
/// use helm_release_core::plan::Contents;
/// # use helm_release_core::ports::Cluster as _;
/// # use helm_release_store::cluster::MemoryCluster;
///
/// # examples::run(async {
/// let kinds = MemoryCluster::new().kinds(false).await?;
/// let manifest = "
/// ## Source: web/templates/config.yaml
/// apiVersion: v1
/// kind: ConfigMap
/// metadata: {name: web}
/// ";
/// let contents = Contents::read(manifest, &kinds, &"shop".parse()?);
/// let placed = &contents.placed[0];
/// assert_eq!(placed.location.to_string(), "ConfigMap shop/web");
/// assert_eq!(placed.object.unpack().namespace(), Some("shop"));
/// assert_eq!(placed.source.as_deref(), Some("web/templates/config.yaml"));
/// assert_eq!(placed.converted_from, None);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The object, with a namespace when its kind has one.
    pub object: PackedObject,
    /// Where it lies.
    pub location: Location,
    /// The template that it came from.
    pub source: Option<String>,
    /// The removed version in which the revision has it, when it is written in the one that took its place.
    pub converted_from: Option<Gvk>,
}

/// What becomes of objects in versions that were removed from Kubernetes.
///
/// ```
/// use helm_release_core::plan::{Contents, RemovedApis};
/// # use helm_release_core::ports::Cluster as _;
/// # use helm_release_store::cluster::MemoryCluster;
///
/// # examples::run(async {
/// let kinds = MemoryCluster::new().kinds(false).await?;
/// let manifest = "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: web}, spec: {minAvailable: 1}}";
/// for (removed, placed, unplaced) in [(RemovedApis::Convert, 1, 0), (RemovedApis::Leave, 0, 1)] {
///     let contents = Contents::read_with(manifest, &kinds, &"shop".parse()?, removed);
///     assert_eq!((contents.placed.len(), contents.unplaced.len()), (placed, unplaced));
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RemovedApis {
    /// They are written in the version that took its place, where that is possible.
    Convert,
    /// They have no place, as with Helm.
    #[default]
    Leave,
}

/// An object whose kind the server does not serve.
///
/// ```
/// use helm_release_core::plan::{Contents, RemovedApis};
/// # use helm_release_core::ports::Cluster as _;
/// # use helm_release_store::cluster::MemoryCluster;
///
/// # examples::run(async {
/// let kinds = MemoryCluster::new().kinds(false).await?;
/// let manifest = "
/// {apiVersion: example.com/v1, kind: Widget, metadata: {name: web}}
/// ---
/// {apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: web}}
/// ";
/// let contents = Contents::read_with(manifest, &kinds, &"shop".parse()?, RemovedApis::Convert);
/// let [widget, policy] = &contents.unplaced[..] else { panic!("neither is served") };
/// assert_eq!((widget.gvk.to_string().as_str(), widget.why.as_deref()), ("example.com/v1 Widget", None));
/// assert_eq!(policy.why.as_deref(), Some("it was removed in Kubernetes 1.25 and nothing took its place"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// Its kind.
    pub gvk: Gvk,
    /// Its name.
    pub name: String,
    /// The template that it came from.
    pub source: Option<String>,
    /// Why it has no counterpart that is served, when its version is a removed one.
    pub why: Option<String>,
}

/// A text that was to hold objects, read.
///
/// ```
/// use helm_release_core::plan::Contents;
/// # use helm_release_core::ports::Cluster as _;
/// # use helm_release_store::cluster::MemoryCluster;
///
/// # examples::run(async {
/// let kinds = MemoryCluster::new().kinds(false).await?;
/// let manifest = "
/// {apiVersion: v1, kind: ConfigMap, metadata: {name: web}}
/// ---
/// {apiVersion: example.com/v1, kind: Widget, metadata: {name: web}}
/// ---
/// {apiVersion: v1, kind: Secret, metadata: {}}
/// ";
/// let contents = Contents::read(manifest, &kinds, &"shop".parse()?);
/// assert_eq!(contents.placed[0].location.name, "web");
/// assert_eq!(contents.unplaced[0].gvk.kind, "Widget");
/// assert_eq!(contents.unreadable, ["the Secret in line 6 has no name"]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// Objects with a place, in the text's order.
    pub placed: Vec<Placed>,
    /// Objects without one.
    pub unplaced: Vec<Unplaced>,
    /// What could not be read, one complaint per document.
    pub unreadable: Vec<String>,
}

impl Contents {
    /// Reads a manifest. A namespace that an object leaves out is the release's.
    ///
    /// ```
    /// use helm_release_core::plan::Contents;
    /// # use helm_release_core::ports::Cluster as _;
    /// # use helm_release_store::cluster::MemoryCluster;
    ///
    /// # examples::run(async {
    /// let kinds = MemoryCluster::new().kinds(false).await?;
    /// let manifest = "
    /// {apiVersion: v1, kind: Service, metadata: {name: web}}
    /// ---
    /// {apiVersion: v1, kind: Service, metadata: {name: web, namespace: edge}}
    /// ---
    /// {apiVersion: v1, kind: Namespace, metadata: {name: edge}}
    /// ";
    /// let contents = Contents::read(manifest, &kinds, &"shop".parse()?);
    /// let places: Vec<String> = contents.placed.iter().map(|placed| placed.location.to_string()).collect();
    /// assert_eq!(places, ["Service shop/web", "Service edge/web", "Namespace edge"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn read(manifest: &str, kinds: &Kinds, namespace: &Namespace) -> Self {
        Self::read_with(manifest, kinds, namespace, RemovedApis::Leave)
    }

    /// Reads a manifest, and says what becomes of objects in removed versions.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::plan::{Contents, RemovedApis};
    /// # use helm_release_core::ports::Cluster as _;
    /// # use helm_release_store::cluster::MemoryCluster;
    ///
    /// # examples::run(async {
    /// let kinds = MemoryCluster::new().kinds(false).await?;
    /// let manifest = "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: web}, spec: {minAvailable: 1}}";
    /// let contents = Contents::read_with(manifest, &kinds, &"shop".parse()?, RemovedApis::Convert);
    /// let placed = &contents.placed[0];
    /// assert_eq!(placed.object.unpack().api_version(), "policy/v1");
    /// assert_eq!(placed.converted_from, Some(Gvk::new("policy/v1beta1", "PodDisruptionBudget")));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn read_with(manifest: &str, kinds: &Kinds, namespace: &Namespace, removed: RemovedApis) -> Self {
        let mut contents = Self::default();
        // One after another: a single object is a tree at a time.
        match read_objects(manifest).each(|found| contents.place(found, kinds, namespace, removed)) {
            Ok(()) => contents,
            Err(errors) => Self { unreadable: errors.errors.iter().map(ToString::to_string).collect(), ..Self::default() },
        }
    }

    fn place(&mut self, found: ManifestObject, kinds: &Kinds, namespace: &Namespace, removed: RemovedApis) {
        let ManifestObject { mut object, source, line } = found;
        let gvk = object.gvk();
        let mut converted_from = None;
        let resource = match (kinds.find(&gvk), removed, api::removed(&gvk)) {
            (Some(resource), ..) => resource.clone(),
            (None, RemovedApis::Convert, Some(_)) => match api::successor(&object, kinds) {
                Ok(converted) => {
                    object = converted.object;
                    converted_from = Some(gvk);
                    converted.resource
                }
                Err(why) => {
                    self.unplaced.push(Unplaced { gvk, name: object.name().to_owned(), source, why: Some(why) });
                    return;
                }
            },
            (None, ..) => {
                self.unplaced.push(Unplaced { gvk, name: object.name().to_owned(), source, why: None });
                return;
            }
        };
        if object.name().is_empty() {
            self.unreadable.push(format!("the {} in line {line} has no name", object.kind()));
            return;
        }
        let location = resource.locate(&object, namespace.as_str());
        if let (Some(namespace), None) = (&location.namespace, object.namespace()) {
            object.set_namespace(namespace);
        }
        self.placed.push(Placed { object: PackedObject::new(&object), location, source, converted_from });
    }
}

/// A hook of a revision, its manifest read.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let survey = shop.survey(&RollbackOptions::default()).await?;
/// let read = &survey.target().hooks[0];
/// assert_eq!((read.index, read.hook.name.as_str()), (0, "shop-check"));
/// assert_eq!(read.contents.placed[0].location.to_string(), "Job default/shop-check");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ReadHook {
    /// The hook as stored.
    pub hook: Hook,
    /// Its place among the record's hooks.
    pub index: usize,
    /// What its manifest holds.
    pub contents: Contents,
}

/// A revision of the release, read.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::release::{ApplyMethod, Status};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let survey = shop.survey(&RollbackOptions::default()).await?;
/// let current = survey.current();
/// assert_eq!((current.revision().get(), &current.info.status), (3, &Status::Failed));
/// assert_eq!(current.chart.as_ref().map(|chart| chart.full_name()).as_deref(), Some("shop-1.2.0"));
/// assert_eq!(current.apply_method, ApplyMethod::Ssa);
/// assert_eq!((current.contents.placed.len(), current.hooks.len()), (5, 1));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct RevisionContent {
    /// What the storage says of it.
    pub head: Head,
    /// The record.
    pub record: Record,
    /// Times, status, description, notes.
    pub info: Info,
    /// The chart's metadata.
    pub chart: Option<ChartMetadata>,
    /// Length of the stored payload in bytes.
    pub payload_bytes: usize,
    /// How its objects were written.
    pub apply_method: ApplyMethod,
    /// The objects of its manifest.
    pub contents: Contents,
    /// Its hooks, in stored order.
    pub hooks: Vec<ReadHook>,
}

impl RevisionContent {
    /// Reads everything that a plan needs of a record.
    ///
    /// # Errors
    /// [`RecordError`] when a member has not Helm's form.
    ///
    /// ```
    /// use helm_release_core::codec::{DecodeOptions, decode};
    /// use helm_release_core::plan::RevisionContent;
    /// use helm_release_core::ports::{Cluster as _, Storage as _};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let stored = shop.storage.get(&shop.key(2)?).await?;
    /// let record = decode(&stored.payload.0, DecodeOptions::default())?;
    /// let kinds = shop.cluster.kinds(false).await?;
    /// let revision = RevisionContent::read(stored.head, stored.payload.0.len(), record, &kinds)?;
    /// assert_eq!(revision.info.description, "Upgrade complete");
    /// assert_eq!(revision.contents.placed[0].location.to_string(), "Secret default/shop-db");
    /// # Ok(()) });
    /// ```
    pub fn read(head: Head, payload_bytes: usize, record: Record, kinds: &Kinds) -> Result<Self, RecordError> {
        Self::read_with(head, payload_bytes, record, kinds, RemovedApis::Leave)
    }

    /// The same, and says what becomes of objects in removed versions.
    ///
    /// # Errors
    /// As of [`RevisionContent::read`].
    ///
    /// ```
    /// use helm_release_core::codec::{DecodeOptions, decode};
    /// use helm_release_core::plan::{RemovedApis, RevisionContent};
    /// use helm_release_core::ports::{Cluster as _, HeadQuery, Storage as _};
    /// # use helm_release_store::cluster::MemoryCluster;
    /// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
    /// let releases = r#"
    /// - {name: web, version: 1, info: {status: deployed},
    ///    manifest: "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: web}}"}
    /// "#;
    /// # load_memory_data(&storage, releases).await?;
    /// let head = storage.heads(&HeadQuery::all(None)).await?.remove(0);
    /// let payload = storage.get(&head.key).await?.payload.0;
    /// let (record, kinds) = (decode(&payload, DecodeOptions::default())?, cluster.kinds(false).await?);
    /// let revision = RevisionContent::read_with(head, payload.len(), record, &kinds, RemovedApis::Convert)?;
    /// assert_eq!(revision.contents.placed[0].location.resource.gvk.api_version(), "policy/v1");
    /// # Ok(()) });
    /// ```
    pub fn read_with(
        head: Head,
        payload_bytes: usize,
        record: Record,
        kinds: &Kinds,
        removed: RemovedApis,
    ) -> Result<Self, RecordError> {
        let namespace = head.key.namespace.clone();
        let hooks = record.hooks()?.into_iter().enumerate().map(|(index, hook)| {
            let contents = Contents::read_with(&hook.manifest, kinds, &namespace, removed);
            ReadHook { hook, index, contents }
        });
        Ok(Self {
            info: record.info()?,
            chart: record.chart()?,
            payload_bytes,
            apply_method: record.apply_method()?,
            contents: Contents::read_with(&record.manifest()?, kinds, &namespace, removed),
            hooks: hooks.collect(),
            head,
            record,
        })
    }

    /// Its number.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let survey = shop.survey(&RollbackOptions::default()).await?;
    /// let read: Vec<u32> = survey.revisions.values().map(|content| content.revision().get()).collect();
    /// assert_eq!(read, [2, 3]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.head.key.revision
    }

    /// The object of that group, kind, namespace and name, whatever its version; the last one when there are several.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let survey = shop.survey(&RollbackOptions::default()).await?;
    /// let (current, target) = (survey.current(), survey.target());
    /// let added = current.contents.placed.iter().filter(|placed| target.find(&placed.location).is_none());
    /// let added: Vec<String> = added.map(|placed| placed.location.to_string()).collect();
    /// assert_eq!(added, ["ConfigMap default/shop-feature"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn find(&self, location: &Location) -> Option<&Placed> {
        self.contents.placed.iter().rev().find(|placed| placed.location.is_same_object(location))
    }
}
