//! What flags and environment add up to; a flag wins over a variable.

use std::fmt;
use std::io::IsTerminal as _;

use helm_release_core::Namespace;

use crate::args::Globals;
use crate::{Environment, Report};

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Color {
    /// Never.
    Never,
    /// On a terminal.
    Auto,
    /// Also into files and pipes.
    Always,
}

/// What flags and environment add up to.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The namespace given; `None` leaves it to the kubeconfig's context.
    pub namespace: Option<Namespace>,
    /// The kubeconfig file, or a list of files as in `KUBECONFIG`.
    pub kubeconfig: Option<String>,
    /// The context in it.
    pub kube_context: Option<String>,
    /// Address of the API server, in place of the kubeconfig's.
    pub kube_apiserver: Option<String>,
    /// Bearer token, in place of the kubeconfig's credentials.
    pub kube_token: Option<String>,
    /// User to impersonate.
    pub kube_as_user: Option<String>,
    /// Groups to impersonate.
    pub kube_as_groups: Vec<String>,
    /// File with the authority that signed the server's certificate.
    pub kube_ca_file: Option<String>,
    /// Name that the server's certificate must have.
    pub kube_tls_server_name: Option<String>,
    /// Whether the server's certificate is taken unchecked.
    pub kube_insecure_skip_tls_verify: bool,
    /// Requests per second; `None` means no limit.
    pub qps: Option<f32>,
    /// Requests that may go out at once under a limit.
    pub burst_limit: i64,
    /// How many revisions are kept; 0 means all.
    pub max_history: i64,
    /// Whether more is told.
    pub debug: bool,
    /// When output is coloured.
    pub color: Color,
    /// What the environment said.
    pub environment: Environment,
}

impl Settings {
    /// Puts flags over the environment.
    ///
    /// # Errors
    /// A [`Report`] when the namespace is none or the colour mode is unknown.
    pub(crate) fn resolve(flags: Globals, environment: Environment) -> Result<Self, Report> {
        let given =
            |flag: Option<String>, variable: &Option<String>| flag.filter(|value| !value.is_empty()).or_else(|| variable.clone());
        let namespace = match given(flags.namespace, &environment.namespace) {
            Some(name) => Some(
                Namespace::new(&name)
                    .map_err(|error| Report::usage(format!("namespace is invalid: {name}")).with_cause(error))?,
            ),
            None => None,
        };
        Ok(Self {
            namespace,
            kubeconfig: given(flags.kubeconfig, &environment.kubeconfig),
            kube_context: given(flags.kube_context, &environment.kube_context),
            kube_apiserver: given(flags.kube_apiserver, &environment.kube_apiserver),
            kube_token: given(flags.kube_token, &environment.kube_token),
            kube_as_user: given(flags.kube_as_user, &environment.kube_as_user),
            kube_as_groups: if flags.kube_as_group.is_empty() { environment.kube_as_groups.clone() } else { flags.kube_as_group },
            kube_ca_file: given(flags.kube_ca_file, &environment.kube_ca_file),
            kube_tls_server_name: given(flags.kube_tls_server_name, &environment.kube_tls_server_name),
            kube_insecure_skip_tls_verify: flags
                .kube_insecure_skip_tls_verify
                .unwrap_or(environment.kube_insecure_skip_tls_verify),
            qps: flags.qps.or(environment.qps).filter(|qps| *qps > 0.0),
            burst_limit: flags.burst_limit.or(environment.burst_limit).unwrap_or(100),
            max_history: environment.max_history.unwrap_or(10),
            debug: flags.debug.unwrap_or(environment.debug),
            color: color(flags.color, &environment)?,
            environment,
        })
    }

    /// Whether what goes to stdout is coloured.
    #[must_use]
    pub(crate) fn colors_stdout(&self) -> bool {
        match self.color {
            Color::Never => false,
            Color::Always => true,
            Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

/// A flag wins over `NO_COLOR`, and that over `HELM_COLOR`, whose unknown values Helm passes over.
fn color(flag: Option<String>, environment: &Environment) -> Result<Color, Report> {
    if let Some(mode) = flag {
        return named_color(&mode)
            .ok_or_else(|| Report::usage(format!("invalid color mode {mode:?}: must be one of: never, auto, always")));
    }
    if environment.no_color {
        return Ok(Color::Never);
    }
    Ok(environment.color.as_deref().and_then(|mode| named_color(&mode.to_lowercase())).unwrap_or(Color::Auto))
}

fn named_color(mode: &str) -> Option<Color> {
    match mode {
        "never" => Some(Color::Never),
        "auto" => Some(Color::Auto),
        "always" => Some(Color::Always),
        _ => None,
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("namespace", &self.namespace)
            .field("kubeconfig", &self.kubeconfig)
            .field("kube_context", &self.kube_context)
            .field("debug", &self.debug)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
