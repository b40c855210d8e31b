//! How far a delivery is: an opaque text that the host stores between two calls of one delivery.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::bucket::Bucket;
use super::step::Operation;

/// Which call is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The delivery's own call.
    #[default]
    Send,
    /// The same once more, without the code that was refused.
    Resend,
    /// The customer is read back: were they linked?
    Verify,
    /// They were not: is the code any good?
    Check,
}

/// How far a delivery is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Progress {
    /// Which call is due.
    pub phase: Phase,
    /// When Gameball acknowledged the customer or the order.
    #[serde(rename = "acknowledgedAtMs", skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Millis>,
    /// Why the code was refused, as a reason of the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_refused: Option<String>,
    /// Whether Gameball said that the customer was referred before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub already_referred: bool,
    /// Read-backs of this phase that failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub read_backs: u32,
    /// Failures in a row that cost no attempt, for the backoff.
    #[serde(skip_serializing_if = "is_zero")]
    pub free_failures: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Progress {
    /// Reads what the host has stored. What cannot be read begins anew, which is safe: every call may be repeated.
    pub fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The text to be stored.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether the call that is due is the first, which carries the referral's code.
    pub fn carries_code(&self) -> bool {
        self.phase == Phase::Send
    }

    /// The bucket of the call that is due.
    pub fn bucket(&self, operation: Operation) -> Bucket {
        match self.phase {
            Phase::Send | Phase::Resend => Bucket::of(operation.as_str()),
            Phase::Verify => Bucket::GetCustomer,
            Phase::Check => Bucket::Other,
        }
    }

    /// The same, one phase further.
    #[must_use]
    pub fn to(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self.read_backs = 0;
        self.free_failures = 0;
        self
    }
}
