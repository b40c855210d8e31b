//! HTTP: one request out, one bounded answer in.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use http::uri::{PathAndQuery, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;
use crate::connector::{Connector, connector};
use crate::error::{Error, Kind, Result};
use crate::retry::Repeat;

/// Most bytes of an answer that are read.
pub const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(50);
/// Bytes read from a connection before anything else has its turn.
const READ_AT_ONCE: usize = 64 * 1024;
/// How many idle connections are kept.
const MOST_IDLE: usize = 64;

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
    http: Client<Connector, Full<Bytes>>,
    /// Scheme and authority of every request.
    origin: http::uri::Parts,
    /// Path of every request, up to the last slash.
    root: String,
    host: String,
    public_headers: HeaderMap,
    /// With both keys, if there are both.
    secret_headers: Option<HeaderMap>,
    secret_everywhere: bool,
}

const API_KEY: HeaderName = HeaderName::from_static("apikey");
/// The source document's name of the secret key's header.
const TRANSACTION_KEY: HeaderName = HeaderName::from_static("transactionkey");
/// The API reference's name of it.
const SECRET_KEY: HeaderName = HeaderName::from_static("secretkey");
const LANG: HeaderName = HeaderName::from_static("lang");
const NAME: HeaderValue = HeaderValue::from_static(concat!("gameball-referrals/", env!("CARGO_PKG_VERSION")));
const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Transport {
    /// # Errors
    /// `Configuration` if no HTTP client can be built from it.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        // Redirects are not followed: they would carry the keys to wherever they point. Nor is anything compressed:
        // answers are small, and a compressed one can be small only to look at.
        let http = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(MOST_IDLE)
            .pool_timer(TokioTimer::new())
            // What is read at one go bounds how long a peer that floods us can keep a deadline from being noticed.
            .http1_max_buf_size(READ_AT_ONCE)
            .build(connector(config.base_url.scheme())?);
        let base: Uri = config
            .base_url()
            .parse()
            .map_err(|_| Error::configuration("base_url is not a URL such as https://api.gameball.co"))?;
        let root = format!(
            "{}/api/{}/integrations/",
            base.path().trim_end_matches('/'),
            config.api_version.as_str()
        );
        let mut public_headers = HeaderMap::with_capacity(8);
        public_headers.insert(USER_AGENT, NAME);
        public_headers.insert(API_KEY, header("api_key", &config.api_key)?);
        let secret_headers = match &config.secret_key {
            Some(key) => {
                let key = header("secret_key", key)?;
                let mut headers = public_headers.clone();
                headers.insert(TRANSACTION_KEY, key.clone());
                headers.insert(SECRET_KEY, key);
                Some(headers)
            }
            None => None,
        };
        Ok(Self {
            http,
            origin: base.into_parts(),
            root,
            host: config.base_url.host_str().unwrap_or_default().to_owned(),
            public_headers,
            secret_headers,
            secret_everywhere: config.secret_everywhere(),
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// # Errors
    /// `Configuration` if the call needs a secret key and there is none.
    pub(crate) fn check(&self, request: &Request) -> Result<()> {
        if request.needs_secret && self.secret_headers.is_none() {
            return Err(Error::configuration("this call needs the secret key, and none is set"));
        }
        Ok(())
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Answer> {
        // Nobody polls idle connections while no call waits: these two turns let the pool notice those that the
        // server has closed, before one is taken for this request.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        let response =
            self.http.request(self.request(request)?).await.map_err(|error| self.broken(&error))?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let body = read(response.into_body()).await.map_err(|problem| {
            Error::new(Kind::Decode, format!("the answer of {} {problem}", self.host)).with_status(status)
        });
        Ok(Answer { status, retry_after, body })
    }

    fn request(&self, request: &Request) -> Result<http::Request<Full<Bytes>>> {
        let mut headers = match &self.secret_headers {
            Some(headers) if request.needs_secret || self.secret_everywhere => headers.clone(),
            _ => self.public_headers.clone(),
        };
        if let Some(lang) = request.lang.as_deref().and_then(|lang| HeaderValue::from_str(lang).ok()) {
            headers.insert(LANG, lang);
        }
        if request.body.is_some() {
            headers.insert(CONTENT_TYPE, JSON);
        }
        let mut built = http::Request::new(Full::new(request.body.clone().unwrap_or_default()));
        *built.method_mut() = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Delete => http::Method::DELETE,
        };
        *built.uri_mut() = self.address(&request.path)?;
        *built.headers_mut() = headers;
        Ok(built)
    }

    fn address(&self, path: &str) -> Result<Uri> {
        let internal = |_| Error::new(Kind::Internal, "no address can be made for this call");
        let path =
            PathAndQuery::from_maybe_shared(Bytes::from([&self.root, path].concat())).map_err(internal)?;
        let mut parts = http::uri::Parts::default();
        parts.scheme.clone_from(&self.origin.scheme);
        parts.authority.clone_from(&self.origin.authority);
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).map_err(|_| Error::new(Kind::Internal, "no address can be made for this call"))
    }

    fn broken(&self, error: &legacy::Error) -> Error {
        let cause = root_cause(error);
        let what = if error.is_connect() { "could not connect to" } else { "lost the connection to" };
        Error::new(Kind::Connection, format!("{what} {}: {cause}", self.host))
            .with_ambiguous(!error.is_connect())
    }
}

fn header(option: &str, key: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(key.expose_secret())
        .map_err(|_| Error::configuration(format!("{option} contains characters that no key has")))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(mut incoming: Incoming) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| format!("broke off: {}", root_cause(&error)))?;
        let Ok(data) = frame.into_data() else { continue };
        if body.len() + data.len() > MAX_ANSWER_BYTES {
            return Err(format!("is larger than {MAX_ANSWER_BYTES} bytes"));
        }
        body.extend_from_slice(&data);
    }
    Ok(body)
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(jiff::Timestamp::now())).unwrap_or_default())
}
