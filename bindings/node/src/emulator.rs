//! The local Gameball, for tests, demos and development without an account.

use gameball_core::{Error, Kind};
use gameball_emulator::{Emulator, Options, cli};
use napi_derive::napi;

use crate::record::thrown;

/// A running emulator, on a thread of its own.
#[napi]
pub struct NativeEmulator {
    emulator: Emulator,
    api_key: String,
    secret_key: String,
}

#[napi]
impl NativeEmulator {
    /// Starts it; it listens when this returns.
    ///
    /// # Errors
    /// A `configuration` record.
    #[napi(constructor, catch_unwind)]
    pub fn new(options_json: String) -> napi::Result<Self> {
        let refused = |reason: String| thrown(&Error::configuration(reason));
        let options: Options =
            serde_json::from_str(&options_json).map_err(|error| refused(error.to_string()))?;
        let (api_key, secret_key) = (options.api_key.clone(), options.secret_key.clone());
        let emulator = Emulator::spawn(options).map_err(|error| refused(error.to_string()))?;
        Ok(Self { emulator, api_key, secret_key })
    }

    /// Where it listens.
    #[napi(getter)]
    pub fn url(&self) -> &str {
        self.emulator.url()
    }

    /// The public key it was started with.
    #[napi(getter)]
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The private key it was started with.
    #[napi(getter)]
    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// Carries out one command, and tells its result as JSON text.
    ///
    /// # Errors
    /// An `invalid_argument` record.
    #[napi(catch_unwind)]
    pub fn control(&self, command_json: String) -> napi::Result<String> {
        let refused = |reason: String| thrown(&Error::new(Kind::InvalidArgument, reason));
        let command = serde_json::from_str(&command_json).map_err(|error| refused(error.to_string()))?;
        let result = self.emulator.control(command).map_err(|error| refused(error.to_string()))?;
        Ok(result.to_string())
    }

    /// Stops it and waits for its thread.
    #[napi(catch_unwind)]
    pub fn stop(&self) {
        self.emulator.stop();
    }
}

/// The emulator's command line. It returns the exit code, once a signal has stopped it.
#[napi(catch_unwind)]
pub fn emulator_main(arguments: Vec<String>) -> i32 {
    cli(arguments)
}
