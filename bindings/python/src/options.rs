//! What a client is built from, and the core's defaults for Python to show.

use gameball_core::config::{self, Config, Options};
use gameball_core::model::arguments::Style;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert;
use crate::errors::{Failure, Outcome, entry};

/// Checked options of a client; None means the core's default.
pub(crate) fn read(options: &Bound<'_, PyDict>) -> Outcome<Config> {
    let options = convert::json(options).map_err(|failure| match failure {
        Failure::Core(error) => error.of_options().into(),
        Failure::Python(_) => failure,
    })?;
    Ok(Config::new(Options::read(options, Style::Snake)?)?)
}

/// The core's defaults.
#[pyfunction]
pub(crate) fn defaults(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    entry(py, || {
        let text = serde_json::to_string(&config::defaults(Style::Snake)).unwrap_or_default();
        Ok(py.import("json")?.call_method1("loads", (text,))?)
    })
}
