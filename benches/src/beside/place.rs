//! Where the measurements run.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::artifact::{HELM3, HELM4};
use e2e::{Cluster, Oracle, Tool};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A control plane of its own, the programs and how often each is run.
#[derive(Debug)]
pub struct Place {
    oracle: Oracle,
    cluster: Cluster,
    home: TempDir,
    plugin: PathBuf,
    helm3: PathBuf,
    helm4: PathBuf,
    /// How often each side of a measurement runs.
    pub runs: usize,
    namespaces: Cell<u32>,
}

/// A program to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    Plugin,
    Helm3,
    Helm4,
}

impl Place {
    /// Starts the control plane and builds what is missing; the plugin as for release, unless a binary is given.
    ///
    /// # Errors
    ///
    /// A text for people: what is missing, or what did not come up.
    pub fn start(runs: usize, plugin: Option<PathBuf>) -> Result<Self, String> {
        let plugin = plugin.map_or_else(e2e::plugin::build_release, Ok)?;
        let oracle = Oracle::start().map_err(|error| error.to_string())?;
        let program = |artifact: e2e::Artifact| -> Result<PathBuf, String> {
            artifact.folder().map(|folder| folder.join(artifact.name)).map_err(|error| error.to_string())
        };
        let (helm3, helm4) = (program(HELM3)?, program(HELM4)?);
        let cluster = Cluster::start(&oracle)?;
        let home = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        Ok(Self { oracle, cluster, home, plugin, helm3, helm4, runs: runs.max(1), namespaces: Cell::new(0) })
    }

    pub(super) fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(super) fn plugin(&self) -> &Path {
        &self.plugin
    }

    /// The kubeconfig of a user whose bodies the audit log does not keep.
    pub(super) fn kubeconfig(&self) -> PathBuf {
        self.cluster.dir().join("components.kubeconfig")
    }

    /// Makes a namespace that nothing else uses.
    pub(super) fn namespace(&self) -> String {
        let number = self.namespaces.get();
        self.namespaces.set(number + 1);
        let name = format!("bench-{number}");
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.cluster.request("POST", "/api/v1/namespaces", Some(&object)).expect("a namespace can be made");
        name
    }

    /// Creates a Secret.
    pub(super) fn create_secret(&self, namespace: &str, secret: &Value) {
        let path = format!("/api/v1/namespaces/{namespace}/secrets");
        self.cluster.request("POST", &path, Some(secret)).expect("a Secret can be made");
    }

    /// A call of a program in a namespace, by a user whose bodies the audit log does not keep.
    pub(super) fn tool(&self, program: Program, namespace: &str) -> Tool {
        let path = match program {
            Program::Plugin => &self.plugin,
            Program::Helm3 => &self.helm3,
            Program::Helm4 => &self.helm4,
        };
        Tool::new(path, self.home(), &self.kubeconfig()).env("HELM_NAMESPACE", namespace)
    }

    /// The same as [`Place::tool`], as a command with arguments.
    pub(super) fn command(&self, program: Program, namespace: &str, args: &[&str]) -> Command {
        self.tool(program, namespace).args(args).into_command()
    }
}
