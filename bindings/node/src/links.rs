//! Referral links, and the codes in the URLs of visits.

use gameball_core::{capture, link};
use napi_derive::napi;

use crate::record::thrown_in_camel;

/// The URL that carries a referral code.
///
/// # Errors
/// An `invalid_argument` record.
#[napi(catch_unwind)]
pub fn referral_link(template: String, code: String) -> napi::Result<String> {
    link::referral_link(&template, &code).map_err(|error| thrown_in_camel(&error))
}

/// The referrer code in a visit's URL; `params` are the names of query parameters, the most trusted first.
#[napi(catch_unwind)]
pub fn extract_referrer_code(url: String, params: Option<Vec<String>>) -> Option<String> {
    match params {
        Some(params) => capture::extract_referrer_code(&url, &params),
        None => capture::extract_referrer_code(&url, &capture::DEFAULT_PARAMS),
    }
}
