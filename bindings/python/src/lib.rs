//! `gameball_referrals._native`: converts what Python hands over, calls the core, converts what comes back.
//!
//! - [`client`]: calls that wait · [`async_client`]: calls on an event loop, told by [`completions`]
//!   - [`slot`]: their runtime and connections, one of each a process, rebuilt after a fork
//!   - [`options`]: what a client is built from, and the core's defaults
//! - [`courier`]: sends deliveries, and hands the pure parts of delivery through
//! - [`links`], [`signers`]: links, capture, claims, session tokens, webhooks, sealing
//! - [`emulator`]: the local Gameball of `gameball_referrals.testing`
//! - [`convert`]: Python's data as the core's · [`errors`]: the core's errors as Python's, panics included
//! - [`shutdown`]: keeps waiting threads away from an interpreter that ends
//!
//! The contract is `docs/bridge.md`: no rule, no default and no message of its own lives here.

mod async_client;
mod client;
mod completions;
mod convert;
mod courier;
#[cfg(feature = "emulator")]
mod emulator;
mod errors;
mod links;
mod options;
mod shutdown;
mod signers;
mod slot;

/// The private native module. Shops use the typed package on top.
#[pyo3::pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::async_client::{AsyncClient, Submission};
    #[pymodule_export]
    use super::client::Client;
    #[pymodule_export]
    use super::completions::Completions;
    #[pymodule_export]
    use super::courier::{Courier, delivery, prepare};
    #[cfg(feature = "emulator")]
    #[pymodule_export]
    use super::emulator::{Emulator, emulator_main};
    #[cfg(feature = "panic-for-tests")]
    #[pymodule_export]
    use super::errors::_panic_for_tests;
    #[pymodule_export]
    use super::links::{extract_referrer_code, referral_link, typed_referrer_code, visit};
    #[pymodule_export]
    use super::options::defaults;
    #[pymodule_export]
    use super::shutdown::interpreter_is_ending;
    #[pymodule_export]
    use super::signers::{
        ClaimSigner, Vault, fingerprint, read_session_token, session_token, sign_webhook, verify_webhook,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::errors::stay_quiet_on_panic();
        // Before any call, because a fork could inherit a cell that another thread is filling.
        super::errors::init(module.py())?;
        super::convert::init(module.py())
    }
}
