//! What a command line asks of a rollback, in the library's words.

use helm_release_core::history::Selector;
use helm_release_core::plan::{
    Acceptance, FindingId, Hooks, Mode, OnFailure, RollbackOptions, ServerSide, WaitStrategy, Writing,
};
use helm_release_core::ports::Conflicts;

use super::RollbackArgs;
use crate::args::{self, Wait};
use crate::{Report, Settings};

/// Reads the options of a rollback.
///
/// # Errors
/// A [`Report`] for a revision that names none, and for an id that no finding has.
pub(super) fn options(args: &RollbackArgs, settings: &Settings) -> Result<RollbackOptions, Report> {
    let mut options = RollbackOptions::default();
    options.mode = if args.compat { Mode::Compat } else { Mode::Safe };
    options.selector = selector(args)?;
    options.hooks = hooks(args)?;
    options.server_side = match args.server_side {
        args::ServerSide::Auto => ServerSide::Auto,
        args::ServerSide::Yes => ServerSide::Yes,
        args::ServerSide::No => ServerSide::No,
    };
    options.writing = if args.replaces() { Writing::Replace } else { Writing::Patch };
    options.conflicts = if args.force_conflicts { Conflicts::Force } else { Conflicts::Refuse };
    options.wait = match args.wait {
        Wait::Watcher => WaitStrategy::Watcher,
        Wait::HookOnly => WaitStrategy::HookOnly,
        Wait::Legacy => WaitStrategy::Legacy,
    };
    options.wait_for_jobs = args.wait_for_jobs;
    options.timeout = args.timeout;
    options.on_failure = match args.on_failure {
        args::OnFailure::Return => OnFailure::Return,
        args::OnFailure::Stop => OnFailure::Stop,
    };
    options.cleanup_on_fail = args.cleanup_on_fail;
    // Helm reads every limit below 1 as no limit.
    options.history_max = u32::try_from(args.history_max(settings)).unwrap_or(0);
    options.keep_good = args.keep_good;
    options.description = Some(args.description.clone()).filter(|description| !description.is_empty());
    options.recreate_pods = args.recreate_pods;
    options.accept = acceptances(args)?;
    options.drift = args.drift;
    options.drift_rules.clone_from(&args.drift_rule);
    options.probes.clone_from(&args.probe);
    Ok(options)
}

fn hooks(args: &RollbackArgs) -> Result<Hooks, Report> {
    if args.compat && matches!(args.hooks, Hooks::Current | Hooks::Both) {
        let report = Report::usage(format!("--hooks {} is not helm's way", args.hooks.as_str()));
        return Err(report.with_hint("with --compat the hooks of the target run, or with --no-hooks none"));
    }
    Ok(if args.no_hooks { Hooks::Skip } else { args.hooks })
}

/// For a mistyped command, which is a release followed by a revision to whoever reads the line.
const FIRST_WORD: &str = "a first word that is no command is taken for a release; `helm rollback-safe --help` lists the commands";

fn invalid(revision: &str) -> Report {
    Report::usage(format!("invalid release revision {revision:?}"))
}

fn selector(args: &RollbackArgs) -> Result<Option<Selector>, Report> {
    let Some(text) = args.revision.as_deref().filter(|text| *text != "0") else { return Ok(None) };
    let selector: Selector = text.parse().map_err(|error| {
        let report = invalid(text).with_cause(error);
        if text.starts_with(char::is_alphabetic) { report.with_hint(FIRST_WORD) } else { report }
    })?;
    if args.compat && !matches!(selector, Selector::Revision(_)) {
        let report = invalid(text);
        return Err(report.with_cause("with --compat a revision is a number, as in helm"));
    }
    Ok(Some(selector))
}

fn acceptances(args: &RollbackArgs) -> Result<Vec<Acceptance>, Report> {
    let known = |id: &str| FindingId::ALL.iter().any(|known| known.as_str() == id);
    if let Some(unknown) = args.accept.iter().find(|acceptance| !known(&acceptance.id)) {
        let ids: Vec<&str> = FindingId::ALL.iter().map(FindingId::as_str).collect();
        let report = Report::usage(format!("no finding has the id {:?}", unknown.id));
        return Err(report.with_hint(format!("the ids are: {}", ids.join(", "))));
    }
    let accepted =
        args.accept.iter().map(|acceptance| Acceptance { id: acceptance.id.clone(), object: acceptance.object.clone() });
    Ok(accepted.collect())
}
