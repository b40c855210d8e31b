//! The place of a client's runtime and connections: one of each a process, rebuilt after a fork.

use std::ops::Deref;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use gameball_core::config::Config;
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

/// A runtime, and the core's client that lives on it.
pub(crate) struct Engine {
    pid: u32,
    /// Taken only by `drop`.
    parts: Option<(Runtime, Client)>,
}

impl Engine {
    fn build(driver: Driver, config: &Config) -> Result<Self, Error> {
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
        Ok(Self { pid: process::id(), parts: Some((runtime, Client::new(config.clone())?)) })
    }
}

impl Deref for Engine {
    type Target = (Runtime, Client);

    fn deref(&self) -> &(Runtime, Client) {
        match &self.parts {
            Some(parts) => parts,
            None => unreachable!("only drop takes them"),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Some((runtime, client)) = self.parts.take() else { return };
        if self.pid == process::id() {
            drop(client);
            // Waits for nothing, neither a host name being resolved nor a call that nobody waits for.
            runtime.shutdown_background();
        } else {
            // Inherited by a fork: its threads do not exist here, and waiting for them would never end.
            std::mem::forget((runtime, client));
        }
    }
}

/// Holds an engine, builds it when it is first needed, and again in a forked child.
///
/// There is no lock: a fork could inherit it locked.
pub(crate) struct Slot {
    engine: ArcSwapOption<Engine>,
    driver: Driver,
    config: Config,
    closed: AtomicBool,
}

impl Slot {
    pub(crate) fn new(driver: Driver, config: Config) -> Self {
        Self { engine: ArcSwapOption::empty(), driver, config, closed: AtomicBool::new(false) }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The engine of this process. Whoever holds it may finish with it after `close`.
    pub(crate) fn engine(&self) -> Result<Arc<Engine>, Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(Kind::Closed, "the client is closed"));
        }
        let held = self.engine.load_full();
        let pid = process::id();
        if let Some(engine) = held.as_ref().filter(|engine| engine.pid == pid) {
            return Ok(Arc::clone(engine));
        }
        let built = Arc::new(Engine::build(self.driver, &self.config)?);
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
