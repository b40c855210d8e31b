//! Holds the emulator to the vendor's contract, case by case, over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::needless_pass_by_value,
    reason = "a test stops where it fails, and is not hurried"
)]

mod batch;
mod browser;
mod client;
mod command_line;
mod concurrency;
mod control;
mod credentials;
mod errors;
mod faults;
mod limits;
mod operations;
mod referral_rules;
mod switches;
mod webhooks;
