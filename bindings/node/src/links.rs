//! Referral links, the codes in the URLs of visits, and what becomes of them.

use gameball_core::{capture, link, visit as core};
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

/// The code in what somebody typed, or in a referral link that they pasted.
#[napi(catch_unwind)]
pub fn typed_referrer_code(text: String, params: Option<Vec<String>>) -> Option<String> {
    match params {
        Some(params) => capture::typed_referrer_code(&text, &params),
        None => capture::typed_referrer_code(&text, &capture::DEFAULT_PARAMS),
    }
}

/// Hands a function of visits through, by its name, with JSON text in and out.
///
/// # Errors
/// An `invalid_argument` record.
#[napi(catch_unwind)]
pub fn visit(name: String, given_json: String) -> napi::Result<String> {
    core::call(&name, &given_json).map_err(|error| thrown_in_camel(&error))
}
