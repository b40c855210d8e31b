//! The client whose calls run on a worker thread and report to an event loop.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tokio::task::AbortHandle;

use crate::client::{read_call, text};
use crate::completions::Completions;
use crate::errors::{entry, panicked};
use crate::options;
use crate::slot::{Driver, Slot};

/// A client whose calls report to an event loop's `Completions`.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct AsyncClient {
    slot: Slot,
}

/// A call on its way.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct Submission {
    task: AbortHandle,
}

#[pymethods]
impl AsyncClient {
    #[new]
    fn new(py: Python<'_>, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        entry(py, || Ok(Self { slot: Slot::new(Driver::Worker, options::read(options)?) }))
    }

    #[getter]
    fn base_url(&self) -> &str {
        self.slot.config().base_url()
    }

    #[getter]
    fn api_version(&self) -> &'static str {
        self.slot.config().api_version().as_str()
    }

    /// Starts a call; `completions` will have its answer under `number`.
    fn submit(
        &self,
        py: Python<'_>,
        completions: &Completions,
        number: u64,
        operation: &str,
        arguments: &Bound<'_, PyDict>,
    ) -> PyResult<Submission> {
        entry(py, || {
            let call = read_call(operation, arguments)?;
            let engine = self.slot.engine()?;
            let queue = completions.queue();
            // The task holds the engine, so that a call in flight ends properly after `close`.
            let held = Arc::clone(&engine);
            let task = engine.0.spawn(async move {
                let reply = AssertUnwindSafe(held.1.call(&call)).catch_unwind().await;
                let reply = reply.unwrap_or_else(|_| Err(panicked()));
                queue.push(number, reply.and_then(|reply| text(&reply)));
            });
            Ok(Submission { task: task.abort_handle() })
        })
    }

    fn close(&self) {
        self.slot.close();
    }
}

#[pymethods]
impl Submission {
    /// Stops it; its answer will not come.
    fn abort(&self) {
        self.task.abort();
    }
}
