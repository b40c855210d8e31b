//! What became of a referral: the proof that every one ends with.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::progress::Progress;
use super::step::{Delivery, Operation};

/// What became of a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Gameball says that the customer was referred.
    Linked,
    /// The customer had been referred before.
    AlreadyReferred,
    /// Gameball does not take the code.
    Rejected,
    /// The code is good, and there is no link.
    Lost,
    /// Delivered, and Gameball does not tell.
    Unverified,
}

impl Status {
    /// The status of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "linked" => Some(Self::Linked),
            "already_referred" => Some(Self::AlreadyReferred),
            "rejected" => Some(Self::Rejected),
            "lost" => Some(Self::Lost),
            "unverified" => Some(Self::Unverified),
            _ => None,
        }
    }
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// What became of the referral.
    pub status: Status,
    /// Why: a key of [`super::reasons`].
    pub reason: &'static str,
    /// How long after the window Gameball took the registration, for `late`.
    pub late_by_ms: Option<Millis>,
}

impl Receipt {
    /// A receipt with its reason.
    pub fn new(status: Status, reason: &'static str) -> Self {
        Self { status, reason, late_by_ms: None }
    }

    /// The receipt of a good code without a link: late, or lost for another reason.
    pub fn lost(
        registered_at: Option<Millis>,
        acknowledged_at: Option<Millis>,
        window: Millis,
        otherwise: &'static str,
    ) -> Self {
        let late_by = registered_at
            .zip(acknowledged_at)
            .map(|(registered, acknowledged)| acknowledged.saturating_sub(registered.saturating_add(window)))
            .filter(|late_by| *late_by > 0);
        match late_by {
            Some(late_by) => Self { late_by_ms: Some(late_by), ..Self::new(Status::Lost, "late") },
            None => Self::new(Status::Lost, otherwise),
        }
    }

    /// What is known of the referral from a code that was refused.
    pub(super) fn of_a_refused_code(progress: &Progress) -> Option<Self> {
        if progress.already_referred {
            return Some(Self::new(Status::AlreadyReferred, "already_referred"));
        }
        let reason = match progress.code_refused.as_deref()? {
            "code_not_found" => "code_not_found",
            _ => "invalid_referral",
        };
        Some(Self::new(Status::Rejected, reason))
    }

    /// No referral is left without a receipt, and no receipt of a registration is changed by an order that failed.
    pub(super) fn of_the_dead(delivery: &Delivery, progress: &Progress, otherwise: Self) -> Option<Self> {
        match Operation::named(&delivery.operation) {
            Some(Operation::CreateCustomer) => {}
            Some(Operation::TrackOrder) if delivery.receipt.is_none() => {}
            _ => return None,
        }
        Some(Self::of_a_refused_code(progress).unwrap_or(otherwise))
    }
}
