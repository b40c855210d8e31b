//! The breaker: spares a vendor that is down, and tells soon that it is back. Pure.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::retry::doubled;

/// Failures in a row that open it.
const MOST_FAILURES: u32 = 5;
/// Of so many customers at least: a single one may be at fault themselves.
const FEWEST_LANES: usize = 2;
/// How long it is open at first, and at most.
const FIRST_OPEN: Millis = 1_000;
const LONGEST_OPEN: Millis = 30_000;
/// How long a probe's outcome is waited for; its sender may have died.
const PROBE_PATIENCE: Millis = 15_000;

/// Whether calls go out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As usual.
    #[default]
    Closed,
    /// None, until a time.
    Open,
    /// One is on its way, to find out.
    HalfOpen,
}

/// One account's breaker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Breaker {
    /// Whether calls go out.
    pub state: State,
    /// Failures in a row.
    #[serde(skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// Open: until when. Half open: until when the probe's outcome is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<Millis>,
    /// Whose calls failed: hashes of customers, no more of them than it takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lanes: Vec<String>,
    /// How often it was opened in a row.
    #[serde(skip_serializing_if = "is_zero")]
    opened: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What the breaker allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Any number of calls.
    All,
    /// One call, whose outcome decides: see [`Breaker::probe`].
    Probe,
    /// None before this time.
    NoneUntil(Millis),
}

impl Breaker {
    /// What is allowed now.
    pub fn leave(&self, now: Millis) -> Leave {
        match (self.state, self.until_ms) {
            (State::Closed, _) => Leave::All,
            (_, Some(until)) if now < until => Leave::NoneUntil(until),
            _ => Leave::Probe,
        }
    }

    /// A probe was granted.
    pub fn probe(&mut self, now: Millis) {
        self.state = State::HalfOpen;
        self.until_ms = Some(now + PROBE_PATIENCE);
    }

    /// The vendor has answered, whatever it said.
    pub fn answered(&mut self) {
        *self = Self::default();
    }

    /// A call of the customer `lane` got no answer of use: not connected, reset, timed out, 5xx, unreadable.
    pub fn failed(&mut self, now: Millis, lane: &str, jitter: f64) {
        if self.state == State::Open {
            // It was under way before.
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.lanes.len() < FEWEST_LANES && !self.lanes.iter().any(|known| known == lane) {
            self.lanes.push(lane.to_owned());
        }
        let many = self.failures >= MOST_FAILURES && self.lanes.len() >= FEWEST_LANES;
        if self.state == State::HalfOpen || many {
            self.state = State::Open;
            self.until_ms = Some(now + doubled(FIRST_OPEN, LONGEST_OPEN, self.opened, jitter));
            self.opened = self.opened.saturating_add(1);
        }
    }

    /// Whether it wants to hear of successes.
    pub fn watches(&self) -> bool {
        self.failures > 0 || self.state != State::Closed
    }

    /// A clock that was far ahead must not keep it open for long.
    pub(super) fn clamp(&mut self, now: Millis) {
        self.until_ms = self.until_ms.map(|until| until.min(now + LONGEST_OPEN));
    }
}
