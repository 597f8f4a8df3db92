//! Programs built from Go sources of this package, kept in the user's cache.
//!
//! Each lies in a folder named by a digest of everything it is built from, so a change builds anew and two
//! checkouts share what is equal.

use std::env;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use sha2::{Digest, Sha256};

/// What keeps an artefact from being there.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no Go toolchain; the text says what to install.
    #[error("no Go toolchain found: install Go {wanted} or newer (https://go.dev/dl) and have `go` in PATH")]
    NoGo {
        /// The version that the Go modules ask for.
        wanted: String,
    },
    /// The build ended badly.
    #[error("building {name} failed: {why}")]
    Build {
        /// What was being built.
        name: &'static str,
        /// What the build said.
        why: String,
    },
    /// A file of the cache or of the sources cannot be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
}

/// One Go module of this package and the programs that it gives.
#[derive(Debug, Clone, Copy)]
pub struct Artifact {
    /// Name of the module and of its folder in the cache.
    pub name: &'static str,
    /// The module's folder, relative to the package.
    pub source: &'static str,
    /// How the programs come about.
    pub kind: Kind,
    /// How long a first build takes on two cores, for people who wait.
    pub takes: &'static str,
}

/// How the programs of an [`Artifact`] come about.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// The module holds no code, only `tool` lines: each tool is built; `(built as, kept as)`.
    Tools(&'static [(&'static str, &'static str)]),
    /// The module is a program of its own.
    Program,
}

/// The program that answers questions about Go, Helm and Kubernetes.
pub const ORACLE: Artifact = Artifact { name: "oracle", source: "oracle", kind: Kind::Program, takes: "1 minute" };

/// The cluster's database.
pub const ETCD: Artifact =
    Artifact { name: "etcd", source: "cluster/etcd", kind: Kind::Tools(&[("server", "etcd")]), takes: "30 seconds" };

/// API server, controller manager and scheduler.
pub const CONTROL_PLANE: Artifact = Artifact {
    name: "control-plane",
    source: "cluster/control-plane",
    kind: Kind::Tools(&[
        ("kube-apiserver", "kube-apiserver"),
        ("kube-controller-manager", "kube-controller-manager"),
        ("kube-scheduler", "kube-scheduler"),
    ]),
    takes: "5 minutes",
};

/// The kubelet's stand-in.
pub const KWOK: Artifact =
    Artifact { name: "kwok", source: "cluster/kwok", kind: Kind::Tools(&[("kwok", "kwok")]), takes: "1 minute" };

/// Helm 3.
pub const HELM3: Artifact =
    Artifact { name: "helm3", source: "cluster/helm3", kind: Kind::Tools(&[("helm", "helm3")]), takes: "1 minute" };

/// Helm 4.
pub const HELM4: Artifact =
    Artifact { name: "helm4", source: "cluster/helm4", kind: Kind::Tools(&[("helm", "helm4")]), takes: "1 minute" };

/// Everything that the tests may need.
pub const ALL: [Artifact; 6] = [ETCD, CONTROL_PLANE, KWOK, HELM3, HELM4, ORACLE];

// The Kubernetes programs report this version; without it the API server calls itself 0.0.0.
const KUBERNETES: &str = "v1.36.3";

impl Artifact {
    /// Gives the folder with the programs, building them if they are not there.
    ///
    /// Says on stderr what it builds. Two processes may call it at once: one builds, the other waits.
    ///
    /// # Errors
    ///
    /// [`Error::NoGo`] where Go is missing, [`Error::Build`] with the end of the compiler's output, [`Error::File`]
    /// when the cache cannot be written.
    pub fn folder(&self) -> Result<PathBuf, Error> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.source);
        let cache = cache()?;
        let folder = cache.join(format!("{}-{}", self.name, digest(&source)?));
        if folder.is_dir() {
            return Ok(folder);
        }
        let go = go(&source)?;
        let lock_path = cache.join(format!("{}.lock", self.name));
        let lock = File::create(&lock_path).map_err(|error| file(&lock_path, &error))?;
        lock.lock().map_err(|error| file(&lock_path, &error))?;
        if folder.is_dir() {
            return Ok(folder);
        }
        // Built aside and renamed: a folder that is there is whole, whenever the build was stopped.
        let aside = cache.join(format!("{}.building", self.name));
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(|error| file(&aside, &error))?;
        }
        fs::create_dir_all(&aside).map_err(|error| file(&aside, &error))?;
        self.build(&go, &source, &aside)?;
        self.forget_others(&cache, &folder);
        fs::rename(&aside, &folder).map_err(|error| file(&folder, &error))?;
        Ok(folder)
    }

    /// Tells why the programs can neither be found nor built; `None` when they can.
    #[must_use]
    pub fn obstacle(&self) -> Option<Error> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.source);
        match (cache(), digest(&source)) {
            (Err(error), _) | (_, Err(error)) => Some(error),
            (Ok(cache), Ok(digest)) if cache.join(format!("{}-{digest}", self.name)).is_dir() => None,
            _ => go(&source).err(),
        }
    }

    fn build(&self, go: &Path, source: &Path, target: &Path) -> Result<(), Error> {
        eprintln!("building {} from Go modules (the first time takes about {})", self.name, self.takes);
        let started = Instant::now();
        let mut command = Command::new(go);
        command.current_dir(source).env("GOBIN", target).env_remove("GOWORK").stdin(Stdio::null());
        match self.kind {
            Kind::Tools(_) => {
                let version = "k8s.io/component-base/version";
                command.args(["install", "-trimpath"]).arg(format!(
                    "-ldflags=-s -w -X {version}.gitVersion={KUBERNETES} -X {version}.gitMajor=1 -X {version}.gitMinor=36"
                ));
                command.arg("tool");
            }
            Kind::Program => {
                command.args(["build", "-trimpath", "-buildvcs=false", "-o"]).arg(target.join(self.name)).arg(".");
            }
        }
        let output = command.output().map_err(|error| file(go, &error))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let end: Vec<&str> = said.lines().rev().take(20).collect();
            let why = end.into_iter().rev().collect::<Vec<_>>().join("\n");
            return Err(Error::Build { name: self.name, why });
        }
        if let Kind::Tools(names) = self.kind {
            for (built, kept) in names {
                let from = target.join(built);
                fs::rename(&from, target.join(kept)).map_err(|error| file(&from, &error))?;
            }
        }
        eprintln!("built {} in {} s", self.name, started.elapsed().as_secs());
        Ok(())
    }

    /// Deletes older builds of the same artefact, unless they are in use this week.
    fn forget_others(&self, cache: &Path, kept: &Path) {
        let week = std::time::Duration::from_secs(7 * 24 * 3600);
        let prefix = format!("{}-", self.name);
        for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
            let other = entry.path();
            let ours = entry.file_name().to_string_lossy().strip_prefix(&prefix).is_some_and(|rest| rest.len() == 16);
            let old =
                entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|time| time.elapsed().is_ok_and(|age| age > week));
            if ours && old && other != kept {
                // Only disk space is at stake.
                let _ = fs::remove_dir_all(other);
            }
        }
    }
}

/// The folder in the user's cache that holds what this package builds.
///
/// # Errors
///
/// [`Error::File`] when it can neither be found nor made.
pub fn cache() -> Result<PathBuf, Error> {
    let base = env::var_os("XDG_CACHE_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .unwrap_or_else(env::temp_dir);
    let cache = base.join("helm-rollback-safe");
    fs::create_dir_all(&cache).map_err(|error| file(&cache, &error))?;
    Ok(cache)
}

/// Gives a digest of the sources: every Go, assembly and module file of the folder.
fn digest(source: &Path) -> Result<String, Error> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(source).map_err(|error| file(source, &error))?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|ext| ["go", "s", "mod", "sum"].iter().any(|known| ext == *known)));
    files.sort();
    let mut hash = Sha256::new();
    for path in files {
        let text = fs::read(&path).map_err(|error| file(&path, &error))?;
        hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    hash.update(KUBERNETES);
    let mut hex = String::new();
    for byte in &hash.finalize()[..8] {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}

/// Finds a Go toolchain that runs.
fn go(source: &Path) -> Result<PathBuf, Error> {
    ["go", "/usr/local/go/bin/go"]
        .iter()
        .map(PathBuf::from)
        .find(|go| {
            let version = Command::new(go).arg("version").stdin(Stdio::null()).output();
            version.is_ok_and(|output| output.status.success())
        })
        .ok_or_else(|| {
            let module = fs::read_to_string(source.join("go.mod")).unwrap_or_default();
            let wanted = module.lines().find_map(|line| line.strip_prefix("go ")).unwrap_or("1.26");
            Error::NoGo { wanted: wanted.to_owned() }
        })
}

fn file(path: &Path, error: &std::io::Error) -> Error {
    Error::File { path: path.to_owned(), why: error.to_string() }
}
