//! Referral links, codes captured from visits, and what becomes of them.

use gameball_core::{capture, link, visit as core};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::convert::{text, texts};
use crate::errors::entry;

#[pyfunction]
pub(crate) fn referral_link(
    py: Python<'_>,
    template: &Bound<'_, PyString>,
    code: &Bound<'_, PyString>,
) -> PyResult<String> {
    entry(py, || Ok(link::referral_link(&text("template", template)?, &text("code", code)?)?))
}

#[pyfunction]
pub(crate) fn extract_referrer_code(
    py: Python<'_>,
    url: &Bound<'_, PyString>,
    params: &Bound<'_, PyAny>,
) -> PyResult<Option<String>> {
    // A visit's URL may hold anything; what is no character is in no code either.
    entry(py, || Ok(capture::extract_referrer_code(&url.to_string_lossy(), &texts("params", params)?)))
}

#[pyfunction]
pub(crate) fn typed_referrer_code(
    py: Python<'_>,
    text: &Bound<'_, PyString>,
    params: &Bound<'_, PyAny>,
) -> PyResult<Option<String>> {
    entry(py, || Ok(capture::typed_referrer_code(&text.to_string_lossy(), &texts("params", params)?)))
}

/// Hands a function of visits through, by its name, with JSON in and out.
#[pyfunction]
pub(crate) fn visit(py: Python<'_>, function: &str, given: &str) -> PyResult<String> {
    entry(py, || Ok(core::call(function, given)?))
}
