//! `lock status` and `lock release`.

use std::fmt::Write as _;
use std::sync::Arc;

use helm_release_core::ports::{Held, Lock as _, LockError, LockKey};
use helm_release_store::lock::LeaseLock;
use serde_json::json;

use crate::args::OutputFormat;
use crate::connect::{LivePlace, connect_live};
use crate::{ExitCode, Report, ReportKind, Settings};

/// Locks of releases.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Lock {
    /// show who holds a release, or every held release of the namespace
    Status(StatusArgs),
    /// end a lock whose holder is gone; a holder that lives writes nothing afterwards
    Release(ReleaseArgs),
}

/// Arguments of `lock status`.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// the release; left out, every release of the namespace
    #[arg(value_name = "RELEASE")]
    release: Option<String>,
    /// look in all namespaces
    #[arg(long, short = 'A', conflicts_with = "release")]
    all_namespaces: bool,
    /// prints the result in the specified format: text, json, yaml
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    output: OutputFormat,
}

/// Arguments of `lock release`.
#[derive(Debug, clap::Args)]
pub(crate) struct ReleaseArgs {
    /// the release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// end it though it has not expired
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(command: &Lock, settings: &Settings) -> Result<ExitCode, Report> {
    let place = connect_live(settings).await?;
    let lock = LeaseLock::new(Arc::clone(&place.cluster));
    match command {
        Lock::Status(args) => status(args, &place, &lock).await,
        Lock::Release(args) => release(args, &place, &lock).await,
    }
}

fn unread(error: &LockError) -> Report {
    let kind = if matches!(error, LockError::Forbidden { .. }) { ReportKind::Forbidden } else { ReportKind::Unexpected };
    Report::new(kind, error.to_string()).with_hint("locks are Leases of coordination.k8s.io beside the release's records")
}

fn key(place: &LivePlace, release: &str) -> Result<LockKey, Report> {
    Ok(LockKey { namespace: place.namespace.clone(), name: super::fetch::release_name(release)? })
}

async fn status(args: &StatusArgs, place: &LivePlace, lock: &LeaseLock) -> Result<ExitCode, Report> {
    let held: Vec<Held> = if let Some(release) = &args.release {
        lock.find(&key(place, release)?).await.map_err(|error| unread(&error))?.into_iter().collect()
    } else {
        let namespace = (!args.all_namespaces).then_some(&place.namespace);
        lock.list(namespace).await.map_err(|error| unread(&error))?
    };
    let now = jiff::Timestamp::now();
    if args.output == OutputFormat::Table {
        let mut text = String::new();
        for held in &held {
            let (key, holder) = (&held.key, &held.holder);
            let state = if holder.is_expired(now) {
                format!("expired at {:.0}", holder.expires())
            } else {
                format!("renewed at {:.0}, lasts {} s", holder.renewed, holder.lasts.as_secs())
            };
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{key}: held by {holder}; {state}");
        }
        if held.is_empty() {
            text = match &args.release {
                Some(release) => format!("release {release} is free\n"),
                None => "no release is held\n".to_owned(),
            };
        }
        super::print(text.as_bytes())?;
        return Ok(ExitCode::DONE);
    }
    let locks: Vec<_> = held
        .iter()
        .map(|held| {
            json!({
                "release": held.key.name,
                "namespace": held.key.namespace,
                "holder": held.holder,
                "expires": held.holder.expires(),
                "expired": held.holder.is_expired(now),
            })
        })
        .collect();
    let mut bytes = Vec::new();
    crate::render::write_data(&mut bytes, args.output, &json!(locks))?;
    super::print(&bytes)?;
    Ok(ExitCode::DONE)
}

async fn release(args: &ReleaseArgs, place: &LivePlace, lock: &LeaseLock) -> Result<ExitCode, Report> {
    let key = key(place, &args.release)?;
    let Some(held) = lock.find(&key).await.map_err(|error| unread(&error))? else {
        super::print(format!("release {} is free\n", args.release).as_bytes())?;
        return Ok(ExitCode::DONE);
    };
    if !args.force && !held.holder.is_expired(jiff::Timestamp::now()) {
        return Err(Report::new(ReportKind::Held, format!("the lock of release \"{}\" has not expired", args.release))
            .with_cause(&held.holder)
            .with_hint("--force ends it all the same: its holder stops before its next write"));
    }
    match lock.delete(&held).await {
        Ok(()) => super::print(format!("released: {}\n", held.holder).as_bytes())?,
        Err(LockError::Lost { .. }) => {
            return Err(Report::new(ReportKind::Held, "the lock was renewed or taken over a moment ago")
                .with_hint("its holder is alive; try again"));
        }
        Err(error) => return Err(unread(&error)),
    }
    Ok(ExitCode::DONE)
}
