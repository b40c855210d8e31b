//! An account's options and, from the first call on, what is built from them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use gameball_core::delivery::{Courier, Settings};
use gameball_core::{Client, Config, Error, Kind, Result};

/// What makes an account's calls.
pub trait Caller: Sized {
    const CLOSED: &str;

    /// What it is built from.
    type Options: Clone;

    /// # Errors
    /// `Configuration`.
    fn build(options: Self::Options) -> Result<Self>;
}

impl Caller for Client {
    const CLOSED: &str = "the client is closed";

    type Options = Config;

    fn build(config: Config) -> Result<Self> {
        Self::new(config)
    }
}

impl Caller for Courier {
    const CLOSED: &str = "the courier is closed";

    type Options = (Config, Settings);

    fn build((config, settings): (Config, Settings)) -> Result<Self> {
        Self::new(config, settings)
    }
}

/// Options, and their caller once there was a call.
pub struct Account<C: Caller> {
    options: C::Options,
    caller: OnceLock<Result<C>>,
    is_closed: AtomicBool,
}

impl<C: Caller> Account<C> {
    pub fn new(options: C::Options) -> Self {
        Self { options, caller: OnceLock::new(), is_closed: AtomicBool::new(false) }
    }

    pub fn options(&self) -> &C::Options {
        &self.options
    }

    /// Built by the first call, on the runtime: loading root certificates takes milliseconds.
    ///
    /// # Errors
    /// `Configuration`, each time the same.
    pub fn caller(&self) -> Result<&C> {
        self.caller.get_or_init(|| C::build(self.options.clone())).as_ref().map_err(Error::clone)
    }

    /// Whether a call may start. Those that have started go on.
    ///
    /// # Errors
    /// `Closed`.
    pub fn open(&self) -> Result<()> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(Error::new(Kind::Closed, C::CLOSED));
        }
        Ok(())
    }

    /// Lets no later call start.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }
}
