//! HTTP: one request out, one bounded answer in. The only file that names reqwest.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::retry::Repeat;

/// Most bytes of an answer that are read, after decompression.
pub const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

/// A request, ready to be sent any number of times.
pub(crate) struct Request {
    pub method: Method,
    /// Below `/api/{version}/integrations/`, encoded.
    pub path: String,
    pub body: Option<Bytes>,
    pub lang: Option<String>,
    /// Whether v4.0 wants the secret key too.
    pub needs_secret: bool,
    pub repeat: Repeat,
}

/// An answer, whatever its status.
pub(crate) struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    /// The body, or why it could not be read.
    pub body: Result<Vec<u8>>,
}

pub(crate) struct Transport {
    http: reqwest::Client,
    root: String,
    host: String,
    api_key: HeaderValue,
    secret_key: Option<HeaderValue>,
    secret_everywhere: bool,
}

const API_KEY: HeaderName = HeaderName::from_static("apikey");
/// The source document's name of the secret key's header.
const TRANSACTION_KEY: HeaderName = HeaderName::from_static("transactionkey");
/// The API reference's name of it.
const SECRET_KEY: HeaderName = HeaderName::from_static("secretkey");
const LANG: HeaderName = HeaderName::from_static("lang");

impl Transport {
    pub(crate) fn new(config: &Config) -> Result<Self> {
        // A provider that the host installed already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let host = config.base_url.host_str().unwrap_or_default().to_owned();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("gameball-referrals/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the keys to wherever it points.
            .redirect(reqwest::redirect::Policy::none())
            // Retrying is decided in `retry`, knowing what the call means.
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .pool_idle_timeout(Duration::from_secs(50));
        builder = if config.base_url.scheme() == "http" {
            // Plain HTTP is for an emulator next door: no proxy can reach it.
            builder.no_proxy()
        } else {
            // Slim images have no certificate store of their own.
            let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
                .iter()
                .filter_map(|der| reqwest::Certificate::from_der(der).ok());
            builder.tls_certs_merge(roots)
        };
        let http = builder.build().map_err(|error| {
            Error::configuration(format!(
                "the HTTP client cannot be built: {}",
                root_cause(&error.without_url())
            ))
        })?;
        Ok(Self {
            http,
            root: format!("{}/api/{}/integrations/", config.base_url(), config.api_version.as_str()),
            host,
            api_key: header("api_key", &config.api_key)?,
            secret_key: config.secret_key.as_ref().map(|key| header("secret_key", key)).transpose()?,
            secret_everywhere: config.secret_everywhere(),
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// # Errors
    /// `Configuration` if the call needs a secret key and there is none.
    pub(crate) fn check(&self, request: &Request) -> Result<()> {
        if request.needs_secret && self.secret_key.is_none() {
            return Err(Error::configuration("this call needs the secret key, and none is set"));
        }
        Ok(())
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Answer> {
        // Nobody polls idle connections while no call waits: these two turns let the pool notice those that the
        // server has closed, before one is taken for this request.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        let mut response = self.request(request).send().await.map_err(|error| self.broken(error))?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let body = read(&mut response).await.map_err(|problem| {
            Error::new(Kind::Decode, format!("the answer of {} {problem}", self.host)).with_status(status)
        });
        Ok(Answer { status, retry_after, body })
    }

    fn request(&self, request: &Request) -> reqwest::RequestBuilder {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(API_KEY, self.api_key.clone());
        if (request.needs_secret || self.secret_everywhere)
            && let Some(secret_key) = &self.secret_key
        {
            headers.insert(TRANSACTION_KEY, secret_key.clone());
            headers.insert(SECRET_KEY, secret_key.clone());
        }
        if let Some(lang) = request.lang.as_deref().and_then(|lang| HeaderValue::from_str(lang).ok()) {
            headers.insert(LANG, lang);
        }
        if request.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let builder = self.http.request(method, format!("{}{}", self.root, request.path)).headers(headers);
        match &request.body {
            Some(body) => builder.body(body.clone()),
            None => builder,
        }
    }

    fn broken(&self, error: reqwest::Error) -> Error {
        let connecting = error.is_connect();
        let cause = root_cause(&error.without_url());
        let what = if connecting { "could not connect to" } else { "lost the connection to" };
        Error::new(Kind::Connection, format!("{what} {}: {cause}", self.host)).with_ambiguous(!connecting)
    }
}

fn header(option: &str, key: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(key.expose_secret())
        .map_err(|_| Error::configuration(format!("{option} contains characters that no key has")))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(response: &mut reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_ANSWER_BYTES => {
                return Err(format!("is larger than {MAX_ANSWER_BYTES} bytes"));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return Err(format!("broke off: {}", root_cause(&error.without_url()))),
        }
    }
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(jiff::Timestamp::now())).unwrap_or_default())
}
