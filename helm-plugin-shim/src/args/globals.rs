//! The flags that every command of Helm takes.

use std::fmt;

use super::go_bool;

/// Helm's global flags. Through Helm most arrive as variables; given directly they win over those.
#[derive(Clone, Default, clap::Args)]
#[command(next_help_heading = "Global Flags")]
pub(crate) struct Globals {
    /// client-side throttling limit (default 100)
    #[arg(long, global = true, value_name = "INT", allow_negative_numbers = true)]
    pub burst_limit: Option<i64>,
    /// use colored output (never, auto, always)
    #[arg(long, visible_alias = "colour", global = true, value_name = "MODE")]
    pub color: Option<String>,
    /// path to the directory containing cached content; not used
    #[arg(long, global = true, value_name = "DIR", hide = true)]
    pub content_cache: Option<String>,
    /// enable verbose output: which server, and each request to it
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = go_bool, value_name = "BOOL")]
    pub debug: Option<bool>,
    /// the address and the port for the Kubernetes API server
    #[arg(long, global = true, value_name = "URL")]
    pub kube_apiserver: Option<String>,
    /// group to impersonate for the operation, can be repeated
    #[arg(long, global = true, value_name = "GROUP", action = clap::ArgAction::Append)]
    pub kube_as_group: Vec<String>,
    /// username to impersonate for the operation
    #[arg(long, global = true, value_name = "USER")]
    pub kube_as_user: Option<String>,
    /// the certificate authority file for the Kubernetes API server connection
    #[arg(long, global = true, value_name = "FILE")]
    pub kube_ca_file: Option<String>,
    /// name of the kubeconfig context to use
    #[arg(long, global = true, value_name = "NAME")]
    pub kube_context: Option<String>,
    /// do not check the Kubernetes API server's certificate; through Helm write it with `=true`
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = go_bool, value_name = "BOOL")]
    pub kube_insecure_skip_tls_verify: Option<bool>,
    /// server name to use for Kubernetes API server certificate validation
    #[arg(long, global = true, value_name = "NAME")]
    pub kube_tls_server_name: Option<String>,
    /// bearer token used for authentication
    #[arg(long, global = true, value_name = "TOKEN")]
    pub kube_token: Option<String>,
    /// path to the kubeconfig file
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<String>,
    /// namespace scope for this request
    #[arg(long, short, global = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// queries per second used when communicating with the Kubernetes API, not including bursting
    #[arg(long, global = true, value_name = "FLOAT")]
    pub qps: Option<f32>,
    /// path to the registry config file; not used
    #[arg(long, global = true, value_name = "FILE", hide = true)]
    pub registry_config: Option<String>,
    /// path to the directory containing cached repository indexes; not used
    #[arg(long, global = true, value_name = "DIR", hide = true)]
    pub repository_cache: Option<String>,
    /// path to the file containing repository names and URLs; not used
    #[arg(long, global = true, value_name = "FILE", hide = true)]
    pub repository_config: Option<String>,
}

impl fmt::Debug for Globals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Globals")
            .field("namespace", &self.namespace)
            .field("kubeconfig", &self.kubeconfig)
            .field("kube_context", &self.kube_context)
            .field("debug", &self.debug)
            .finish_non_exhaustive()
    }
}
