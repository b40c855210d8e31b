//! Holds: calls that Gameball refuses for a reason of the account's, until its operator acts. Pure.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::bucket::Bucket;

/// How long until a call tries again, at first and at most.
const FIRST_PROBE: Millis = 60_000;
const LONGEST_PROBE: Millis = 900_000;

/// One bucket's hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// The calls that are held. An account that lacks one may still do the others.
    pub bucket: Bucket,
    /// The error's kind.
    pub kind: String,
    /// Why, and what to do: a key of [`super::reasons`].
    pub reason: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Gameball's code.
    pub gameball_code: Option<i64>,
    /// When it began.
    pub since_ms: Millis,
    /// When one call tries again.
    pub probe_at_ms: Millis,
    /// The fingerprint of the credentials that were refused: others lift the hold.
    pub credentials: String,
    /// How many calls have tried.
    #[serde(default)]
    probes: u32,
}

impl Hold {
    /// A hold that begins now.
    pub fn new(bucket: Bucket, refusal: &Refusal, now: Millis) -> Self {
        Self {
            bucket,
            kind: refusal.kind.clone(),
            reason: refusal.reason.clone(),
            status: refusal.status,
            gameball_code: refusal.gameball_code,
            since_ms: now,
            probe_at_ms: now + FIRST_PROBE,
            credentials: refusal.credentials.clone(),
            probes: 0,
        }
    }

    /// Another refusal, for the same or for another reason.
    pub fn refused_again(&mut self, refusal: &Refusal, now: Millis) {
        if self.credentials == refusal.credentials {
            self.kind.clone_from(&refusal.kind);
            self.reason.clone_from(&refusal.reason);
            self.status = refusal.status;
            self.gameball_code = refusal.gameball_code;
        } else {
            *self = Self::new(self.bucket, refusal, now);
        }
    }

    /// A call tries again.
    pub fn probe(&mut self, now: Millis) {
        self.probes = self.probes.saturating_add(1);
        self.probe_at_ms = now + (FIRST_PROBE << self.probes.min(10)).min(LONGEST_PROBE);
    }

    /// A clock that was far ahead must not keep it for long.
    pub(super) fn clamp(&mut self, now: Millis) {
        self.probe_at_ms = self.probe_at_ms.min(now + LONGEST_PROBE);
    }
}

/// What was refused, and under which credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "as in `Hold`")]
pub struct Refusal {
    pub kind: String,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gameball_code: Option<i64>,
    pub credentials: String,
}
