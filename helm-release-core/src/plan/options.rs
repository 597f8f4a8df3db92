//! What a user asks of a rollback.

use std::time::Duration;

use super::Acceptance;
use crate::drift::{DriftChoice, DriftRule};
use crate::history::{KEEP_GOOD, Selector};
use crate::ports::Conflicts;

mod choice;

pub use choice::{Hooks, Mode, OnFailure, Preflight, ServerSide, WaitStrategy, Writing};

/// Everything that a user can ask of a rollback.
///
/// ```
/// use std::time::Duration;
///
/// use helm_release_core::plan::{Mode, OnFailure, RollbackOptions, WaitStrategy};
///
/// let mut options = RollbackOptions::default().with_wait(WaitStrategy::Watcher).with_timeout(Duration::from_secs(120));
/// // What has no method of its own is set by its field.
/// options.history_max = 20;
/// options.description = Some("back to the good build".to_owned());
/// assert_eq!(options.wait, WaitStrategy::Watcher);
/// assert_eq!((options.mode, options.on_failure), (Mode::Safe, OnFailure::Return));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RollbackOptions {
    /// Which revision to return to; `None` is the default of the mode.
    pub selector: Option<Selector>,
    /// Differences from Helm on or off.
    pub mode: Mode,
    /// Which hooks run.
    pub hooks: Hooks,
    /// Server-side or client-side.
    pub server_side: ServerSide,
    /// Patch or replace.
    pub writing: Writing,
    /// What a server-side apply does with fields of other managers; the same for every object of the plan.
    pub conflicts: Conflicts,
    /// How to wait.
    pub wait: WaitStrategy,
    /// Whether waiting covers Jobs as well.
    pub wait_for_jobs: bool,
    /// Limit of each wait.
    pub timeout: Duration,
    /// What becomes of the objects when it fails; in compat mode they are left as they are.
    pub on_failure: OnFailure,
    /// Whether objects that a failed rollback created are deleted when everything else is left as it is.
    pub cleanup_on_fail: bool,
    /// How many revisions stay; 0 is no limit.
    pub history_max: u32,
    /// How many good revisions before the new one that limit spares, besides the target; not in compat mode.
    pub keep_good: usize,
    /// What the new record says of itself instead of `Rollback to N`.
    pub description: Option<String>,
    /// Whether pods of changed workloads are deleted (Helm 3).
    pub recreate_pods: bool,
    /// Findings that the user accepts.
    pub accept: Vec<Acceptance>,
    /// What becomes of fields that somebody changed since the current revision was applied; of no effect in compat mode.
    pub drift: DriftChoice,
    /// Other choices for single fields; of several that cover a field the last one counts.
    pub drift_rules: Vec<DriftRule>,
    /// How much the server is asked beforehand.
    pub preflight: Preflight,
    /// Checks of the user's own, in words. The library runs none of them: its caller does, before the plan is made, and hands in
    /// what they said by [`Answers::with_probes`](super::Answers::with_probes); [`Condition`](crate::inquiry::Condition) can be
    /// one. A sealed plan keeps them.
    pub probes: Vec<String>,
    /// How many requests go out at once.
    pub concurrency: usize,
}

impl Default for RollbackOptions {
    fn default() -> Self {
        Self {
            selector: None,
            mode: Mode::default(),
            hooks: Hooks::default(),
            server_side: ServerSide::default(),
            writing: Writing::default(),
            conflicts: Conflicts::Refuse,
            wait: WaitStrategy::default(),
            wait_for_jobs: false,
            timeout: Duration::from_secs(300),
            on_failure: OnFailure::default(),
            cleanup_on_fail: false,
            history_max: 10,
            keep_good: KEEP_GOOD,
            description: None,
            recreate_pods: false,
            accept: Vec::new(),
            drift: DriftChoice::default(),
            drift_rules: Vec::new(),
            preflight: Preflight::default(),
            probes: Vec::new(),
            concurrency: 8,
        }
    }
}

impl RollbackOptions {
    /// Returns to that revision.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let options = RollbackOptions::default().with_selector("@app=1.0".parse()?);
    /// assert_eq!(shop.plan(&options).await?.target.revision().get(), 1);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_selector(mut self, selector: Selector) -> Self {
        self.selector = Some(selector);
        self
    }

    /// Sets the mode.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, Mode, RollbackOptions};
    /// use helm_release_core::ports::Request;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// // In safe mode only the very object that was seen is deleted.
    /// for (mode, expected) in [(Mode::Safe, true), (Mode::Compat, false)] {
    ///     let plan = shop.plan(&RollbackOptions::default().with_mode(mode)).await?;
    ///     let step = plan.steps_of(Action::Delete).next().ok_or("one object is deleted")?;
    ///     let Request::Delete { preconditions, .. } = &step.requests[0] else { panic!("a deletion deletes") };
    ///     assert_eq!(preconditions.uid.is_some(), expected);
    /// }
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets how to wait.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, RollbackOptions, Subject, WaitStrategy};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default().with_wait(WaitStrategy::Watcher)).await?;
    /// let step = plan.steps_of(Action::Wait).next().ok_or("it waits")?;
    /// let Subject::Objects(waited) = &step.subject else { panic!("it waits for objects") };
    /// assert_eq!(waited.last().map(ToString::to_string).as_deref(), Some("Deployment default/shop"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_wait(mut self, wait: WaitStrategy) -> Self {
        self.wait = wait;
        self
    }

    /// Sets the limit of each wait.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// let options = RollbackOptions::default();
    /// assert_eq!(options.timeout, Duration::from_secs(300));
    /// assert_eq!(options.with_timeout(Duration::from_secs(30)).timeout, Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets what becomes of the objects when it fails.
    ///
    /// ```
    /// use helm_release_core::plan::{OnFailure, RollbackOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let mut options = RollbackOptions::default().with_on_failure(OnFailure::Stop);
    /// options.cleanup_on_fail = true;
    /// // A plan keeps what was asked for, and a run goes by that.
    /// let plan = shop.plan(&options).await?;
    /// assert_eq!(plan.options.on_failure, OnFailure::Stop);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// Sets how much the server is asked beforehand.
    ///
    /// ```
    /// use helm_release_core::inquiry::inquire;
    /// use helm_release_core::plan::{Answers, Keepers, Preflight, RollbackOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let options = RollbackOptions::default().with_preflight(Preflight::None);
    /// # let survey = shop.survey(&options).await?;
    /// let answers = inquire(&shop.cluster, &survey, &options, &Keepers::default()).await;
    /// assert_eq!(answers, Answers::default());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_preflight(mut self, preflight: Preflight) -> Self {
        self.preflight = preflight;
        self
    }

    /// Accepts findings.
    ///
    /// ```
    /// use helm_release_core::plan::{Acceptance, RollbackOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let options = RollbackOptions::default().with_accepted(["drift", "image-not-running"].map(Acceptance::parse));
    /// let plan = shop.plan(&options).await?;
    /// assert!(plan.findings[0].accepted);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_accepted(mut self, accept: impl IntoIterator<Item = Acceptance>) -> Self {
        self.accept.extend(accept);
        self
    }

    /// Sets what becomes of fields that somebody changed.
    ///
    /// ```
    /// use helm_release_core::drift::DriftChoice;
    /// use helm_release_core::plan::{FindingId, RollbackOptions};
    /// # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let kinds = shop.cluster.kinds(false).await?;
    /// # let at = kinds.find(&helm_release_core::Gvk::new("v1", "ConfigMap")).ok_or("no kind")?.at("default", "shop-config");
    /// # let patch = PatchBody::Merge(serde_json::json!({"data": {"motd": "closed today"}}));
    /// # let manager = "kubectl-edit".to_owned();
    /// # shop.cluster.write(&Request::Patch { at, patch, manager, validation: Validation::Ignore }, DryRun::No).await?;
    /// // Somebody has edited data.motd of shop-config.
    /// let plan = shop.plan(&RollbackOptions::default().with_drift(DriftChoice::Stop)).await?;
    /// let blocking: Vec<&FindingId> = plan.blocking().map(|finding| &finding.id).collect();
    /// assert_eq!(blocking, [&FindingId::DRIFT]);
    /// let plan = shop.plan(&RollbackOptions::default().with_drift(DriftChoice::Keep)).await?;
    /// assert_eq!(plan.blocking().count(), 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_drift(mut self, drift: DriftChoice) -> Self {
        self.drift = drift;
        self
    }

    /// Adds other choices for single fields.
    ///
    /// ```
    /// use helm_release_core::drift::DriftChoice;
    /// use helm_release_core::plan::RollbackOptions;
    /// # use helm_release_core::ports::{Cluster as _, DryRun, PatchBody, Request, Validation};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let kinds = shop.cluster.kinds(false).await?;
    /// # let at = kinds.find(&helm_release_core::Gvk::new("v1", "ConfigMap")).ok_or("no kind")?.at("default", "shop-config");
    /// # let patch = PatchBody::Merge(serde_json::json!({"data": {"motd": "closed today"}}));
    /// # let manager = "kubectl-edit".to_owned();
    /// # shop.cluster.write(&Request::Patch { at, patch, manager, validation: Validation::Ignore }, DryRun::No).await?;
    /// // Somebody has edited data.motd of shop-config.
    /// let options = RollbackOptions::default().with_drift(DriftChoice::Stop);
    /// assert_eq!(shop.plan(&options).await?.blocking().count(), 1);
    /// let options = options.with_drift_rules(["ConfigMap/shop-config:data.motd=keep".parse()?]);
    /// assert_eq!(shop.plan(&options).await?.blocking().count(), 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_drift_rules(mut self, rules: impl IntoIterator<Item = DriftRule>) -> Self {
        self.drift_rules.extend(rules);
        self
    }
}
