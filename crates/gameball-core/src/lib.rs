//! All protocol and policy of gameball-referrals, in building blocks that know no host:
//!
//! - [`client`]: the calls to Gameball, each under one deadline, with safe retries
//!   - [`config`]: what a client is built from · [`retry`]: what is repeated, and when
//!   - `transport`: HTTP · `connector`: TCP, TLS, proxies
//!   - `answer`: what a refusal says · `redact`: what it must not say
//! - [`model`]: requests and answers, [`model::money`] exact from end to end
//! - [`link`]: builds referral links · [`capture`]: finds a referrer code in a visit's URL
//! - [`claim`]: a captured code, signed and dated, that survives until registration
//! - [`visit`]: which code counts, how it is kept, and who asks, on whatever web framework
//! - [`session_token`]: the widget's nested token · [`webhook`]: verifies Gameball's webhooks
//! - [`vault`]: seals secrets at rest
//! - [`delivery`]: what is sent when, and what came of it
//! - [`error`]: the one table of what an answer means
//!
//! The core never learns who calls it: no Python, no Node, no database, no globals.

#![forbid(unsafe_code)]

mod answer;
pub mod capture;
pub mod claim;
pub mod client;
pub mod config;
mod connector;
pub mod delivery;
pub mod error;
pub mod link;
pub mod model;
mod redact;
pub mod retry;
pub mod session_token;
mod transport;
pub mod vault;
pub mod visit;
pub mod webhook;

pub use client::Client;
pub use config::Config;
pub use error::{Error, Kind, Result};
