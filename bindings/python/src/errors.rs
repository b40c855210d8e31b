//! The core's errors as flat records, the records as exceptions of the typed package, and panics as either.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gameball_core::error::{Error, Kind};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// Why an entry failed: by the core's judgement, or in Python itself (a signal handler, a mapping's method).
pub(crate) enum Failure {
    Core(Error),
    Python(PyErr),
}

/// What the body of an entry returns.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

/// `gameball_referrals.exceptions.from_record`, the one place that knows the exception classes.
static FROM_RECORD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Finds the exceptions' constructor, once.
pub(crate) fn init(py: Python<'_>) -> PyResult<()> {
    FROM_RECORD
        .get_or_try_init(py, || {
            Ok(py.import("gameball_referrals.exceptions")?.getattr("from_record")?.unbind())
        })
        .map(drop)
}

/// Runs the body of an entry; its failure, or its panic, becomes an exception.
pub(crate) fn entry<T>(py: Python<'_>, body: impl FnOnce() -> Outcome<T>) -> PyResult<T> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Failure::Core(error))) => Err(exception(py, &error)),
        Ok(Err(Failure::Python(error))) => Err(error),
        Err(_) => Err(exception(py, &panicked())),
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let made = init(py).and_then(|()| match FROM_RECORD.get(py) {
        Some(from_record) => from_record.bind(py).call1((record(py, error)?,)),
        None => Err(pyo3::exceptions::PyRuntimeError::new_err(error.to_string())),
    });
    made.map_or_else(|failure| failure, PyErr::from_value)
}

/// The flat record of `docs/bridge.md`.
pub(crate) fn record<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyDict>> {
    let record = PyDict::new(py);
    record.set_item("kind", error.kind().as_str())?;
    record.set_item("message", error.message())?;
    record.set_item("field", error.field())?;
    record.set_item("status", error.status())?;
    record.set_item("gameball_code", error.gameball_code())?;
    record.set_item("request_id", error.request_id())?;
    record.set_item("retry_after", error.retry_after().map(|delay| delay.as_secs_f64()))?;
    record.set_item("attempts", error.attempts())?;
    record.set_item("retryable", error.retryable())?;
    Ok(record)
}

thread_local! {
    /// Where this thread's latest panic was.
    static PANICKED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Remembers where a panic happened instead of writing it, and possibly somebody's data, to stderr.
///
/// The hook is this module's own: every native module carries its own copy of the standard library.
pub(crate) fn stay_quiet_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        if let Some(at) = panic.location() {
            PANICKED_AT.with_borrow_mut(|place| *place = format!("{}:{}", at.file(), at.line()));
        }
    }));
}

/// The error that stands for the panic this thread has just caught.
pub(crate) fn panicked() -> Error {
    let place = PANICKED_AT.with_borrow_mut(std::mem::take);
    Error::new(Kind::Internal, format!("a defect of gameball-referrals (panic at {place}): please report it"))
}

/// Panics, as a defect would.
#[cfg(feature = "panic-for-tests")]
#[pyfunction]
#[allow(clippy::panic, reason = "it is what this is for")]
pub(crate) fn _panic_for_tests(py: Python<'_>) -> PyResult<()> {
    entry(py, || panic!("on purpose"))
}
