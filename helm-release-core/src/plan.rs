//! Writes down a whole rollback before anything is done: a pure function of what was read.
//!
//! [`plan`] turns a [`Survey`] into a [`Plan`]: ordered steps, each with its reason and its exact requests, and the
//! findings of all [`rules`]. [`crate::run`] acts on a plan and on nothing else.
//!
//! ```
//! use helm_release_core::plan::{RollbackOptions, Verdict, plan};
//! use helm_release_core::survey::survey;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let options = RollbackOptions::default();
//! let survey = survey(&shop.storage, &shop.cluster, &shop.namespace, &shop.name, &options).await?;
//! let plan = plan(&survey, &options);
//! assert_eq!((plan.verdict, plan.target.revision().get()), (Verdict::RollBack, 2));
//!
//! let writes = plan.steps.iter().filter(|step| step.action.writes_object());
//! let told: Vec<String> = writes.filter_map(|step| Some(format!("{} {}", step.action, step.object()?))).collect();
//! assert_eq!(told, ["patch Deployment default/shop", "delete ConfigMap default/shop-feature"]);
//! # Ok(()) });
//! ```

mod answers;
mod content;
mod draft;
mod finding;
mod hooks;
mod impact;
mod kept;
mod migration;
mod needs;
mod objects;
mod options;
mod owner;
mod points;
mod predict;
mod reversal;
pub mod rules;
mod secret;
mod step;
mod survey;
mod tool;
mod undo;
mod verdict;
mod view;

pub use answers::{Answers, Around, Asked, DryRunAnswer, ProbeAnswer};
pub use content::{Contents, Placed, ReadHook, RemovedApis, RevisionContent, Unplaced};
use draft::apply_method;
pub use draft::draft;
pub use finding::{Acceptance, Finding, FindingId, Severity};
pub use hooks::{HookNotRun, PlannedHook};
pub use impact::{Impact, PodsFate, impact};
pub use migration::migration;
pub(crate) use migration::{is_migration, join_fields};
pub(crate) use needs::needs_of;
pub use needs::{Keepers, Need, needs};
pub use objects::FIELD_MANAGER;
pub use options::{Hooks, Mode, OnFailure, Preflight, RollbackOptions, ServerSide, WaitStrategy, Writing};
pub use owner::{Owner, owner_of, stamp};
pub use points::{NO_RETURN, PointOfNoReturn, REVERSE_MIGRATION, crossed, points};
pub use predict::Prediction;
pub(crate) use secret::with_string_data;
pub use step::{Action, Precondition, Step, Subject};
pub use survey::{LockSeen, Rule, Seen, Surroundings, Survey};
pub use undo::Undo;
pub(crate) use undo::fold_string_data;
pub use verdict::Verdict;
pub use view::PLAN_FORMAT;

use crate::history::Choice;
use crate::hook::Schedule;
use crate::ports::Head;
use crate::release::{ApplyMethod, HelmLine, HelmTime, NewRevision, RecordError};
use crate::{Namespace, Record, ReleaseName, Revision};

/// A whole rollback, not begun.
///
/// ```
/// use helm_release_core::plan::RollbackOptions;
/// use helm_release_core::release::ApplyMethod;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let plan = shop.plan(&RollbackOptions::default()).await?;
/// let revisions = (plan.current.revision(), plan.target.revision(), plan.new_revision);
/// assert_eq!((revisions.0.get(), revisions.1.get(), revisions.2.get()), (3, 2, 4));
/// assert_eq!(plan.choice.reason, "the newest revision before 3 that really was deployed");
/// assert_eq!(plan.apply_method, ApplyMethod::Ssa);
/// assert_eq!(plan.deployed[0].key.revision, plan.target.revision());
/// assert_eq!(plan.impact[0].object.to_string(), "Deployment default/shop");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan {
    /// The release's namespace.
    pub namespace: Namespace,
    /// The release's name.
    pub name: ReleaseName,
    /// The newest readable revision, from which the rollback starts: see [`Survey::current`](field@Survey::current).
    pub current: RevisionContent,
    /// The revision to return to.
    pub target: RevisionContent,
    /// Why that one.
    pub choice: Choice,
    /// The number that the new record takes.
    pub new_revision: Revision,
    /// How objects are written.
    pub apply_method: ApplyMethod,
    /// In which line's form records are written.
    pub line: HelmLine,
    /// What the findings add up to.
    pub verdict: Verdict,
    /// Everything that the rules found, the heaviest first.
    pub findings: Vec<Finding>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The order of the hooks that run, one schedule per event.
    pub schedules: Vec<Schedule>,
    /// The hooks that the current revision lends, by their places there. While it runs they stand in the run's record behind
    /// its own.
    pub lent_hooks: Vec<usize>,
    /// Hooks that stay silent though somebody may expect them.
    pub hooks_not_run: Vec<HookNotRun>,
    /// What was asked for.
    pub options: RollbackOptions,
    /// Every record of the release, oldest first.
    pub heads: Vec<Head>,
    /// The records that the end of the run supersedes.
    pub deployed: Vec<Head>,
    /// How much the server was asked beforehand.
    pub asked: Asked,
    /// What it does to running pods.
    pub impact: Vec<Impact>,
}

/// Plans a rollback with this crate's own rules.
///
/// ```
/// use helm_release_core::plan::{Action, RollbackOptions, Verdict, plan};
/// use helm_release_core::survey::survey;
/// use helm_release_store::cluster::{MemoryCluster, seed};
/// use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let storage = MemoryStorage::new();
/// let releases = r#"
/// - name: web
///   version: 1
///   info: {status: superseded, description: Install complete}
///   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: blue}}"
/// - name: web
///   version: 2
///   info: {status: deployed, description: Upgrade complete}
///   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {color: red}}"
/// "#;
/// load_memory_data(&storage, releases).await?;
/// let cluster = MemoryCluster::new();
/// seed(&cluster, &storage).await?;
///
/// let options = RollbackOptions::default();
/// let seen = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
/// let plan = plan(&seen, &options);
/// assert_eq!(plan.verdict, Verdict::RollBack);
/// assert_eq!(plan.blocking().count(), 0);
/// let patch = plan.steps_of(Action::Patch).next().expect("web is to change");
/// assert_eq!(patch.changes[0].path, "data.color");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn plan(survey: &Survey, options: &RollbackOptions) -> Plan {
    plan_with(survey, options, &rules::all())
}

/// Plans a rollback with the rules given.
///
/// A plan always comes about; whether it may be run is what [`Plan::blocking`] says.
///
/// ```
/// use helm_release_core::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, rules};
///
/// #[derive(Debug)]
/// struct Friday;
///
/// impl Rule for Friday {
///     fn look(&self, _survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
///         let what = format!("{} steps on a Friday", steps.len());
///         vec![Finding::new(FindingId::custom("friday"), Severity::Block, what, "nobody is here tomorrow")]
///     }
/// }
///
/// let mut rules = rules::all();
/// rules.push(Box::new(Friday));
/// // With a survey at hand: plan_with(&survey, &options, &rules)
/// ```
#[must_use]
pub fn plan_with(survey: &Survey, options: &RollbackOptions, rules: &[Box<dyn Rule>]) -> Plan {
    draft(survey, options).judged(survey, rules)
}

impl Plan {
    /// A draft with what the server answered to it, and with what the rules find in both.
    ///
    /// The survey is the one that the draft was made from, with answers ([`Survey::with_answers`]).
    ///
    /// ```
    /// use helm_release_core::inquiry::inquire_about;
    /// use helm_release_core::plan::{FindingId, Keepers, RollbackOptions, draft, rules};
    /// # use helm_release_core::survey::survey;
    /// # use helm_release_store::cluster::{MemoryCluster, seed};
    /// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// // No server takes such a name, and only a server tells.
    /// let releases = r#"
    /// - name: web
    ///   version: 1
    ///   info: {status: superseded, description: Install complete}
    ///   manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: Not_A_Name}}"
    /// - {name: web, version: 2, info: {status: deployed, description: Upgrade complete}}
    /// "#;
    /// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
    /// # load_memory_data(&storage, releases).await?;
    /// # seed(&cluster, &storage).await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
    /// let draft = draft(&survey, &options);
    /// let answers = inquire_about(&cluster, &survey, &draft, &Keepers::default()).await;
    /// let unasked = draft.clone().judged(&survey, &rules::all());
    /// assert_eq!(unasked.blocking().count(), 0);
    /// let plan = draft.judged(&survey.with_answers(answers), &rules::all());
    /// assert!(plan.blocking().map(|finding| &finding.id).eq([&FindingId::REFUSED_BY_SERVER]));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn judged(mut self, survey: &Survey, rules: &[Box<dyn Rule>]) -> Self {
        for step in self.steps.iter_mut().filter(|step| step.action.writes_object()) {
            step.dry_run = step.object().and_then(|object| survey.answers.dry_runs.get(&object).cloned());
        }
        self.asked = survey.answers.asked;
        self.impact = impact(survey, &self.steps);
        for rule in rules {
            self.findings.extend(rule.look(survey, &self.options, &self.steps));
        }
        for finding in &mut self.findings {
            finding.accepted = self.options.accept.iter().any(|acceptance| acceptance.covers(finding));
        }
        self.findings
            .sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)).then_with(|| a.object.cmp(&b.object)));
        if !self.is_idle() {
            self.verdict = self.findings.iter().map(|finding| finding.leads_to).max().unwrap_or(Verdict::RollBack);
        }
        self
    }

    /// Whether running it would do nothing at all.
    ///
    /// ```
    /// use helm_release_core::plan::{RollbackOptions, plan};
    /// use helm_release_core::survey::survey;
    /// # use helm_release_store::cluster::{MemoryCluster, seed};
    ///
    /// # examples::run(async {
    /// # let (storage, cluster) = (examples::shop().await?, MemoryCluster::new());
    /// # seed(&cluster, &storage).await?;
    /// # let (namespace, name) = ("default".parse()?, "shop".parse()?);
    /// // Revision 2 is the one that runs.
    /// for (revision, is_idle) in [("1", false), ("2", true)] {
    ///     let options = RollbackOptions::default().with_selector(revision.parse()?);
    ///     let survey = survey(&storage, &cluster, &namespace, &name, &options).await?;
    ///     assert_eq!(plan(&survey, &options).is_idle(), is_idle);
    /// }
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.verdict == Verdict::NothingToDo
    }

    /// The findings that stop a run.
    ///
    /// ```
    /// use helm_release_core::plan::{RollbackOptions, plan};
    /// # use helm_release_core::survey::survey;
    /// # use helm_release_store::cluster::{MemoryCluster, seed};
    /// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
    ///
    /// # examples::run(async {
    /// let releases = r#"
    /// - {name: web, version: 1, info: {status: superseded, description: Install complete},
    ///    manifest: "{apiVersion: example.com/v1, kind: Widget, metadata: {name: web}}"}
    /// - {name: web, version: 2, info: {status: deployed, description: Upgrade complete}}
    /// "#;
    /// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
    /// # load_memory_data(&storage, releases).await?;
    /// # seed(&cluster, &storage).await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
    /// let plan = plan(&survey, &options);
    /// let blocking: Vec<&str> = plan.blocking().map(|finding| finding.what.as_str()).collect();
    /// assert_eq!(blocking, ["the server does not know example.com/v1 Widget, which revision 1 has as \"web\""]);
    /// # Ok(()) });
    /// ```
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.blocks())
    }

    /// The steps of one kind of action.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, RollbackOptions};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let deleted: Vec<String> = plan.steps_of(Action::Delete).filter_map(|step| Some(step.object()?.to_string())).collect();
    /// assert_eq!(deleted, ["ConfigMap default/shop-feature"]);
    /// # Ok(()) });
    /// ```
    pub fn steps_of(&self, action: Action) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.action == action)
    }

    /// What the new record says of itself.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let mut options = RollbackOptions::default();
    /// assert_eq!(shop.plan(&options).await?.description(), "Rollback to 2");
    /// options.description = Some("back to the good build".to_owned());
    /// assert_eq!(shop.plan(&options).await?.description(), "back to the good build");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn description(&self) -> String {
        let description = self.options.description.clone().filter(|description| !description.is_empty());
        description.unwrap_or_else(|| format!("Rollback to {}", self.target.revision()))
    }

    /// The new record, status `pending-rollback`, with [`Plan::lent_hooks`].
    ///
    /// # Errors
    /// [`RecordError`] when the current record cannot be read.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::release::{HelmTime, Status};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let plan = shop.plan(&RollbackOptions::default()).await?;
    /// let record = plan.new_record(&HelmTime::parse("2026-11-27T03:00:00Z")?)?;
    /// assert_eq!((record.version()?, record.info()?.status), (4, Status::PendingRollback));
    /// assert_eq!(record.manifest()?, plan.target.record.manifest()?);
    /// # Ok(()) });
    /// ```
    pub fn new_record(&self, began: &HelmTime) -> Result<Record, RecordError> {
        let record = self.target.record.rolled_back(&NewRevision {
            current: &self.current.record,
            revision: self.new_revision,
            to: self.target.revision(),
            began,
            description: &self.description(),
            apply_method: self.apply_method,
            line: self.line,
        })?;
        record.with_hooks_lent(&self.current.record, &self.lent_hooks)
    }
}

#[cfg(test)]
mod tests;
