//! What a client is built from, and the core's defaults and bounds, so that the package repeats none of them.

use gameball_core::config::{self, Options};
use gameball_core::model::arguments::Style;
use gameball_core::{Config, Error, Result};
use napi_derive::napi;

/// Checked options of a client.
///
/// # Errors
/// `Configuration` naming the option.
pub fn read(text: &str) -> Result<Config> {
    // The package writes this JSON itself. What serde says may quote a key.
    let options =
        serde_json::from_str(text).map_err(|_| Error::configuration("the options cannot be read"))?;
    Config::new(Options::read(options, Style::Camel)?)
}

/// The defaults, as JSON text.
#[napi(catch_unwind)]
pub fn defaults() -> String {
    // Text and numbers alone cannot fail to be written.
    serde_json::to_string(&config::defaults(Style::Camel)).unwrap_or_default()
}
