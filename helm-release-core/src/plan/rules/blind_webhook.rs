//! Webhooks that see a write of the plan and cannot be asked beforehand.

use std::collections::BTreeMap;

use crate::inquiry::watchers;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey};

/// Webhooks that see a write of the plan and cannot be asked beforehand: a dry run they refuse, whatever they think of the write.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlindWebhook;

impl Rule for BlindWebhook {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, steps: &[Step]) -> Vec<Finding> {
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for watcher in watchers(&survey.answers.around).iter().filter(|watcher| !watcher.takes_dry_runs) {
            let steps = steps.iter().filter(|step| step.action.writes_object());
            let seen_by_it = steps.filter(|step| watcher.sees(step)).filter_map(Step::location);
            let objects: Vec<String> = seen_by_it.map(ToString::to_string).collect();
            if !objects.is_empty() {
                seen.insert(format!("{} of {}", watcher.name, watcher.configuration), objects);
            }
        }
        seen.into_iter().map(|(webhook, objects)| finding(&webhook, &objects)).collect()
    }
}

fn finding(webhook: &str, objects: &[String]) -> Finding {
    let first = objects.first().map(String::as_str).unwrap_or_default();
    let others = match objects.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    Finding::new(
        FindingId::BLIND_WEBHOOK,
        Severity::Caution,
        format!("webhook {webhook} sees the write of {first}{others} and does not support dry runs"),
        "what it says is known only when the rollback comes to that object",
    )
    .way_out("ask whoever keeps the webhook to declare sideEffects: None or NoneOnDryRun")
}

#[cfg(test)]
mod tests;
