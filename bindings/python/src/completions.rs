//! What the worker tells an event loop: answers queued up, and one wake-up for all that are in the queue.

use std::sync::{Arc, Mutex, PoisonError};

use gameball_core::Error;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::errors::{Outcome, entry, record};
use crate::shutdown;

/// One event loop's queue of answers that its calls have got.
///
/// Without `wake`, a byte on a socket says that there are some: have `fileno()` watched. Where a loop cannot watch
/// sockets, `wake` is called, in another thread.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct Completions {
    queue: Arc<Queue>,
}

/// The worker's end of it.
pub(crate) struct Queue {
    done: Mutex<Vec<(u64, Answer)>>,
    alarm: Alarm,
}

/// What a call has come to: the answer's JSON text, or the error.
pub(crate) type Settled = Result<String, Error>;

/// What is reported under one number.
pub(crate) enum Answer {
    One(Settled),
    Many(Vec<Settled>),
}

enum Alarm {
    #[cfg(unix)]
    Socket {
        rings: std::os::unix::net::UnixStream,
        hears: std::os::unix::net::UnixStream,
    },
    Callback(Py<PyAny>),
}

#[pymethods]
impl Completions {
    #[new]
    #[pyo3(signature = (wake=None))]
    fn new(wake: Option<Py<PyAny>>) -> PyResult<Self> {
        let alarm = match wake {
            Some(wake) => Alarm::Callback(wake),
            None => Alarm::socket()?,
        };
        Ok(Self { queue: Arc::new(Queue { done: Mutex::new(Vec::new()), alarm }) })
    }

    fn fileno(&self) -> Option<i32> {
        match &self.queue.alarm {
            #[cfg(unix)]
            Alarm::Socket { hears, .. } => Some(std::os::fd::AsRawFd::as_raw_fd(hears)),
            Alarm::Callback(_) => None,
        }
    }

    /// Rings without an answer: whoever waits comes back with nothing.
    fn ring(&self) {
        self.queue.alarm.ring();
    }

    /// All that is in the queue: a call's number, and its answer's text or its error's record; a batch's, a list of such.
    fn drain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        entry(py, || {
            // Silenced before the queue is emptied: what comes in between rings again.
            self.queue.alarm.silence();
            let done = std::mem::take(&mut *self.queue.done.lock().unwrap_or_else(PoisonError::into_inner));
            let drained = PyList::empty(py);
            for (number, outcome) in done {
                match outcome {
                    Answer::One(settled) => drained.append((number, handed_over(py, &settled)?))?,
                    Answer::Many(settled) => drained.append((number, all_handed_over(py, &settled)?))?,
                }
            }
            Ok(drained)
        })
    }
}

/// The answer's text, or the error's record.
fn handed_over<'py>(py: Python<'py>, settled: &Settled) -> Outcome<Bound<'py, PyAny>> {
    Ok(match settled {
        Ok(text) => PyString::new(py, text).into_any(),
        Err(error) => record(py, error)?.into_any(),
    })
}

/// A batch's answers, in its order.
pub(crate) fn all_handed_over<'py>(py: Python<'py>, settled: &[Settled]) -> Outcome<Bound<'py, PyList>> {
    let results = PyList::empty(py);
    for settled in settled {
        results.append(handed_over(py, settled)?)?;
    }
    Ok(results)
}

impl Completions {
    pub(crate) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.queue)
    }
}

impl Queue {
    /// Adds an answer, and rings if it is the first since the queue was emptied.
    pub(crate) fn push(&self, number: u64, outcome: Answer) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.push((number, outcome));
        let first = done.len() == 1;
        drop(done);
        if first {
            self.alarm.ring();
        }
    }
}

impl Alarm {
    #[cfg(unix)]
    fn socket() -> PyResult<Self> {
        let (rings, hears) = std::os::unix::net::UnixStream::pair()?;
        rings.set_nonblocking(true)?;
        hears.set_nonblocking(true)?;
        Ok(Self::Socket { rings, hears })
    }

    #[cfg(not(unix))]
    fn socket() -> PyResult<Self> {
        Err(pyo3::exceptions::PyNotImplementedError::new_err(
            "this system has no socket pairs: pass a callback",
        ))
    }

    fn ring(&self) {
        match self {
            // A socket too full to take a byte rings already; one whose other end is gone has nobody to wake.
            #[cfg(unix)]
            Self::Socket { rings, .. } => drop(std::io::Write::write(&mut &*rings, &[1])),
            Self::Callback(wake) => {
                if !shutdown::has_begun() {
                    // It fails where the event loop is closed: then, too, there is nobody to wake.
                    Python::try_attach(|py| drop(wake.call0(py)));
                }
            }
        }
    }

    fn silence(&self) {
        #[cfg(unix)]
        if let Self::Socket { hears, .. } = self {
            drop(std::io::Read::read(&mut &*hears, &mut [0; 64]));
        }
    }
}
