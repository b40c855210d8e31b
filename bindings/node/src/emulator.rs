//! The local Gameball, for tests, demos and development without an account.

use gameball_emulator::{Emulator, cli};
use napi_derive::napi;
use serde_json::Value;

use crate::record::{thrown, unreadable};
use crate::refusals;

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
        let given: Value = read(&options_json)?;
        let options = refusals::options(given.clone()).map_err(|error| thrown(&error))?;
        let (api_key, secret_key) = (options.api_key.clone(), options.secret_key.clone());
        let emulator =
            Emulator::spawn(options).map_err(|error| thrown(&refusals::not_started(&error, &given)))?;
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
        let command = read(&command_json)?;
        let result = self
            .emulator
            .control(command.clone())
            .map_err(|error| thrown(&refusals::not_done(&error, &command)))?;
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

fn read(json: &str) -> napi::Result<Value> {
    serde_json::from_str(json).map_err(|error| thrown(&unreadable(&error)))
}
