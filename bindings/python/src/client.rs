//! The client whose calls wait: the calling thread drives the runtime, and looks out for signals meanwhile.

use std::pin::pin;
use std::time::Duration;

use gameball_core::Error;
use gameball_core::model::arguments::Style;
use gameball_core::model::{Call, Reply};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::errors::{Failure, Outcome, entry, record};
use crate::slot::{Driver, Slot};
use crate::{convert, options, shutdown};

/// How often a waiting call lets Python's signal handlers run.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// A client whose calls wait for their answers.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct Client {
    slot: Slot,
}

#[pymethods]
impl Client {
    #[new]
    fn new(py: Python<'_>, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        entry(py, || Ok(Self { slot: Slot::new(Driver::Waiters, options::read(options)?) }))
    }

    #[getter]
    fn base_url(&self) -> &str {
        self.slot.config().base_url()
    }

    #[getter]
    fn api_version(&self) -> &'static str {
        self.slot.config().api_version().as_str()
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
        concurrency: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        entry(py, || {
            let mut refused = Vec::new();
            let mut sent = Vec::with_capacity(calls.len());
            for (operation, arguments) in &calls {
                match read_call(operation, arguments) {
                    Ok(call) => sent.push(call),
                    Err(Failure::Core(error)) => refused.push((refused.len() + sent.len(), error)),
                    Err(failure) => return Err(failure),
                }
            }
            let engine = self.slot.engine()?;
            let (runtime, client) = &**engine;
            let mut outcomes: Vec<Result<String, Error>> =
                wait(py, runtime, client.call_many(&sent, concurrency))?
                    .into_iter()
                    .map(|reply| text(&reply?))
                    .collect();
            // From the front, so that each index is right when its turn comes.
            for (index, error) in refused {
                outcomes.insert(index, Err(error));
            }
            let results = PyList::empty(py);
            for outcome in outcomes {
                match outcome {
                    Ok(text) => results.append(PyString::new(py, &text))?,
                    Err(error) => results.append(record(py, &error)?)?,
                }
            }
            Ok(results)
        })
    }

    fn close(&self) {
        self.slot.close();
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
fn wait<F>(py: Python<'_>, runtime: &Runtime, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    // Also where the future is dropped unfinished, it may need the runtime.
    let _entered = runtime.enter();
    let mut future = pin!(future);
    loop {
        let done = py.detach(|| {
            let done = runtime.block_on(async { timeout(SIGNAL_CHECK, future.as_mut()).await });
            shutdown::sleep_if_begun();
            done
        });
        match done {
            Ok(output) => return Ok(output),
            Err(_) => py.check_signals()?,
        }
    }
}
