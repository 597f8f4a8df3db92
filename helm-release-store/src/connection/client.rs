//! The client behind a connection: kube's own, but one that does not wait before it speaks.

use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ClientBuilder, ConfigExt as _};
use kube::{Client, Config};
use tower::{BoxError, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

/// A client for a server.
///
/// kube leaves Nagle's algorithm on. Then the first request of each connection waits for the server to acknowledge the end of the TLS
/// handshake, which it puts off by 40 ms; so a server that is spoken to directly gets kube's layers on a connector without it.
pub(super) fn client(mut config: Config) -> kube::Result<Client> {
    if config.proxy_url.is_some() {
        return Client::try_from(config);
    }
    if config.accept_invalid_certs {
        // Whoever takes any certificate need not read all that the system trusts.
        config.root_cert = Some(Vec::new());
    }
    let mut direct = HttpConnector::new();
    direct.enforce_http(false);
    direct.set_nodelay(true);
    let mut connector = TimeoutConnector::new(config.rustls_https_connector_with_connector(direct)?);
    connector.set_connect_timeout(config.connect_timeout);
    let sender: legacy::Client<_, Body> = legacy::Builder::new(TokioExecutor::new()).build(connector);
    let layers = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(DecompressionLayer::new().gzip(!config.disable_compression))
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(sender);
    Ok(ClientBuilder::new(layers, config.default_namespace).build())
}
