//! Migrations that ran between the target and the current revision, as far as names and images tell.

use crate::hook::Event;
use crate::plan::{Finding, FindingId, RollbackOptions, Rule, Severity, Step, Survey, Verdict};

/// A migration that ran between the target and the current revision, as far as names and images tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct MigrationRan;

/// Words by which migrations are known: what people call them, and the tools for them.
const WORDS: [&str; 11] =
    ["migrat", "flyway", "liquibase", "alembic", "goose", "sqitch", "db-upgrade", "dbmate", "schema-update", "prisma", "knex"];

impl Rule for MigrationRan {
    fn look(&self, survey: &Survey, _options: &RollbackOptions, _steps: &[Step]) -> Vec<Finding> {
        let target = survey.target();
        let known: Vec<&str> = target.hooks.iter().map(|read| read.hook.manifest.as_str()).collect();
        let later = survey.baseline().filter(|revision| revision.revision() > target.revision());
        let mut seen = Vec::new();
        let mut findings = Vec::new();
        for revision in later {
            for read in &revision.hooks {
                let hook = &read.hook;
                let runs = hook.events.iter().any(|event| matches!(event, Event::PreUpgrade | Event::PostUpgrade));
                let text = hook.manifest.to_lowercase();
                let is_migration = ["Job", "Pod"].contains(&hook.kind.as_str()) && WORDS.iter().any(|word| text.contains(word));
                let is_new = !known.contains(&hook.manifest.as_str()) && !seen.contains(&hook.manifest);
                if runs && is_migration && is_new {
                    seen.push(hook.manifest.clone());
                    findings.push(ran(revision.revision(), &format!("{} {}", hook.kind, hook.name), target.revision()));
                }
            }
        }
        findings
    }
}

fn ran(revision: crate::Revision, hook: &str, target: crate::Revision) -> Finding {
    Finding::new(
        FindingId::MIGRATION_RAN,
        Severity::Caution,
        format!("{hook} of revision {revision} looks like a migration, and revision {target} has it not in this form"),
        "programs of the target may not understand what it made of the data, and a rollback does not run it backwards",
    )
    .way_out("back the data up, and make sure that the target's programs still read it")
    .way_out(format!("say in the chart what holds: annotate {hook} with rollback-safe/no-return when there is no way back"))
    .leading_to(Verdict::BackUpFirst)
}

#[cfg(test)]
mod tests;
