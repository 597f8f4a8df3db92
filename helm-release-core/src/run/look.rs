//! The way to a plan, with everything that it will be run with: look, ask the server beforehand, judge.

use super::Engine;
use crate::inquiry::inquire_about;
use crate::plan::{Keepers, LockSeen, Mode, Plan, ProbeAnswer, RollbackOptions, Rule, Survey, draft, rules};
use crate::ports::{Journal, Lock};
use crate::survey::{SurveyError, look_at_lock, survey};
use crate::{Namespace, ReleaseName};

/// What was seen of a release and answered by the server, and the steps that follow; nothing is judged yet.
///
/// ```
/// use helm_release_core::plan::{FindingId, ProbeAnswer, RollbackOptions, rules};
/// use helm_release_core::ports::NoObserver;
/// use helm_release_core::run::Engine;
/// use helm_release_store::clock::SystemClock;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
/// let looked = engine.look(&shop.namespace, &shop.name, &RollbackOptions::default()).await?;
/// assert_eq!(looked.survey.choice.revision.get(), 2);
/// // A check of one's own comes between looking and judging.
/// let failure = Some("the shop opens in five minutes".to_owned());
/// let (_, plan) = looked.with_probes(vec![ProbeAnswer { probe: "opening hours".to_owned(), failure }]).judged(&rules::all());
/// assert_eq!(plan.blocking().next().map(|finding| finding.id.clone()), Some(FindingId::PROBE_FAILED));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Looked {
    /// What was seen, with the server's answers.
    pub survey: Survey,
    /// The steps.
    pub draft: Plan,
}

impl Looked {
    /// Adds what checks of the user's own said.
    ///
    /// ```
    /// use helm_release_core::plan::{ProbeAnswer, RollbackOptions, rules};
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::Engine;
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
    /// let looked = engine.look(&shop.namespace, &shop.name, &RollbackOptions::default()).await?;
    /// let yes = ProbeAnswer { probe: "opening hours".to_owned(), failure: None };
    /// let (survey, plan) = looked.with_probes(vec![yes.clone()]).judged(&rules::all());
    /// assert_eq!(survey.answers.probes, [yes]);
    /// assert_eq!(plan.blocking().count(), 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_probes(mut self, probes: Vec<ProbeAnswer>) -> Self {
        self.survey.answers.probes = probes;
        self
    }

    /// The plan, as the rules judge it, and what it was made from.
    ///
    /// ```
    /// use helm_release_core::plan::{RollbackOptions, Rule, rules};
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::Engine;
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
    /// let looked = engine.look(&shop.namespace, &shop.name, &RollbackOptions::default()).await?;
    /// // Without rules nothing is found, and nothing is wrong.
    /// let (_, unjudged) = looked.clone().judged(&[]);
    /// assert!(unjudged.findings.is_empty());
    /// let (_, plan) = looked.judged(&rules::all());
    /// assert_eq!(plan.findings[0].id.as_str(), "image-not-running");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn judged(self, rules: &[Box<dyn Rule>]) -> (Survey, Plan) {
        let plan = self.draft.judged(&self.survey, rules);
        (self.survey, plan)
    }
}

impl Engine<'_> {
    /// Looks at a release and its lock, works out the steps, and asks the server about them as far as the options want
    /// ([`crate::plan::Preflight`]). Only reads: what is tried is a dry run.
    ///
    /// The rights to the lock and the journal of this engine are asked for too. A lock that this engine's claim holds already
    /// ([`crate::lock::Claim::with_held`]) stands in nobody's way. [`RollbackOptions::probes`] are not run here: whoever can
    /// run them adds the answers ([`Looked::with_probes`]).
    ///
    /// # Errors
    /// [`SurveyError`] when there is no release, no target, or no connection.
    ///
    /// # Cancellation
    /// Nothing is left behind: nothing is written.
    ///
    /// ```
    /// use helm_release_core::lock::Claim;
    /// use helm_release_core::plan::{LockSeen, RollbackOptions};
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::Engine;
    /// use helm_release_store::clock::SystemClock;
    /// use helm_release_store::lock::LeaseLock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let lock = LeaseLock::new(shop.cluster.clone());
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver)
    ///     .with_lock(&lock, Claim::new("7f3a", "ann@bastion", 4711, "rollback shop"));
    /// let looked = engine.look(&shop.namespace, &shop.name, &RollbackOptions::default()).await?;
    /// assert_eq!(looked.survey.lock, LockSeen::Free);
    /// let asked = |resource: &str| looked.survey.answers.needs.iter().any(|(need, _)| need.any_of[0].resource == resource);
    /// assert!(asked("deployments") && asked("leases"));
    /// # Ok(()) });
    /// ```
    pub async fn look(
        &self,
        namespace: &Namespace,
        name: &ReleaseName,
        options: &RollbackOptions,
    ) -> Result<Looked, SurveyError> {
        // In compat mode nothing is written that Helm would not write, and nobody asks who else is at work.
        let is_compat = options.mode == Mode::Compat;
        let lock = self.lock.as_ref().filter(|_| !is_compat);
        let looking = async {
            match lock {
                Some((port, _)) => look_at_lock(*port, namespace, name).await,
                None => LockSeen::NotLookedAt,
            }
        };
        let (survey, seen) = futures::join!(survey(self.storage, self.cluster, namespace, name, options), looking);
        let own = lock.and_then(|(_, claim)| claim.held.as_ref());
        let seen = match (seen, own) {
            (LockSeen::Held(seen), Some(own)) if seen.holder.id == own.holder.id => LockSeen::Free,
            (seen, _) => seen,
        };
        let survey = survey?.with_lock(seen, self.clock.now().timestamp());
        let draft = draft(&survey, options);
        let lock: Option<&dyn Lock> = lock.map(|(port, _)| *port);
        let journal: Option<&dyn Journal> = self.journal.filter(|_| !is_compat);
        let keepers = Keepers::of(self.storage, lock, journal, namespace);
        let answers = inquire_about(self.cluster, &survey, &draft, &keepers).await;
        Ok(Looked { survey: survey.with_answers(answers), draft })
    }

    /// Looks at a release and plans its rollback with this crate's own rules: [`Engine::look`] and [`Looked::judged`] in one.
    ///
    /// # Errors
    /// [`SurveyError`] when there is no release, no target, or no connection.
    ///
    /// # Cancellation
    /// Nothing is left behind: nothing is written.
    ///
    /// ```
    /// use helm_release_core::plan::RollbackOptions;
    /// use helm_release_core::ports::NoObserver;
    /// use helm_release_core::run::{Engine, Outcome};
    /// use helm_release_store::clock::SystemClock;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let engine = Engine::new(&shop.storage, &shop.cluster, &SystemClock, &NoObserver);
    /// let plan = engine.plan(&shop.namespace, &shop.name, &RollbackOptions::default()).await?;
    /// assert!(plan.asked.rights > 0, "the server was asked before anything is written");
    /// if plan.blocking().next().is_none() {
    ///     assert_eq!(engine.run(&plan).await?, Outcome::RolledBack(plan.new_revision));
    /// }
    /// # Ok(()) });
    /// ```
    pub async fn plan(&self, namespace: &Namespace, name: &ReleaseName, options: &RollbackOptions) -> Result<Plan, SurveyError> {
        Ok(self.look(namespace, name, options).await?.judged(&rules::all()).1)
    }
}
