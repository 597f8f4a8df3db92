//! Waits until objects are ready: all together, told by watches, by Helm's rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};

use super::watch::{ByName, Change, Follow, Scope, follow, note, within};
use super::writer::Writer;
use super::{Event, RunError};
use crate::Object;
use crate::plan::{Action, Plan, Subject, WaitStrategy};
use crate::ports::{ClusterErrorKind, ClusterExt as _, Kinds, Location};
use crate::readiness::{Need, Readiness, Related, State, legacy, watcher};

/// How often states are judged again without news: one rule goes by the clock (a Pod without a node fails after 15 s).
const TICK: Duration = Duration::from_secs(5);
/// How often an object is read where it may not be watched.
const POLL: Duration = Duration::from_secs(2);

/// Waits as the plan says; does nothing when it does not say so.
pub(super) async fn wait(writer: &Writer<'_>, plan: &Plan) -> Result<(), RunError> {
    let waits = plan.steps_of(Action::Wait).filter_map(|step| match &step.subject {
        Subject::Objects(locations) => Some(locations.clone()),
        _ => None,
    });
    for locations in waits {
        wait_for(writer, plan, locations).await?;
    }
    Ok(())
}

/// The rules to judge by.
#[derive(Debug, Clone, Copy)]
struct Rules<'a> {
    plan: &'a Plan,
}

impl Rules<'_> {
    fn legacy(self) -> legacy::Options {
        legacy::Options::of(self.plan.line).with_wait_for_jobs(self.plan.options.wait_for_jobs)
    }

    fn needs(self, object: &Object) -> Option<Need> {
        match self.plan.options.wait {
            WaitStrategy::Legacy => legacy::needs(object, &self.legacy()),
            WaitStrategy::Watcher | WaitStrategy::HookOnly => watcher::needs(object),
        }
    }

    /// `None` when the object is not waited for at all.
    fn judge(self, object: &Object, related: &Related<'_>, now: jiff::Timestamp) -> Option<Readiness> {
        match self.plan.options.wait {
            WaitStrategy::Legacy => Some(legacy::ready(object, related, &self.legacy())),
            WaitStrategy::Watcher | WaitStrategy::HookOnly => {
                let options = watcher::Options::at(now).with_wait_for_jobs(self.plan.options.wait_for_jobs);
                watcher::status(object, related, &options)
            }
        }
    }
}

/// What is known of the objects while waiting.
#[derive(Debug)]
struct Board {
    live: BTreeMap<Scope, ByName>,
    states: BTreeMap<Location, Readiness>,
}

impl Board {
    fn object(&self, location: &Location) -> Option<&Object> {
        self.live.get(&Scope::around(location))?.get(&location.name)
    }

    /// Judges every object again, tells what changed, and says whether the wait is over:
    /// it is when nothing that did not fail is still on its way.
    fn judge(&mut self, rules: Rules<'_>, locations: &[Location], writer: &Writer<'_>) -> Follow {
        let now = writer.clock.now().timestamp();
        let related: Related<'_> = self.live.values().flat_map(BTreeMap::values).collect();
        let mut states = BTreeMap::new();
        for location in locations {
            let state = match self.object(location) {
                None => Some(Readiness::not_found()),
                Some(object) => rules.judge(object, &related, now),
            };
            if let Some(state) = state {
                states.insert(location.clone(), state);
            }
        }
        for (location, state) in &states {
            if self.states.get(location) != Some(state) {
                let event = Event::ObjectState { object: location.id(), state: state.state, reason: state.reason.clone() };
                writer.observer.event(&event);
            }
        }
        let is_over = states.values().all(|state| matches!(state.state, State::Ready | State::Failed));
        self.states = states;
        if is_over { Follow::Stop } else { Follow::On }
    }

    fn complaints(&self) -> Vec<String> {
        let waiting = self.states.iter().filter(|(_, state)| !state.is_ready());
        waiting
            .map(|(location, state)| {
                let namespace = location.namespace.as_deref().unwrap_or_default();
                state.helm_error(&location.resource.gvk.kind, namespace, &location.name)
            })
            .collect()
    }
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    // A panic of another holder leaves nothing half-written here.
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn wait_for(writer: &Writer<'_>, plan: &Plan, locations: Vec<Location>) -> Result<(), RunError> {
    if locations.is_empty() {
        return Ok(());
    }
    let rules = Rules { plan };
    let kinds = writer.cluster.kinds(false).await?;
    let scopes = scopes(rules, &kinds, &locations);
    // Nothing can be said before every scope has been listed once.
    let unlisted = Mutex::new(scopes.clone());
    let board = Mutex::new(Board { live: BTreeMap::new(), states: BTreeMap::new() });
    let told = |scope: &Scope, change: Change| {
        let mut board = lock(&board);
        note(board.live.entry(scope.clone()).or_default(), change);
        let mut unlisted = unlisted.lock().unwrap_or_else(PoisonError::into_inner);
        unlisted.remove(scope);
        if unlisted.is_empty() { board.judge(rules, &locations, writer) } else { Follow::On }
    };
    let mut followers: FuturesUnordered<BoxFuture<'_, Result<(), RunError>>> = FuturesUnordered::new();
    for scope in &scopes {
        followers.push(follow_or_poll(writer, scope, &locations, &told).boxed());
    }
    let ticking = async {
        loop {
            writer.clock.sleep(TICK).await;
            let is_listed = unlisted.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
            if is_listed && lock(&board).judge(rules, &locations, writer) == Follow::Stop {
                return Ok(());
            }
        }
    };
    followers.push(ticking.boxed());
    let outcome = within(writer, plan.options.timeout, followers.next()).await;
    drop(followers);
    let mut complaints = lock(&board).complaints();
    match outcome.flatten() {
        Some(Err(error)) => Err(error),
        Some(Ok(())) if complaints.is_empty() => Ok(()),
        Some(Ok(())) => Err(RunError::NotReady { lines: complaints }),
        None => {
            complaints.push("context deadline exceeded".to_owned());
            Err(RunError::NotReady { lines: complaints })
        }
    }
}

/// The kinds and namespaces to follow: those of the objects, and those of what decides with them.
fn scopes(rules: Rules<'_>, kinds: &Kinds, locations: &[Location]) -> BTreeSet<Scope> {
    let mut scopes: BTreeSet<Scope> = locations.iter().map(Scope::around).collect();
    for location in locations {
        let Some(placed) = rules.plan.target.find(location) else { continue };
        let Some(need) = rules.needs(&placed.object.unpack()) else { continue };
        if let Some(resource) = kinds.find(&need.gvk) {
            scopes.insert(Scope { resource: resource.clone(), namespace: need.namespace, name: None });
        }
    }
    scopes
}

/// Follows a scope by watching; where listing or watching is forbidden, reads its objects one by one now and then.
async fn follow_or_poll(
    writer: &Writer<'_>,
    scope: &Scope,
    locations: &[Location],
    told: &(impl Fn(&Scope, Change) -> Follow + Sync),
) -> Result<(), RunError> {
    match follow(writer, scope, |change| told(scope, change)).await {
        Err(error) if error.kind == ClusterErrorKind::Forbidden => {
            let message = format!("{error}; reads objects one by one every {} s instead", POLL.as_secs());
            writer.observer.event(&Event::Warning { message });
        }
        result => return Ok(result?),
    }
    let mine: Vec<&Location> = locations.iter().filter(|location| Scope::around(location) == *scope).collect();
    loop {
        let mut objects = Vec::new();
        for location in &mine {
            objects.extend(writer.cluster.find(location).await?);
        }
        if told(scope, Change::All(objects)) == Follow::Stop {
            return Ok(());
        }
        writer.clock.sleep(POLL).await;
    }
}
