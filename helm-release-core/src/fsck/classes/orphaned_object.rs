//! A live object of this release that no revision knows.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::is_controlled;
use crate::ObjectId;
use crate::fsck::{Ailment, Class, Examination};
use crate::manifest::{RemovalPolicy, removal_policy};

pub(super) fn look(examination: &Examination, now: Timestamp) -> Vec<Ailment> {
    let is_held = examination.lock.as_ref().is_some_and(|held| !held.holder.is_expired(now));
    if is_held || examination.is_pending() || !examination.knows_all() {
        // An operation may be at work on it, or a revision that cannot be read may have it.
        return Vec::new();
    }
    let contents = || {
        examination
            .readable()
            .flat_map(|revision| std::iter::once(&revision.contents).chain(revision.hooks.iter().map(|hook| &hook.contents)))
    };
    if contents().any(|contents| !contents.unreadable.is_empty()) {
        return Vec::new();
    }
    let known: BTreeSet<ObjectId> = contents().flat_map(|contents| &contents.placed).map(|placed| placed.location.id()).collect();
    // An object of an API that was removed lives on in another group.
    let moved: BTreeSet<(&str, &str)> = contents()
        .flat_map(|contents| &contents.unplaced)
        .map(|unplaced| (unplaced.gvk.kind.as_str(), unplaced.name.as_str()))
        .collect();
    let orphans = examination.owned.iter().filter(|(location, live)| {
        !known.contains(&location.id())
            && !moved.contains(&(live.kind(), live.name()))
            && !is_controlled(live)
            && !live.is_terminating()
            // Kept on purpose.
            && removal_policy(live) == RemovalPolicy::Remove
    });
    orphans
        .map(|(location, _)| {
            let what = "it says that it belongs to this release, and no revision has it";
            let why = "no upgrade, rollback or uninstall removes it: a failed one left it, and the record that named it is gone";
            let namespace = location.namespace.as_ref().map_or_else(String::new, |namespace| format!(" --namespace {namespace}"));
            let way = format!("when nobody needs it: kubectl delete {} {}{namespace}", location.resource.plural, location.name);
            Ailment::note(Class::OrphanedObject, what, why).about(location.id()).way_out(way)
        })
        .collect()
}
