//! The way back: brings every object that a rollback touched to what it was before.

use futures::StreamExt as _;
use serde_json::{Map, Value, json};

use super::undo_log::{HookTrace, UndoLog};
use super::watch::wait_until_gone;
use super::writer::{ATTEMPTS, PAUSE, Writer};
use super::{Event, RunError};
use crate::Object;
use crate::manifest::install_rank;
use crate::patch;
use crate::plan::{FIELD_MANAGER, Owner, Undo, join_fields, owner_of};
use crate::ports::{ClusterErrorKind, ClusterExt as _, Location, PatchBody, Preconditions, Propagation, Request, Validation};
use crate::release::HelmLine;

const CONCURRENCY: usize = 8;

/// Undoes every entry that `is_meant`, and removes what hooks of the rollback made.
///
/// What was deleted is made again first, then fields are set back, then what the rollback made is removed; each by the live
/// state, so that it may be done twice. What somebody else removed or put in an object's place meanwhile is left as it is.
/// An entry that fails does not keep the others from being undone; it is tried once more at the end.
pub(super) async fn undo(writer: &Writer<'_>, log: &UndoLog, is_meant: impl Fn(&Undo) -> bool) -> Result<(), RunError> {
    let way = WayBack { writer, log };
    let meant: Vec<&Undo> = log.entries.iter().filter(|entry| is_meant(entry)).collect();
    let (removals, mut changes): (Vec<&Undo>, Vec<&Undo>) =
        meant.into_iter().partition(|entry| matches!(entry, Undo::Remove { .. }));
    // What is made again comes first, in the order of an installation; fields are set back against it.
    let rank = |entry: &Undo| install_rank(&entry.at().resource.gvk.kind, HelmLine::V4);
    changes.reverse();
    changes.sort_by_key(|entry| match entry {
        Undo::MakeAgain { .. } | Undo::PutBack { .. } => (0, isize::try_from(rank(entry)).unwrap_or(isize::MAX)),
        _ => (1, -isize::try_from(rank(entry)).unwrap_or(isize::MAX)),
    });
    let mut failed = Vec::new();
    for group in changes.chunk_by(|a, b| (std::mem::discriminant(*a), rank(a)) == (std::mem::discriminant(*b), rank(b))) {
        failed.extend(way.take(group).await);
    }
    let mut errors = way.remove_hooks().await;
    let mut removals: Vec<&Undo> = removals.into_iter().rev().collect();
    removals.sort_by_key(|entry| std::cmp::Reverse(rank(entry)));
    errors.extend(way.take(&removals).await.into_iter().map(|(_, error)| error));
    // A name, port or address may have been in the way that is free by now.
    let again: Vec<&Undo> = failed.iter().map(|(entry, _)| *entry).collect();
    errors.extend(way.take(&again).await.into_iter().map(|(_, error)| error));
    RunError::first_of(errors).map_or(Ok(()), Err)
}

struct WayBack<'a> {
    writer: &'a Writer<'a>,
    log: &'a UndoLog,
}

impl WayBack<'_> {
    /// Undoes entries together, and returns those that could not be undone.
    async fn take<'e>(&self, entries: &[&'e Undo]) -> Vec<(&'e Undo, RunError)> {
        let owned: Vec<Undo> = entries.iter().map(|entry| (*entry).clone()).collect();
        let taken = futures::stream::iter(owned).map(|entry| async move { self.take_one(&entry).await });
        let results: Vec<_> = taken.buffered(CONCURRENCY).collect().await;
        let mut failed = Vec::new();
        for (entry, result) in entries.iter().copied().zip(results) {
            match result {
                Ok(None) => {}
                Ok(Some(how)) => {
                    let (object, how) = (entry.object(), how.to_owned());
                    self.writer.observer.event(&Event::ObjectReturned { object, how });
                }
                Err(error) => failed.push((entry, error)),
            }
        }
        failed
    }

    /// Undoes one entry; `None` when there was nothing to do.
    async fn take_one(&self, entry: &Undo) -> Result<Option<&'static str>, RunError> {
        match entry {
            Undo::Remove { at, instead_of } => self.remove(at, instead_of.as_deref()).await,
            Undo::Restore { at, uid, reverse, owners } => self.restore(at, uid, reverse.as_ref(), owners).await,
            Undo::MakeAgain { at, uid, object, owners } => self.make_again(at, uid, object, owners).await,
            Undo::PutBack { at, uid, object, propagation, owners } => {
                if !self.clear(at, uid, object, *propagation).await? {
                    return Ok(None);
                }
                self.make_again(at, uid, object, owners).await
            }
        }
    }

    fn warn(&self, at: &Location, what: &str) {
        self.writer.observer.event(&Event::Warning { message: format!("{at}: {what}") });
    }

    async fn remove(&self, at: &Location, instead_of: Option<&str>) -> Result<Option<&'static str>, RunError> {
        let Some(live) = self.writer.cluster.find(at).await? else { return Ok(None) };
        if instead_of.is_some() && live.uid() == instead_of {
            return Ok(None);
        }
        if owner_of(&live, &self.log.name, &self.log.namespace) != Owner::Ours {
            self.warn(at, "it is not this release's, and stays");
            return Ok(None);
        }
        self.delete(at, &live, Propagation::Background).await?;
        Ok(Some("removed again"))
    }

    /// Removes what the rollback made in the place of another object; `false` when something is there that is not to be touched.
    ///
    /// What a way back that did not come to its end has put there already stays: it has everything that the first one had.
    async fn clear(&self, at: &Location, uid: &str, object: &Object, propagation: Propagation) -> Result<bool, RunError> {
        let Some(live) = self.writer.cluster.find(at).await? else { return Ok(true) };
        if live.uid() == Some(uid) || has_all_of(live.as_value(), object.as_value()) {
            return Ok(true);
        }
        if owner_of(&live, &self.log.name, &self.log.namespace) != Owner::Ours {
            self.warn(at, "another object is in its place, and stays as it is");
            return Ok(false);
        }
        self.delete(at, &live, propagation).await?;
        Ok(true)
    }

    /// Deletes exactly that object, and waits until it is gone.
    async fn delete(&self, at: &Location, live: &Object, propagation: Propagation) -> Result<(), RunError> {
        let uid = live.uid().map(str::to_owned);
        let preconditions = Preconditions { uid: uid.clone(), resource_version: None };
        let request = Request::Delete { at: at.clone(), propagation, preconditions };
        match self.writer.object(&request).await {
            Ok(_) => {}
            Err(error) if error.kind == ClusterErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind == ClusterErrorKind::Ambiguous => match self.writer.cluster.find(at).await? {
                Some(live) if live.uid() == uid.as_deref() && !live.is_terminating() => return Err(error.into()),
                _ => {}
            },
            Err(error) => return Err(error.into()),
        }
        wait_until_gone(self.writer, at, uid.as_deref(), self.log.asked.options().timeout).await
    }

    async fn restore(
        &self,
        at: &Location,
        uid: &str,
        reverse: Option<&PatchBody>,
        owners: &Value,
    ) -> Result<Option<&'static str>, RunError> {
        let (mut pause, mut attempts) = (PAUSE, 1..ATTEMPTS * 2);
        let mut done = None;
        loop {
            let Some(live) = self.writer.cluster.find(at).await? else {
                self.warn(at, "somebody removed it meanwhile, and it is not made again");
                return Ok(None);
            };
            if live.uid() != Some(uid) {
                self.warn(at, "another object is in its place, and stays as it is");
                return Ok(None);
            }
            let result = self.set_back(at, &live, reverse, owners, &mut done).await;
            match result {
                // Somebody, most likely a controller, wrote between: what is live is looked at again.
                // So is it when the answer was lost: then there may be nothing left to do.
                Err(RunError::Cluster(error))
                    if matches!(error.kind, ClusterErrorKind::Conflict | ClusterErrorKind::Ambiguous)
                        && attempts.next().is_some() => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(done),
            }
            self.writer.clock.sleep(pause).await;
            pause *= 2;
        }
    }

    async fn set_back(
        &self,
        at: &Location,
        live: &Object,
        reverse: Option<&PatchBody>,
        owners: &Value,
        done: &mut Option<&'static str>,
    ) -> Result<(), RunError> {
        let mut live = live.clone();
        if let Some(reverse) = reverse {
            let schemas = self.writer.cluster.schemas(std::slice::from_ref(&at.resource.gvk)).await?;
            // A patch that cannot be tried here is for the server to judge.
            let changes = patch::apply(&schemas, &at.resource.gvk, live.as_value(), reverse);
            if changes.is_ok_and(|after| !is_same(&after, live.as_value())) {
                let patch = bound_to(reverse, live.resource_version());
                if let Some(after) = self.send_patch(at, patch).await? {
                    live = after;
                }
                *done = Some("fields set back");
            }
        }
        if let Some(operations) = owners_patch(&live, owners) {
            self.send_patch(at, PatchBody::Json(operations)).await?;
            *done = done.or(Some("owners of fields set back"));
        }
        Ok(())
    }

    async fn send_patch(&self, at: &Location, patch: PatchBody) -> Result<Option<Object>, RunError> {
        let (at, manager) = (at.clone(), FIELD_MANAGER.to_owned());
        Ok(self.writer.object(&Request::Patch { at, patch, manager, validation: Validation::Ignore }).await?)
    }

    async fn make_again(
        &self,
        at: &Location,
        uid: &str,
        object: &Object,
        owners: &Value,
    ) -> Result<Option<&'static str>, RunError> {
        if let Some(live) = self.writer.cluster.find(at).await? {
            if live.uid() != Some(uid) {
                // Made by somebody else, or by a way back that did not come to its end.
                return self.restore(at, live.uid().unwrap_or_default(), None, owners).await;
            }
            if !live.is_terminating() {
                return Ok(None);
            }
            wait_until_gone(self.writer, at, Some(uid), self.log.asked.options().timeout).await?;
        }
        let manager = FIELD_MANAGER.to_owned();
        let request = Request::Create { at: at.clone(), object: object.clone(), manager, validation: Validation::Ignore };
        let made = match self.writer.object(&request).await {
            Ok(made) => made,
            Err(error) if matches!(error.kind, ClusterErrorKind::AlreadyExists) => None,
            Err(error) if error.kind == ClusterErrorKind::Ambiguous => match self.writer.cluster.find(at).await? {
                Some(live) => Some(live),
                None => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        };
        if let Some(uid) = made.as_ref().and_then(Object::uid) {
            self.restore(at, uid, None, owners).await?;
        }
        Ok(Some("made again"))
    }

    /// Removes the objects that the rollback's hooks made. What a hook deleted is not put back: that would run it again.
    async fn remove_hooks(&self) -> Vec<RunError> {
        let mut errors = Vec::new();
        for HookTrace { at, before } in &self.log.hooks {
            let live = match self.writer.cluster.find(at).await {
                Ok(live) => live,
                Err(error) => {
                    errors.push(error.into());
                    continue;
                }
            };
            let Some(live) = live.filter(|live| live.uid() != before.as_deref()) else { continue };
            match self.delete(at, &live, Propagation::Background).await {
                Ok(()) => {
                    let (object, how) = (at.id(), "removed again".to_owned());
                    self.writer.observer.event(&Event::ObjectReturned { object, how });
                }
                Err(error) => errors.push(error),
            }
        }
        errors
    }
}

/// Whether an object has every field of another with the same value.
fn has_all_of(live: &Value, other: &Value) -> bool {
    match (live, other) {
        (Value::Object(live), Value::Object(other)) => {
            other.iter().all(|(key, value)| has_all_of(live.get(key).unwrap_or(&Value::Null), value))
        }
        (live, other) => is_same(live, other),
    }
}

/// The same but for fields that are null in one and absent in the other.
fn is_same(a: &Value, b: &Value) -> bool {
    let objects = |a: &Map<String, Value>, b: &Map<String, Value>| {
        let covers = |a: &Map<String, Value>, b: &Map<String, Value>| {
            a.iter().all(|(key, value)| is_same(value, b.get(key).unwrap_or(&Value::Null)))
        };
        covers(a, b) && covers(b, a)
    };
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => objects(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (a, b) => a == b,
    }
}

/// A patch that the server refuses when somebody wrote between.
pub(super) fn bound_to(patch: &PatchBody, version: Option<&str>) -> PatchBody {
    let mut patch = patch.clone();
    if let (PatchBody::Merge(body) | PatchBody::Strategic(body), Some(version)) = (&mut patch, version) {
        body["metadata"]["resourceVersion"] = Value::from(version);
    }
    patch
}

/// The patch that gives fields back to those who owned them before; `None` when they do own them.
///
/// Whatever other managers wrote since stays theirs.
fn owners_patch(live: &Object, before: &Value) -> Option<Value> {
    let before = before.as_array()?;
    let now = live.at(&["metadata", "managedFields"])?.as_array()?;
    let wanted = owners_after(before, now);
    let is_same = wanted.len() == now.len() && wanted.iter().all(|entry| now.contains(entry));
    (!is_same).then(|| {
        json!([
            { "op": "replace", "path": "/metadata/managedFields", "value": wanted },
            { "op": "replace", "path": "/metadata/resourceVersion", "value": live.resource_version().unwrap_or_default() },
        ])
    })
}

fn owners_after(before: &[Value], now: &[Value]) -> Vec<Value> {
    let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let identity = |entry: &Value| ["manager", "operation", "subresource", "apiVersion"].map(|key| text(entry, key));
    let is_ours = |entry: &Value| text(entry, "manager") == FIELD_MANAGER && text(entry, "subresource").is_empty();
    let mut wanted: Vec<Value> = before.iter().filter(|entry| is_ours(entry)).cloned().collect();
    for entry in now.iter().filter(|entry| !is_ours(entry)) {
        let mut entry = entry.clone();
        if let Some(earlier) = before.iter().find(|earlier| identity(earlier) == identity(&entry))
            && let (Some(mine), Some(theirs)) = (entry.get_mut("fieldsV1"), earlier.get("fieldsV1"))
        {
            join_fields(mine, theirs);
        }
        wanted.push(entry);
    }
    // A manager from whom every field was taken has no entry any more.
    let gone = before.iter().filter(|entry| !is_ours(entry) && !now.iter().any(|other| identity(other) == identity(entry)));
    wanted.extend(gone.cloned());
    wanted
}

#[cfg(test)]
mod tests;
