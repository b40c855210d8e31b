//! What a client is built from, and the core's defaults for Python to show.

use gameball_core::config::{self, Config, Options};
use gameball_core::delivery::Settings;
use gameball_core::model::Json;
use gameball_core::model::arguments::Style;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert;
use crate::errors::{Failure, Outcome, entry};

/// Checked options of a client; None means the core's default.
pub(crate) fn read(options: &Bound<'_, PyDict>) -> Outcome<Config> {
    Ok(Config::new(Options::read(plain(options)?, Style::Snake)?)?)
}

/// Checked options of a courier.
pub(crate) fn read_courier(options: &Bound<'_, PyDict>) -> Outcome<(Config, Settings)> {
    let (settings, options) = Settings::read(plain(options)?, Style::Snake)?;
    Ok((Config::new(options)?, settings))
}

fn plain(options: &Bound<'_, PyDict>) -> Outcome<Json> {
    convert::json(options).map_err(|failure| match failure {
        Failure::Core(error) => error.of_options().into(),
        Failure::Python(_) => failure,
    })
}

/// The core's defaults.
#[pyfunction]
pub(crate) fn defaults(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    entry(py, || {
        let text = serde_json::to_string(&config::defaults(Style::Snake)).unwrap_or_default();
        Ok(py.import("json")?.call_method1("loads", (text,))?)
    })
}
