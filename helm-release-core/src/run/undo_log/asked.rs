//! What was asked for, as a journal remembers it: whoever recovers the run goes on with the same.

use std::fmt;
use std::time::Duration;

use serde::de::{self, IntoDeserializer as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::drift::DriftChoice;
use crate::plan::{Acceptance, Hooks, Mode, Plan, RollbackOptions, ServerSide, WaitStrategy, Writing};
use crate::ports::Conflicts;
use crate::release::ApplyMethod;

/// What a user asked of a rollback, as far as finishing it needs that.
///
/// ```
/// # use std::sync::Arc;
/// # use helm_release_core::plan::RollbackOptions;
/// # use helm_release_core::ports::{Journal, NoObserver};
/// # use helm_release_core::run::Engine;
/// # use helm_release_store::clock::SystemClock;
/// # use helm_release_store::crash::{Crash, Moment};
/// # use helm_release_store::journal::SecretJournal;
/// use helm_release_core::plan::Hooks;
/// use helm_release_core::run::UndoLog;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let plan = shop.plan(&RollbackOptions::default()).await?;
/// # let journal = SecretJournal::new(shop.cluster.clone());
/// # let crash = Arc::new(Crash::at(1, Moment::Before));
/// # let cluster = crash.cluster(shop.cluster.clone());
/// # let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
/// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
/// # let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
/// # let log = UndoLog::decode(&key, &journal.read(&key).await?)?;
/// // `log` is the journal of a rollback with the default options that was cut off.
/// let asked = &log.asked;
/// assert_eq!((asked.hooks, asked.wait.as_str(), asked.timeout), (Hooks::Target, "hookOnly", 300));
/// // Of `ServerSide::Auto` it says what that came to.
/// assert!(asked.server_side);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Helm's, and the form is that of the JSON")]
pub struct Asked {
    /// Which hooks run.
    #[serde(alias = "runHooks", deserialize_with = "whose_or_whether")]
    pub hooks: Hooks,
    /// By server-side apply.
    pub server_side: bool,
    /// Objects are replaced.
    pub replace: bool,
    /// Fields of other managers are taken over.
    pub force_conflicts: bool,
    /// How to wait: `hookOnly`, `watcher`, `legacy`.
    pub wait: String,
    /// Whether waiting covers Jobs.
    pub wait_for_jobs: bool,
    /// Limit of each wait, in seconds.
    pub timeout: u64,
    /// How many revisions stay; 0 is no limit.
    pub history_max: u32,
    /// How many good ones that spares.
    #[serde(default = "good_in_v1")]
    pub keep_good: usize,
    /// What becomes of fields that drifted.
    #[serde(default)]
    pub drift: DriftChoice,
    /// The rules for single ones, as they were written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift_rules: Vec<String>,
    /// Findings that are accepted, as [`Acceptance::parse`] reads them.
    #[serde(default)]
    pub accept: Vec<String>,
}

impl Asked {
    pub(super) fn of(plan: &Plan) -> Self {
        let options = &plan.options;
        let wait = match options.wait {
            WaitStrategy::HookOnly => "hookOnly",
            WaitStrategy::Watcher => "watcher",
            WaitStrategy::Legacy => "legacy",
        };
        Self {
            hooks: options.hooks,
            server_side: plan.apply_method == ApplyMethod::Ssa,
            replace: options.writing == Writing::Replace,
            force_conflicts: options.conflicts == Conflicts::Force,
            wait: wait.to_owned(),
            wait_for_jobs: options.wait_for_jobs,
            timeout: options.timeout.as_secs(),
            history_max: options.history_max,
            keep_good: options.keep_good,
            drift: options.drift,
            drift_rules: options.drift_rules.iter().map(ToString::to_string).collect(),
            accept: options.accept.iter().map(ToString::to_string).collect(),
        }
    }

    /// The same as options of a rollback.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use helm_release_core::ports::{Journal, NoObserver};
    /// # use helm_release_core::run::Engine;
    /// # use helm_release_store::clock::SystemClock;
    /// # use helm_release_store::crash::{Crash, Moment};
    /// # use helm_release_store::journal::SecretJournal;
    /// use std::time::Duration;
    ///
    /// use helm_release_core::plan::{RollbackOptions, ServerSide, WaitStrategy};
    /// use helm_release_core::run::UndoLog;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let options = RollbackOptions::default().with_wait(WaitStrategy::Watcher).with_timeout(Duration::from_secs(60));
    /// # let plan = shop.plan(&options).await?;
    /// # let journal = SecretJournal::new(shop.cluster.clone());
    /// # let crash = Arc::new(Crash::at(1, Moment::Before));
    /// # let cluster = crash.cluster(shop.cluster.clone());
    /// # let engine = Engine::new(&shop.storage, &cluster, &SystemClock, &NoObserver).with_journal(&journal);
    /// # futures::future::select(Box::pin(engine.run(&plan)), Box::pin(crash.happened())).await;
    /// # let key = UndoLog::key(&shop.namespace, &shop.name, plan.new_revision);
    /// # let log = UndoLog::decode(&key, &journal.read(&key).await?)?;
    /// // `log` is the journal of a rollback with these options that was cut off.
    /// let again = log.asked.options();
    /// assert_eq!((again.wait, again.timeout), (options.wait, options.timeout));
    /// // What was left to the target's record is settled.
    /// assert_eq!((options.server_side, again.server_side), (ServerSide::Auto, ServerSide::Yes));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn options(&self) -> RollbackOptions {
        let wait = match self.wait.as_str() {
            "watcher" => WaitStrategy::Watcher,
            "legacy" => WaitStrategy::Legacy,
            _ => WaitStrategy::HookOnly,
        };
        RollbackOptions {
            mode: Mode::Safe,
            hooks: self.hooks,
            server_side: if self.server_side { ServerSide::Yes } else { ServerSide::No },
            writing: if self.replace { Writing::Replace } else { Writing::Patch },
            conflicts: if self.force_conflicts { Conflicts::Force } else { Conflicts::Refuse },
            wait,
            wait_for_jobs: self.wait_for_jobs,
            timeout: Duration::from_secs(self.timeout),
            history_max: self.history_max,
            keep_good: self.keep_good,
            drift: self.drift,
            drift_rules: self.drift_rules.iter().filter_map(|rule| rule.parse().ok()).collect(),
            accept: self.accept.iter().map(|text| Acceptance::parse(text)).collect(),
            ..RollbackOptions::default()
        }
    }
}

/// Journals of v1 said `runHooks: true` or `false` where those of v2 say whose.
fn whose_or_whether<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hooks, D::Error> {
    struct WhoseOrWhether;

    impl Visitor<'_> for WhoseOrWhether {
        type Value = Hooks;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("whose hooks run, or whether they do")
        }

        fn visit_bool<E: de::Error>(self, run: bool) -> Result<Hooks, E> {
            Ok(if run { Hooks::Target } else { Hooks::Skip })
        }

        fn visit_str<E: de::Error>(self, whose: &str) -> Result<Hooks, E> {
            Hooks::deserialize(whose.into_deserializer())
        }
    }

    deserializer.deserialize_any(WhoseOrWhether)
}

/// What a journal of v1 means, which does not say.
fn good_in_v1() -> usize {
    1
}
