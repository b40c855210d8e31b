//! What an error means for its delivery, and why, in a word. The table of errors decides.

use crate::error::{Effect, Error, Kind, classify};
use crate::model::Call;

/// What an error means for a delivery. The table of errors decides, with one exception: nothing at the address of a
/// call that looks for nothing means that the address is wrong, and then no delivery can be blamed.
pub(super) fn effect(error: &Error, call: &Call) -> Effect {
    match error.kind() {
        Kind::Configuration => Effect::Hold,
        _ if wrong_address(error) && matches!(call, Call::CreateCustomer(_) | Call::TrackOrder(_)) => {
            Effect::Hold
        }
        Kind::InvalidArgument => Effect::Dead,
        _ => error.status().map_or(Effect::Retry, |status| classify(status, error.gameball_code()).effect),
    }
}

fn wrong_address(error: &Error) -> bool {
    matches!(error.status(), Some(404 | 405)) && error.gameball_code().is_none()
}

/// Whether nothing has left.
pub(super) fn not_connected(error: &Error) -> bool {
    error.kind() == Kind::Connection && !error.ambiguous()
}

/// Why a delivery is dead.
pub(super) fn dead_reason(error: &Error) -> &'static str {
    match (error.gameball_code(), error.kind()) {
        (Some(7000), _) => "customer_unknown",
        (_, Kind::Conflict) => "conflict",
        (_, Kind::NotFound) => "not_found",
        (_, Kind::InvalidArgument) => "invalid_arguments",
        _ => "refused",
    }
}

/// Why an account is held.
pub(super) fn hold_reason(error: &Error) -> &'static str {
    match (error.gameball_code(), error.kind()) {
        (Some(1001), _) | (_, Kind::Configuration) => "secret_key_missing",
        (Some(6000), _) => "gameball_disabled",
        (Some(8000), _) => "plan_lacks_it",
        (_, Kind::Authentication) => "keys_refused",
        (_, Kind::PermissionDenied) => "not_allowed",
        _ if wrong_address(error) => "wrong_address",
        _ => "redirected",
    }
}

/// Why a delivery is sent again.
pub(super) fn retry_reason(error: &Error) -> &'static str {
    match error.kind() {
        Kind::RateLimited => "rate_limited",
        Kind::Conflict => "customer_busy",
        Kind::Server => "server_failed",
        Kind::Timeout => "timed_out",
        Kind::Connection if error.ambiguous() => "connection_lost",
        Kind::Connection => "not_connected",
        Kind::Decode => "unreadable_answer",
        Kind::Internal => "internal",
        _ => "try_later",
    }
}
