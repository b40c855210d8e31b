//! Identifiers that are safe in a path and never empty.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::referrer_code;
use crate::error::{Error, Result};

const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Longest identifier accepted, in characters.
pub const MAX_ID_LENGTH: usize = 255;

fn check(id: &str) -> Result<()> {
    let problem = if id.trim().is_empty() {
        "must not be empty"
    } else if id == "." || id == ".." {
        "must not be '.' or '..', which a path cannot carry"
    } else if id.chars().any(char::is_control) {
        "must not contain control characters"
    } else if id.chars().count() > MAX_ID_LENGTH {
        "must have at most 255 characters"
    } else {
        return Ok(());
    };
    Err(Error::invalid_argument("", problem))
}

/// The shop's own, never changing id of a customer (a database id, not an e-mail address).
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CustomerId(String);

/// The shop's id of an order: case-sensitive, never reused.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct OrderId(String);

impl CustomerId {
    /// # Errors
    /// `InvalidArgument` if it is empty, `.`, `..`, too long, or has control characters.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        check(&id).map(|()| Self(id))
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id percent-encoded as one path segment.
    pub(crate) fn path_segment(&self) -> impl fmt::Display + '_ {
        encode(&self.0)
    }
}

impl OrderId {
    /// # Errors
    /// `InvalidArgument` if it is empty, `.`, `..`, too long, or has control characters.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        check(&id).map(|()| Self(id))
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gameball's id of a batch job.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct JobId(String);

impl JobId {
    /// # Errors
    /// `InvalidArgument` if it is empty, `.`, `..`, too long, or has control characters.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        check(&id).map(|()| Self(id))
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id percent-encoded as one path segment.
    pub(crate) fn path_segment(&self) -> impl fmt::Display + '_ {
        encode(&self.0)
    }
}

/// A referrer code whose syntax is right; whether it exists, only Gameball knows.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ReferrerCode(String);

impl ReferrerCode {
    /// # Errors
    /// `InvalidArgument` unless it satisfies [`referrer_code`]'s rule.
    pub fn new(code: impl Into<String>) -> Result<Self> {
        let code = code.into();
        referrer_code::check("", &code).map(|()| Self(code))
    }

    /// The code as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ReferrerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReferrerCode(..)")
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub(crate) fn encode(text: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(text, PATH_SEGMENT)
}

impl fmt::Debug for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
