//! Points in time, sent in UTC, and calendar dates.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;

use crate::error::{Error, Result};

/// Reads an ISO 8601 time with a zone and writes it in UTC (`2024-01-15T10:30:00Z`).
///
/// # Errors
/// `InvalidArgument` (with an empty field) without a zone, or if it is no such time.
pub fn utc(text: &str) -> Result<String> {
    match text.parse::<Timestamp>() {
        Ok(at) => Ok(at.to_string()),
        Err(_)
            if Pieces::parse(text)
                .is_ok_and(|pieces| pieces.offset().is_none() && pieces.time().is_some()) =>
        {
            Err(Error::invalid_argument(
                "",
                "has no time zone: pass an aware time such as 2024-01-15T10:30:00Z",
            ))
        }
        Err(_) => Err(Error::invalid_argument("", "is not a time with a zone such as 2024-01-15T10:30:00Z")),
    }
}

/// Reads a calendar date (`2024-01-15`).
///
/// # Errors
/// `InvalidArgument` (with an empty field).
pub fn date(text: &str) -> Result<String> {
    if text.len() == 10
        && let Ok(date) = text.parse::<Date>()
    {
        return Ok(date.to_string());
    }
    Err(Error::invalid_argument("", "is not a date such as 2024-01-15"))
}

/// Reads a calendar date, or a time with a zone (written in UTC).
///
/// # Errors
/// `InvalidArgument` (with an empty field).
pub fn date_or_utc(text: &str) -> Result<String> {
    date(text).or_else(|_| utc(text))
}
