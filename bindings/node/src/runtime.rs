//! Where calls run: one thread a process, for all of Node's threads, started by the first call.
//!
//! Calls wait for the network. One thread carries them all for a third less processor time than two that hand work to
//! each other, and takes no second core from the shop.

use std::sync::{Mutex, OnceLock, PoisonError};

use gameball_core::{Error, Kind, Result};
use tokio::runtime::{Builder, Handle};

/// Threads for looking up host names. Without a bound, a burst of first calls grows one for each.
const MAX_BLOCKING: usize = 4;

/// Its thread is never stopped: at the process's end the system does that, wherever it is.
static RUNTIME: OnceLock<Handle> = OnceLock::new();
/// Held while starting, so that two of Node's threads do not start two.
static STARTING: Mutex<()> = Mutex::new(());

/// # Errors
/// `Internal` where the system grants no thread. The next call tries again.
pub fn runtime() -> Result<&'static Handle> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let handle =
        start().map_err(|error| Error::new(Kind::Internal, format!("no thread for the calls: {error}")))?;
    Ok(RUNTIME.get_or_init(|| handle))
}

fn start() -> std::io::Result<Handle> {
    let runtime =
        Builder::new_current_thread().enable_io().enable_time().max_blocking_threads(MAX_BLOCKING).build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("gameball".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}
