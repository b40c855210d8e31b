//! Gameball's webhooks, over the bytes as they came.

use gameball_core::webhook;
use napi_derive::napi;

/// Whether the signature is Gameball's.
#[napi(catch_unwind)]
pub fn verify_webhook(raw_body: &[u8], signature: String, secret_key: String) -> bool {
    webhook::verify_webhook(raw_body, &signature, &secret_key)
}

/// The signature Gameball would send, for tests of a shop's own route.
#[napi(catch_unwind)]
pub fn sign_webhook(raw_body: &[u8], secret_key: String) -> String {
    webhook::sign_webhook(raw_body, &secret_key)
}
