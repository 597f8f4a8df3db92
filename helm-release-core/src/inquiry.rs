//! Asks the server beforehand what it would say to a rollback. Stores nothing: reviews of rights, lists, dry runs.
//!
//! A plan stays a pure function: [`inquire`] drafts one, asks about what it finds there, and the answers become part of the
//! [`Survey`] from which the plan itself is made.
//!
//! ```
//! use helm_release_core::inquiry::inquire;
//! use helm_release_core::plan::{Keepers, RollbackOptions, Verdict, plan};
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let options = RollbackOptions::default();
//! let survey = shop.survey(&options).await?;
//! let keepers = Keepers::of(&shop.storage, None, None, &shop.namespace);
//! let answers = inquire(&shop.cluster, &survey, &options, &keepers).await;
//! let plan = plan(&survey.with_answers(answers), &options);
//! // Nobody had anything against it.
//! assert_eq!(plan.verdict, Verdict::RollBack);
//! assert!(plan.asked.rights > 0);
//! # Ok(()) });
//! ```

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use crate::drift::Managers;
use crate::plan::{
    Action, Answers, Around, Asked, DryRunAnswer, FIELD_MANAGER, Keepers, Need, Plan, Preflight, RollbackOptions, Seen, Step,
    Subject, Survey, draft, is_migration, needs_of,
};
use crate::ports::{
    Cluster, ClusterErrorKind, Conflicts, DryRun, Journal, Kinds, ListOptions, Location, Lock, Permission, Request, Resource,
    Right, Storage,
};
use crate::reverse::is_built_in;
use crate::{Namespace, Object, ObjectId};

mod admission;
mod condition;
mod definitions;
mod surroundings;

pub(crate) use admission::{Watcher, watchers};
pub use condition::{Condition, NotACondition};
pub use surroundings::newest;
use surroundings::newest_of_any_group;

impl Keepers {
    /// The rights that a run with these adapters needs.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use helm_release_core::plan::Keepers;
    /// use helm_release_store::cluster::MemoryCluster;
    /// use helm_release_store::lock::LeaseLock;
    /// use helm_release_store::storage::MemoryStorage;
    ///
    /// let (storage, lock) = (MemoryStorage::new(), LeaseLock::new(Arc::new(MemoryCluster::new())));
    /// let keepers = Keepers::of(&storage, Some(&lock), None, &"shop".parse()?);
    /// assert_eq!(keepers.lock.create[0].to_string(), "create leases.coordination.k8s.io in namespace shop");
    /// // Records in memory need no right, and there is no journal.
    /// assert!(keepers.records.create.is_empty() && keepers.journal.create.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of(storage: &dyn Storage, lock: Option<&dyn Lock>, journal: Option<&dyn Journal>, namespace: &Namespace) -> Self {
        Self {
            records: storage.rights(namespace),
            lock: lock.map(|lock| lock.rights(namespace)).unwrap_or_default(),
            journal: journal.map(|journal| journal.rights(namespace)).unwrap_or_default(),
        }
    }
}

/// Asks everything that the options want asked. What cannot be asked is an answer too, so there are no errors.
///
/// # Cancellation
/// Nothing is left behind: nothing is stored.
///
/// ```
/// use helm_release_core::inquiry::inquire;
/// use helm_release_core::plan::{Answers, DryRunAnswer, Keepers, Preflight, RollbackOptions};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let survey = shop.survey(&RollbackOptions::default()).await?;
/// let keepers = Keepers::of(&shop.storage, None, None, &shop.namespace);
///
/// let every = RollbackOptions::default().with_preflight(Preflight::All);
/// let answers = inquire(&shop.cluster, &survey, &every, &keepers).await;
/// // A Deployment is changed and a ConfigMap deleted: the server would take both.
/// assert_eq!(answers.dry_runs.len(), 2);
/// assert!(answers.dry_runs.values().all(|answer| matches!(answer, DryRunAnswer::Accepted(_))));
///
/// let none = RollbackOptions::default().with_preflight(Preflight::None);
/// assert_eq!(inquire(&shop.cluster, &survey, &none, &keepers).await, Answers::default());
/// # Ok(()) });
/// ```
pub async fn inquire(cluster: &dyn Cluster, survey: &Survey, options: &RollbackOptions, keepers: &Keepers) -> Answers {
    if options.preflight == Preflight::None {
        return Answers::default();
    }
    inquire_about(cluster, survey, &draft(survey, options), keepers).await
}

/// Asks about the steps of a draft that is there already ([`draft`]), as [`inquire`] does about one of its own.
///
/// # Cancellation
/// Nothing is left behind: nothing is stored.
///
/// ```
/// use helm_release_core::inquiry::inquire_about;
/// use helm_release_core::plan::{Keepers, Preflight, RollbackOptions, draft, rules};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let options = RollbackOptions::default().with_preflight(Preflight::All);
/// let survey = shop.survey(&options).await?;
/// let draft = draft(&survey, &options);
/// let written = draft.steps.iter().filter(|step| step.action.writes_object()).count();
///
/// let keepers = Keepers::of(&shop.storage, None, None, &shop.namespace);
/// let answers = inquire_about(&shop.cluster, &survey, &draft, &keepers).await;
/// assert_eq!(answers.dry_runs.len(), written);
/// // The draft becomes the plan; it is not worked out a second time.
/// let plan = draft.judged(&survey.with_answers(answers), &rules::all());
/// assert_eq!(plan.asked.dry_runs, written);
/// # Ok(()) });
/// ```
pub async fn inquire_about(cluster: &dyn Cluster, survey: &Survey, draft: &Plan, keepers: &Keepers) -> Answers {
    let options = &draft.options;
    if options.preflight == Preflight::None {
        return Answers::default();
    }
    // Of what cannot be read no write is known either.
    let is_known = |step: &Step| step.location().is_none_or(|at| !matches!(survey.seen(at), Seen::Hidden(_)));
    let needs = needs_of(draft, &survey.kinds, keepers, &is_known);
    let asked = surroundings::questions(draft, &survey.kinds, &is_known);
    let concurrency = options.concurrency.max(1) * 2;
    let ((needs, rights), (around, lists), hook_places, custom_resources, definitions) = futures::join!(
        permissions(cluster, needs),
        surroundings::look(cluster, asked, concurrency),
        hook_places(cluster, draft, survey, concurrency),
        definitions::instances(cluster, draft, survey),
        definitions::of_files(cluster, survey)
    );
    let lists = lists + custom_resources.len();
    let watchers = watchers(&around);
    let wanted: Vec<Question> =
        draft.steps.iter().filter(|step| is_known(step) && is_asked(step, options, &watchers)).filter_map(Question::of).collect();
    let count = wanted.len();
    let answers = futures::stream::iter(wanted).map(|question| question.ask(cluster));
    let dry_runs: BTreeMap<ObjectId, DryRunAnswer> = answers.buffer_unordered(concurrency).collect().await;
    Answers {
        needs,
        probes: Vec::new(),
        dry_runs,
        hook_places,
        custom_resources,
        definitions,
        around,
        asked: Asked { rights, lists, dry_runs: count },
    }
}

/// What is live at the places of the plan's hooks, where the survey did not look.
async fn hook_places(cluster: &dyn Cluster, draft: &Plan, survey: &Survey, concurrency: usize) -> BTreeMap<ObjectId, Object> {
    let hooks = draft.steps_of(Action::RunHook).filter_map(|step| match &step.subject {
        Subject::Hook(planned) => Some(planned.objects.iter().map(|placed| placed.location.clone())),
        _ => None,
    });
    let places: BTreeSet<Location> = hooks.flatten().filter(|at| !survey.live.contains_key(at) && !at.name.is_empty()).collect();
    let found = futures::stream::iter(places).map(|at| async move { (at.id(), cluster.get(&at).await.ok()) });
    let found: Vec<_> = found.buffer_unordered(concurrency).collect().await;
    found.into_iter().filter_map(|(id, object)| Some((id, object?))).collect()
}

/// What is given of each need; and how many rights were asked about.
async fn permissions(cluster: &dyn Cluster, needs: Vec<Need>) -> (Vec<(Need, Vec<Permission>)>, usize) {
    let rights: BTreeSet<Right> = needs.iter().flat_map(|need| need.any_of.iter().cloned()).collect();
    let rights: Vec<Right> = rights.into_iter().collect();
    let given = cluster.permissions(&rights).await;
    let count = rights.len();
    let given: BTreeMap<Right, Permission> = rights.into_iter().zip(given).collect();
    let unknown = || Permission::Unknown("nobody asked".to_owned());
    let answered = needs.into_iter().map(|need| {
        let permissions = need.any_of.iter().map(|right| given.get(right).cloned().unwrap_or_else(unknown)).collect();
        (need, permissions)
    });
    (answered.collect(), count)
}

/// Whether a step's write is tried: every one, or those that something in the cluster besides the kind's own rules may refuse.
fn is_asked(step: &Step, options: &RollbackOptions, watchers: &[Watcher]) -> bool {
    // What is on its way out is there as long as the server is asked.
    let waits = step.action == Action::Recreate && !matches!(step.requests.first(), Some(Request::Delete { .. }));
    if options.preflight == Preflight::Reads || !step.action.writes_object() || waits {
        return false;
    }
    let Some(at) = step.location() else { return false };
    if options.preflight == Preflight::All {
        return true;
    }
    let is_custom = !is_built_in(&at.resource.gvk.group);
    matches!(step.action, Action::Create | Action::Recreate)
        || at.resource.gvk.kind == "PersistentVolumeClaim"
        || is_custom && step.action != Action::Delete
        || may_conflict(step)
        || watchers.iter().any(|watcher| watcher.sees(step))
}

/// Whether fields that an apply changes are others' by now, which the server refuses unless it is told to take them over.
fn may_conflict(step: &Step) -> bool {
    let refuses = |request: &Request| matches!(request, Request::Apply { conflicts: Conflicts::Refuse, .. });
    let live = step.seen.as_ref().filter(|_| step.requests.iter().any(refuses));
    live.is_some_and(|live| Managers::of(live).contend(&step.changes))
}

/// A write to try.
struct Question {
    object: ObjectId,
    request: Request,
    /// Whether a request before it takes over the fields that Helm wrote client-side, which a dry run does not keep.
    takes_over: bool,
    /// Whether nothing comes after it: otherwise what the server foresees is not yet what the step leaves.
    is_last: bool,
}

impl Question {
    fn of(step: &Step) -> Option<Self> {
        // What the first that changes values does is not kept for the ones after it.
        let (index, request) = step.requests.iter().enumerate().find(|(_, request)| !is_migration(request))?;
        Some(Self {
            object: step.object()?,
            request: request.clone(),
            takes_over: step.requests.iter().any(is_migration),
            is_last: index + 1 == step.requests.len(),
        })
    }

    async fn ask(self, cluster: &dyn Cluster) -> (ObjectId, DryRunAnswer) {
        let Self { object, mut request, takes_over, is_last } = self;
        let mut answer = cluster.write(&request, DryRun::Server).await;
        let is_own = |message: &str| takes_over && conflicts_only_with(message, FIELD_MANAGER);
        if answer.as_ref().is_err_and(|error| error.kind == ClusterErrorKind::FieldManagers && is_own(&error.message))
            && let Request::Apply { conflicts, .. } = &mut request
        {
            *conflicts = Conflicts::Force;
            answer = cluster.write(&request, DryRun::Server).await;
        }
        let answer = match answer {
            Ok(foreseen) => DryRunAnswer::Accepted(foreseen.filter(|_| is_last).map(Box::new)),
            Err(error) if error.message.contains("does not support dry run") => DryRunAnswer::Open(error.message),
            Err(error) => match error.kind {
                // A controller that wrote between two looks refuses nothing for good.
                ClusterErrorKind::Unreachable
                | ClusterErrorKind::Ambiguous
                | ClusterErrorKind::Busy
                | ClusterErrorKind::Conflict => DryRunAnswer::Open(error.message),
                kind => DryRunAnswer::Refused { kind, message: error.message },
            },
        };
        (object, answer)
    }
}

/// Whether a refusal of an apply names no manager but this one (`k8s.io/apiserver`, `managedfields.NewConflictError`).
fn conflicts_only_with(message: &str, manager: &str) -> bool {
    let named: Vec<&str> =
        message.split("with \"").skip(1).filter_map(|rest| rest.split_once('"').map(|(manager, _)| manager)).collect();
    !named.is_empty() && named.iter().all(|named| *named == manager)
}

#[cfg(test)]
mod tests;
