//! Errors as the one flat record that crosses to JavaScript, as JSON text.

use gameball_core::{Error, Kind, Result};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    kind: &'a str,
    message: &'a str,
    field: Option<&'a str>,
    status: Option<u16>,
    gameball_code: Option<i64>,
    request_id: Option<&'a str>,
    retry_after_ms: Option<u64>,
    attempts: u32,
    retryable: bool,
}

/// An error as text. Its field is written as the host wrote it.
pub fn of(error: &Error) -> String {
    text(error, error.field())
}

/// An error to be thrown.
pub fn thrown(error: &Error) -> napi::Error {
    napi::Error::from_reason(of(error))
}

/// An error to be thrown by a function whose parameters the core names in Rust's fashion.
pub fn thrown_in_camel(error: &Error) -> napi::Error {
    napi::Error::from_reason(text(error, error.field().map(camel).as_deref()))
}

/// An answer as text.
///
/// # Errors
/// `Internal`.
pub fn json(answer: &impl Serialize) -> Result<String> {
    serde_json::to_string(answer)
        .map_err(|error| Error::new(Kind::Internal, format!("the answer cannot be written: {error}")))
}

/// The package writes what crosses itself, so that only a defect of it can be the reason.
pub fn unreadable(error: &serde_json::Error) -> Error {
    Error::new(Kind::Internal, format!("the arguments cannot be read (column {})", error.column()))
}

/// What is said of a panic.
pub fn defect() -> Error {
    Error::new(Kind::Internal, "the call has failed inside gameball-referrals: please report it")
}

fn text(error: &Error, field: Option<&str>) -> String {
    let record = Record {
        kind: error.kind().as_str(),
        message: error.message(),
        field,
        status: error.status(),
        gameball_code: error.gameball_code(),
        request_id: error.request_id(),
        retry_after_ms: error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        attempts: error.attempts(),
        retryable: error.retryable(),
    };
    // Text and numbers alone cannot fail to be written; what is no record becomes an `internal` error.
    serde_json::to_string(&record).unwrap_or_default()
}

fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        match letter {
            '_' => upper = true,
            _ if upper => {
                camel.push(letter.to_ascii_uppercase());
                upper = false;
            }
            _ => camel.push(letter),
        }
    }
    camel
}
