//! Finds the records and the cluster that settings mean.

use std::path::PathBuf;
use std::sync::Arc;

use helm_release_core::Namespace;
use helm_release_core::ports::{Cluster, Storage};
use helm_release_store::cluster::{KubernetesCluster, MemoryCluster, seed};
use helm_release_store::connection::{Connection, ConnectionError, ConnectionOptions};
use helm_release_store::storage::{ConfigMapStorage, MemoryStorage, SecretStorage, load_memory_data};

use crate::{Report, ReportKind, Settings};

/// Where a command works: the records, and the way to the cluster behind them.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The release records.
    pub storage: Arc<dyn Storage>,
    /// The namespace that is meant when none is named.
    pub namespace: Namespace,
    /// The way to the API server; none where records come from files.
    pub connection: Option<Connection>,
}

impl Place {
    fn behind(storage: Arc<dyn Storage>, connection: Connection) -> Self {
        Self { storage, namespace: connection.namespace().clone(), connection: Some(connection) }
    }

    /// Whether records come from files and not from a cluster.
    #[must_use]
    pub(crate) fn is_memory(&self) -> bool {
        self.connection.is_none()
    }

    /// The live objects, where there is a cluster.
    #[must_use]
    pub(crate) fn kubernetes(&self) -> Option<Arc<dyn Cluster>> {
        self.connection.as_ref().map(|connection| -> Arc<dyn Cluster> { Arc::new(KubernetesCluster::new(connection)) })
    }
}

/// What kind of objects records are kept in by `HELM_DRIVER`, whatever the server is called.
pub(crate) fn kept_in(settings: &Settings) -> &'static str {
    match settings.environment.driver.as_deref() {
        Some("configmap" | "configmaps") => "ConfigMaps",
        Some("memory") => "memory",
        _ => "Secrets",
    }
}

/// Where a command works that needs live objects: the records and the cluster behind them.
#[derive(Debug, Clone)]
pub(crate) struct LivePlace {
    /// The release records.
    pub storage: Arc<dyn Storage>,
    /// The live objects.
    pub cluster: Arc<dyn Cluster>,
    /// The namespace that is meant when none is named.
    pub namespace: Namespace,
}

/// Finds the records and the live objects by `HELM_DRIVER`.
///
/// # Errors
/// As of [`connect`].
pub(crate) async fn connect_live(settings: &Settings) -> Result<LivePlace, Report> {
    let place = connect(settings).await?;
    let cluster = match place.kubernetes() {
        Some(cluster) => cluster,
        None => in_memory(place.storage.as_ref()).await?,
    };
    Ok(LivePlace { storage: place.storage, cluster, namespace: place.namespace })
}

/// A cluster in memory, as the newest deployed revisions would have left it.
async fn in_memory(storage: &dyn Storage) -> Result<Arc<dyn Cluster>, Report> {
    let cluster = MemoryCluster::new();
    let seeded = seed(&cluster, storage).await;
    let seeded =
        seeded.map_err(|error| Report::usage("the memory driver's data cannot be brought to life").with_error(&error))?;
    for left_out in seeded.left_out {
        crate::commands::warn(&left_out);
    }
    Ok(Arc::new(cluster))
}

/// Finds the records by `HELM_DRIVER`. Nothing is sent to a server yet.
///
/// # Errors
/// A [`Report`] that names the file, context, variable or driver that is wrong.
pub(crate) async fn connect(settings: &Settings) -> Result<Place, Report> {
    match settings.environment.driver.as_deref() {
        None | Some("secret" | "secrets") => {
            let connection = open(settings)?;
            Ok(Place::behind(Arc::new(SecretStorage::new(&connection)), connection))
        }
        Some("configmap" | "configmaps") => {
            let connection = open(settings)?;
            Ok(Place::behind(Arc::new(ConfigMapStorage::new(&connection)), connection))
        }
        Some("memory") => {
            Ok(Place { storage: Arc::new(memory(settings).await?), namespace: fallback(settings)?, connection: None })
        }
        Some("sql") => {
            Err(Report::usage("HELM_DRIVER=sql is not supported: records are read from Secrets, ConfigMaps and memory")
                .with_hint("use `helm` itself for releases kept there"))
        }
        Some(driver) => Err(Report::usage(format!("unknown driver {driver:?}"))
            .with_hint("set HELM_DRIVER to secret, configmap or memory, or unset it")),
    }
}

fn open(settings: &Settings) -> Result<Connection, Report> {
    let connection = Connection::open(&options(settings)?).map_err(|error| unconnected(&error))?;
    if settings.debug {
        let by = settings.environment.helm_bin.as_deref().map_or_else(String::new, |helm| format!(" called by {helm}"));
        let context = connection.context().map_or_else(String::new, |context| format!(", context {context:?}"));
        let (version, kept, server) = (env!("CARGO_PKG_VERSION"), kept_in(settings), connection.server());
        crate::commands::debug(&format_args!("helm-rollback-safe {version}{by}: {kept} at {server}{context}"));
    }
    Ok(connection)
}

/// The records alone, and the namespace.
///
/// # Errors
/// As of [`connect`].
pub(crate) async fn storage(settings: &Settings) -> Result<(Arc<dyn Storage>, Namespace), Report> {
    let place = connect(settings).await?;
    Ok((place.storage, place.namespace))
}

fn fallback(settings: &Settings) -> Result<Namespace, Report> {
    match &settings.namespace {
        Some(namespace) => Ok(namespace.clone()),
        None => Namespace::new("default").map_err(|error| Report::new(ReportKind::Unexpected, error.to_string())),
    }
}

async fn memory(settings: &Settings) -> Result<MemoryStorage, Report> {
    let files = settings.environment.memory_driver_data.as_deref().ok_or_else(|| {
        Report::usage("HELM_DRIVER=memory has no data")
            .with_hint("name files with lists of releases, separated by colons, in HELM_MEMORY_DRIVER_DATA")
    })?;
    let storage = MemoryStorage::new();
    for file in files.split(':') {
        let failed = || Report::usage(format!("memory driver data {file:?} cannot be read"));
        let hint = "correct HELM_MEMORY_DRIVER_DATA, or unset HELM_DRIVER to use the cluster";
        let text = std::fs::read_to_string(file).map_err(|error| failed().with_cause(error).with_hint(hint))?;
        load_memory_data(&storage, &text).await.map_err(|error| failed().with_error(&error).with_hint(hint))?;
    }
    Ok(storage)
}

fn options(settings: &Settings) -> Result<ConnectionOptions, Report> {
    let mut options = ConnectionOptions::default();
    options.kubeconfig.clone_from(&settings.kubeconfig);
    options.default_kubeconfig = settings.environment.home.as_ref().map(|home| PathBuf::from(home).join(".kube/config"));
    options.context.clone_from(&settings.kube_context);
    options.api_server.clone_from(&settings.kube_apiserver);
    options.ca_file = settings.kube_ca_file.as_ref().map(PathBuf::from);
    options.tls_server_name.clone_from(&settings.kube_tls_server_name);
    options.insecure_skip_tls_verify = settings.kube_insecure_skip_tls_verify;
    options.token.clone_from(&settings.kube_token);
    options.as_user.clone_from(&settings.kube_as_user);
    options.as_groups.clone_from(&settings.kube_as_groups);
    options.namespace = settings.namespace.as_ref().map(ToString::to_string);
    options.qps = settings.qps;
    options.burst = u32::try_from(settings.burst_limit)
        .map_err(|_| Report::usage(format!("--burst-limit {} is negative or too large", settings.burst_limit)))?;
    options.environment = settings.environment.connection.clone();
    if settings.debug {
        options.on_exchange = Some(Arc::new(|exchange| crate::commands::debug(exchange)));
    }
    Ok(options)
}

fn unconnected(error: &ConnectionError) -> Report {
    let report = match error {
        ConnectionError::Kubeconfig { path, reason } => Report::usage(format!("kubeconfig {} cannot be read", path.display()))
            .with_cause(reason)
            .with_hint("correct the file, or name another with --kubeconfig or KUBECONFIG"),
        ConnectionError::NoSuchKubeconfig { .. } => {
            Report::usage(error.to_string()).with_hint("correct KUBECONFIG or --kubeconfig")
        }
        ConnectionError::NothingConfigured => {
            Report::usage(error.to_string()).with_hint("set KUBECONFIG, or give --kubeconfig or --kube-apiserver")
        }
        ConnectionError::NoContext { .. } | ConnectionError::UnknownContext { .. } => {
            Report::usage(error.to_string()).with_hint("choose a context with --kube-context, or a file with --kubeconfig")
        }
        ConnectionError::NoServer { .. } => {
            Report::usage(error.to_string()).with_hint("correct the file, or give --kube-apiserver")
        }
        ConnectionError::InsecureWithAuthority { .. } => Report::usage(error.to_string())
            .with_hint("remove one of them: from the file, or --kube-ca-file or --kube-insecure-skip-tls-verify"),
        ConnectionError::GroupsWithoutUser => {
            Report::usage(error.to_string()).with_hint("give --kube-as-user beside --kube-as-group")
        }
        ConnectionError::Client { .. } => Report::new(ReportKind::Unexpected, error.to_string()),
        _ => Report::usage(error.to_string()),
    };
    report.with_sources_of(error)
}
