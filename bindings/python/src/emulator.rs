//! The local Gameball of `gameball_referrals.testing`, on a thread of its own.

use std::process;

use gameball_core::{Error, Kind};
use pyo3::prelude::*;

use crate::errors::entry;

const BELONGS_TO_ITS_PROCESS: &str =
    "the emulator belongs to the process that started it: command it there, or start another here";

/// A running emulator.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct Emulator {
    emulator: gameball_emulator::Emulator,
    pid: u32,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if self.pid != process::id() {
            // A forked child has no such thread to wait for: one handle more, and nobody does.
            std::mem::forget(self.emulator.clone());
        }
    }
}

#[pymethods]
impl Emulator {
    #[new]
    fn new(py: Python<'_>, options_json: &str) -> PyResult<Self> {
        entry(py, || {
            let options = serde_json::from_str(options_json).map_err(|error| refused(&error))?;
            let emulator = gameball_emulator::Emulator::spawn(options).map_err(|error| refused(&error))?;
            Ok(Self { emulator, pid: process::id() })
        })
    }

    #[getter]
    fn url(&self) -> &str {
        self.emulator.url()
    }

    /// Carries out a command; both it and its result are JSON.
    fn control(&self, py: Python<'_>, command_json: &str) -> PyResult<String> {
        entry(py, || {
            if self.pid != process::id() {
                // Its lock, too, may be one that a thread left behind holds.
                return Err(Error::new(Kind::Closed, BELONGS_TO_ITS_PROCESS).into());
            }
            let command = serde_json::from_str(command_json).map_err(|error| refused(&error))?;
            let result = py.detach(|| self.emulator.control(command)).map_err(|error| refused(&error))?;
            Ok(result.to_string())
        })
    }

    /// Stops it; in a forked child, where it does not run, this does nothing.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        entry(py, || {
            if self.pid == process::id() {
                py.detach(|| self.emulator.stop());
            }
            Ok(())
        })
    }
}

/// The emulator's command line; returns the exit code.
#[pyfunction]
pub(crate) fn emulator_main(py: Python<'_>, arguments: Vec<String>) -> PyResult<i32> {
    entry(py, || Ok(py.detach(|| gameball_emulator::cli(arguments))))
}

fn refused(error: &dyn std::error::Error) -> Error {
    Error::configuration(error.to_string())
}
