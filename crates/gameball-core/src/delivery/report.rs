//! What a call tells besides its answer: the host's report of it, and the ledger's event. Pure.

use std::time::Duration;

use serde::Serialize;

use super::bucket::Bucket;
use super::digest::short_digest;
use super::hold::Refusal;
use super::ledger::Event;
use super::meaning::{effect, hold_reason};
use super::step::{Delivery, Operation, Step};
use crate::error::{Effect, Error, Kind, Result};
use crate::model::call::Reply;

/// The call that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "as in `Error`")]
pub struct CallReport {
    pub operation: &'static str,
    pub bucket: Bucket,
    pub duration_ms: u64,
    pub status: Option<u16>,
    pub gameball_code: Option<i64>,
    pub request_id: Option<String>,
    pub kind: Option<&'static str>,
    pub message: Option<String>,
}

impl CallReport {
    /// The report of a call that was made.
    pub(super) fn of(step: &Step, result: &Result<Reply>, took: Duration) -> Self {
        let error = result.as_ref().err();
        Self {
            operation: step.call.operation(),
            bucket: step.bucket(),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            status: error.map_or(Some(200), Error::status),
            gameball_code: error.and_then(Error::gameball_code),
            request_id: error.and_then(Error::request_id).map(str::to_owned),
            kind: error.map(|error| error.kind().as_str()),
            message: error.map(|error| error.message().to_owned()),
        }
    }

    /// The report of a call that did not come about.
    pub(super) fn not_made(delivery: &Delivery, error: &Error) -> Self {
        let message = match error.field() {
            Some(field) => format!("{field}: {}", error.message()),
            None => error.message().to_owned(),
        };
        Self {
            operation: Operation::named(&delivery.operation).map_or("unknown", Operation::as_str),
            bucket: Bucket::of(&delivery.operation),
            duration_ms: 0,
            status: None,
            gameball_code: None,
            request_id: None,
            kind: Some(error.kind().as_str()),
            message: Some(message),
        }
    }
}

/// What the ledger has to hear of a call, if anything.
pub(super) fn event(step: &Step, bucket: Bucket, result: &Result<Reply>, credentials: &str) -> Option<Event> {
    let Err(error) = result else { return Some(Event::Answered { bucket }) };
    match error.kind() {
        Kind::Closed | Kind::Internal | Kind::InvalidArgument => return None,
        Kind::Server | Kind::Timeout | Kind::Connection | Kind::Decode => {
            return Some(Event::Failed { lane: lane(step.customer_id.as_str()) });
        }
        Kind::RateLimited => {
            let retry_after = error.retry_after().map(super::settings::millis);
            return Some(Event::Limited { bucket, retry_after });
        }
        _ => {}
    }
    if effect(error, &step.call) != Effect::Hold {
        return Some(Event::Answered { bucket });
    }
    Some(Event::Refused {
        bucket,
        refusal: Refusal {
            kind: error.kind().as_str().to_owned(),
            reason: hold_reason(error).to_owned(),
            status: error.status(),
            gameball_code: error.gameball_code(),
            credentials: credentials.to_owned(),
        },
    })
}

/// A customer, for the breaker: enough to tell two apart, and nobody's id.
fn lane(customer_id: &str) -> String {
    short_digest(&[customer_id], 4)
}
