//! `__complete`: candidates for the word under the cursor, in the form that Helm asks plugins for.

use clap::CommandFactory as _;
use helm_release_core::ports::{HeadQuery, RecordKey};

use super::{fetch, list};
use crate::args::Cli;
use crate::{ExitCode, Report, Settings};

/// The words of the line so far, the one under the cursor last.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// the words
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

/// No file names among the candidates.
const NO_FILES: &str = ":4\n";

/// Prints candidates; what goes wrong is not told, as there is nobody to read it.
pub(super) async fn run(args: &Args, settings: &Settings) -> ExitCode {
    let lines = candidates(&args.words, settings).await.unwrap_or_default();
    let mut text: String = lines.into_iter().map(|line| line + "\n").collect();
    text.push_str(NO_FILES);
    let _ = super::print(text.as_bytes());
    ExitCode::DONE
}

async fn candidates(words: &[String], settings: &Settings) -> Result<Vec<String>, Report> {
    let Some((current, before)) = words.split_last() else { return Ok(Vec::new()) };
    let root = Cli::command();
    let mut command = &root;
    let mut arguments = Vec::new();
    for word in before.iter().filter(|word| !word.starts_with('-')) {
        match command.find_subcommand(word).filter(|_| arguments.is_empty()) {
            Some(subcommand) => command = subcommand,
            None => arguments.push(word.as_str()),
        }
    }
    let is_root = command.get_name() == root.get_name();
    if current.starts_with('-') {
        let command = if is_root { root.find_subcommand("rollback").unwrap_or(&root) } else { command };
        return Ok(flags(command, current));
    }
    let is_rollback = is_root || command.get_name() == "rollback";
    let mut lines = Vec::new();
    if command.has_subcommands() && arguments.is_empty() {
        lines.extend(subcommands(command, current));
    }
    let takes_release = is_root || command.get_positionals().next().is_some();
    match arguments.as_slice() {
        [] if takes_release && (is_root || !command.has_subcommands()) => lines.extend(releases(settings).await?),
        [release] if is_rollback || before.last().is_some_and(|word| word == "--revision") => {
            lines.extend(revisions(release, settings).await?);
        }
        _ => {}
    }
    lines.retain(|line| line.starts_with(current.as_str()));
    Ok(lines)
}

fn subcommands(command: &clap::Command, current: &str) -> Vec<String> {
    let shown =
        command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set() && subcommand.get_name().starts_with(current));
    shown.map(|subcommand| described(subcommand.get_name(), subcommand.get_about())).collect()
}

fn flags(command: &clap::Command, current: &str) -> Vec<String> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set() && !arg.is_global_set());
    let named = shown.filter_map(|arg| Some((format!("--{}", arg.get_long()?), arg.get_help())));
    named.filter(|(name, _)| name.starts_with(current)).map(|(name, help)| described(&name, help)).collect()
}

fn described(name: &str, help: Option<&clap::builder::StyledStr>) -> String {
    match help {
        Some(help) => format!("{name}\t{}", help.to_string().replace('\n', " ")),
        None => name.to_owned(),
    }
}

/// `web<TAB>chart-1.0 -> deployed` for the latest revision of each release of the namespace.
async fn releases(settings: &Settings) -> Result<Vec<String>, Report> {
    let (storage, namespace) = crate::storage(settings).await?;
    let mut latest: Vec<RecordKey> = Vec::new();
    for head in storage.heads(&HeadQuery::all(Some(namespace))).await? {
        match latest.iter_mut().find(|key| key.name == head.key.name) {
            Some(key) if key.revision < head.key.revision => *key = head.key,
            Some(_) => {}
            None => latest.push(head.key),
        }
    }
    let summaries = fetch::summaries(storage.as_ref(), &latest).await;
    let lines = latest.iter().zip(summaries).map(|(key, summary)| match summary {
        Ok(summary) => format!("{}\t{} -> {}", key.name, list::chart_columns(&summary).0, summary.info.status),
        Err(_) => key.name.to_string(),
    });
    Ok(lines.collect())
}

/// `3<TAB>App: 1.0, Chart: web-1.2.3` for each revision, the latest first.
async fn revisions(release: &str, settings: &Settings) -> Result<Vec<String>, Report> {
    let name = fetch::release_name(release)?;
    let (storage, namespace) = crate::storage(settings).await?;
    let heads = fetch::heads(storage.as_ref(), &namespace, &name).await?;
    let keys: Vec<RecordKey> = heads.into_iter().rev().map(|head| head.key).collect();
    let summaries = fetch::summaries(storage.as_ref(), &keys).await;
    let lines = keys.iter().zip(summaries).map(|(key, summary)| match summary {
        Ok(summary) => {
            let (chart, app_version) = list::chart_columns(&summary);
            format!("{}\tApp: {app_version}, Chart: {chart}", key.revision)
        }
        Err(_) => key.revision.to_string(),
    });
    Ok(lines.collect())
}
