//! The client whose calls run on a worker thread and report to an event loop.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use gameball_core::Client;
use gameball_core::model::Call;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tokio::task::AbortHandle;

use crate::client::{read_call, text};
use crate::completions::{Answer, Completions};
use crate::errors::{Outcome, entry, panicked};
use crate::options;
use crate::slot::{Driver, Engine, Slot, Tenant};

/// A client whose calls report to an event loop's `Completions`.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct AsyncClient {
    slot: Slot<Client>,
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
        self.slot.options().base_url()
    }

    #[getter]
    fn api_version(&self) -> &'static str {
        self.slot.options().api_version().as_str()
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
        entry(py, || submit(&self.slot, completions, number, read_call(operation, arguments)?))
    }

    fn close(&self) {
        self.slot.close();
    }
}

/// Starts a call on the slot's worker.
pub(crate) fn submit(
    slot: &Slot<Client>,
    completions: &Completions,
    number: u64,
    call: Call,
) -> Outcome<Submission> {
    start(slot, completions, number, move |engine| async move {
        Answer::One(engine.1.call(&call).await.and_then(|reply| text(&reply)))
    })
}

/// Starts a task on the slot's worker; `completions` will have what it comes to under `number`.
pub(crate) fn start<T, F>(
    slot: &Slot<T>,
    completions: &Completions,
    number: u64,
    work: impl FnOnce(Arc<Engine<T>>) -> F,
) -> Outcome<Submission>
where
    T: Tenant,
    F: Future<Output = Answer> + Send + 'static,
{
    let engine = slot.engine()?;
    let queue = completions.queue();
    // The task holds the engine, so that a call in flight ends properly after `close`.
    let work = AssertUnwindSafe(work(Arc::clone(&engine)));
    let task = engine.0.spawn(async move {
        let answer = work.catch_unwind().await;
        queue.push(number, answer.unwrap_or_else(|_| Answer::One(Err(panicked()))));
    });
    Ok(Submission { task: task.abort_handle() })
}

#[pymethods]
impl Submission {
    /// Stops it; its answer will not come.
    fn abort(&self) {
        self.task.abort();
    }
}
