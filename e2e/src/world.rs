//! Everything that tests share, each thing started when the first test wants it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::artifact::{self, HELM3, HELM4};
use crate::cluster::Cluster;
use crate::namespace::Namespace;
use crate::oracle::Oracle;
use crate::plugin;

/// The one cluster, the oracle and the programs of a test run.
#[derive(Debug, Default)]
pub struct World {
    oracle: OnceLock<Result<Oracle, String>>,
    cluster: OnceLock<Result<Cluster, String>>,
    helm3: OnceLock<Result<PathBuf, String>>,
    helm4: OnceLock<Result<PathBuf, String>>,
    plugin: OnceLock<Result<PathBuf, String>>,
}

impl World {
    /// Makes a world with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells why the tests that need Go cannot run here; `None` when they can.
    #[must_use]
    pub fn obstacle() -> Option<artifact::Error> {
        artifact::ALL.iter().find_map(artifact::Artifact::obstacle)
    }

    /// The oracle.
    #[must_use]
    pub fn oracle(&self) -> &Oracle {
        given(&self.oracle, || Oracle::start().map_err(|error| error.to_string()))
    }

    /// The control plane.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        given(&self.cluster, || Cluster::start(self.oracle()))
    }

    /// A fresh namespace of that cluster; the prefix helps people who read logs.
    #[must_use]
    pub fn namespace(&self, prefix: &str) -> Namespace<'_> {
        Namespace::new(self, prefix)
    }

    /// The program of Helm 3.
    #[must_use]
    pub fn helm3(&self) -> &Path {
        given(&self.helm3, || HELM3.folder().map(|folder| folder.join("helm3")).map_err(|error| error.to_string())).as_path()
    }

    /// The program of Helm 4.
    #[must_use]
    pub fn helm4(&self) -> &Path {
        given(&self.helm4, || HELM4.folder().map(|folder| folder.join("helm4")).map_err(|error| error.to_string())).as_path()
    }

    /// The plugin's binary.
    #[must_use]
    pub fn plugin(&self) -> &Path {
        given(&self.plugin, plugin::build).as_path()
    }
}

/// Makes a thing once; a failure is kept too, so that not every test waits for it again.
fn given<T>(cell: &OnceLock<Result<T, String>>, make: impl FnOnce() -> Result<T, String>) -> &T {
    cell.get_or_init(make).as_ref().unwrap_or_else(|error| panic!("{error}"))
}
