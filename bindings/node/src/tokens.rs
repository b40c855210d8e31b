//! Session tokens of the widget.

use gameball_core::session_token;
use napi_derive::napi;

use crate::record::thrown_in_camel;

/// A token; `expires_at` in whole seconds since 1970.
///
/// # Errors
/// An `invalid_argument` record.
#[napi(catch_unwind)]
pub fn session_token(
    secret_key: String,
    customer_id: String,
    expires_at: i64,
    email: Option<String>,
    mobile: Option<String>,
) -> napi::Result<String> {
    session_token::session_token(&secret_key, &customer_id, expires_at, email.as_deref(), mobile.as_deref())
        .map_err(|error| thrown_in_camel(&error))
}

/// What a session token says.
#[napi(object)]
pub struct NativeSession {
    /// The shop's id of the customer.
    pub customer_id: String,
    /// Whole seconds since 1970.
    pub expires_at: i64,
    /// The customer's e-mail address.
    pub email: Option<String>,
    /// The customer's telephone number.
    pub mobile: Option<String>,
}

/// What a token says, if it is genuine and has not expired at `now`, in whole seconds since 1970.
#[napi(catch_unwind)]
pub fn read_session_token(secret_key: String, token: String, now: i64) -> Option<NativeSession> {
    let session = session_token::read_session_token(&secret_key, &token, now)?;
    Some(NativeSession {
        customer_id: session.customer_id,
        expires_at: session.expires_at,
        email: session.email,
        mobile: session.mobile,
    })
}
