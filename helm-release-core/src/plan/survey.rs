//! Everything that was read before a plan is made. Plain data: a plan is a function of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{Answers, RevisionContent, RollbackOptions};
use crate::drift::Autoscalers;
use crate::history::{Choice, History};
use crate::patch::Schemas;
use crate::ports::{Held, Kinds, Location};
use crate::reverse::Around;
use crate::{Namespace, Object, ReleaseName, Revision};

/// What was seen at a place.
///
/// ```
/// use helm_release_core::plan::{RollbackOptions, Seen};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let survey = shop.survey(&RollbackOptions::default()).await?;
/// let told = |seen: &Seen| match seen {
///     Seen::Absent => "nothing".to_owned(),
///     Seen::Live(object) => format!("a {}", object.kind()),
///     Seen::Hidden(why) => format!("it may not be read: {why}"),
/// };
/// let place = &survey.target().contents.placed[0].location;
/// assert_eq!(told(survey.seen(place)), "a Secret");
/// assert_eq!(told(survey.seen(&place.resource.at("default", "other"))), "nothing");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Nothing is there.
    Absent,
    /// This object.
    Live(Object),
    /// It could not be read, and why.
    Hidden(String),
}

impl Seen {
    /// The object, when there is one.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::plan::Seen;
    /// use serde_json::json;
    ///
    /// let live = Seen::Live(Object::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}}))?);
    /// assert_eq!(live.object().map(Object::name), Some("web"));
    /// assert_eq!(Seen::Hidden("secrets is forbidden".to_owned()).object(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Live(object) => Some(object),
            Self::Absent | Self::Hidden(_) => None,
        }
    }
}

/// What was seen of the release's lock.
///
/// ```
/// use helm_release_core::plan::LockSeen;
/// use helm_release_core::ports::{Holder, Lock as _, LockKey};
/// use helm_release_core::survey::look_at_lock;
/// use helm_release_store::lock::LeaseLock;
/// # use jiff::Timestamp;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let lock = LeaseLock::new(shop.cluster.clone());
/// let key = LockKey { namespace: shop.namespace.clone(), name: shop.name.clone() };
/// # let (now, lasts) = (Timestamp::now(), std::time::Duration::from_secs(60));
/// # let (id, who, command) = ("7d1f".to_owned(), "ci@runner".to_owned(), "upgrade shop".to_owned());
/// # let holder = Holder { id, who, process: 42, command, since: now, renewed: now, lasts };
/// lock.create(&key, &holder).await?;
/// let LockSeen::Held(held) = look_at_lock(&lock, &shop.namespace, &shop.name).await else { panic!("somebody holds it") };
/// assert_eq!((held.holder.who.as_str(), held.holder.command.as_str()), ("ci@runner", "upgrade shop"));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LockSeen {
    /// Nobody looked.
    #[default]
    NotLookedAt,
    /// Nobody holds it.
    Free,
    /// Somebody does.
    Held(Held),
    /// It could not be read, and why: there is no right to locks.
    Hidden(String),
}

/// The world as it was when the plan was made.
///
/// ```
/// use helm_release_core::plan::{LockSeen, RollbackOptions};
/// use helm_release_core::survey::survey;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let options = RollbackOptions::default();
/// let survey = survey(&shop.storage, &shop.cluster, &shop.namespace, &shop.name, &options).await?;
/// assert_eq!((survey.history.heads().len(), survey.choice.revision.get()), (3, 2));
/// assert!(survey.unreadable.is_empty());
/// assert!(survey.current().contents.placed.iter().all(|placed| survey.live.contains_key(&placed.location)));
/// // The lock and the server's answers come later, if at all.
/// assert_eq!(survey.lock, LockSeen::NotLookedAt);
/// assert!(survey.answers.asked.is_nothing());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct Survey {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// All its revisions.
    pub history: History,
    /// The revision to return to, and why.
    pub choice: Choice,
    /// The revisions that were read: current, target and baseline.
    pub revisions: BTreeMap<Revision, RevisionContent>,
    /// The newest readable revision: an older one than [`History::latest`] when the record of that cannot be read.
    pub current: Revision,
    /// The revisions that may have left objects, newest first; those that cannot be read are in `unreadable`.
    pub baseline: Vec<Revision>,
    /// Revisions of the baseline that cannot be read, and why.
    pub unreadable: Vec<(Revision, String)>,
    /// The kinds that the server serves.
    pub kinds: Arc<Kinds>,
    /// How lists of built-in kinds are merged.
    pub schemas: Arc<Schemas>,
    /// What is live at every place that a revision names.
    pub live: BTreeMap<Location, Seen>,
    /// How many objects there are of the kinds that definitions in the baseline bring.
    pub instances: BTreeMap<Location, usize>,
    /// The autoscalers beside the target's workloads.
    pub autoscalers: Autoscalers,
    /// What else decides about changes of live objects.
    pub surroundings: Surroundings,
    /// The release's lock.
    pub lock: LockSeen,
    /// What time it was.
    pub looked: Timestamp,
    /// What the server answered beforehand; empty when nobody asked.
    pub answers: Answers,
}

impl Survey {
    /// Adds what was seen of the release's lock, and when.
    ///
    /// ```
    /// use helm_release_core::plan::{FindingId, LockSeen, RollbackOptions, plan};
    /// use jiff::Timestamp;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = shop.survey(&options).await?;
    /// let seen = LockSeen::Hidden("leases is forbidden".to_owned());
    /// let plan = plan(&survey.with_lock(seen, Timestamp::now()), &options);
    /// assert!(plan.findings.iter().any(|finding| finding.id == FindingId::NO_LOCK));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_lock(self, lock: LockSeen, looked: Timestamp) -> Self {
        Self { lock, looked, ..self }
    }

    /// Adds what the server answered beforehand ([`crate::inquiry::inquire`]).
    ///
    /// ```
    /// use helm_release_core::inquiry::inquire;
    /// use helm_release_core::plan::{DryRunAnswer, Keepers, Preflight, RollbackOptions, plan};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let options = RollbackOptions::default().with_preflight(Preflight::All);
    /// # let survey = shop.survey(&options).await?;
    /// let answers = inquire(&shop.cluster, &survey, &options, &Keepers::default()).await;
    /// let plan = plan(&survey.with_answers(answers), &options);
    /// let mut writes = plan.steps.iter().filter(|step| step.action.writes_object());
    /// assert!(writes.all(|step| matches!(step.dry_run, Some(DryRunAnswer::Accepted(_)))));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_answers(self, answers: Answers) -> Self {
        Self { answers, ..self }
    }

    /// The newest readable revision.
    ///
    /// # Panics
    /// Never for a survey made by [`crate::survey::survey`], which reads it first.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::release::Status;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let survey = shop.survey(&RollbackOptions::default()).await?;
    /// let current = survey.current();
    /// assert_eq!((current.revision().get(), &current.info.status), (3, &Status::Failed));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn current(&self) -> &RevisionContent {
        &self.revisions[&self.current]
    }

    /// The revision to return to.
    ///
    /// # Panics
    /// Never for a survey made by [`crate::survey::survey`], which reads it first.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let survey = shop.survey(&RollbackOptions::default()).await?;
    /// let target = survey.target();
    /// assert_eq!(target.revision(), survey.choice.revision);
    /// assert_eq!(target.chart.as_ref().map(|chart| chart.app_version.as_str()), Some("1.1"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn target(&self) -> &RevisionContent {
        &self.revisions[&self.choice.revision]
    }

    /// The number that the new record takes.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let survey = shop.survey(&RollbackOptions::default()).await?;
    /// // A rollback goes on upwards.
    /// assert_eq!((survey.current.get(), survey.new_revision().get()), (3, 4));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new_revision(&self) -> Revision {
        self.history.latest().map_or(self.current, |head| head.key.revision).next()
    }

    /// The revisions that may have left objects, newest first.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let survey = shop.survey(&RollbackOptions::default()).await?;
    /// // The failed upgrade to 3 wrote over what 2 had deployed; nothing of 1 is left.
    /// let baseline: Vec<u32> = survey.baseline().map(|content| content.revision().get()).collect();
    /// assert_eq!(baseline, [3, 2]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn baseline(&self) -> impl DoubleEndedIterator<Item = &RevisionContent> {
        self.baseline.iter().filter_map(|revision| self.revisions.get(revision))
    }

    /// What decides about changes of a live object.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::plan::RollbackOptions;
    /// use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let mut survey = shop.survey(&RollbackOptions::default()).await?;
    /// let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"}});
    /// survey.surroundings.storage_classes.insert("fast".to_owned(), Object::new(class)?);
    /// let claim = json!({
    ///     "apiVersion": "v1", "kind": "PersistentVolumeClaim",
    ///     "metadata": {"name": "orders"}, "spec": {"storageClassName": "fast"},
    /// });
    /// let claim = Object::new(claim)?;
    /// let at = survey.kinds.find(&claim.gvk()).ok_or("claims are served")?.locate(&claim, "default");
    /// assert_eq!(survey.around(&at, &claim).storage_class.map(Object::name), Some("fast"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn around(&self, location: &Location, live: &Object) -> Around<'_> {
        let class = live.at(&["spec", "storageClassName"]).and_then(Value::as_str);
        let definition = format!("{}.{}", location.resource.plural, location.resource.gvk.group);
        Around::default()
            .with_storage_class(class.and_then(|class| self.surroundings.storage_classes.get(class)))
            .with_definition(self.surroundings.definitions.get(&definition))
            .with_instances(self.instances.get(location).copied())
    }

    /// What was seen at a place; nothing when it was not looked at.
    ///
    /// ```
    /// use helm_release_core::Object;
    /// use helm_release_core::plan::{RollbackOptions, Seen};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let survey = shop.survey(&RollbackOptions::default()).await?;
    /// let only_current = &survey.current().contents.placed[4].location;
    /// assert_eq!(survey.seen(only_current).object().map(Object::name), Some("shop-feature"));
    /// // Nobody looked there.
    /// assert_eq!(survey.seen(&only_current.resource.at("billing", "shop-feature")), &Seen::Absent);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn seen(&self, location: &Location) -> &Seen {
        self.live.get(location).unwrap_or(&Seen::Absent)
    }
}

/// What else decides about changes of live objects.
///
/// ```
/// use helm_release_core::Object;
/// use helm_release_core::plan::RollbackOptions;
/// use serde_json::json;
/// # use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::{MemoryCluster, seed};
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let releases = r#"
/// - {name: web, version: 1, info: {status: superseded, description: Install complete}}
/// - name: web
///   version: 2
///   info: {status: deployed, description: Upgrade complete}
///   manifest: |
///     apiVersion: v1
///     kind: PersistentVolumeClaim
///     metadata: {name: orders}
///     spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
/// "#;
/// let class = json!({
///     "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"},
///     "provisioner": "example.com/disks", "allowVolumeExpansion": true,
/// });
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, releases).await?;
/// # seed(&cluster, &storage).await?;
/// cluster.insert(&Object::new(class)?, "", "kubectl")?;
/// # let options = RollbackOptions::default();
/// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// let surroundings = &survey.surroundings;
/// assert_eq!(surroundings.storage_classes["fast"].at(&["allowVolumeExpansion"]), Some(&json!(true)));
/// assert!(surroundings.definitions.is_empty() && !surroundings.is_resumed);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surroundings {
    /// Storage classes by name.
    pub storage_classes: BTreeMap<String, Object>,
    /// Definitions of custom resources by their name, such as `widgets.example.com`.
    pub definitions: BTreeMap<String, Object>,
    /// Objects that an interrupted rollback deleted to make others in their place: uid, and what it was, by its journal.
    pub exchanged: BTreeMap<Location, (String, Object)>,
    /// Whether it is gone on with a run that was cut off: the current record is its own, and so are the hooks there.
    pub is_resumed: bool,
}

/// A danger that a plan looks for. One rule, one kind of danger.
///
/// Most of what a rule needs is in the steps: [`Step::object`] says which object, [`Step::changes`] which fields get which
/// values, [`Step::seen`] what is live. The objects of a revision's manifest are packed: [`Placed::location`] says which one it
/// is, and [`PackedObject::unpack`] opens it.
///
/// [`Step::object`]: super::Step::object
/// [`Step::changes`]: super::Step::changes
/// [`Step::seen`]: super::Step::seen
/// [`Placed::location`]: super::Placed::location
/// [`PackedObject::unpack`]: crate::PackedObject::unpack
///
/// ```
/// use helm_release_core::plan::{Action, Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, plan_with};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// #[derive(Debug)]
/// struct NothingGoes;
///
/// impl Rule for NothingGoes {
///     fn look(&self, _survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
///         let gone = steps.iter().filter(|step| step.action == Action::Delete).filter_map(Step::object);
///         let id = FindingId::custom("nothing-goes");
///         gone.map(|object| Finding::new(id.clone(), Severity::Block, "it would go", "the sale is on").about(object)).collect()
///     }
/// }
///
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// let plan = plan_with(&survey, &options, &[Box::new(NothingGoes)]);
/// let blocking: Vec<_> = plan.blocking().filter_map(|finding| finding.object.as_ref()).collect();
/// assert_eq!(blocking[0].to_string(), "ConfigMap default/shop-feature");
/// # Ok(()) });
/// ```
pub trait Rule: std::fmt::Debug + Send + Sync {
    /// Looks at what was read and at the steps that follow from it.
    ///
    /// ```
    /// use helm_release_core::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// #[derive(Debug)]
    /// struct Far;
    ///
    /// impl Rule for Far {
    ///     fn look(&self, survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
    ///         match survey.current().revision().get() - survey.target().revision().get() {
    ///             0 | 1 => Vec::new(),
    ///             far => {
    ///                 let what = format!("it goes back {far} revisions");
    ///                 vec![Finding::new(FindingId::custom("far"), Severity::Caution, what, "nobody tries that often")]
    ///             }
    ///         }
    ///     }
    /// }
    ///
    /// let options = RollbackOptions::default();
    /// assert_eq!(Far.look(&shop.survey(&options).await?, &options, &[]), []);
    /// let options = options.with_selector("1".parse()?);
    /// assert_eq!(Far.look(&shop.survey(&options).await?, &options, &[])[0].what, "it goes back 2 revisions");
    /// # Ok(()) });
    /// ```
    fn look(&self, survey: &Survey, options: &RollbackOptions, steps: &[super::Step]) -> Vec<super::Finding>;
}
