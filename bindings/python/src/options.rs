//! What a client is built from, and the core's defaults for Python to show.

use std::time::Duration;

use gameball_core::config::{self, Config, Options};
use gameball_core::error::Error;
use gameball_core::{capture, claim};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use secrecy::SecretString;

use crate::errors::{Outcome, entry};

/// Checked options of a client; None means the core's default.
pub(crate) fn read(options: &Bound<'_, PyDict>) -> Outcome<Config> {
    let mut read = Options::default();
    if let Some(api_key) = option::<String>(options, "api_key", "text")? {
        read.api_key = SecretString::from(api_key);
    }
    read.secret_key = option::<String>(options, "secret_key", "text")?.map(SecretString::from);
    if let Some(base_url) = option(options, "base_url", "text")? {
        read.base_url = base_url;
    }
    if let Some(api_version) = option(options, "api_version", "text")? {
        read.api_version = api_version;
    }
    if let Some(high_security) = option(options, "high_security", "True or False")? {
        read.high_security = high_security;
    }
    if let Some(seconds) = option::<f64>(options, "timeout", "a number of seconds")? {
        // What is no duration at all is as wrong as none, and the core says so.
        read.timeout = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    }
    if let Some(max_retries) = option::<i64>(options, "max_retries", "a whole number")? {
        read.max_retries = u32::try_from(max_retries).unwrap_or(u32::MAX);
    }
    if let Some(allow) = option(options, "allow_plain_http", "True or False")? {
        read.allow_plain_http = allow;
    }
    Ok(Config::new(read)?)
}

fn option<'py, T: FromPyObjectOwned<'py>>(
    options: &Bound<'py, PyDict>,
    name: &str,
    what: &str,
) -> Outcome<Option<T>> {
    match options.get_item(name)? {
        Some(value) if !value.is_none() => match value.extract() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Error::configuration(format!("{name} must be {what}")).into()),
        },
        _ => Ok(None),
    }
}

/// The core's defaults.
#[pyfunction]
pub(crate) fn defaults(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    entry(py, || {
        let defaults = PyDict::new(py);
        defaults.set_item("base_url", config::DEFAULT_BASE_URL)?;
        defaults.set_item("api_version", config::DEFAULT_API_VERSION)?;
        defaults.set_item("timeout", config::DEFAULT_TIMEOUT.as_secs_f64())?;
        defaults.set_item("max_retries", config::DEFAULT_MAX_RETRIES)?;
        defaults.set_item("params", PyTuple::new(py, capture::DEFAULT_PARAMS)?)?;
        defaults.set_item("max_age", claim::DEFAULT_MAX_AGE)?;
        Ok(defaults)
    })
}
