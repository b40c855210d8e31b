//! Connections: TCP, TLS for https, through a proxy of the environment where there is one.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::error::{Error, Result};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// TCP, or TLS over TCP where a proxy itself is reached by https.
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// What the HTTP client connects with.
pub(crate) type Connector = HttpsConnector<Route>;

/// # Errors
/// `Configuration` if TLS cannot be set up.
pub(crate) fn connector(scheme: &str) -> Result<Connector> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let is_plain = scheme == "http";
    let tls = tls(if is_plain { RootCertStore::empty() } else { roots() })?;
    // Plain HTTP is for an emulator next door, which no proxy can reach.
    let proxies = (!is_plain).then(|| Arc::new(Matcher::from_system()));
    let to_proxy = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http().enable_http1();
    let route = Route { tcp: tcp.clone(), to_proxy: to_proxy.wrap_connector(tcp), proxies };
    Ok(HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(route))
}

fn tls(roots: RootCertStore) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::configuration(format!("TLS cannot be set up: {error}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Mozilla's roots, because slim images have none of their own, and the system's, because companies add theirs there.
fn roots() -> RootCertStore {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// The way to a host: direct, or through a proxy's tunnel.
#[derive(Clone)]
pub(crate) struct Route {
    tcp: HttpConnector,
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Option<Arc<Matcher>>,
}

impl Service<Uri> for Route {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let Some(proxy) = self.proxies.as_ref().and_then(|proxies| proxies.intercept(&target)) else {
            let connecting = self.tcp.call(target);
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        };
        if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
            return Box::pin(async {
                Err("the environment names a SOCKS proxy: only http and https ones work".into())
            });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone());
        if let Some(auth) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(auth.clone());
        }
        Box::pin(async move { Ok(tunnel.call(target).await?) })
    }
}
