//! Builds the plugin's binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Builds `helm-rollback-safe` as `cargo build` does and gives its path.
///
/// # Errors
///
/// A text for people, with the compiler's own output already on stderr.
pub fn build() -> Result<PathBuf, String> {
    build_with(&[])
}

/// Builds `helm-rollback-safe` as `cargo build --release` does and gives its path.
///
/// # Errors
///
/// The same as [`build`].
pub fn build_release() -> Result<PathBuf, String> {
    build_with(&["--release"])
}

fn build_with(profile: &[&str]) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", "helm-plugin-shim", "--bin", "helm-rollback-safe", "--message-format", "json"])
        .args(profile)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err("the plugin does not build".to_owned());
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .ok_or_else(|| "cargo built the plugin but names no program".to_owned())
}
