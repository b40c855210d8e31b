//! A local server that behaves as Gameball's documented referral API behaves.
//!
//! It shares no code with the client it is used to test: what the two agree on, they agree on because
//! both follow the vendor's documents. The way of a request through the modules:
//!
//! - [`Emulator`] (`emulator.rs`) owns the thread; [`serve`] (`server.rs`) accepts connections,
//!   `connection.rs` is the socket that can be reset, `body.rs` the bodies that misbehave;
//! - `http.rs` reads a request and hands it to the API (`api/`), the page (`page.rs`) or the control
//!   commands (`control.rs`, guarded by `guard.rs`); `exchange.rs` surrounds a call with its fault and log entry;
//! - `api/` is the vendor's API: `route.rs` (which call is this), `credentials.rs` (may it be made),
//!   `limits.rs` (is there room), `payload.rs` (is it well formed), then one file per kind of call;
//! - `rules.rs` decides whether a code links, `account.rs` holds what the vendor would hold;
//! - `world.rs` is everything one emulator knows, `report.rs` tells it as JSON, `log.rs` remembers requests;
//! - `options.rs` and `switches.rs` say how it is set up, `clock.rs` what time it is;
//! - `faults.rs` makes it fail on demand, `webhooks.rs` and `post.rs` call the shop back;
//! - `cli.rs` is the command line, the same from Rust, Python and Node.
#![forbid(unsafe_code)]

mod account;
mod api;
mod body;
mod cli;
mod clock;
mod connection;
mod control;
mod emulator;
mod error;
mod exchange;
mod faults;
mod guard;
mod http;
mod log;
mod options;
mod page;
mod post;
mod report;
mod rules;
mod server;
mod switches;
mod webhooks;
mod world;

pub use cli::cli;
pub use emulator::Emulator;
pub use error::{ControlError, StartError};
pub use options::{ClockSetting, Options};
pub use server::serve;
pub use switches::*;
