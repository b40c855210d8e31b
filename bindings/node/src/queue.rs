//! Brings finished calls to JavaScript, all that have finished since the last time at once.
//!
//! Waking Node's thread is the dearest part of a short call. So results gather in one text, and only the first of
//! them wakes Node, which then takes the whole text with one call of the dispatcher:
//! `[[id, 0, answer], [id, 1, error record], …]`.

use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Env, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Result, Status};
use napi_derive::napi;

use crate::record;

/// Weak: waiting for a result does not by itself keep the process alive. See [`NativeQueue::hold`].
type Wake = ThreadsafeFunction<(), (), String, Status, false, true>;

/// The way back from the runtime's threads to one of Node's.
#[napi]
pub struct NativeQueue {
    results: Arc<Results>,
}

pub struct Results {
    /// Without its closing bracket; empty when nothing has finished since Node last looked.
    text: Arc<Mutex<String>>,
    wake: Mutex<Wake>,
}

#[napi]
impl NativeQueue {
    /// `dispatch` gets the JSON text of what has finished.
    ///
    /// # Errors
    /// Those of Node, while its environment is being torn down.
    #[napi(constructor, catch_unwind)]
    pub fn new(dispatch: Function<'_, String, ()>) -> Result<Self> {
        let text = Arc::new(Mutex::new(String::new()));
        let finished = Arc::clone(&text);
        let wake = dispatch.build_threadsafe_function::<()>().weak::<true>().build_callback(move |_| {
            let mut text = std::mem::take(&mut *lock(&finished));
            text.push(']');
            Ok(text)
        })?;
        Ok(Self { results: Arc::new(Results { text, wake: Mutex::new(wake) }) })
    }

    /// Keeps the process alive until `release`: at least one call is pending.
    ///
    /// # Errors
    /// Those of Node, while its environment is being torn down.
    #[napi(catch_unwind)]
    #[allow(deprecated, reason = "clones keep a function alive; only these calls keep the process alive")]
    pub fn hold(&self, env: Env) -> Result<()> {
        lock(&self.results.wake).refer(&env)
    }

    /// Lets the process end: no call is pending.
    ///
    /// # Errors
    /// Those of Node, while its environment is being torn down.
    #[napi(catch_unwind)]
    #[allow(deprecated, reason = "as above")]
    pub fn release(&self, env: Env) -> Result<()> {
        lock(&self.results.wake).unref(&env)
    }
}

impl NativeQueue {
    pub fn results(&self) -> Arc<Results> {
        Arc::clone(&self.results)
    }
}

impl Results {
    fn push(&self, id: u32, outcome: u8, json: &str) {
        let is_first = {
            let mut text = lock(&self.text);
            let is_first = text.is_empty();
            let separator = if is_first { '[' } else { ',' };
            // Writing into a string cannot fail.
            let _ = write!(text, "{separator}[{id},{outcome},{json}]");
            is_first
        };
        if is_first {
            // Refused only while Node's thread ends, and then nobody is waiting.
            let _ = lock(&self.wake).call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

/// The promise that JavaScript hears of call `id`, whatever becomes of its task.
pub struct Ticket {
    id: u32,
    results: Arc<Results>,
    is_settled: bool,
}

impl Ticket {
    pub fn new(id: u32, results: Arc<Results>) -> Self {
        Self { id, results, is_settled: false }
    }

    pub fn settle(mut self, outcome: gameball_core::Result<String>) {
        self.is_settled = true;
        match outcome {
            Ok(answer) => self.results.push(self.id, 0, &answer),
            Err(error) => self.results.push(self.id, 1, &record::of(&error)),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.is_settled {
            // Its task has panicked, or was cancelled by somebody who no longer waits.
            self.results.push(self.id, 1, &record::of(&record::defect()));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
