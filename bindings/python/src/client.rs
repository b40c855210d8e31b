//! The client whose calls wait: the calling thread drives the runtime, and looks out for signals meanwhile.

use std::pin::pin;
use std::time::Duration;

use gameball_core::Error;
use gameball_core::model::arguments::Style;
use gameball_core::model::{Call, Reply};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use tokio::runtime::Runtime;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::async_client::{self, Submission};
use crate::completions::{Answer, Completions, Settled, all_handed_over};
use crate::errors::{Failure, Outcome, entry};
use crate::slot::{Driver, Slot};
use crate::{convert, options, shutdown};

/// How often a waiting call lets Python's signal handlers run.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// A client whose calls wait for their answers.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct Client {
    slot: Slot<gameball_core::Client>,
    /// For calls of greenlets; empty, and without a thread, where there are none.
    worker: Slot<gameball_core::Client>,
}

#[pymethods]
impl Client {
    #[new]
    fn new(py: Python<'_>, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        entry(py, || {
            let config = options::read(options)?;
            Ok(Self {
                slot: Slot::new(Driver::Waiters, config.clone()),
                worker: Slot::new(Driver::Worker, config),
            })
        })
    }

    #[getter]
    fn base_url(&self) -> &str {
        self.slot.options().base_url()
    }

    #[getter]
    fn api_version(&self) -> &'static str {
        self.slot.options().api_version().as_str()
    }

    fn call(&self, py: Python<'_>, operation: &str, arguments: &Bound<'_, PyDict>) -> PyResult<String> {
        entry(py, || {
            let call = read_call(operation, arguments)?;
            let engine = self.slot.engine()?;
            let (runtime, client) = &**engine;
            Ok(text(&wait(py, runtime, client.call(&call))??)?)
        })
    }

    #[allow(clippy::needless_pass_by_value, reason = "the signature that pyo3 fills")]
    fn call_many<'py>(
        &self,
        py: Python<'py>,
        calls: Vec<(String, Bound<'py, PyDict>)>,
        concurrency: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        entry(py, || {
            let batch = Batch::read(&calls, concurrency)?;
            let engine = self.slot.engine()?;
            let (runtime, client) = &**engine;
            all_handed_over(py, &wait(py, runtime, batch.send(client))?)
        })
    }

    /// Starts a call on a worker thread: for greenlets, of which none may stop the thread that they share.
    fn submit(
        &self,
        py: Python<'_>,
        completions: &Completions,
        number: u64,
        operation: &str,
        arguments: &Bound<'_, PyDict>,
    ) -> PyResult<Submission> {
        entry(py, || {
            async_client::submit(&self.worker, completions, number, read_call(operation, arguments)?)
        })
    }

    /// Starts a batch on the worker thread.
    #[allow(clippy::needless_pass_by_value, reason = "the signature that pyo3 fills")]
    fn submit_many(
        &self,
        py: Python<'_>,
        completions: &Completions,
        number: u64,
        calls: Vec<(String, Bound<'_, PyDict>)>,
        concurrency: &Bound<'_, PyAny>,
    ) -> PyResult<Submission> {
        entry(py, || {
            let batch = Batch::read(&calls, concurrency)?;
            async_client::start(&self.worker, completions, number, move |engine| async move {
                Answer::Many(batch.send(&engine.1).await)
            })
        })
    }

    fn close(&self) {
        self.slot.close();
        self.worker.close();
    }
}

/// Calls to be made together, and those among them that the core refused to make.
struct Batch {
    sent: Vec<Call>,
    refused: Vec<(usize, Error)>,
    concurrency: usize,
}

impl Batch {
    fn read(calls: &[(String, Bound<'_, PyDict>)], concurrency: &Bound<'_, PyAny>) -> Outcome<Self> {
        let concurrency = convert::count("concurrency", concurrency)?;
        let (mut sent, mut refused) = (Vec::with_capacity(calls.len()), Vec::new());
        for (index, (operation, arguments)) in calls.iter().enumerate() {
            match read_call(operation, arguments) {
                Ok(call) => sent.push(call),
                Err(Failure::Core(error)) => refused.push((index, error)),
                Err(failure) => return Err(failure),
            }
        }
        Ok(Self { sent, refused, concurrency })
    }

    async fn send(self, client: &gameball_core::Client) -> Vec<Settled> {
        let replies = client.call_many(&self.sent, self.concurrency).await;
        let mut settled: Vec<Settled> = replies.into_iter().map(|reply| text(&reply?)).collect();
        // From the front, so that each index is right when its turn comes.
        for (index, error) in self.refused {
            settled.insert(index, Err(error));
        }
        settled
    }
}

/// The call that a host's arguments describe.
pub(crate) fn read_call(operation: &str, arguments: &Bound<'_, PyDict>) -> Outcome<Call> {
    Ok(Call::read(operation, convert::json(arguments)?, Style::Snake)?)
}

/// The answer as hosts receive it.
pub(crate) fn text(reply: &Reply) -> Result<String, Error> {
    serde_json::to_string(reply).map_err(|error| {
        Error::new(gameball_core::Kind::Internal, format!("the answer cannot be written: {error}"))
    })
}

/// Drives a future to its end, detached from Python but for a look at the signals now and then.
///
/// Signal handlers run outside the runtime, so they may make calls themselves. If one raises, the future is dropped.
pub(crate) fn wait<F>(py: Python<'_>, runtime: &Runtime, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    // Also where the future is dropped unfinished, it may need the runtime.
    let _entered = runtime.enter();
    let mut future = pin!(future);
    loop {
        let done = py.detach(|| {
            loop {
                let done = runtime.block_on(async {
                    let done = timeout(SIGNAL_CHECK, future.as_mut()).await;
                    // A turn of the runtime's, which wakes all that has put off its work to the next one: with the
                    // end of `block_on`, Tokio would forget whom it meant to wake.
                    yield_now().await;
                    done
                });
                if done.is_ok() {
                    shutdown::sleep_if_begun();
                } else if shutdown::has_begun() {
                    // Signals are not this thread's business: only with its answer it comes back.
                    continue;
                }
                break done;
            }
        });
        match done {
            Ok(output) => return Ok(output),
            Err(_) => py.check_signals()?,
        }
    }
}
