//! One kubeconfig file, read as client-go reads it.

use std::path::{MAIN_SEPARATOR, Path};

use helm_release_core::manifest::read_yaml;
use kube::config::Kubeconfig;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads a file; its relative paths become those beside it (client-go's `ResolveLocalPaths`). Documents after the first are not looked
/// at, as client-go does not.
///
/// # Errors
/// What is wrong, without any text of the file: it may hold a token.
pub(super) fn read(path: &Path) -> Result<Kubeconfig, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text = decoded(bytes).ok_or("not a kubeconfig: its bytes are no text")?;
    let mut config = match read_yaml(&text) {
        Ok(Value::Null) => Kubeconfig::default(),
        Ok(Value::Object(members)) => parse(members)?,
        Ok(_) => return Err("not a kubeconfig: it has no fields".to_owned()),
        Err(error) => return Err(format!("not a kubeconfig: {error}")),
    };
    if let Some(directory) = path.parent() {
        resolve_paths(&mut config, directory);
    }
    Ok(config)
}

/// UTF-8 with or without its mark, or UTF-16 with one, which is what PowerShell writes when output is redirected to a file.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let wide = |read: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes[2..].as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| read(*pair)).collect();
        rest.is_empty().then(|| String::from_utf16(&units).ok()).flatten()
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, text @ ..] => String::from_utf8(text.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// Takes what a connection needs. Each entry is read by itself, so that an error can name it.
fn parse(mut members: Map<String, Value>) -> Result<Kubeconfig, String> {
    match members.get("kind") {
        None | Some(Value::Null) => {}
        Some(kind) if kind == "Config" || kind == "" => {}
        Some(_) => return Err("not a kubeconfig: its kind is not Config".to_owned()),
    }
    let mut config = Kubeconfig {
        clusters: entries(members.remove("clusters"), "clusters")?,
        auth_infos: entries(members.remove("users"), "users")?,
        contexts: entries(members.remove("contexts"), "contexts")?,
        ..Kubeconfig::default()
    };
    config.current_context = match members.remove("current-context") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err("not a kubeconfig: current-context is not a text".to_owned()),
    };
    Ok(config)
}

fn entries<T: DeserializeOwned>(list: Option<Value>, member: &str) -> Result<Vec<T>, String> {
    let list = match list {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(format!("not a kubeconfig: {member} is not a list")),
    };
    let read = |(at, entry): (usize, Value)| {
        let name = entry.get("name").and_then(Value::as_str).map(|name| format!(" ({name:?})")).unwrap_or_default();
        // What serde says would quote the value.
        serde_json::from_value(entry)
            .map_err(|_| format!("not a kubeconfig: {member}[{at}]{name} lacks its name or has a field of the wrong type"))
    };
    list.into_iter().enumerate().map(read).collect()
}

fn resolve_paths(config: &mut Kubeconfig, directory: &Path) {
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        resolve(&mut cluster.certificate_authority, directory);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        for path in [&mut user.client_certificate, &mut user.client_key, &mut user.token_file] {
            resolve(path, directory);
        }
        // A command without a separator is looked up in PATH.
        if let Some(exec) = user.exec.as_mut().filter(|exec| exec.command.as_ref().is_some_and(|it| it.contains(MAIN_SEPARATOR)))
        {
            resolve(&mut exec.command, directory);
        }
    }
}

fn resolve(path: &mut Option<String>, directory: &Path) {
    let relative = path.as_deref().map(Path::new).filter(|path| path.is_relative() && !path.as_os_str().is_empty());
    if let Some(absolute) = relative.and_then(|path| directory.join(path).to_str().map(str::to_owned)) {
        *path = Some(absolute);
    }
}
