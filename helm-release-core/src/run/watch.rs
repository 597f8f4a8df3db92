//! Follows live objects by list and watch.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::{Either, select};
use futures::{FutureExt as _, StreamExt as _};

use super::RunError;
use super::writer::Writer;
use crate::Object;
use crate::ports::{ClusterError, ClusterErrorKind, ListOptions, Location, Resource, WatchEvent};

/// How long to pause before a watch that broke is begun again.
const PAUSE: Duration = Duration::from_millis(200);

/// What a follower may do after each change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follow {
    /// Go on.
    On,
    /// Stop.
    Stop,
}

/// The objects of one kind in one namespace, or one of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    pub(super) resource: Resource,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
}

impl Scope {
    /// One object.
    pub(super) fn one(location: &Location) -> Self {
        Self { resource: location.resource.clone(), namespace: location.namespace.clone(), name: Some(location.name.clone()) }
    }

    /// Every object of the kind in the object's namespace.
    pub(super) fn around(location: &Location) -> Self {
        Self { name: None, ..Self::one(location) }
    }

    fn options(&self) -> ListOptions {
        let options = ListOptions::within(self.namespace.as_deref());
        match &self.name {
            Some(name) => options.with_fields(format!("metadata.name={name}")),
            None => options,
        }
    }
}

/// A change that a follower is told: the whole list after each (re)start, single objects afterwards.
#[derive(Debug)]
pub(super) enum Change {
    /// These are all there are.
    All(Vec<Object>),
    /// This one is new or different.
    One(Object),
    /// This one is gone.
    Gone(Object),
}

/// Follows a scope until `told` says stop, listing again whenever the watch breaks.
///
/// # Errors
/// The first error of a list or watch that is not a broken connection.
pub(super) async fn follow(
    writer: &Writer<'_>,
    scope: &Scope,
    mut told: impl FnMut(Change) -> Follow + Send,
) -> Result<(), ClusterError> {
    let options = scope.options();
    loop {
        let listing = match writer.cluster.list(&scope.resource, &options).await {
            Ok(listing) => listing,
            Err(error) if is_passing(&error) => {
                writer.clock.sleep(PAUSE).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        let version = listing.resource_version.clone();
        if told(Change::All(listing.items)) == Follow::Stop {
            return Ok(());
        }
        let mut changes = match writer.cluster.watch(&scope.resource, &options, &version).await {
            Ok(changes) => changes,
            Err(error) if is_passing(&error) => {
                writer.clock.sleep(PAUSE).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        loop {
            let change = match changes.next().await {
                Some(Ok(WatchEvent::Changed(object))) => Change::One(object),
                Some(Ok(WatchEvent::Deleted(object))) => Change::Gone(object),
                Some(Err(error)) if !is_passing(&error) => return Err(error),
                Some(Err(_)) | None => break,
            };
            if told(change) == Follow::Stop {
                return Ok(());
            }
        }
        writer.clock.sleep(PAUSE).await;
    }
}

/// Whether a failure of a read may pass by itself.
fn is_passing(error: &ClusterError) -> bool {
    matches!(
        error.kind,
        ClusterErrorKind::Busy
            | ClusterErrorKind::Unreachable
            | ClusterErrorKind::Ambiguous
            | ClusterErrorKind::Expired
            | ClusterErrorKind::Conflict
    )
}

/// Runs a future no longer than that; `None` when the time was up first.
pub(super) async fn within<T>(writer: &Writer<'_>, limit: Duration, work: impl Future<Output = T> + Send) -> Option<T> {
    let timer = writer.clock.sleep(limit);
    match select(work.boxed(), timer).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(((), _)) => None,
    }
}

/// Waits until nothing is at a place, or something with another uid than `uid`.
pub(super) async fn wait_until_gone(
    writer: &Writer<'_>,
    location: &Location,
    uid: Option<&str>,
    limit: Duration,
) -> Result<(), RunError> {
    let is_other = |object: &Object| uid.is_some() && object.uid() != uid;
    let scope = Scope::one(location);
    let following = follow(writer, &scope, |change| {
        let is_gone = match &change {
            Change::All(objects) => objects.iter().all(is_other),
            Change::One(object) => is_other(object),
            Change::Gone(_) => true,
        };
        if is_gone { Follow::Stop } else { Follow::On }
    });
    match within(writer, limit, following).await {
        Some(result) => Ok(result?),
        None => Err(RunError::StillThere { object: location.id(), seconds: limit.as_secs() }),
    }
}

/// The live objects of one scope by name.
pub(super) type ByName = BTreeMap<String, Object>;

/// Brings a map of live objects up to date.
pub(super) fn note(objects: &mut ByName, change: Change) {
    match change {
        Change::All(all) => *objects = all.into_iter().map(|object| (object.name().to_owned(), object)).collect(),
        Change::One(object) => {
            objects.insert(object.name().to_owned(), object);
        }
        Change::Gone(object) => {
            objects.remove(object.name());
        }
    }
}
