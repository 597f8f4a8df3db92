//! Asks any URL whether it answers well.

use std::time::Duration;

use http::Request;
use kube::Config;
use kube::client::Body;

use super::client::client;

/// Asks a URL, and is content with any answer of 2xx.
///
/// # Errors
/// Why not, in words: an answer that is none of 2xx, no answer in time, no connection.
pub async fn answers_well(url: &str, patience: Duration) -> Result<(), String> {
    let uri: http::Uri = url.parse().map_err(|_| format!("{url:?} is no URL"))?;
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
    let mut root = uri.into_parts();
    root.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
    let root = http::Uri::from_parts(root).map_err(|error| error.to_string())?;
    // Not kube's own: that one asks a server that is busy again and again.
    let client = client(Config::new(root)).map_err(|error| error.to_string())?;
    let request = Request::get(path).body(Body::empty()).map_err(|error| error.to_string())?;
    match tokio::time::timeout(patience, client.send(request)).await {
        Err(_) => Err(format!("no answer within {} s", patience.as_secs())),
        Ok(Err(error)) => Err(error.to_string()),
        Ok(Ok(answer)) if answer.status().is_success() => Ok(()),
        Ok(Ok(answer)) => Err(format!("it answers {}", answer.status())),
    }
}

#[cfg(test)]
mod tests;
