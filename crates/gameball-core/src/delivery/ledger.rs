//! The ledger: an account's use of its limits, and what else decides whether a call may leave. Pure.
//!
//! The host keeps it as one text per account, which all senders share. A slot that is granted at `t` may be used until
//! `t + validity`, and counts until `t + window + slack`. So whoever uses it at any moment in between, and however late
//! the vendor sees it within the rest of the slack, no window of the vendor's ever holds more than it may.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Millis;
use super::breaker::Breaker;
use super::bucket::{Bucket, Limits};
use super::hold::{Hold, Refusal};
use super::usage::Use;
use crate::error::Kind;

/// One account's ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ledger {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    buckets: BTreeMap<Bucket, Use>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) breaker: Breaker,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) holds: Vec<Hold>,
}

/// Why a call may not leave, the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Blocked {
    /// A window is full.
    Limit,
    /// Gameball said 429.
    Paused,
    /// Gameball refuses the account.
    Hold,
    /// Gameball is down.
    Breaker,
}

/// What came of a call, as far as the ledger minds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "event")]
#[allow(missing_docs, reason = "each tells it")]
pub enum Event {
    /// Gameball answered, and holds nothing against the account.
    #[serde(rename = "answered")]
    Answered { bucket: Bucket },
    /// No answer of use. `lane` is a hash of the customer.
    #[serde(rename = "failed")]
    Failed { lane: String },
    /// 429.
    #[serde(rename = "limited")]
    Limited {
        bucket: Bucket,
        #[serde(default, rename = "retryAfterMs", skip_serializing_if = "Option::is_none")]
        retry_after: Option<Millis>,
    },
    /// Gameball refuses the account this call.
    #[serde(rename = "refused")]
    Refused {
        bucket: Bucket,
        #[serde(flatten)]
        refusal: Refusal,
    },
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Ledger {
    /// Reads what the host has stored; nothing, or an empty text, is a new ledger.
    ///
    /// A text that is no ledger makes one that rests until nothing of what it may have said can matter any more.
    pub fn parse(text: Option<&str>, now: Millis, limits: Limits) -> Self {
        let mut ledger = match text.map(str::trim) {
            None | Some("") => Self::default(),
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Self {
                buckets: Bucket::ALL.map(|bucket| (bucket, Use::resting(now, limits))).into(),
                ..Self::default()
            }),
        };
        ledger.clamp(now, limits);
        ledger
    }

    /// The text to be stored.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A clock that was far ahead and was set right must not leave anything in its future.
    fn clamp(&mut self, now: Millis, limits: Limits) {
        for (bucket, used) in &mut self.buckets {
            used.clamp(*bucket, now, limits);
        }
        self.breaker.clamp(now);
        self.holds.iter_mut().for_each(|hold| hold.clamp(now));
    }

    /// Forgets what counts no more, and holds of other credentials.
    pub(super) fn prune(&mut self, now: Millis, limits: Limits, credentials: &str) {
        self.holds.retain(|hold| hold.credentials == credentials);
        self.buckets.values_mut().for_each(|used| used.prune(now, limits));
        self.buckets.retain(|_, used| !is_default(used));
    }

    /// As these credentials find it: they lift the holds of others.
    #[must_use]
    pub(super) fn lifted_by(mut self, credentials: Option<&str>) -> Self {
        if let Some(credentials) = credentials {
            self.holds.retain(|hold| hold.credentials == credentials);
        }
        self
    }

    /// Takes note of what came of calls.
    pub fn record(&mut self, now: Millis, events: &[Event], jitter: f64) {
        for event in events {
            match event {
                Event::Answered { bucket } => {
                    self.breaker.answered();
                    self.holds.retain(|hold| hold.bucket != *bucket);
                    if let Some(used) = self.buckets.get_mut(bucket) {
                        used.answered(now);
                    }
                }
                Event::Failed { lane } => self.breaker.failed(now, lane, jitter),
                Event::Limited { bucket, retry_after } => {
                    self.breaker.answered();
                    self.buckets.entry(*bucket).or_default().pause(*retry_after, now);
                }
                Event::Refused { bucket, refusal } => {
                    // What misses a key was refused before it was sent.
                    if refusal.kind != Kind::Configuration.as_str() {
                        self.breaker.answered();
                    }
                    match self.holds.iter_mut().find(|hold| hold.bucket == *bucket) {
                        Some(hold) => hold.refused_again(refusal, now),
                        None => self.holds.push(Hold::new(*bucket, refusal, now)),
                    }
                }
            }
        }
    }

    /// Whether a success would change anything.
    pub fn watches(&self) -> bool {
        self.breaker.watches() || !self.holds.is_empty() || self.buckets.values().any(Use::watches)
    }

    pub(super) fn used(&self, bucket: Bucket) -> Option<&Use> {
        self.buckets.get(&bucket)
    }

    pub(super) fn used_mut(&mut self, bucket: Bucket) -> &mut Use {
        self.buckets.entry(bucket).or_default()
    }
}
