//! The two lines of Helm, and the two ways in which they write objects.

use serde::{Deserialize, Serialize};

/// Which line of Helm wrote something, where the two lines differ.
///
/// ```
/// use helm_release_core::HelmLine;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// let line = shop.record(3).await?.line();
/// assert_eq!(line, HelmLine::V4);
/// assert_eq!(serde_json::to_value(line)?, "v4");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HelmLine {
    /// Helm 3.
    V3,
    /// Helm 4.
    V4,
}

/// How a release's objects are written: the record's `apply_method`.
///
/// ```
/// use helm_release_core::release::ApplyMethod;
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// assert_eq!(shop.record(2).await?.apply_method()?, ApplyMethod::Ssa);
/// assert_eq!(serde_json::to_value(ApplyMethod::Csa)?, "csa");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplyMethod {
    /// Client-side three-way merge; what an absent `apply_method` means.
    Csa,
    /// Server-side apply.
    Ssa,
}
