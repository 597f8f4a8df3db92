//! Kubeconfig files: which are read, and what the chosen context says.

mod file;

use std::path::PathBuf;

use kube::config::{AuthInfo, Cluster, Kubeconfig};

use super::{ConnectionError, ConnectionOptions};

/// What the chosen context says. Empty when there is no file.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) context: Option<String>,
    pub(super) cluster_name: String,
    pub(super) cluster: Cluster,
    pub(super) user: AuthInfo,
    pub(super) namespace: Option<String>,
    /// The files read, for error texts; empty when none was found.
    pub(super) files: String,
}

/// Reads the files and picks the context.
pub(super) fn choose(options: &ConnectionOptions) -> Result<Chosen, ConnectionError> {
    let (merged, files) = read(options)?;
    let names = merged.contexts.iter().map(|context| context.name.clone()).collect::<Vec<_>>();
    let wanted = filled(options.context.clone());
    let Some(name) = wanted.or_else(|| merged.current_context.clone()) else {
        // A server given by hand needs no context.
        if files.is_empty() || filled(options.api_server.clone()).is_some() {
            return Ok(Chosen { files, ..Chosen::default() });
        }
        return Err(ConnectionError::NoContext { files, names });
    };
    let context = merged.contexts.into_iter().find(|context| context.name == name).and_then(|named| named.context);
    let Some(context) = context else {
        let files = if files.is_empty() { "any kubeconfig".to_owned() } else { files };
        return Err(ConnectionError::UnknownContext { name, files, names });
    };
    let cluster = merged.clusters.into_iter().find(|cluster| cluster.name == context.cluster).and_then(|named| named.cluster);
    // A user that is not in the file is an anonymous one, as in client-go.
    let user = merged.auth_infos.into_iter().find(|user| Some(&user.name) == context.user.as_ref());
    Ok(Chosen {
        context: Some(name),
        cluster_name: context.cluster,
        cluster: without_empty_cluster(cluster.unwrap_or_default()),
        user: without_empty_user(user.and_then(|named| named.auth_info).unwrap_or_default()),
        namespace: filled(context.namespace),
        files,
    })
}

/// Merges the files of the list, or reads the default one. Missing files of a list are skipped, as client-go's loader does;
/// a file that is there but cannot be understood is an error, never a reason to look elsewhere.
fn read(options: &ConnectionOptions) -> Result<(Kubeconfig, String), ConnectionError> {
    let list = filled(options.kubeconfig.clone());
    let paths: Vec<PathBuf> = match &list {
        Some(list) => std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect(),
        None => options.default_kubeconfig.clone().into_iter().collect(),
    };
    let mut merged = Kubeconfig::default();
    let mut read = Vec::new();
    for path in paths {
        if std::fs::metadata(&path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            continue;
        }
        let wrong = |reason: String| ConnectionError::Kubeconfig { path: path.clone(), reason };
        let mut next = file::read(&path).map_err(wrong)?;
        // `current-context: ""` is what kubectl leaves behind; it does not hide the next file's.
        next.current_context = filled(next.current_context);
        merged = merged.merge(next).map_err(|error| wrong(error.to_string()))?;
        read.push(path.display().to_string());
    }
    match list {
        Some(list) if read.is_empty() && filled(options.api_server.clone()).is_none() => {
            Err(ConnectionError::NoSuchKubeconfig { list })
        }
        _ => Ok((merged, read.join(", "))),
    }
}

pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn without_empty_cluster(mut cluster: Cluster) -> Cluster {
    for field in [
        &mut cluster.server,
        &mut cluster.certificate_authority,
        &mut cluster.certificate_authority_data,
        &mut cluster.proxy_url,
        &mut cluster.tls_server_name,
    ] {
        *field = filled(field.take());
    }
    cluster
}

fn without_empty_user(mut user: AuthInfo) -> AuthInfo {
    for field in [
        &mut user.username,
        &mut user.token_file,
        &mut user.client_certificate,
        &mut user.client_certificate_data,
        &mut user.client_key,
        &mut user.impersonate,
        &mut user.impersonate_uid,
    ] {
        *field = filled(field.take());
    }
    // The types of these two do not show their text.
    let shown = serde_json::to_value(&user).unwrap_or_default();
    let is_empty = |key: &str| shown.get(key).and_then(serde_json::Value::as_str) == Some("");
    if is_empty("token") {
        user.token = None;
    }
    if is_empty("client-key-data") {
        user.client_key_data = None;
    }
    user
}

#[cfg(test)]
mod tests;
