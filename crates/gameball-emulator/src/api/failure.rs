//! How the API says no: a code of the vendor's error list, its HTTP status, and the body around them.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use serde_json::{Value, json};

use crate::switches::ErrorBody;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: u16,
    pub(crate) status: u16,
    pub(crate) message: String,
}

impl Failure {
    /// A failure with the status that the error list gives its code.
    pub(crate) fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, status: default_status(code), message: message.into() }
    }

    pub(crate) fn with_status(code: u16, status: u16, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into() }
    }

    pub(crate) fn missing(fields: &[&str]) -> Self {
        Self::new(3000, format!("missing arguments: {}", fields.join(", ")))
    }

    pub(crate) fn null(field: &str) -> Self {
        Self::new(3001, format!("{field} must not be null"))
    }

    pub(crate) fn invalid(field: &str, rule: &str) -> Self {
        Self::new(3003, format!("{field} {rule}"))
    }

    pub(crate) fn unknown_customer(customer_id: &str) -> Self {
        Self::new(7000, format!("there is no customer {customer_id:?}"))
    }

    pub(crate) fn body(&self, shape: ErrorBody, request_id: &str) -> Value {
        match shape {
            ErrorBody::Contract => json!({
                "code": self.code,
                "type": family(self.code),
                "message": self.message,
                "documentationUrl": format!("https://docs.gameball.co/api-reference/errors#{}", self.code),
                "requestId": request_id,
            }),
            ErrorBody::ErrorMessage => json!({"error": self.code, "message": self.message}),
        }
    }
}

/// The status the error list gives a code; 400 for a code it does not have.
pub(crate) fn default_status(code: u16) -> u16 {
    match code {
        1000 | 1001 => 401,
        1002 | 8000 => 403,
        2000 => 412,
        2001 | 3001 | 3003 | 3008 | 3009 | 3011 | 6000 | 7001 | 7002 | 7005 | 7006 | 9003 | 9004 => 422,
        4004 | 7000 | 7003 => 404,
        5000 => 500,
        5003 => 503,
        _ => 400,
    }
}

/// The family of a code, by its thousands.
fn family(code: u16) -> &'static str {
    match code / 1000 {
        1 => "authentication_error",
        2 => "request_error",
        3 => "payload_error",
        5 => "server_error",
        6 => "configuration_error",
        7 => "customer_error",
        8 => "subscription_error",
        9 => "transaction_error",
        _ => "general_error",
    }
}

/// Makes request ids that are unique within an emulator and, by a random part, between them.
pub(crate) struct RequestIds {
    random: u64,
    used: u64,
}

impl Default for RequestIds {
    fn default() -> Self {
        Self { random: RandomState::new().build_hasher().finish(), used: 0 }
    }
}

impl RequestIds {
    pub(crate) fn next(&mut self) -> String {
        self.used += 1;
        format!("req_{:016x}{:08x}", self.random, self.used)
    }
}
