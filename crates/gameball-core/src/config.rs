//! What a client is built from: credentials, address, version and limits of patience.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::error::{Error, Result};

/// Where Gameball's API is.
pub const DEFAULT_BASE_URL: &str = "https://api.gameball.co";
/// The API version of the vendor's source document.
pub const DEFAULT_API_VERSION: &str = "v4.0";
/// The overall deadline of one call, retries and all.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often one call is repeated at most, where repeating is safe.
pub const DEFAULT_MAX_RETRIES: u32 = 2;

const LONGEST_TIMEOUT: Duration = Duration::from_secs(600);
const MOST_RETRIES: u32 = 10;

/// Version of the API, which decides where the secret key is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiVersion {
    /// Customers and code validation take the public key alone.
    V4_0,
    /// "Secure Integration Mode": every call takes both keys.
    V4_1,
}

impl ApiVersion {
    /// As it stands in the path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V4_0 => "v4.0",
            Self::V4_1 => "v4.1",
        }
    }
}

/// Options of a client, before they are checked. `Default` has every default but the key.
#[derive(Clone)]
pub struct Options {
    /// The public key (`APIKey`).
    pub api_key: SecretString,
    /// The private key (`TransactionKey` in the source document, `SecretKey` in the reference).
    pub secret_key: Option<SecretString>,
    /// Scheme, host and, where there is a proxy in between, a path prefix.
    pub base_url: String,
    /// `v4.0` or `v4.1`.
    pub api_version: String,
    /// The account's *High Security Mode*: every call takes both keys.
    pub high_security: bool,
    /// The overall deadline of one call.
    pub timeout: Duration,
    /// How often one call is repeated at most.
    pub max_retries: u32,
    /// Whether keys may travel over plain HTTP to other machines.
    pub allow_plain_http: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            api_key: SecretString::default(),
            secret_key: None,
            base_url: DEFAULT_BASE_URL.to_owned(),
            api_version: DEFAULT_API_VERSION.to_owned(),
            high_security: false,
            timeout: DEFAULT_TIMEOUT,
            max_retries: DEFAULT_MAX_RETRIES,
            allow_plain_http: false,
        }
    }
}

/// Checked options.
#[derive(Clone)]
pub struct Config {
    pub(crate) api_key: SecretString,
    pub(crate) secret_key: Option<SecretString>,
    pub(crate) base_url: Url,
    pub(crate) api_version: ApiVersion,
    pub(crate) high_security: bool,
    pub(crate) timeout: Duration,
    pub(crate) max_retries: u32,
}

impl Config {
    /// # Errors
    /// `Configuration`, saying which option cannot work and what would.
    pub fn new(options: Options) -> Result<Self> {
        check_key("api_key", &options.api_key)?;
        if let Some(secret_key) = &options.secret_key {
            check_key("secret_key", secret_key)?;
        }
        let api_version = match options.api_version.as_str() {
            "v4.0" => ApiVersion::V4_0,
            "v4.1" => ApiVersion::V4_1,
            _ => return Err(refused("api_version", "must be 'v4.0' or 'v4.1'")),
        };
        if options.secret_key.is_none() {
            if api_version == ApiVersion::V4_1 {
                return Err(refused("secret_key", "is required: v4.1 sends it with every call"));
            }
            if options.high_security {
                return Err(refused(
                    "secret_key",
                    "is required: High Security Mode sends it with every call",
                ));
            }
        }
        if options.timeout.is_zero() || options.timeout > LONGEST_TIMEOUT {
            return Err(refused("timeout", "must be more than 0 and at most 600 seconds"));
        }
        if options.max_retries > MOST_RETRIES {
            return Err(refused("max_retries", "must be 0 to 10"));
        }
        Ok(Self {
            base_url: base_url(&options.base_url, options.allow_plain_http)?,
            api_key: options.api_key,
            secret_key: options.secret_key,
            api_version,
            high_security: options.high_security,
            timeout: options.timeout,
            max_retries: options.max_retries,
        })
    }

    /// Whether every call takes both keys.
    pub(crate) fn secret_everywhere(&self) -> bool {
        self.high_security || self.api_version == ApiVersion::V4_1
    }

    /// The address without credentials, query or fragment (it can have none).
    pub fn base_url(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }

    /// The API version.
    pub fn api_version(&self) -> ApiVersion {
        self.api_version
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("base_url", &self.base_url())
            .field("api_version", &self.api_version.as_str())
            .field("high_security", &self.high_security)
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}

fn refused(option: &str, problem: &str) -> Error {
    Error::configuration(format!("{option} {problem}"))
}

fn check_key(option: &str, key: &SecretString) -> Result<()> {
    let key = key.expose_secret();
    if key.is_empty() {
        return Err(refused(
            option,
            "is empty: copy it from the Gameball dashboard (Settings, Account integration)",
        ));
    }
    if key.len() > 1024 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused(
            option,
            "contains spaces, line breaks or other characters that no key has: copy it again",
        ));
    }
    Ok(())
}

fn base_url(text: &str, allow_plain_http: bool) -> Result<Url> {
    let mut url = Url::parse(text.trim())
        .map_err(|_| refused("base_url", "is not a URL such as https://api.gameball.co"))?;
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(refused("base_url", "has no host")),
    };
    match url.scheme() {
        "https" => {}
        "http" if local || allow_plain_http => {}
        "http" => {
            return Err(refused(
                "base_url",
                "is plain HTTP, which would show the keys to the network: use https, or allow_plain_http if that is meant",
            ));
        }
        _ => return Err(refused("base_url", "must begin with https://")),
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(refused("base_url", "must have no user name, query or fragment"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}
