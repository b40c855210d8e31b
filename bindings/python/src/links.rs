//! Referral links, and codes captured from visits.

use gameball_core::{capture, link};
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
