//! What came of sending a delivery, and what its host has to store: the verdict.

use serde::Serialize;

use super::Millis;
use super::bucket::Bucket;
use super::ledger::Event;
use super::progress::Progress;
use super::receipt::{Receipt, Status};
use super::report::CallReport;
use super::step::{Delivery, Operation};
use crate::error::Error;
use crate::model::call::Reply;

/// What comes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Its goal is reached; it is settled.
    Applied,
    /// This call did its part, and another one is due.
    Continue,
    /// Due again later.
    Retry,
    /// Nothing of this account can succeed until its operator acts.
    Hold,
    /// Can never succeed as it stands.
    Dead,
    /// Nothing was sent; due at once.
    Unsent,
}

/// What Gameball told of the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "as in `Customer`")]
pub struct Answer {
    pub gameball_id: Option<i64>,
    pub referral_code: Option<String>,
    pub referral_link: Option<String>,
}

impl Answer {
    pub(super) fn of(reply: &Reply) -> Option<Self> {
        match reply {
            Reply::CreatedCustomer(created) => {
                Some(Self { gameball_id: created.gameball_id, referral_code: None, referral_link: None })
            }
            Reply::Customer(customer) => Some(Self {
                gameball_id: customer.gameball_id,
                referral_code: customer.referral_code.clone(),
                referral_link: customer.referral_link.clone(),
            }),
            _ => None,
        }
    }
}

/// What came of sending a delivery, and what the host has to store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The delivery's id.
    pub id: i64,
    /// What came of it.
    pub outcome: Outcome,
    /// Why: a key of [`super::reasons`].
    pub reason: Option<&'static str>,
    /// To be given back with the next try; nothing once it is settled.
    pub progress: Option<String>,
    /// The limit to which its next call counts; nothing once it is settled.
    pub next_bucket: Option<Bucket>,
    /// When it is due again.
    pub due_in_ms: Millis,
    /// Whether to count an attempt.
    pub costs_attempt: bool,
    /// Whether the customer (or the order) is known to exist at Gameball from this call on.
    pub acknowledged: bool,
    /// What became of the referral; only with a verdict that settles. Nothing: as before.
    pub receipt: Option<Receipt>,
    /// The call that was made.
    pub call: Option<CallReport>,
    /// What Gameball told of the customer.
    pub answer: Option<Answer>,
    /// What the ledger has to hear.
    pub ledger_event: Option<Event>,
    /// Whether it has to.
    pub needs_record: bool,
}

impl Verdict {
    pub(super) fn new(delivery: &Delivery, outcome: Outcome) -> Self {
        Self {
            id: delivery.id,
            outcome,
            reason: None,
            progress: None,
            next_bucket: None,
            due_in_ms: 0,
            costs_attempt: false,
            acknowledged: false,
            receipt: None,
            call: None,
            answer: None,
            ledger_event: None,
            needs_record: false,
        }
    }

    /// The same, to be sent again with this progress.
    pub(super) fn waiting(mut self, delivery: &Delivery, progress: Option<String>) -> Self {
        let reached = Progress::read(progress.as_deref());
        self.next_bucket = Operation::named(&delivery.operation).map(|operation| reached.bucket(operation));
        self.progress = progress;
        self
    }

    /// Nothing was sent: the slot has expired, or the courier was closed.
    pub fn unsent(delivery: &Delivery, reason: &'static str) -> Self {
        let unsent = Self { reason: Some(reason), ..Self::new(delivery, Outcome::Unsent) };
        unsent.waiting(delivery, delivery.progress.clone())
    }

    /// This software failed; whether anything was sent is not known.
    pub fn broken(delivery: &Delivery, error: &Error) -> Self {
        let broken = Self {
            reason: Some("internal"),
            due_in_ms: 60_000,
            costs_attempt: true,
            call: Some(CallReport::not_made(delivery, error)),
            ..Self::new(delivery, Outcome::Retry)
        };
        broken.waiting(delivery, delivery.progress.clone())
    }

    /// What was recorded cannot be sent.
    pub fn unreadable(delivery: &Delivery, error: &Error) -> Self {
        let progress = Progress::read(delivery.progress.as_deref());
        let lost = Receipt::new(Status::Lost, "invalid_arguments");
        let receipt = delivery.referrer_code.as_ref().and(Receipt::of_the_dead(delivery, &progress, lost));
        Self {
            reason: Some("invalid_arguments"),
            receipt,
            call: Some(CallReport::not_made(delivery, error)),
            ..Self::new(delivery, Outcome::Dead)
        }
    }
}
