//! What the environment says: the variables that Helm reads itself and those that it gives to plugins.

use std::fmt;

use helm_release_store::connection;

/// The variables that matter, each `None` when unset or empty: Helm hands empty ones to every plugin.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Environment {
    /// `HELM_NAMESPACE`.
    pub namespace: Option<String>,
    /// `KUBECONFIG`, possibly a list of files.
    pub kubeconfig: Option<String>,
    /// `HELM_KUBECONTEXT`.
    pub kube_context: Option<String>,
    /// `HELM_KUBEAPISERVER`.
    pub kube_apiserver: Option<String>,
    /// `HELM_KUBETOKEN`.
    pub kube_token: Option<String>,
    /// `HELM_KUBEASUSER`.
    pub kube_as_user: Option<String>,
    /// `HELM_KUBEASGROUPS`, split at commas, each group once: Helm repeats them.
    pub kube_as_groups: Vec<String>,
    /// `HELM_KUBECAFILE`.
    pub kube_ca_file: Option<String>,
    /// `HELM_KUBETLS_SERVER_NAME`.
    pub kube_tls_server_name: Option<String>,
    /// `HELM_KUBEINSECURE_SKIP_TLS_VERIFY`.
    pub kube_insecure_skip_tls_verify: bool,
    /// `HELM_BURST_LIMIT`.
    pub burst_limit: Option<i64>,
    /// `HELM_QPS`.
    pub qps: Option<f32>,
    /// `HELM_MAX_HISTORY`.
    pub max_history: Option<i64>,
    /// `HELM_DEBUG`.
    pub debug: bool,
    /// `HELM_DRIVER`.
    pub driver: Option<String>,
    /// `HELM_MEMORY_DRIVER_DATA`, files separated by colons.
    pub memory_driver_data: Option<String>,
    /// `NO_COLOR`: whether it is set to anything.
    pub no_color: bool,
    /// `HELM_COLOR`.
    pub color: Option<String>,
    /// `HELM_BIN`, how Helm was called; none when the program runs alone.
    pub helm_bin: Option<String>,
    /// `HOME`, under which the default kubeconfig lies.
    pub home: Option<String>,
    /// Proxies, and what a pod is told of its cluster.
    pub connection: connection::Environment,
}

impl Environment {
    /// Reads the process's environment.
    #[must_use]
    pub(crate) fn read() -> Self {
        Self::from_lookup(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads an environment through a function that gives a variable's value.
    pub(crate) fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| lookup(name).filter(|value| !value.is_empty());
        // What is no boolean or number counts as unset, as in Helm (`pkg/cli/environment.go`).
        let boolean = |name: &str| text(name).is_some_and(|value| crate::args::go_bool(&value).unwrap_or(false));
        let integer = |name: &str| text(name).and_then(|value| value.parse().ok());
        let mut kube_as_groups: Vec<String> = Vec::new();
        for group in text("HELM_KUBEASGROUPS").unwrap_or_default().split(',').map(str::trim).filter(|group| !group.is_empty()) {
            if !kube_as_groups.iter().any(|known| known == group) {
                kube_as_groups.push(group.to_owned());
            }
        }
        Self {
            namespace: text("HELM_NAMESPACE"),
            kubeconfig: text("KUBECONFIG"),
            kube_context: text("HELM_KUBECONTEXT"),
            kube_apiserver: text("HELM_KUBEAPISERVER"),
            kube_token: text("HELM_KUBETOKEN"),
            kube_as_user: text("HELM_KUBEASUSER"),
            kube_as_groups,
            kube_ca_file: text("HELM_KUBECAFILE"),
            kube_tls_server_name: text("HELM_KUBETLS_SERVER_NAME"),
            kube_insecure_skip_tls_verify: boolean("HELM_KUBEINSECURE_SKIP_TLS_VERIFY"),
            burst_limit: integer("HELM_BURST_LIMIT"),
            qps: text("HELM_QPS").and_then(|value| value.parse().ok()),
            max_history: integer("HELM_MAX_HISTORY"),
            debug: boolean("HELM_DEBUG"),
            driver: text("HELM_DRIVER"),
            memory_driver_data: text("HELM_MEMORY_DRIVER_DATA"),
            no_color: text("NO_COLOR").is_some(),
            color: text("HELM_COLOR"),
            helm_bin: text("HELM_BIN"),
            home: text("HOME"),
            connection: connection::Environment::pick(&lookup),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("namespace", &self.namespace)
            .field("kubeconfig", &self.kubeconfig)
            .field("kube_context", &self.kube_context)
            .field("driver", &self.driver)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
