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
///
/// ```
/// use std::time::Duration;
///
/// use helm_release_store::connection::answers_well;
///
/// # use std::io::{Read as _, Write as _};
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let server = format!("http://{}", listener.local_addr()?);
/// # std::thread::spawn(move || {
/// #     for mut stream in listener.incoming().flatten() {
/// #         let mut request = [0; 1024];
/// #         let read = stream.read(&mut request).unwrap_or_default();
/// #         let is_good = String::from_utf8_lossy(&request[..read]).starts_with("GET /ready ");
/// #         let status = if is_good { "204 No Content" } else { "503 Service Unavailable" };
/// #         write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
/// #     }
/// # });
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// // The server answers 204 to `/ready` and 503 to everything else.
/// let patience = Duration::from_secs(5);
/// assert_eq!(answers_well(&format!("{server}/ready"), patience).await, Ok(()));
/// let answer = answers_well(&format!("{server}/busy"), patience).await;
/// assert_eq!(answer, Err("it answers 503 Service Unavailable".to_owned()));
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
