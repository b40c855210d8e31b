//! Which request of a delivery is due, by how far it is. Pure.

use serde::Deserialize;

use super::bucket::Bucket;
use super::progress::{Phase, Progress};
use super::reserve::Slot;
use super::{Millis, prepare};
use crate::error::{Error, Result};
use crate::model::call::Call;
use crate::model::{CustomerId, ReferrerCode};

/// What a delivery does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub enum Operation {
    CreateCustomer,
    TrackOrder,
    DeleteCustomer,
    /// Asks for a customer's profile, which the host keeps a copy of.
    GetCustomer,
}

impl Operation {
    /// The operation of this name, which is the vendor's `operationId`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "createCustomer" => Some(Self::CreateCustomer),
            "trackOrder" => Some(Self::TrackOrder),
            "deleteCustomer" => Some(Self::DeleteCustomer),
            "getCustomer" => Some(Self::GetCustomer),
            _ => None,
        }
    }

    /// The vendor's `operationId`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateCustomer => "createCustomer",
            Self::TrackOrder => "trackOrder",
            Self::DeleteCustomer => "deleteCustomer",
            Self::GetCustomer => "getCustomer",
        }
    }
}

/// One outgoing call, as the host has it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The host's id.
    pub id: i64,
    /// What it does.
    pub operation: String,
    /// [`prepare::Prepared::arguments`].
    pub arguments: String,
    /// What its latest verdict said.
    #[serde(default)]
    pub progress: Option<String>,
    /// How many verdicts before cost an attempt.
    #[serde(default)]
    pub attempts: u32,
    /// When the referred customer registered.
    #[serde(default)]
    pub registered_at_ms: Option<Millis>,
    /// The referral's code.
    #[serde(default)]
    pub referrer_code: Option<String>,
    /// The referral's receipt so far.
    #[serde(default)]
    pub receipt: Option<String>,
    /// Leave to send; without it, at once.
    #[serde(default)]
    pub slot: Option<Slot>,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

/// The request that is due, and what is known about its delivery.
#[derive(Debug, Clone)]
pub struct Step {
    /// What the delivery does.
    pub operation: Operation,
    /// How far it is.
    pub progress: Progress,
    /// The request.
    pub call: Call,
    /// The customer.
    pub customer_id: CustomerId,
    /// The referral's code, whether or not this request carries it.
    pub code: Option<ReferrerCode>,
    /// Whether this request carries it.
    pub carries_code: bool,
}

impl Step {
    /// # Errors
    /// `InvalidArgument` if the arguments cannot be read: they never will.
    pub fn of(delivery: &Delivery) -> Result<Self> {
        let operation = Operation::named(&delivery.operation)
            .ok_or_else(|| Error::invalid_argument("operation", "is no operation of a delivery"))?;
        let mut progress = Progress::read(delivery.progress.as_deref());
        let mut call = prepare::read(operation, &delivery.arguments)?;
        let (customer_id, slot) = match &mut call {
            Call::CreateCustomer(request) => (request.customer_id.clone(), Some(&mut request.referrer_code)),
            Call::TrackOrder(request) => (request.customer_id.clone(), Some(&mut request.referrer_code)),
            Call::DeleteCustomer(id) | Call::GetCustomer(id) => (id.clone(), None),
            _ => return Err(Error::invalid_argument("operation", "is no operation of a delivery")),
        };
        let mut code = None;
        let mut carries_code = false;
        if let Some(in_call) = slot {
            // A code that cannot be one must not cost the registration.
            let given = || delivery.referrer_code.clone().and_then(|code| ReferrerCode::new(code).ok());
            // The referral is frozen: what a later visit brought changes nothing.
            let later = in_call.take();
            code = given().or(later);
            let unwanted = operation == Operation::TrackOrder
                && matches!(delivery.receipt.as_deref(), Some("rejected" | "already_referred"));
            if progress.phase == Phase::Send && !unwanted {
                in_call.clone_from(&code);
                carries_code = code.is_some();
            }
        }
        if progress.phase == Phase::Check && code.is_none() {
            progress.phase = Phase::Verify;
        }
        let call = match (progress.phase, &code) {
            (Phase::Send | Phase::Resend, _) => call,
            (Phase::Check, Some(code)) => {
                Call::ValidateReferrerCode { code: code.clone(), for_customer_id: Some(customer_id.clone()) }
            }
            (Phase::Verify | Phase::Check, _) => Call::GetCustomer(customer_id.clone()),
        };
        Ok(Self { operation, progress, call, customer_id, code, carries_code })
    }

    /// The bucket of the request.
    pub fn bucket(&self) -> Bucket {
        Bucket::of(self.call.operation())
    }
}
