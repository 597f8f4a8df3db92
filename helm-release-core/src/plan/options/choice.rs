//! The choices of a rollback, each a set of words.

use serde::{Deserialize, Serialize};

/// Whether this tool's deliberate differences from Helm are on.
///
/// ```
/// use helm_release_core::plan::{Mode, RollbackOptions};
/// use helm_release_core::survey::survey;
/// # use helm_release_store::cluster::MemoryCluster;
/// # use helm_release_store::storage::{MemoryStorage, load_memory_data};
///
/// # examples::run(async {
/// let releases = r#"
/// - {name: web, version: 1, info: {status: deployed, description: Install complete}}
/// - {name: web, version: 2, info: {status: failed, description: no pod became ready}}
/// - {name: web, version: 3, info: {status: failed, description: no pod became ready}}
/// "#;
/// # let (storage, cluster) = (MemoryStorage::new(), MemoryCluster::new());
/// # load_memory_data(&storage, releases).await?;
/// // Helm takes the revision before, whatever became of it.
/// for (mode, revision) in [(Mode::Safe, 1), (Mode::Compat, 2)] {
///     let options = RollbackOptions::default().with_mode(mode);
///     let survey = survey(&storage, &cluster, &"default".parse()?, &"web".parse()?, &options).await?;
///     assert_eq!(survey.choice.revision.get(), revision);
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// All of them (`docs/differences.md` lists each).
    #[default]
    Safe,
    /// None: what `helm rollback` would do.
    Compat,
}

/// How a rollback waits (Helm 4's `--wait`).
///
/// ```
/// use helm_release_core::plan::{Action, RollbackOptions, WaitStrategy};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// for (wait, waits) in [(WaitStrategy::HookOnly, 0), (WaitStrategy::Watcher, 1), (WaitStrategy::Legacy, 1)] {
///     let plan = shop.plan(&RollbackOptions::default().with_wait(wait)).await?;
///     assert_eq!(plan.steps_of(Action::Wait).count(), waits);
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WaitStrategy {
    /// For hooks alone.
    #[default]
    HookOnly,
    /// For every object, by Helm 4's rules.
    Watcher,
    /// For every object, by Helm 3's rules.
    Legacy,
}

/// Whether objects are written by server-side apply.
///
/// ```
/// use helm_release_core::plan::{RollbackOptions, ServerSide};
/// use helm_release_core::release::ApplyMethod;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut options = RollbackOptions::default();
/// assert_eq!(options.server_side, ServerSide::Auto);
/// // The target was written by server-side apply.
/// assert_eq!(shop.plan(&options).await?.apply_method, ApplyMethod::Ssa);
/// options.server_side = ServerSide::No;
/// assert_eq!(shop.plan(&options).await?.apply_method, ApplyMethod::Csa);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerSide {
    /// As the target's record says.
    #[default]
    Auto,
    /// Yes.
    Yes,
    /// No: client-side three-way merge.
    No,
}

/// Whether objects are replaced instead of patched (Helm's `--force-replace`).
///
/// ```
/// use helm_release_core::plan::{Action, RollbackOptions, Writing};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut options = RollbackOptions::default();
/// options.writing = Writing::Replace;
/// let plan = shop.plan(&options).await?;
/// // Each of the target's objects, even those that are as they should be.
/// assert_eq!(plan.steps_of(Action::Replace).count(), plan.target.contents.placed.len());
/// assert_eq!(plan.steps_of(Action::Patch).count(), 0);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Writing {
    /// Patched.
    #[default]
    Patch,
    /// Replaced by PUT.
    Replace,
}

/// Which revision's rollback hooks run.
///
/// ```
/// use helm_release_core::plan::{Action, Hooks, RollbackOptions};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let mut options = RollbackOptions::default();
/// for (word, whose) in [("target", Some("the target's")), ("current", Some("the current revision's")), ("none", None)] {
///     options.hooks = word.parse::<Hooks>()?;
///     let plan = shop.plan(&options).await?;
///     let reason = plan.steps_of(Action::RunHook).next().map(|step| step.reason.clone());
///     assert_eq!(reason, whose.map(|whose| format!("{whose} post-rollback hook, weight 0")));
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hooks {
    /// The target's, as in Helm.
    #[default]
    Target,
    /// The current revision's, which may be the only one that knows how to leave it.
    Current,
    /// The target's, and those that only the current revision has.
    Both,
    /// None (`--no-hooks`).
    #[serde(rename = "none")]
    Skip,
}

impl Hooks {
    /// The word for it, which is read back.
    ///
    /// ```
    /// use helm_release_core::plan::Hooks;
    ///
    /// assert_eq!(Hooks::default().as_str(), "target");
    /// assert_eq!(Hooks::Skip.as_str(), "none");
    /// assert_eq!("both".parse::<Hooks>().map(Hooks::as_str), Ok("both"));
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Current => "current",
            Self::Both => "both",
            Self::Skip => "none",
        }
    }
}

impl std::str::FromStr for Hooks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Target, Self::Current, Self::Both, Self::Skip].into_iter().find(|hooks| hooks.as_str() == text);
        known.ok_or_else(|| "it is none of target, current, both, none".to_owned())
    }
}

/// What becomes of the objects when a rollback fails after its first write.
///
/// ```
/// use helm_release_core::plan::{Keepers, OnFailure, RollbackOptions, needs};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let survey = shop.survey(&RollbackOptions::default()).await?;
/// // A way back takes rights of its own.
/// for (on_failure, expected) in [(OnFailure::Return, true), (OnFailure::Stop, false)] {
///     let plan = shop.plan(&RollbackOptions::default().with_on_failure(on_failure)).await?;
///     let needs = needs(&plan, &survey.kinds, &Keepers::default());
///     assert_eq!(needs.iter().any(|need| need.purpose == "bring objects back when the rollback fails"), expected);
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// They are brought back to what they were, as Helm's `--atomic` promises of an upgrade.
    #[default]
    Return,
    /// They are left as they are.
    Stop,
}

/// How much the server is asked before a plan is made.
///
/// ```
/// use helm_release_core::inquiry::inquire;
/// use helm_release_core::plan::{Keepers, Preflight, RollbackOptions};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let survey = shop.survey(&RollbackOptions::default()).await?;
/// for (preflight, lists, dry_runs) in [(Preflight::All, 7, 2), (Preflight::Needed, 7, 0), (Preflight::None, 0, 0)] {
///     let options = RollbackOptions::default().with_preflight(preflight);
///     let asked = inquire(&shop.cluster, &survey, &options, &Keepers::default()).await.asked;
///     assert_eq!((asked.lists, asked.dry_runs), (lists, dry_runs));
/// }
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preflight {
    /// Rights, what stands around, and the dry run of every write.
    All,
    /// Rights, what stands around, and the dry run of writes that something besides their own kind's rules may refuse:
    /// creations, claims, custom resources, fields that others own by now, and whatever a webhook or a policy sees.
    #[default]
    Needed,
    /// Rights and what stands around; no write is tried.
    Reads,
    /// Nothing.
    None,
}
