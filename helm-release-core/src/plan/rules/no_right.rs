//! Rights that the rollback needs and the user has not.

use std::collections::BTreeMap;

use crate::plan::rules::block_unless_compat;
use crate::plan::{Finding, FindingId, LockSeen, Need, RollbackOptions, Rule, Seen, Severity, Step, Survey};
use crate::ports::{Permission, Right};

/// Rights that the rollback needs and the user has not: what must be read and may not be, and what the server's
/// authorisation says of every request of the plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoRight;

impl Rule for NoRight {
    fn look(&self, survey: &Survey, options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let mut findings = unread(survey);
        // A lock that may not even be read has its own finding.
        let lockless = matches!(survey.lock, LockSeen::Hidden(_));
        let needs = survey.answers.needs.iter().filter(|(need, _)| !(lockless && need.purpose.ends_with("the lock")));
        let mut missing: BTreeMap<(String, String, Severity), Missing> = BTreeMap::new();
        let mut open = 0_usize;
        for (need, permissions) in needs {
            if permissions.contains(&Permission::Allowed) {
                continue;
            }
            let denial = permissions.iter().zip(&need.any_of).find_map(|(permission, right)| match permission {
                Permission::Denied(reason) => Some((right, reason)),
                _ => None,
            });
            match denial {
                Some((right, reason)) => {
                    let entry = missing
                        .entry((right.kind(), right.place(), need.weight))
                        .or_insert_with(|| Missing::new(right, reason, need.weight));
                    entry.add(need);
                }
                None if need.weight == Severity::Block => open += 1,
                None => {}
            }
        }
        findings.extend(missing.into_values().map(|missing| missing.finding(options)));
        if open > 0 {
            let what = format!("the server does not tell whether {open} of the rights that are needed are given");
            let why = "one that is missing shows when it is used";
            findings.push(Finding::new(FindingId::NO_RIGHT, Severity::Note, what, why));
        }
        findings
    }
}

/// Rights over one kind in one place that are missing.
struct Missing {
    place: String,
    reason: String,
    verbs: Vec<String>,
    purposes: Vec<String>,
    weight: Severity,
}

impl Missing {
    fn new(right: &Right, reason: &str, weight: Severity) -> Self {
        let place = format!("{} {}", right.kind(), right.place());
        Self { place, reason: reason.to_owned(), verbs: Vec::new(), purposes: Vec::new(), weight }
    }

    fn add(&mut self, need: &Need) {
        let verbs: Vec<&str> = need.any_of.iter().map(|right| right.verb).collect();
        let verbs = verbs.join(" or ");
        if !self.verbs.contains(&verbs) {
            self.verbs.push(verbs);
        }
        if !self.purposes.contains(&need.purpose) {
            self.purposes.push(need.purpose.clone());
        }
    }

    fn finding(self, options: &RollbackOptions) -> Finding {
        let Self { place, reason, verbs, purposes, weight } = self;
        let shown: Vec<&str> = purposes.iter().take(3).map(String::as_str).collect();
        let others = purposes.len().saturating_sub(shown.len());
        let others = if others == 0 { String::new() } else { format!(", and {others} more") };
        let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        let what = format!("no right to {} {place}{reason}, needed to {}{others}", verbs.join(", "), shown.join(", "));
        let (weight, why) = match weight {
            Severity::Block => {
                (block_unless_compat(options), "the rollback would fail there, with what came before it changed already")
            }
            Severity::Caution => (Severity::Caution, "the rollback can do without, and is less safe"),
            Severity::Note => (Severity::Note, "the rollback can do without, and tells less"),
        };
        let way_out = format!("get the rights {} on {place}", verbs.join(", "));
        Finding::new(FindingId::NO_RIGHT, weight, what, why).way_out(way_out).way_out("roll back as somebody who has them")
    }
}

/// Objects that must be read and may not be.
fn unread(survey: &Survey) -> Vec<Finding> {
    let hidden = survey.live.iter().filter_map(|(location, seen)| match seen {
        Seen::Hidden(reason) => Some((location, reason)),
        Seen::Absent | Seen::Live(_) => None,
    });
    hidden
        .map(|(location, reason)| {
            let what = format!("it cannot be read: {reason}");
            let why = "without its live state neither a patch nor its owner is known";
            let (kind, group) = (&location.resource.plural, &location.resource.gvk.group);
            let right = if group.is_empty() { kind.clone() } else { format!("{kind}.{group}") };
            let place =
                location.namespace.as_ref().map_or("in the cluster".to_owned(), |namespace| format!("in namespace {namespace}"));
            Finding::new(FindingId::NO_RIGHT, Severity::Block, what, why)
                .about(location.id())
                .way_out(format!("get the rights get, create, patch and delete on {right} {place}"))
                .impossible()
        })
        .collect()
}

#[cfg(test)]
mod tests;
