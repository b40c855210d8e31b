//! Amounts: decimal from end to end, written on the wire with the digits they came with.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::json::raw_number;
use crate::error::{Error, Result};

/// An exact decimal number of at most 28 digits.
///
/// It serializes as a string (for hosts); the requests serialize it as a JSON number (for Gameball).
/// It deserializes, exactly, from a JSON number or a string of Gameball's answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(Decimal);

impl Money {
    /// Reads `100.10`, `1E+2`, `-0.5`. Trailing zeros are kept.
    ///
    /// # Errors
    /// `InvalidArgument` (with an empty field) for anything else: NaN, infinity, too many digits.
    pub fn parse(text: &str) -> Result<Self> {
        let plain = text.strip_prefix('+').unwrap_or(text);
        let well_formed = plain.bytes().any(|byte| byte.is_ascii_digit())
            && plain.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
        if !well_formed {
            return Err(Error::invalid_argument("", "is not a decimal number such as 100.10"));
        }
        let parsed = if plain.contains(['e', 'E']) {
            Decimal::from_scientific(plain)
        } else {
            Decimal::from_str_exact(plain)
        };
        parsed.map(Self).map_err(|_| {
            Error::invalid_argument("", "is not a decimal number of at most 28 digits, such as 100.10")
        })
    }

    /// Like [`Money::parse`], and refuses amounts below zero.
    ///
    /// # Errors
    /// `InvalidArgument` (with an empty field).
    pub fn parse_non_negative(text: &str) -> Result<Self> {
        let Self(mut value) = Self::parse(text)?;
        if value.is_sign_negative() {
            if !value.is_zero() {
                return Err(Error::invalid_argument("", "must not be negative"));
            }
            value.set_sign_positive(true);
        }
        Ok(Self(value))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Money {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The raw text, because serde_json's own numbers would pass through a binary float.
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get().trim_matches('"')).map_err(|error| de::Error::custom(error.message()))
    }
}

/// Serializes optional amounts as JSON numbers.
pub(crate) mod wire {
    use super::{Money, Serializer, raw_number};

    #[allow(clippy::ref_option, reason = "the signature that serde calls")]
    pub fn serialize<S: Serializer>(value: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(money) => raw_number(&money.to_string(), serializer),
            None => serializer.serialize_none(),
        }
    }
}
