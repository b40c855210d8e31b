//! The native addon of the npm package `gameball-referrals`: converts, calls the core, converts back.
//!
//! `docs/bridge.md` is its contract. Nothing here decides anything; everything is private to the package.
//!
//! - `client.rs`: [`client::NativeClient`], the calls to Gameball
//! - `courier.rs`: [`courier::NativeCourier`], sends deliveries, and delivery's pure functions
//! - `account.rs`: what both are built from, and when · `options.rs`: that checked, and the core's defaults
//! - `queue.rs`: [`queue::NativeQueue`], brings finished calls to JavaScript · `runtime.rs`: where they run
//! - `record.rs`: errors as the one flat record that crosses · `panics.rs`: what a defect says
//! - `links.rs`, `claims.rs`, `tokens.rs`, `webhooks.rs`, `sealing.rs`: the parts that need no network
//! - `emulator.rs`: the local Gameball (feature `emulator`) · `refusals.rs`: what it does not take

#![allow(clippy::needless_pass_by_value, reason = "napi makes owned values of JavaScript's")]

mod account;
mod claims;
mod client;
mod courier;
#[cfg(feature = "emulator")]
mod emulator;
mod links;
mod options;
mod panics;
mod queue;
mod record;
#[cfg(feature = "emulator")]
mod refusals;
mod runtime;
mod sealing;
mod tokens;
mod webhooks;
