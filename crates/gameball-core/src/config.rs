//! What a client is built from: credentials, address, version and limits of patience.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::delivery::settings::{Settings, referral_window_of};
use crate::error::{Error, Result};
use crate::model::arguments::{Arguments, Style};
use crate::model::call;
use crate::model::json::{self, Json};
use crate::visit::{cookie, limits};
use crate::{capture, claim};

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
    /// How refusals write the options' names.
    pub style: Style,
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
            style: Style::Snake,
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

impl Options {
    /// Reads a host's plain data; what is not given takes its default. The names are those of the fields in the
    /// host's style, except that a timeout in seconds is `timeout` in Python, one in milliseconds `timeoutMs` in Node.
    ///
    /// # Errors
    /// `Configuration` naming the option. Never its value, which may be a key.
    pub fn read(options: Json, style: Style) -> Result<Self> {
        Self::read_arguments(options, style).map_err(Error::of_options)
    }

    fn read_arguments(options: Json, style: Style) -> Result<Self> {
        let mut given = Arguments::new(options, style)?;
        let mut options = Self { style, ..Self::default() };
        if let Some(api_key) = given.any_text("apiKey")? {
            options.api_key = api_key.into();
        }
        options.secret_key = given.any_text("secretKey")?.map(SecretString::from);
        if let Some(base_url) = given.any_text("baseUrl")? {
            options.base_url = base_url;
        }
        if let Some(api_version) = given.any_text("apiVersion")? {
            options.api_version = api_version;
        }
        if let Some(high_security) = given.boolean("highSecurity")? {
            options.high_security = high_security;
        }
        let (timeout, unit) = timeout_of(style);
        if let Some(timeout) = given.number(timeout)? {
            // What is no duration at all is as wrong as none, and is refused like that.
            options.timeout = Duration::try_from_secs_f64(timeout / unit).unwrap_or_default();
        }
        if let Some(max_retries) = given.integer("maxRetries")? {
            options.max_retries = u32::try_from(max_retries).unwrap_or(u32::MAX);
        }
        if let Some(allow_plain_http) = given.boolean("allowPlainHttp")? {
            options.allow_plain_http = allow_plain_http;
        }
        given.finish()?;
        Ok(options)
    }
}

/// The timeout's name in a host's style, and how many of its units a second has.
const fn timeout_of(style: Style) -> (&'static str, f64) {
    match style {
        Style::Snake => ("timeout", 1.0),
        Style::Camel => ("timeoutMs", 1000.0),
    }
}

/// Every default and bound that hosts show or need, so that they repeat none of them.
pub fn defaults(style: Style) -> Json {
    let options = Options::default();
    let (timeout, unit) = timeout_of(style);
    let settings = Settings::default();
    let (referral_window, window_unit) = referral_window_of(style);
    let fields = [
        ("baseUrl", Json::String(options.base_url)),
        ("apiVersion", Json::String(options.api_version)),
        ("highSecurity", Json::Bool(options.high_security)),
        (timeout, Json::Float(options.timeout.as_secs_f64() * unit)),
        ("maxRetries", Json::Number(options.max_retries.to_string())),
        ("allowPlainHttp", Json::Bool(options.allow_plain_http)),
        (
            "captureParams",
            Json::Array(capture::DEFAULT_PARAMS.map(|name| Json::String(name.to_owned())).into()),
        ),
        ("claimMaxAgeSeconds", Json::Number(claim::DEFAULT_MAX_AGE.to_string())),
        ("claimCookie", Json::String(cookie::DEFAULT_NAME.to_owned())),
        ("claimHeader", Json::String(cookie::CLAIM_HEADER.to_owned())),
        (
            "sharedCacheHeaders",
            Json::Array(cookie::SHARED_CACHE_HEADERS.map(|name| Json::String(name.to_owned())).into()),
        ),
        ("visitLimits", Json::Object(visit_limits().map(|(name, value)| (style.name(name), value)).into())),
        ("referralsPage", Json::Number(call::REFERRALS_PAGE.to_string())),
        ("concurrency", Json::Number(settings.concurrency.to_string())),
        (referral_window, Json::Float(settings.referral_window().as_secs_f64() * window_unit)),
        ("maxAttempts", Json::Number(settings.max_attempts.to_string())),
        ("maxDepth", Json::Number(json::MAX_DEPTH.to_string())),
    ];
    Json::Object(fields.map(|(name, value)| (style.name(name), value)).into())
}

fn visit_limits() -> [(&'static str, Json); 8] {
    [
        ("capturesPerMinute", limits::CAPTURES_PER_MINUTE),
        ("validationsPerMinute", limits::VALIDATIONS_PER_MINUTE),
        ("visitorsPerProxy", limits::VISITORS_PER_PROXY),
        ("maxTold", limits::MAX_TOLD),
        ("lookupTimeoutSeconds", limits::LOOKUP_TIMEOUT),
        ("lookupsAtOnce", limits::LOOKUPS_AT_ONCE),
        ("lookupRememberedSeconds", limits::LOOKUP_REMEMBERED),
        ("lookupSparedSeconds", limits::LOOKUP_SPARED),
    ]
    .map(|(name, limit)| (name, Json::Number(limit.to_string())))
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
        Self::check(options).map_err(Error::of_options)
    }

    fn check(options: Options) -> Result<Self> {
        let style = options.style;
        let refused = |option: &str, problem: &str| Error::invalid_argument(style.name(option), problem);
        check_key(&options.api_key).map_err(|problem| refused("apiKey", problem))?;
        if let Some(secret_key) = &options.secret_key {
            check_key(secret_key).map_err(|problem| refused("secretKey", problem))?;
        }
        let api_version = match options.api_version.as_str() {
            "v4.0" => ApiVersion::V4_0,
            "v4.1" => ApiVersion::V4_1,
            _ => return Err(refused("apiVersion", "must be 'v4.0' or 'v4.1'")),
        };
        if options.secret_key.is_none() {
            if api_version == ApiVersion::V4_1 {
                return Err(refused("secretKey", "is required: v4.1 sends it with every call"));
            }
            if options.high_security {
                return Err(refused("secretKey", "is required: High Security Mode sends it with every call"));
            }
        }
        if options.timeout.is_zero() || options.timeout > LONGEST_TIMEOUT {
            return Err(refused(timeout_of(style).0, "must be more than 0 and at most 600 seconds"));
        }
        if options.max_retries > MOST_RETRIES {
            return Err(refused("maxRetries", "must be 0 to 10"));
        }
        let base_url = base_url(&options.base_url).map_err(|problem| refused("baseUrl", problem))?;
        if base_url.scheme() == "http" && !options.allow_plain_http && !is_local(&base_url) {
            let problem = "is plain HTTP, which would show the keys to the network: use https, or";
            let meant = style.name("allowPlainHttp");
            return Err(refused("baseUrl", &format!("{problem} {meant} if that is meant")));
        }
        Ok(Self {
            base_url,
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

fn check_key(key: &SecretString) -> Result<(), &'static str> {
    let key = key.expose_secret();
    if key.is_empty() {
        return Err("is empty: copy it from the Gameball dashboard (Settings, Account integration)");
    }
    if key.len() > 1024 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("contains spaces, line breaks or other characters that no key has: copy it again");
    }
    Ok(())
}

fn base_url(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text.trim()).map_err(|_| "is not a URL such as https://api.gameball.co")?;
    if url.host().is_none() {
        return Err("has no host");
    }
    if !matches!(url.scheme(), "https" | "http") {
        return Err("must begin with https://");
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err("must have no user name, query or fragment");
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn read(text: &str, style: Style) -> Result<Config> {
        Config::new(Options::read(serde_json::from_str(text).unwrap(), style)?)
    }

    /// The field of the refusal, which is never of another kind.
    fn refused(text: &str, style: Style) -> Option<String> {
        let error = read(text, style).err().unwrap();
        assert_eq!(error.kind(), Kind::Configuration, "{text}");
        error.field().map(str::to_owned)
    }

    #[test]
    fn both_styles_read_the_same_options() {
        let snake = r#"{"api_key": "k", "secret_key": "s", "base_url": "http://shop.example/x", "api_version": "v4.1",
            "high_security": true, "timeout": 1.5, "max_retries": 0, "allow_plain_http": true}"#;
        let camel = r#"{"apiKey": "k", "secretKey": "s", "baseUrl": "http://shop.example/x", "apiVersion": "v4.1",
            "highSecurity": true, "timeoutMs": 1500, "maxRetries": 0, "allowPlainHttp": true}"#;
        let (snake, camel) = (read(snake, Style::Snake).unwrap(), read(camel, Style::Camel).unwrap());
        assert_eq!(format!("{snake:?}"), format!("{camel:?}"));
        assert_eq!(snake.timeout, Duration::from_millis(1500));
        assert_eq!(camel.api_key.expose_secret(), "k");
        assert_eq!(camel.secret_key.unwrap().expose_secret(), "s");
    }

    #[test]
    fn what_is_not_given_takes_its_default() {
        let given = read(r#"{"api_key": "k", "secret_key": null, "timeout": null}"#, Style::Snake).unwrap();
        let fresh = Config::new(Options { api_key: "k".into(), ..Options::default() }).unwrap();
        assert_eq!(format!("{given:?}"), format!("{fresh:?}"));
        for style in [Style::Snake, Style::Camel] {
            let Json::Object(mut defaults) = defaults(style) else { panic!("no object") };
            // The first six are the options; they are what `read` takes.
            defaults.truncate(6);
            defaults.push((style.name("apiKey"), Json::String("k".to_owned())));
            let shown = Config::new(Options::read(Json::Object(defaults), style).unwrap()).unwrap();
            assert_eq!(format!("{shown:?}"), format!("{fresh:?}"));
        }
    }

    #[test]
    fn refusals_name_the_option_as_the_host_does() {
        for (snake, camel, value) in [
            ("api_key", "apiKey", "\"\""),
            ("api_key", "apiKey", "null"),
            ("api_key", "apiKey", "7"),
            ("api_key", "apiKey", "\"k k\""),
            ("secret_key", "secretKey", "\"\""),
            ("base_url", "baseUrl", "\"shop\""),
            ("base_url", "baseUrl", "\"ftp://shop.example\""),
            ("base_url", "baseUrl", "\"https://u@shop.example\""),
            ("base_url", "baseUrl", "\"http://shop.example\""),
            ("api_version", "apiVersion", "\"v9\""),
            ("high_security", "highSecurity", "\"yes\""),
            ("timeout", "timeoutMs", "0"),
            ("timeout", "timeoutMs", "-1"),
            ("timeout", "timeoutMs", "1e300"),
            ("timeout", "timeoutMs", "\"10\""),
            ("timeout", "timeoutMs", "true"),
            ("max_retries", "maxRetries", "11"),
            ("max_retries", "maxRetries", "-1"),
            ("max_retries", "maxRetries", "99999999999"),
            ("max_retries", "maxRetries", "1.5"),
            ("allow_plain_http", "allowPlainHttp", "1"),
            ("secret", "secret", "\"s\""),
        ] {
            for (name, key, style) in [(snake, "api_key", Style::Snake), (camel, "apiKey", Style::Camel)] {
                let key = if name == key { String::new() } else { format!("\"{key}\": \"k\", ") };
                let text = format!("{{{key}\"{name}\": {value}}}");
                assert_eq!(refused(&text, style).as_deref(), Some(name), "{text}");
            }
        }
        assert_eq!(
            refused(r#"{"apiKey": "k", "apiVersion": "v4.1"}"#, Style::Camel).as_deref(),
            Some("secretKey")
        );
        assert_eq!(
            refused(r#"{"api_key": "k", "high_security": true}"#, Style::Snake).as_deref(),
            Some("secret_key")
        );
        assert_eq!(refused("[]", Style::Camel), None);
    }

    #[test]
    fn refusals_quote_no_value() {
        for text in [
            r#"{"api_key": ["sesame"]}"#,
            r#"{"api_key": "sesame open"}"#,
            r#"{"api_key": "k", "timeout": "sesame"}"#,
        ] {
            let error = read(text, Style::Snake).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("sesame"));
        }
    }
}
