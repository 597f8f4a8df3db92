//! `demo`: the whole story on a cluster in memory, no Kubernetes needed.

use std::io::Write as _;
use std::sync::Arc;

use helm_release_core::history::Selector;
use helm_release_core::plan::{RollbackOptions, WaitStrategy, plan};
use helm_release_core::ports::RecordKey;
use helm_release_core::run::Engine;
use helm_release_core::survey::survey;
use helm_release_core::{Namespace, ReleaseName, Revision};
use helm_release_store::clock::SystemClock;
use helm_release_store::cluster::{MemoryCluster, seed, seed_revision};
use helm_release_store::storage::{MemoryStorage, load_memory_data};

use super::{history, print};
use crate::progress::Progress;
use crate::render::plan as text;
use crate::{ExitCode, Report, ReportKind, Settings};

/// Three revisions of a shop: one that worked, a better one that works, and one whose image nobody can pull.
const SHOP: &str = include_str!("demo/shop.yaml");

/// Arguments of `demo`: none.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

fn unexpected(error: impl std::fmt::Display) -> Report {
    Report::new(ReportKind::Unexpected, "the demo cannot go on").with_cause(error)
}

fn say(line: &str) -> Result<(), Report> {
    // What a run tells goes to stderr: both in the right order on a terminal.
    let _ = std::io::stderr().flush();
    print(format!("{line}\n").as_bytes())
}

/// Tells the story: a broken upgrade, the plan back, the rollback, and what is true afterwards.
pub(super) async fn run(settings: &Settings) -> Result<ExitCode, Report> {
    let (namespace, name) = (Namespace::new("default").map_err(unexpected)?, ReleaseName::new("shop").map_err(unexpected)?);
    let storage = Arc::new(MemoryStorage::new());
    load_memory_data(storage.as_ref(), SHOP).await.map_err(unexpected)?;
    let cluster = MemoryCluster::new();
    seed(&cluster, storage.as_ref()).await.map_err(unexpected)?;
    let revision = Revision::new(3).ok_or_else(|| unexpected("revision 3 is none"))?;
    let broken = RecordKey { namespace: namespace.clone(), name: name.clone(), revision };
    seed_revision(&cluster, storage.as_ref(), &broken).await.map_err(unexpected)?;

    say("The release shop was upgraded to revision 3, whose image cannot be pulled. It is 3 a.m.\n")?;
    say("$ helm history shop")?;
    history::show(storage.as_ref(), &namespace, &name).await?;

    say("\n$ helm rollback-safe plan shop")?;
    let mut options = RollbackOptions::default().with_wait(WaitStrategy::Watcher);
    let seen = survey(storage.as_ref(), &cluster, &namespace, &name, &options).await.map_err(unexpected)?;
    let planned = plan(&seen, &options);
    print(text::whole(&planned, settings.colors_stdout()).as_bytes())?;

    say("\n$ helm rollback-safe shop --wait")?;
    let progress = Progress::new(settings);
    let engine = Engine::new(storage.as_ref(), &cluster, &SystemClock, &progress);
    engine.run(&planned).await.map_err(unexpected)?;
    say("Rollback was a success! Happy Helming!")?;

    say("\n$ helm history shop")?;
    history::show(storage.as_ref(), &namespace, &name).await?;

    say("\n$ helm rollback-safe shop 4     (once more, to where it is)")?;
    options.selector = Revision::new(4).map(Selector::Revision);
    let seen = survey(storage.as_ref(), &cluster, &namespace, &name, &options).await.map_err(unexpected)?;
    let again = plan(&seen, &options);
    if !again.is_idle() {
        return Err(unexpected("a second rollback would change something"));
    }
    say("Nothing to do: revision 4 is what runs already.")?;
    Ok(ExitCode::DONE)
}
