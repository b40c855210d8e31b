//! What a client is built from, as JavaScript writes it.

use std::time::Duration;

use gameball_core::config::Options;
use gameball_core::model::Json;
use gameball_core::{Config, Error, Result};

/// Reads the options of a client.
///
/// # Errors
/// `Configuration` naming the option. Never its value, which may be a key.
pub fn read(text: &str) -> Result<Config> {
    let Ok(Json::Object(fields)) = serde_json::from_str(text) else {
        return Err(Error::configuration("options must be an object with named fields"));
    };
    let mut options = Options::default();
    for (name, value) in fields {
        match (name.as_str(), value) {
            (_, Json::Null) => {}
            ("apiKey", Json::String(key)) => options.api_key = key.into(),
            ("secretKey", Json::String(key)) => options.secret_key = Some(key.into()),
            ("baseUrl", Json::String(url)) => options.base_url = url,
            ("apiVersion", Json::String(version)) => options.api_version = version,
            ("highSecurity", Json::Bool(is_on)) => options.high_security = is_on,
            ("allowPlainHttp", Json::Bool(is_on)) => options.allow_plain_http = is_on,
            ("timeoutMs", value) => options.timeout = milliseconds(&value)?,
            ("maxRetries", Json::Number(number)) => {
                options.max_retries =
                    number.parse().map_err(|_| wrong("maxRetries", "a whole number, 0 to 10"))?;
            }
            ("apiKey" | "secretKey" | "baseUrl" | "apiVersion", _) => return Err(wrong(&name, "a string")),
            ("highSecurity" | "allowPlainHttp", _) => return Err(wrong(&name, "a boolean")),
            ("maxRetries", _) => return Err(wrong(&name, "a whole number, 0 to 10")),
            _ => return Err(Error::configuration("is not a known option").inside(&name)),
        }
    }
    Config::new(options)
}

fn milliseconds(value: &Json) -> Result<Duration> {
    let milliseconds = match value {
        Json::Number(text) => text.parse().ok(),
        Json::Float(number) => Some(*number),
        _ => None,
    };
    milliseconds
        .and_then(|milliseconds: f64| Duration::try_from_secs_f64(milliseconds / 1000.0).ok())
        .ok_or_else(|| wrong("timeoutMs", "a number of milliseconds, more than 0"))
}

fn wrong(option: &str, expected: &str) -> Error {
    Error::configuration(format!("must be {expected}")).inside(option)
}
