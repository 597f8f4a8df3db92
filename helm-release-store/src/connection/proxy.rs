//! Which proxy stands between us and the API server, by the rules of Go's `net/http`.
//!
//! kube compares `NO_PROXY` with the proxy's own address and uses `HTTPS_PROXY` for `http` servers; so the proxy is
//! computed here and handed to it.

use std::net::IpAddr;

use http::Uri;

use super::{ConnectionError, Environment};

/// The proxy for a server: the kubeconfig's, else the environment's unless `NO_PROXY` excepts the server.
pub(super) fn choose(configured: Option<&str>, server: &Uri, environment: &Environment) -> Result<Option<Uri>, ConnectionError> {
    if let Some(configured) = configured {
        return parse(configured).map(Some);
    }
    let variable = match server.scheme_str() {
        Some("https") => &environment.https_proxy,
        _ => &environment.http_proxy,
    };
    match variable {
        Some(proxy) if !is_excepted(server, environment.no_proxy.as_deref().unwrap_or_default()) => parse(proxy).map(Some),
        _ => Ok(None),
    }
}

fn parse(proxy: &str) -> Result<Uri, ConnectionError> {
    let full = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    let wrong = |reason: String| ConnectionError::Url { what: "proxy", url: shown(proxy), reason };
    let url: Uri = full.parse().map_err(|error: http::uri::InvalidUri| wrong(error.to_string()))?;
    match url.scheme_str() {
        Some("http" | "https" | "socks5") => Ok(url),
        _ => Err(wrong("only http, https and socks5 proxies are spoken to".to_owned())),
    }
}

/// A URL without the user and password that it may hold.
pub(super) fn shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") }
}

/// Whether a server is spoken to directly: this machine always is, others when `NO_PROXY` lists them.
fn is_excepted(server: &Uri, no_proxy: &str) -> bool {
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    let port = server.port_u16().unwrap_or(if server.scheme_str() == Some("https") { 443 } else { 80 });
    let address = host.parse::<IpAddr>().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return true;
    }
    no_proxy.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| matches(entry, host, port, address))
}

/// Whether one entry of `NO_PROXY` covers a server: `*`, an address, a range, or a domain, each but the range with an optional port.
fn matches(entry: &str, host: &str, port: u16, address: Option<IpAddr>) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, length)) = entry.split_once('/') {
        let (Ok(network), Ok(length)) = (network.parse::<IpAddr>(), length.parse::<u32>()) else { return false };
        return address.is_some_and(|address| contains(network, length, address));
    }
    let (name, wanted) = split_port(entry);
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    if let Ok(excepted) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        return address == Some(excepted);
    }
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix('*').unwrap_or(&name);
    match name.strip_prefix('.') {
        // A leading dot means: only what is below the domain.
        Some(_) => host.ends_with(name) && host.len() > name.len(),
        None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
    }
}

/// Takes a port off `host:port` or `[address]:port`; a bare address of version 6 has none.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn contains(network: IpAddr, length: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) if length <= 32 => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) if length <= 128 => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
