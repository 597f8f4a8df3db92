//! `get`: what a record holds, as Helm prints it (`pkg/cmd/get_*.go`).

mod all;
pub(super) mod hooks;
mod manifest;
mod metadata;
mod notes;
mod values;
pub(super) mod veil;

use helm_release_core::Record;
use helm_release_core::ports::{RecordKey, StoredRecord};

use super::fetch;
use crate::args::go_int;
use crate::{ExitCode, Place, Report, Settings};
use veil::Veil;

/// The commands under `get`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Get {
    /// download all information for a named release
    All(all::Args),
    /// download all hooks for a named release
    Hooks(hooks::Args),
    /// download the manifest for a named release
    Manifest(manifest::Args),
    /// fetch metadata for a given release
    Metadata(metadata::Args),
    /// download the notes for a named release
    Notes(notes::Args),
    /// download the values file for a named release
    Values(values::Args),
}

/// What every command under `get` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// the release
    #[arg(value_name = "RELEASE_NAME")]
    release: String,
    /// get the named release with revision
    #[arg(long, value_name = "INT", default_value = "0", value_parser = go_int, allow_negative_numbers = true, hide_default_value = true)]
    revision: i64,
    /// hide what the release's Secrets hold, equal values under the same mark
    #[arg(long)]
    mask_secrets: bool,
}

impl Which {
    fn veil(&self, record: &Record, key: &RecordKey) -> Result<Veil, Report> {
        Veil::over(record, key, self.mask_secrets)
    }

    async fn fetch(&self, settings: &Settings) -> Result<(StoredRecord, Record), Report> {
        self.fetch_from(&crate::connect(settings).await?).await
    }

    async fn fetch_from(&self, place: &Place) -> Result<(StoredRecord, Record), Report> {
        fetch::record(place.storage.as_ref(), &place.namespace, &self.release, self.revision).await
    }
}

/// Runs a command under `get`.
pub(super) async fn run(get: &Get, settings: &Settings) -> Result<ExitCode, Report> {
    let text = match get {
        Get::All(args) => all::run(args, settings).await?,
        Get::Hooks(args) => hooks::run(args, settings).await?,
        Get::Manifest(args) => manifest::run(args, settings).await?,
        Get::Metadata(args) => metadata::run(args, settings).await?,
        Get::Notes(args) => notes::run(args, settings).await?,
        Get::Values(args) => values::run(args, settings).await?,
    };
    super::print(&text)?;
    Ok(ExitCode::DONE)
}
