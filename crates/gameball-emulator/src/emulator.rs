//! A running emulator: the thread that owns its runtime, and the handle that commands and stops it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use serde_json::Value;
use tokio::sync::oneshot;

use crate::{
    ControlError, StartError, control,
    options::Options,
    server::{Server, Shared},
};

/// A running emulator. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone)]
pub struct Emulator {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    shared: Arc<Shared>,
    running: Mutex<Option<Running>>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Emulator {
    /// Starts an emulator on a thread of its own; it listens when this returns.
    ///
    /// # Errors
    /// [`StartError`] where an option cannot work, the address is taken, or no thread can be had.
    pub fn spawn(options: Options) -> Result<Self, StartError> {
        let server = Server::bind(options)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Runtime)?;
        let (url, shared) = (server.url(), server.shared.clone());
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("gameball-emulator".to_owned())
            .spawn(move || {
                // A dropped sender stops it as well as a sent one.
                drop(runtime.block_on(server.run(async { drop(stopped.await) })));
            })
            .map_err(StartError::Runtime)?;
        let running = Mutex::new(Some(Running { stop, thread }));
        Ok(Self { inner: Arc::new(Inner { url, shared, running }) })
    }

    /// Where it listens: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Carries out a control command, from any thread and without HTTP; also after `stop`.
    ///
    /// # Errors
    /// [`ControlError`] where the command is unknown or says something that cannot be done.
    pub fn control(&self, command: Value) -> Result<Value, ControlError> {
        control::execute(&mut self.inner.shared.world(), command)
    }

    /// Stops it and waits for its thread. Stopping again does nothing.
    pub fn stop(&self) {
        self.inner.stop();
    }
}

impl Inner {
    fn stop(&self) {
        // The lock is held while joining, so that a second caller also returns to a stopped server.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Running { stop, thread }) = running.take() {
            let _ = stop.send(());
            drop(thread.join());
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}
