//! What a client or a courier is built from, and the core's defaults and bounds, so that the package repeats none of them.

use gameball_core::config::{self, Options};
use gameball_core::delivery::Settings;
use gameball_core::model::Json;
use gameball_core::model::arguments::Style;
use gameball_core::{Config, Error, Result};
use napi_derive::napi;

/// Checked options of a client.
///
/// # Errors
/// `Configuration` naming the option.
pub fn read(text: &str) -> Result<Config> {
    Config::new(Options::read(plain(text)?, Style::Camel)?)
}

/// Checked options of a courier.
///
/// # Errors
/// `Configuration` naming the option.
pub fn read_courier(text: &str) -> Result<(Config, Settings)> {
    let (settings, options) = Settings::read(plain(text)?, Style::Camel)?;
    Ok((Config::new(options)?, settings))
}

fn plain(text: &str) -> Result<Json> {
    // The package writes this JSON itself. What serde says may quote a key.
    serde_json::from_str(text).map_err(|_| Error::configuration("the options cannot be read"))
}

/// The defaults, as JSON text.
#[napi(catch_unwind)]
pub fn defaults() -> String {
    // Text and numbers alone cannot fail to be written.
    serde_json::to_string(&config::defaults(Style::Camel)).unwrap_or_default()
}
