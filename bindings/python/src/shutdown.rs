//! Keeps threads that wait for calls away from an interpreter that ends.
//!
//! While Python (before 3.14) finalizes, it ends any other thread that comes back to it by unwinding the thread's
//! stack, which Rust code answers by aborting the process. So a call of a daemon thread that is over only then does not
//! come back: its thread sleeps, and the process is gone before it wakes.

use std::sync::OnceLock;
use std::thread::{self, ThreadId};
use std::time::Duration;

use pyo3::prelude::*;

/// Longer than interpreters take to end, and short enough for an `atexit` handler that waits for another thread's call.
const LONG_ENOUGH: Duration = Duration::from_secs(5);

/// The thread in which the interpreter ends.
static ENDS_IN: OnceLock<ThreadId> = OnceLock::new();

/// Says that the interpreter is about to finalize, in this thread. The package registers it with `atexit`.
#[pyfunction]
pub(crate) fn interpreter_is_ending() {
    ENDS_IN.get_or_init(|| thread::current().id());
}

/// Whether this thread had better not come back to Python.
pub(crate) fn has_begun() -> bool {
    ENDS_IN.get().is_some_and(|ends_in| *ends_in != thread::current().id())
}

/// Called by threads that are about to come back to Python.
pub(crate) fn sleep_if_begun() {
    if has_begun() {
        thread::sleep(LONG_ENOUGH);
    }
}
