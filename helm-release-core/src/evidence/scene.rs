//! What a failed run knows of itself.

use std::time::Duration;

use jiff::Timestamp;

use super::Moment;
use crate::patch::FieldChange;
use crate::plan::{Action, Plan, PlannedHook, Subject};
use crate::ports::Location;
use crate::run::{FailedPhase, RunError};
use crate::{Namespace, ReleaseName, Revision};

/// How much is collected at most, and how long it may take.
///
/// ```
/// use helm_release_core::evidence::Limits;
/// use std::time::Duration;
///
/// let mut limits = Limits::default();
/// assert_eq!((limits.time, limits.pods, limits.log_lines), (Duration::from_secs(10), 50, 50));
/// limits.log_lines = 500;
/// assert_ne!(limits, Limits::default());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How long the whole collection may take; 10 s unless set.
    pub time: Duration,
    /// Requests under way at once; 8 unless set.
    pub at_once: usize,
    /// Objects that are read again; 100 unless set.
    pub objects: usize,
    /// Pods that are kept; 50 unless set.
    pub pods: usize,
    /// Containers whose logs are read; 20 unless set.
    pub containers: usize,
    /// Last lines that are read of each log; 50 unless set.
    pub log_lines: u32,
    /// Events of the cluster that are kept, the newest; 100 unless set.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(10), at_once: 8, objects: 100, pods: 50, containers: 20, log_lines: 50, events: 100 }
    }
}

impl Limits {
    /// Sets how long the whole collection may take.
    ///
    /// ```
    /// use helm_release_core::evidence::Limits;
    /// use std::time::Duration;
    ///
    /// let patient = Limits::default().with_time(Duration::from_secs(60));
    /// assert_eq!(patient.time, Duration::from_secs(60));
    /// assert_eq!(patient.pods, Limits::default().pods);
    /// ```
    #[must_use]
    pub fn with_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Sets of how many containers the logs are read.
    ///
    /// ```
    /// use helm_release_core::evidence::{Limits, collect};
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::{Concerned, Scene};
    /// # use helm_release_core::plan::{Action, RollbackOptions};
    /// # use helm_release_core::ports::Cluster as _;
    /// # use helm_release_core::{Gvk, Object};
    /// # use serde_json::json;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let pod = json!({
    /// #     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"test/kubelet": "crash"}},
    /// #     "spec": {"containers": [{"name": "main", "image": "web:1"}]},
    /// # });
    /// # shop.cluster.insert(&Object::new(pod)?, "default", "helm")?;
    /// # shop.cluster.set_logs("default", "web", "main", "starting\npanic: no database\n\n");
    /// # let at = shop.cluster.kinds(false).await?.find(&Gvk::new("v1", "Pod")).unwrap().at("default", "web");
    /// # let mut scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// # scene.objects = vec![Concerned::new(at, Action::Create)];
    /// // One container crashes, and no log is wanted.
    /// let scene = scene.with_limits(Limits::default().with_containers(0));
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// assert!(evidence.pods[0].containers[0].log.is_empty());
    /// assert_eq!(evidence.unread, ["the logs of 1 further container in trouble were not read"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_containers(mut self, containers: usize) -> Self {
        self.containers = containers;
        self
    }
}

/// An object of the release, and what the run did to it or was about to do.
///
/// ```
/// use helm_release_core::evidence::Scene;
/// use helm_release_core::plan::Action;
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// let deployment = &scene.objects[3];
/// assert_eq!(deployment.at.to_string(), "Deployment default/shop");
/// assert_eq!(deployment.action, Action::Patch);
/// assert_eq!(deployment.changes.len(), 3);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Concerned {
    /// Where it is.
    pub at: Location,
    /// What was to be done to it.
    pub action: Action,
    /// The fields that this changes; [`collect`](super::collect) masks them.
    pub changes: Vec<FieldChange>,
}

impl Concerned {
    /// An object and what was to be done to it.
    ///
    /// ```
    /// use helm_release_core::Gvk;
    /// use helm_release_core::evidence::Concerned;
    /// use helm_release_core::plan::Action;
    /// use helm_release_core::ports::{Resource, Scope};
    ///
    /// let jobs = Resource { gvk: Gvk::new("batch/v1", "Job"), plural: "jobs".to_owned(), scope: Scope::Namespaced };
    /// let concerned = Concerned::new(jobs.at("default", "migrate"), Action::Create);
    /// assert_eq!(concerned.at.to_string(), "Job default/migrate");
    /// assert!(concerned.changes.is_empty());
    /// ```
    #[must_use]
    pub fn new(at: Location, action: Action) -> Self {
        Self { at, action, changes: Vec::new() }
    }

    /// Adds the fields that this changes.
    ///
    /// ```
    /// use helm_release_core::evidence::{Concerned, collect};
    /// use helm_release_core::patch::FieldChange;
    /// use helm_release_core::plan::Action;
    /// use helm_release_store::clock::SystemClock;
    /// use serde_json::json;
    /// # use helm_release_core::evidence::Scene;
    /// # use helm_release_core::plan::RollbackOptions;
    /// # use helm_release_core::Gvk;
    /// # use helm_release_core::ports::Cluster as _;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let mut scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// # let at = shop.cluster.kinds(false).await?.find(&Gvk::new("v1", "Secret")).unwrap().at("default", "shop-db");
    /// let change = FieldChange::new("data.password", Some(json!("aHVudGVyMg==")), None);
    /// // `at` is where Secret "shop-db" lies.
    /// scene.objects = vec![Concerned::new(at, Action::Patch).with_changes(vec![change])];
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// assert_eq!(evidence.objects[0].changes[0].path, "data.password");
    /// assert_eq!(evidence.objects[0].changes[0].before, Some(json!("(masked #1, 12 bytes)")));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_changes(mut self, changes: Vec<FieldChange>) -> Self {
        self.changes = changes;
        self
    }
}

/// The hook that failed.
///
/// ```
/// use helm_release_core::evidence::Scene;
/// use helm_release_core::run::{FailedPhase, RunError};
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// let error = RunError::Hook {
///     event: "post-rollback".to_owned(),
///     hook: "Job shop-check".to_owned(),
///     reason: "the shop is closed".to_owned(),
/// };
/// let scene = Scene::of_plan(&plan, FailedPhase::PostHooks, &error, jiff::Timestamp::now());
/// let hook = scene.hook.expect("a hook failed");
/// assert_eq!((hook.event.as_str(), hook.reason.as_str()), ("post-rollback", "the shop is closed"));
/// assert_eq!(hook.objects[0].to_string(), "Job default/shop-check");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedHook {
    /// Its moment, such as `pre-rollback`.
    pub event: String,
    /// Kind and name.
    pub hook: String,
    /// Why, as far as the run knows.
    pub reason: String,
    /// Where its objects are, or were.
    pub objects: Vec<Location>,
}

impl FailedHook {
    /// A hook, by its moment and its objects.
    ///
    /// ```
    /// use helm_release_core::evidence::{FailedHook, Scene, collect};
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let mut scene = Scene::told(&plan, "a hook failed", jiff::Timestamp::now());
    /// scene.hook = Some(FailedHook::new("post-rollback", "Job shop-check", "the shop is closed", Vec::new()));
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// assert_eq!(evidence.cause().sentence, "The post-rollback hook Job shop-check failed: the shop is closed");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(event: impl Into<String>, hook: impl Into<String>, reason: impl Into<String>, objects: Vec<Location>) -> Self {
        Self { event: event.into(), hook: hook.into(), reason: reason.into(), objects }
    }
}

/// Where a run failed: everything from which a collection of evidence starts. Plain data.
///
/// ```
/// use helm_release_core::evidence::{Limits, Scene};
/// # use helm_release_core::plan::RollbackOptions;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// let mut scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
/// assert_eq!((scene.release.as_str(), scene.new_revision), ("shop", plan.new_revision));
/// assert_eq!(scene.limits, Limits::default());
/// // What one knows better can be set.
/// scene.objects.retain(|concerned| concerned.at.resource.gvk.kind == "Deployment");
/// assert_eq!(scene.objects.len(), 1);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scene<'a> {
    /// The release's name.
    pub release: &'a ReleaseName,
    /// The release's namespace.
    pub namespace: &'a Namespace,
    /// The revision from which the rollback started.
    pub from: Revision,
    /// The revision to which it was to return.
    pub to: Revision,
    /// The number of the failed revision.
    pub new_revision: Revision,
    /// When the run began.
    pub began: Timestamp,
    /// Where it stopped, when that is known.
    pub phase: Option<FailedPhase>,
    /// The first error, where there is more of it than its text.
    pub error: Option<&'a RunError>,
    /// The text of the first error.
    pub said: String,
    /// The hook that failed, when it was one.
    pub hook: Option<FailedHook>,
    /// The objects of the release.
    pub objects: Vec<Concerned>,
    /// What the run did and heard, oldest first.
    pub timeline: Vec<Moment>,
    /// How much is collected at most.
    pub limits: Limits,
}

impl<'a> Scene<'a> {
    /// The scene of a plan's run that failed.
    ///
    /// ```
    /// use helm_release_core::evidence::Scene;
    /// use helm_release_core::run::{FailedPhase, RunError};
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let error = RunError::NotReady { lines: vec!["resource Deployment/default/shop not ready".to_owned()] };
    /// let scene = Scene::of_plan(&plan, FailedPhase::Wait, &error, jiff::Timestamp::now());
    /// assert_eq!(scene.phase, Some(FailedPhase::Wait));
    /// assert_eq!(scene.said, "resource Deployment/default/shop not ready");
    /// assert!(scene.hook.is_none());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn of_plan(plan: &'a Plan, phase: FailedPhase, error: &'a RunError, began: Timestamp) -> Self {
        let mut scene = Self::told(plan, &error.to_string(), began);
        scene.phase = Some(phase);
        scene.error = Some(error);
        scene.hook = failed_hook(plan, error);
        scene
    }

    /// The scene of a plan's run of whose failure only the text is known.
    ///
    /// ```
    /// use helm_release_core::evidence::Scene;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// // A log of another program is all that is left of the run.
    /// let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// assert_eq!(scene.said, "context deadline exceeded");
    /// assert_eq!(scene.phase, None);
    /// assert!(scene.error.is_none());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn told(plan: &'a Plan, said: &str, began: Timestamp) -> Self {
        let left_alone = |action| matches!(action, Action::Keep | Action::RecreatePods);
        let steps = plan.steps.iter().filter(|step| !left_alone(step.action));
        let objects = steps
            .filter_map(|step| Some(Concerned::new(step.location()?.clone(), step.action).with_changes(step.changes.clone())));
        Self {
            release: &plan.name,
            namespace: &plan.namespace,
            from: plan.current.revision(),
            to: plan.target.revision(),
            new_revision: plan.new_revision,
            began,
            phase: None,
            error: None,
            said: said.to_owned(),
            hook: None,
            objects: objects.collect(),
            timeline: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// Adds what the run did and heard.
    ///
    /// ```
    /// use helm_release_core::evidence::{Moment, collect};
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::Scene;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// let begun = Moment::new("2026-11-23T09:00:01Z".parse()?, "revision 4: pending-rollback");
    /// let scene = scene.with_timeline(vec![begun.clone()]);
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene).await;
    /// assert_eq!(evidence.timeline, [begun]);
    /// assert!(evidence.to_text().contains("\nTimeline:\n  2026-11-23T09:00:01Z revision 4: pending-rollback\n"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_timeline(mut self, timeline: Vec<Moment>) -> Self {
        self.timeline = timeline;
        self
    }

    /// Sets how much is collected at most.
    ///
    /// ```
    /// use helm_release_core::evidence::{Limits, collect};
    /// use helm_release_store::clock::SystemClock;
    /// # use helm_release_core::evidence::Scene;
    /// # use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let plan = shop.plan(&RollbackOptions::default()).await?;
    /// # let scene = Scene::told(&plan, "context deadline exceeded", jiff::Timestamp::now());
    /// let mut limits = Limits::default();
    /// limits.pods = 2;
    /// let evidence = collect(&shop.cluster, &SystemClock, &scene.with_limits(limits)).await;
    /// assert_eq!(evidence.pods.len(), 2);
    /// // What was left out is never left out in silence.
    /// assert_eq!(evidence.unread, ["5 further pods are not shown"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

fn failed_hook(plan: &Plan, error: &RunError) -> Option<FailedHook> {
    let RunError::Hook { event, hook, reason } = error else { return None };
    let is_it = |planned: &&PlannedHook| {
        planned.event.to_string() == *event && format!("{} {}", planned.hook.kind, planned.hook.name) == *hook
    };
    let planned = plan.steps_of(Action::RunHook).filter_map(|step| match &step.subject {
        Subject::Hook(planned) => Some(planned.as_ref()),
        _ => None,
    });
    let places = planned.filter(is_it).flat_map(|planned| planned.objects.iter().map(|placed| placed.location.clone()));
    Some(FailedHook::new(event, hook, reason, places.collect()))
}
