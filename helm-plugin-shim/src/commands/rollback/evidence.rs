//! Tells what was found in the cluster when a rollback failed.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use helm_release_core::evidence::Evidence;

/// Tells the short form on stderr, the cause first; writes the whole to a file as JSON, and as text beside it.
pub(super) fn tell(evidence: &Evidence, file: Option<&Path>) -> io::Result<()> {
    for line in evidence.summary_lines() {
        crate::commands::note(&line);
    }
    let Some(file) = file else { return Ok(()) };
    let mut json = serde_json::to_string_pretty(&evidence.to_json())?;
    json.push('\n');
    let failed = |path: &Path, error: &io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    std::fs::write(file, json).map_err(|error| failed(file, &error))?;
    let beside = with_txt(file);
    std::fs::write(&beside, evidence.to_text()).map_err(|error| failed(&beside, &error))
}

fn with_txt(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".txt");
    PathBuf::from(name)
}
