//! What the server answered before the plan was made: rights, dry runs, and what stands around the release.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Need;
use crate::ports::{ClusterErrorKind, Permission};
use crate::{Object, ObjectId};

/// What the server said to the dry run of a write.
///
/// ```
/// use helm_release_core::inquiry::inquire;
/// use helm_release_core::plan::{DryRunAnswer, Keepers, RollbackOptions};
/// use helm_release_core::ports::ClusterErrorKind;
/// # use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let releases = r#"
/// - name: web
///   version: 1
///   info: {status: superseded, description: Install complete}
///   manifest: |
///     {apiVersion: v1, kind: ConfigMap, metadata: {name: web}}
///     ---
///     {apiVersion: v1, kind: ConfigMap, metadata: {name: Not_A_Name}}
/// - {name: web, version: 2, info: {status: deployed, description: Upgrade complete}}
/// "#;
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// # let options = RollbackOptions::default();
/// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// let answers = inquire(&cluster, &survey, &options, &Keepers::default()).await;
/// let answer = |name: &str| answers.dry_runs.iter().find(|(object, _)| object.name == name).map(|(_, answer)| answer);
/// let Some(DryRunAnswer::Accepted(Some(foreseen))) = answer("web") else { panic!("it would be made") };
/// assert_eq!(foreseen.label("app.kubernetes.io/managed-by"), Some("Helm"));
/// let Some(DryRunAnswer::Refused { kind, .. }) = answer("Not_A_Name") else { panic!("no object may have that name") };
/// assert_eq!(*kind, ClusterErrorKind::Invalid);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DryRunAnswer {
    /// It would take it, and this would come of it; nothing for a deletion of which it says no more.
    Accepted(Option<Box<Object>>),
    /// It would refuse it.
    Refused {
        /// How.
        kind: ClusterErrorKind,
        /// Its words.
        message: String,
    },
    /// It cannot tell, and why.
    Open(String),
}

/// Objects that nobody asked to change and that have a say: quotas, limits, budgets, admission, claims, volumes.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::inquiry::inquire;
/// use helm_release_core::plan::{Keepers, RollbackOptions};
/// use serde_json::json;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// let (metadata, spec) = (json!({"name": "team"}), json!({"hard": {"pods": "10"}}));
/// let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": spec});
/// shop.cluster.insert(&Object::new(quota)?, "default", "kubectl")?;
/// let around = inquire(&shop.cluster, &survey, &options, &Keepers::default()).await.around;
/// assert_eq!(around.objects[0].name(), "team");
/// // Everything that has a say could be listed.
/// assert!(around.hidden.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Around {
    /// All of them.
    pub objects: Vec<Object>,
    /// Kinds that could not be listed, and why.
    pub hidden: Vec<(String, String)>,
}

impl Around {
    /// The objects of one kind.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::plan::Around;
    /// use serde_json::json;
    ///
    /// let mut around = Around::default();
    /// for (kind, name) in [("ResourceQuota", "pods"), ("LimitRange", "containers"), ("ResourceQuota", "volumes")] {
    ///     around.objects.push(Object::new(json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}))?);
    /// }
    /// let quotas: Vec<&str> = around.of_kind("ResourceQuota").map(Object::name).collect();
    /// assert_eq!(quotas, ["pods", "volumes"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects.iter().filter(move |object| object.kind() == kind)
    }

    /// The objects of one kind in a namespace.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::plan::Around;
    /// use serde_json::json;
    ///
    /// let mut around = Around::default();
    /// for namespace in ["shop", "billing"] {
    ///     let metadata = json!({"name": format!("{namespace}-web"), "namespace": namespace});
    ///     let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata});
    ///     around.objects.push(Object::new(budget)?);
    /// }
    /// let budgets: Vec<&str> = around.within("PodDisruptionBudget", Some("shop")).map(Object::name).collect();
    /// assert_eq!(budgets, ["shop-web"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn within<'a>(&'a self, kind: &'a str, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Object> {
        self.of_kind(kind).filter(move |object| object.namespace() == namespace)
    }
}

/// Everything that was asked beforehand. Empty when nobody asked.
///
/// ```
/// use helm_release_core::inquiry::inquire;
/// use helm_release_core::plan::{Keepers, Preflight, RollbackOptions};
/// use helm_release_core::ports::Permission;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let options = RollbackOptions::default().with_preflight(Preflight::All);
/// # let survey = shop.survey(&options).await?;
/// let answers = inquire(&shop.cluster, &survey, &options, &Keepers::default()).await;
/// assert!(answers.needs.iter().all(|(_, given)| given == &[Permission::Allowed]));
/// let tried: Vec<String> = answers.dry_runs.keys().map(ToString::to_string).collect();
/// assert_eq!(tried, ["ConfigMap default/shop-feature", "Deployment default/shop"]);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Answers {
    /// What the run needs, and for each right of it whether it is given.
    pub needs: Vec<(Need, Vec<Permission>)>,
    /// What came of the dry run of each write that was asked about.
    pub dry_runs: BTreeMap<ObjectId, DryRunAnswer>,
    /// What is live at the places of the hooks that will run.
    pub hook_places: BTreeMap<ObjectId, Object>,
    /// The live objects of the kinds whose definitions change, by the definition.
    pub custom_resources: BTreeMap<ObjectId, Vec<Object>>,
    /// The live definitions of those in the folder `crds/` of the target's chart, by name; `None` where there is none.
    pub definitions: BTreeMap<String, Option<Object>>,
    /// What the user's own checks said.
    pub probes: Vec<ProbeAnswer>,
    /// What stands around the release.
    pub around: Around,
    /// How much was asked.
    pub asked: Asked,
}

impl Answers {
    /// Adds what the user's own checks said.
    ///
    /// ```
    /// use helm_release_core::inquiry::inquire;
    /// use helm_release_core::plan::{Keepers, ProbeAnswer, RollbackOptions, plan};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = shop.survey(&options).await?;
    /// let answers = inquire(&shop.cluster, &survey, &options, &Keepers::default()).await;
    /// let says_yes = ProbeAnswer { probe: "Deployment/shop".to_owned(), failure: None };
    /// let plan = plan(&survey.with_answers(answers.with_probes(vec![says_yes])), &options);
    /// assert_eq!(plan.blocking().count(), 0);
    /// assert!(plan.asked.rights > 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_probes(self, probes: Vec<ProbeAnswer>) -> Self {
        Self { probes, ..self }
    }
}

/// What one of the user's own checks said.
///
/// ```
/// use helm_release_core::plan::{Answers, FindingId, ProbeAnswer, RollbackOptions, plan};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// # let waiting = 3;
/// // A check of one's own.
/// let failure = (waiting > 0).then(|| format!("{waiting} orders are waiting"));
/// let answer = ProbeAnswer { probe: "no order is waiting".to_owned(), failure };
/// let plan = plan(&survey.with_answers(Answers::default().with_probes(vec![answer])), &options);
/// let finding = plan.blocking().next().ok_or("the probe says no")?;
/// assert_eq!(finding.id, FindingId::PROBE_FAILED);
/// assert_eq!(finding.what, "the probe \"no order is waiting\" says no: 3 orders are waiting");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeAnswer {
    /// The check, as the user wrote it.
    pub probe: String,
    /// Why it says no; `None` when it says yes.
    pub failure: Option<String>,
}

/// How many questions were asked beforehand.
///
/// ```
/// use helm_release_core::inquiry::inquire;
/// use helm_release_core::plan::{Asked, Keepers, RollbackOptions};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// let answers = inquire(&shop.cluster, &survey, &options, &Keepers::default()).await;
/// // Nothing besides their kinds' own rules may refuse these writes, so none is tried.
/// assert_eq!(answers.asked, Asked { rights: 12, lists: 7, dry_runs: 0 });
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Whether a right is given; many are answered by one request.
    pub rights: usize,
    /// Lists of what stands around.
    pub lists: usize,
    /// Dry runs of writes.
    pub dry_runs: usize,
}

impl Asked {
    /// Whether anything was.
    ///
    /// ```
    /// use helm_release_core::plan::{Answers, Asked};
    ///
    /// // A plan made without questions says so.
    /// assert!(Answers::default().asked.is_nothing());
    /// assert!(!Asked { rights: 12, lists: 0, dry_runs: 0 }.is_nothing());
    /// ```
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}
