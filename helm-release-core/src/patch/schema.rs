//! How lists of a kind are merged.

/// How lists of kinds are merged by a strategic merge patch.
#[derive(Debug, Clone, Default)]
pub struct Schemas {}

impl Schemas {
    /// The table for Kubernetes' built-in kinds that comes with this crate.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static EMPTY: Schemas = Schemas {};
        &EMPTY
    }
}
