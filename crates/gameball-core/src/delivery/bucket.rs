//! The calls that share a limit, and the windows of each. Source: the vendor's rate limits.

use serde::{Deserialize, Serialize};

use super::Millis;

/// Calls that share one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub enum Bucket {
    CreateCustomer,
    GetCustomer,
    TrackOrder,
    /// Everything else.
    Other,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: [Self; 4] = [Self::CreateCustomer, Self::GetCustomer, Self::TrackOrder, Self::Other];

    /// The bucket of a call, by its `operationId`.
    pub fn of(operation: &str) -> Self {
        match operation {
            "createCustomer" => Self::CreateCustomer,
            "getCustomer" => Self::GetCustomer,
            "trackOrder" => Self::TrackOrder,
            _ => Self::Other,
        }
    }

    /// How many calls a second has room for.
    pub const fn short_limit(self) -> u32 {
        match self {
            Self::GetCustomer => 100,
            _ => 30,
        }
    }

    /// How many calls 30 seconds have room for.
    pub const fn long_limit(self) -> u32 {
        self.short_limit() * 12
    }
}

/// The lengths of the windows, and of what is derived from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    divisor: Millis,
}

impl Default for Limits {
    fn default() -> Self {
        Self { divisor: 1 }
    }
}

impl Limits {
    /// How far the windows may be shortened.
    pub const MOST_DIVIDED: u32 = 100;

    /// Windows that are `divisor` times as short as documented, for tests.
    pub fn divided(divisor: u32) -> Self {
        Self { divisor: Millis::from(divisor.clamp(1, Self::MOST_DIVIDED)) }
    }

    /// The shorter window: a second.
    pub const fn short(self) -> Millis {
        1_000 / self.divisor
    }

    /// The longer window: 30 seconds.
    pub const fn long(self) -> Millis {
        30_000 / self.divisor
    }

    /// How long a slot may be used once it is granted.
    pub const fn validity(self) -> Millis {
        self.long() / 120
    }

    /// How much longer than its window a slot counts: its validity, and as long for the way to the vendor.
    pub const fn slack(self) -> Millis {
        self.long() / 60
    }

    /// Grants are counted together in steps of this, to keep the ledger short.
    pub const fn grain(self) -> Millis {
        let grain = self.long() / 1200;
        if grain > 1 { grain } else { 1 }
    }

    /// The step after `now`, to which what is granted now is counted.
    pub(super) const fn grained(self, now: Millis) -> Millis {
        (now.div_euclid(self.grain()) + 1) * self.grain()
    }
}
