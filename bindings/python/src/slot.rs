//! The place of a runtime and the client or courier on it: one of each a process, rebuilt after a fork.

use std::ops::Deref;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use gameball_core::config::Config;
use gameball_core::delivery::{Courier, Settings};
use gameball_core::{Client, Error, Kind};
use tokio::runtime::{self, Runtime};

/// More would only be threads that resolve host names in a burst of connections.
const MOST_BLOCKING_THREADS: usize = 4;

/// How a client's runtime is driven.
#[derive(Clone, Copy)]
pub(crate) enum Driver {
    /// By the threads that wait for calls: no thread of its own.
    Waiters,
    /// By one thread of its own, started with the runtime.
    Worker,
}

/// What lives on a runtime, and what it is built from.
pub(crate) trait Tenant: Sized {
    type Options: Clone;

    fn build(options: Self::Options) -> Result<Self, Error>;
}

impl Tenant for Client {
    type Options = Config;

    fn build(config: Config) -> Result<Self, Error> {
        Self::new(config)
    }
}

impl Tenant for Courier {
    type Options = (Config, Settings);

    fn build((config, settings): (Config, Settings)) -> Result<Self, Error> {
        Self::new(config, settings)
    }
}

/// A runtime, and what lives on it.
pub(crate) struct Engine<T> {
    pid: u32,
    /// Taken only by `drop`.
    parts: Option<(Runtime, T)>,
}

impl<T: Tenant> Engine<T> {
    fn build(driver: Driver, options: &T::Options) -> Result<Self, Error> {
        let mut builder = match driver {
            Driver::Waiters => runtime::Builder::new_current_thread(),
            Driver::Worker => runtime::Builder::new_multi_thread(),
        };
        let runtime = builder
            .worker_threads(1)
            .max_blocking_threads(MOST_BLOCKING_THREADS)
            .thread_name("gameball")
            .enable_all()
            .build()
            .map_err(|error| Error::new(Kind::Internal, format!("no runtime can be started: {error}")))?;
        Ok(Self { pid: process::id(), parts: Some((runtime, T::build(options.clone())?)) })
    }
}

impl<T> Deref for Engine<T> {
    type Target = (Runtime, T);

    fn deref(&self) -> &(Runtime, T) {
        match &self.parts {
            Some(parts) => parts,
            None => unreachable!("only drop takes them"),
        }
    }
}

impl<T> Drop for Engine<T> {
    fn drop(&mut self) {
        let Some((runtime, tenant)) = self.parts.take() else { return };
        if self.pid == process::id() {
            drop(tenant);
            // Waits for nothing, neither a host name being resolved nor a call that nobody waits for.
            runtime.shutdown_background();
        } else {
            // Inherited by a fork: its threads do not exist here, and waiting for them would never end.
            std::mem::forget((runtime, tenant));
        }
    }
}

/// Holds an engine, builds it when it is first needed, and again in a forked child.
///
/// There is no lock: a fork could inherit it locked.
pub(crate) struct Slot<T: Tenant> {
    engine: ArcSwapOption<Engine<T>>,
    driver: Driver,
    options: T::Options,
    closed: AtomicBool,
}

impl<T: Tenant> Slot<T> {
    pub(crate) fn new(driver: Driver, options: T::Options) -> Self {
        Self { engine: ArcSwapOption::empty(), driver, options, closed: AtomicBool::new(false) }
    }

    pub(crate) fn options(&self) -> &T::Options {
        &self.options
    }

    /// The engine of this process. Whoever holds it may finish with it after `close`.
    pub(crate) fn engine(&self) -> Result<Arc<Engine<T>>, Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(Kind::Closed, "the client is closed"));
        }
        let held = self.engine.load_full();
        let pid = process::id();
        if let Some(engine) = held.as_ref().filter(|engine| engine.pid == pid) {
            return Ok(Arc::clone(engine));
        }
        let built = Arc::new(Engine::build(self.driver, &self.options)?);
        let before = self.engine.compare_and_swap(&held, Some(Arc::clone(&built)));
        // Another thread may have been first; all use one engine.
        Ok(match before.as_ref() {
            Some(engine) if engine.pid == pid => Arc::clone(engine),
            _ => built,
        })
    }

    /// Refuses every later call and lets go of the engine.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        drop(self.engine.swap(None));
    }
}
