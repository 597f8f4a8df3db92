//! Release.

/// Which line of Helm wrote something, where the two lines differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HelmLine {
    /// Helm 3.
    V3,
    /// Helm 4.
    V4,
}

/// r
#[derive(Debug)]
pub struct Record;
