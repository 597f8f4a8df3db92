//! What a look at a whole release found.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Drifted;
use crate::mask::Masker;
use crate::ports::Location;
use crate::release::Status;
use crate::{Namespace, ReleaseName, Revision};

/// Name and version of the JSON form. A reader refuses a higher version than it knows.
///
/// ```
/// use helm_release_core::drift::{DRIFT_FORMAT, look};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let text = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?.to_json().to_string();
/// // `text` is a report that another program wrote.
/// let report: serde_json::Value = serde_json::from_str(&text)?;
/// if report["format"] != DRIFT_FORMAT {
///     return Err("a report of another version".into());
/// }
/// assert_eq!(report["clean"], false);
/// # Ok(()) });
/// ```
pub const DRIFT_FORMAT: &str = "helm-rollback-safe/drift/v1";

/// What became of an object since the current revision was applied.
///
/// ```
/// use helm_release_core::drift::{Fate, look};
/// use helm_release_store::cluster::MemoryCluster;
/// use serde_json::json;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// // Revision 3 failed half-way: it changed a Deployment of revision 2 and brought a ConfigMap of its own.
/// let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
/// assert_eq!([report.objects[0].fate, report.objects[1].fate], [Fate::Changed, Fate::Extra]);
/// // In an empty cluster nothing is left of it.
/// let report = look(&shop.storage, &MemoryCluster::new(), &shop.namespace, &shop.name).await?;
/// assert!(report.objects.iter().all(|object| object.fate == Fate::Gone));
/// assert_eq!((json!(Fate::Gone), Fate::Gone.to_string()), (json!("gone"), "gone".to_owned()));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Fate {
    /// Fields of it differ.
    Changed,
    /// It is not there.
    Gone,
    /// It is being deleted.
    Leaving,
    /// It is there and belongs to the release, and the current revision does not have it.
    Extra,
}

/// As JSON has it.
impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Leaving => "leaving",
            Self::Extra => "extra",
        })
    }
}

/// An object that is not as the current revision applied it.
///
/// ```
/// use helm_release_core::drift::look;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
/// let [deployment, config] = &report.objects[..] else { panic!("two objects differ") };
/// assert_eq!(deployment.at.to_string(), "Deployment default/shop");
/// let fields: Vec<String> = deployment.fields.iter().map(|field| field.path.to_string()).collect();
/// assert_eq!(fields[2], "spec.template.spec.containers[name=web].image");
/// // Only objects that changed have fields to show.
/// assert!(config.fields.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ObjectDrift {
    /// Where.
    pub at: Location,
    /// What became of it.
    pub fate: Fate,
    /// The fields that differ.
    pub fields: Vec<Drifted>,
}

/// Everything that drifted in a release.
///
/// ```
/// use helm_release_core::drift::look;
/// use helm_release_core::release::Status;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
/// // Revision 3 failed, so that revision 2 is the one that should be live.
/// assert_eq!(report.revision.get(), 2);
/// assert_eq!(report.status, Status::Deployed);
/// assert_eq!(report.objects.len(), 2);
/// assert!(report.unseen.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DriftReport {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// The revision that the cluster was compared with.
    pub revision: Revision,
    /// Its status.
    pub status: Status,
    /// Objects that differ, in the manifest's order.
    pub objects: Vec<ObjectDrift>,
    /// What could not be looked at, and why, one sentence each.
    pub unseen: Vec<String>,
}

impl DriftReport {
    /// Whether nothing drifted. Replicas that an autoscaler holds are meant to move and do not count.
    ///
    /// ```
    /// use helm_release_core::drift::look;
    /// use helm_release_store::cluster::{MemoryCluster, seed};
    /// use helm_release_store::storage::{MemoryStorage, load_memory_data};
    /// # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
    /// # use helm_release_core::{Gvk, Object};
    /// # use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
    /// # let releases = r#"
    /// # - name: web
    /// #   version: 1
    /// #   info: {status: deployed}
    /// #   manifest: |
    /// #     apiVersion: apps/v1
    /// #     kind: Deployment
    /// #     metadata: {name: web}
    /// #     spec:
    /// #       replicas: 2
    /// #       selector: {matchLabels: {app: web}}
    /// #       template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1"}]}}
    /// # "#;
    /// # load_memory_data(&storage, releases).await?;
    /// # seed(&cluster, &storage).await?;
    /// # let at = cluster.kinds(false).await?.find(&Gvk::new("apps/v1", "Deployment")).unwrap().at("default", "web");
    /// # let scale = Request::Patch {
    /// #     at,
    /// #     patch: PatchBody::Merge(json!({"spec": {"replicas": 7}})),
    /// #     manager: "kube-controller-manager".to_owned(),
    /// #     validation: Validation::Ignore,
    /// # };
    /// # cluster.write(&scale, DryRun::No).await?;
    /// # let autoscaler = Object::new(json!({
    /// #     "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
    /// #     "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 9},
    /// # }))?;
    /// # let (namespace, name) = ("default".parse()?, "web".parse()?);
    /// // The Deployment "web" was scaled from 2 to 7.
    /// assert!(!look(&storage, &cluster, &namespace, &name).await?.is_clean());
    /// // With an autoscaler that holds it that is as it should be.
    /// cluster.insert(&autoscaler, "default", "kubectl")?;
    /// let report = look(&storage, &cluster, &namespace, &name).await?;
    /// assert_eq!(report.objects[0].fields[0].held_by.as_deref(), Some("HorizontalPodAutoscaler default/web"));
    /// assert!(report.is_clean());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.objects
            .iter()
            .all(|object| object.fate == Fate::Changed && object.fields.iter().all(|field| field.held_by.is_some()))
    }

    /// The same with every secret value masked, equal values by equal marks.
    ///
    /// ```
    /// use helm_release_core::drift::look;
    /// use helm_release_core::mask::Masker;
    /// # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let kinds = shop.cluster.kinds(false).await?;
    /// # let at = kinds.find(&helm_release_core::Gvk::new("v1", "Secret")).unwrap().at("default", "shop-db");
    /// # let patch = PatchBody::Merge(serde_json::json!({"data": {"password": "aHVudGVyMg=="}}));
    /// # let edit = Request::Patch { at, patch, manager: "kubectl-edit".to_owned(), validation: Validation::Ignore };
    /// # shop.cluster.write(&edit, DryRun::No).await?;
    /// // Somebody has changed the password in Secret "shop-db".
    /// let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let report = report.masked(&mut Masker::default());
    /// let password = &report.objects[0].fields[0];
    /// assert_eq!(password.path.to_string(), "data.password");
    /// assert_eq!(password.was.as_ref().unwrap(), "(masked #1, 20 bytes)");
    /// assert_eq!(password.is.as_ref().unwrap(), "(masked #2, 12 bytes)");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn masked(mut self, masker: &mut Masker) -> Self {
        for object in &mut self.objects {
            let kind = object.at.resource.gvk.kind.as_str();
            for field in &mut object.fields {
                let path = field.path.to_string();
                for value in [&mut field.was, &mut field.is].into_iter().flatten() {
                    masker.mask_field(kind, &path, value);
                }
            }
        }
        self
    }

    /// The report as JSON. Mask it first where Secrets may be in it.
    ///
    /// Members: `format`, `release`, `namespace`, `revision`, `status`, `clean`, `objects` (each `apiVersion`, `kind`, `name`,
    /// `namespace` where the kind has one, `fate`, and `fields`: `path`, `was` and `is` where there is something, `by`
    /// (`manager`, `operation`, `subresource`, `time`), `heldBy` and `leftBy` where they apply), `unseen`.
    ///
    /// ```
    /// use helm_release_core::drift::{DRIFT_FORMAT, look};
    /// use helm_release_core::mask::Masker;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let json = report.masked(&mut Masker::default()).to_json();
    /// assert_eq!(json["format"], DRIFT_FORMAT);
    /// assert_eq!(json["clean"], false);
    /// assert_eq!(json["objects"][0]["fields"][0]["path"], "spec.replicas");
    /// assert_eq!(json["objects"][0]["fields"][0]["leftBy"], 3);
    /// assert_eq!(json["objects"][1]["name"], "shop-feature");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "format": DRIFT_FORMAT,
            "release": self.name,
            "namespace": self.namespace,
            "revision": self.revision,
            "status": self.status,
            "clean": self.is_clean(),
            "objects": self.objects.iter().map(object_json).collect::<Vec<_>>(),
            "unseen": self.unseen,
        })
    }

    /// One partial object for each that changed, with the live values of exactly the fields that differ and null where a field
    /// is gone: what a chart has to say for the cluster to be as it is. Replicas that an autoscaler holds are left out.
    ///
    /// ```
    /// use helm_release_core::drift::look;
    /// use serde_json::json;
    /// # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let kinds = shop.cluster.kinds(false).await?;
    /// # let at = kinds.find(&helm_release_core::Gvk::new("v1", "ConfigMap")).unwrap().at("default", "shop-config");
    /// # let patch = PatchBody::Merge(serde_json::json!({"data": {"motd": "closed"}}));
    /// # let edit = Request::Patch { at, patch, manager: "kubectl-edit".to_owned(), validation: Validation::Ignore };
    /// # shop.cluster.write(&edit, DryRun::No).await?;
    /// // Somebody has edited the message of the day with `kubectl edit`, and wants it to stay.
    /// let report = look(&shop.storage, &shop.cluster, &shop.namespace, &shop.name).await?;
    /// let expected = json!({
    ///     "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shop-config", "namespace": "default"},
    ///     "data": {"motd": "closed"},
    /// });
    /// assert_eq!(report.adoption()[0], expected);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn adoption(&self) -> Vec<Value> {
        let changed = self.objects.iter().filter(|object| object.fate == Fate::Changed);
        let each = changed.filter_map(|object| {
            let mut partial = identity(&object.at);
            let mut metadata = json!({ "name": object.at.name });
            if let Some(namespace) = &object.at.namespace {
                metadata["namespace"] = json!(namespace);
            }
            partial.insert("metadata".to_owned(), metadata);
            let mut partial = Value::Object(partial);
            let fields: Vec<&Drifted> = object.fields.iter().filter(|field| field.held_by.is_none()).collect();
            for field in &fields {
                field.path.set(&mut partial, field.is.clone().unwrap_or_default());
            }
            (!fields.is_empty()).then_some(partial)
        });
        each.collect()
    }
}

fn identity(at: &Location) -> Map<String, Value> {
    let gvk = &at.resource.gvk;
    Map::from_iter([("apiVersion".to_owned(), json!(gvk.api_version())), ("kind".to_owned(), json!(gvk.kind))])
}

fn object_json(object: &ObjectDrift) -> Value {
    let mut json = identity(&object.at);
    json.insert("name".to_owned(), json!(object.at.name));
    if let Some(namespace) = &object.at.namespace {
        json.insert("namespace".to_owned(), json!(namespace));
    }
    json.insert("fate".to_owned(), json!(object.fate));
    json.insert("fields".to_owned(), object.fields.iter().map(field_json).collect());
    Value::Object(json)
}

fn field_json(field: &Drifted) -> Value {
    let mut json = json!({ "path": field.path, "by": field.by });
    let optional = [
        ("was", field.was.clone()),
        ("is", field.is.clone()),
        ("heldBy", field.held_by.as_ref().map(|holder| json!(holder))),
        ("leftBy", field.left_by.map(|revision| json!(revision))),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            json[key] = value;
        }
    }
    json
}

#[cfg(test)]
mod tests;
