//! What the host tells of a customer and of their account: its rows, as plain data.

use serde::{Deserialize, Serialize};

use super::super::Millis;
use super::super::bucket::{Bucket, Limits};
use super::super::receipt::Status;

/// A row's id, as the host has it; it is only handed back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

/// The account, and what its calls meet.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its name, for links.
    #[serde(default)]
    pub id: String,
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether there are keys.
    #[serde(default)]
    pub keys: Keys,
    /// The fingerprint of its credentials, as a courier tells it: holds of others hold nothing.
    #[serde(default)]
    pub credentials: Option<String>,
    /// The ledger as it is stored.
    #[serde(default)]
    pub ledger: Option<String>,
    /// When a sender last wrote the ledger, or was seen otherwise.
    #[serde(default)]
    pub sender_seen_at_ms: Option<Millis>,
    /// As everywhere, for tests.
    #[serde(default)]
    limit_windows_divisor: Option<u32>,
}

impl Account {
    pub(super) fn limits(&self) -> Limits {
        Limits::divided(self.limit_windows_divisor.unwrap_or(1))
    }
}

/// Whether there are keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    /// There are.
    #[default]
    Present,
    /// Nobody has entered any.
    Missing,
    /// They are stored, and cannot be opened.
    Sealed,
}

/// One friend's referral.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the words of the design")]
pub struct Referral {
    pub referrer_code: String,
    /// How the code came: `visit`, `field`, `state`, or what else the host calls it.
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub claimed_at_ms: Option<Millis>,
    pub registered_at_ms: Millis,
    pub deadline_at_ms: Millis,
    #[serde(default)]
    pub guest: bool,
    /// None: it is on its way.
    #[serde(default)]
    pub receipt: Option<Status>,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub late_by_ms: Option<Millis>,
    /// When Gameball took the registration.
    #[serde(default)]
    pub acknowledged_at_ms: Option<Millis>,
    #[serde(default)]
    pub settled_at_ms: Option<Millis>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits.
    Pending,
    /// Somebody is sending it.
    InFlight,
    /// Gameball has it.
    Applied,
    /// It failed for good.
    Dead,
    /// An operator cancelled it.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::InFlight, Self::Applied, Self::Dead, Self::Cancelled];

    /// Whether nothing more becomes of it by itself.
    pub fn settled(self) -> bool {
        !matches!(self, Self::Pending | Self::InFlight)
    }
}

/// One recorded call.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the words of the design")]
pub struct Delivery {
    pub id: Id,
    pub operation: String,
    pub state: State,
    /// The limit that its next call counts to; none: the operation's.
    #[serde(default)]
    pub bucket: Option<Bucket>,
    pub created_at_ms: Millis,
    pub due_at_ms: Millis,
    #[serde(default)]
    pub lease_until_ms: Option<Millis>,
    #[serde(default)]
    pub settled_at_ms: Option<Millis>,
    #[serde(default)]
    pub order_id: Option<String>,
    /// Of its last failure.
    #[serde(default)]
    pub error_kind: Option<String>,
    #[serde(default)]
    pub gameball_code: Option<i64>,
    #[serde(default)]
    pub request_id: Option<String>,
    /// Its calls, oldest first.
    #[serde(default)]
    pub history: Vec<Call>,
}

impl Delivery {
    /// Whether it may register the customer.
    pub(super) fn registers(&self) -> bool {
        registers(&self.operation)
    }

    pub(super) fn bucket(&self) -> Bucket {
        self.bucket.unwrap_or_else(|| Bucket::of(&self.operation))
    }
}

/// Whether this operation makes a customer known to Gameball.
pub(super) fn registers(operation: &str) -> bool {
    matches!(operation, "createCustomer" | "trackOrder")
}

/// One call that was made for a delivery.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "as in `CallReport`")]
pub struct Call {
    /// None: nobody knows.
    #[serde(default)]
    pub at_ms: Option<Millis>,
    #[serde(default)]
    pub operation: String,
    /// What the verdict said.
    #[serde(default)]
    pub outcome: Option<String>,
    #[serde(default)]
    pub status: Option<i64>,
    #[serde(default)]
    pub gameball_code: Option<i64>,
    #[serde(default)]
    pub request_id: Option<String>,
    /// None: all went well.
    #[serde(default)]
    pub kind: Option<String>,
}

fn yes() -> bool {
    true
}
