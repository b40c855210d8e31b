//! Delivery: what is sent when, and what came of it. The core decides, the host stores.
//!
//! - [`prepare`]: a call's arguments as a row of the host's outbox
//! - [`lanes`]: which rows are sent now, the most urgent first
//!   - [`reserve`]: how many calls may leave, by the account's [`ledger`] with the `usage` of each [`bucket`],
//!     the [`breaker`] and [`hold`]s · [`forecast`]: what that means for those who wait
//! - [`courier`]: sends them, one request each · [`check`]: tries out the keys · [`settings`]: of a courier
//!   - [`step`]: which request is due, by the row's [`progress`] · [`judge`]: what its answer means, by the `meaning`
//!     of errors · [`retry`]: when it is due again
//!   - [`verdict`], [`report`]: what the host is told · [`receipt`]: what became of the referral · [`reasons`]: in words
//! - [`evidence`]: why a friend did, or did not, count; why something waits; what an operator has to do
//! - [`bridge`]: the pure parts with text in and out, for the bindings
//!
//! Everything but [`courier`] and [`check`] is pure: time and chance are arguments.

pub mod breaker;
pub mod bridge;
pub mod bucket;
pub mod check;
pub mod courier;
mod digest;
pub mod evidence;
pub mod forecast;
pub mod hold;
pub mod judge;
pub mod lanes;
pub mod ledger;
mod meaning;
pub mod prepare;
pub mod progress;
pub mod reasons;
pub mod receipt;
pub mod report;
pub mod reserve;
pub mod retry;
pub mod settings;
pub mod step;
mod usage;
pub mod verdict;

pub use bucket::{Bucket, Limits};
pub use courier::Courier;
pub use ledger::Ledger;
pub use settings::Settings;
pub use step::Delivery;
pub use verdict::Verdict;

/// A point in time: Unix milliseconds.
pub type Millis = i64;
