//! Is this captured code one that we captured, and lately enough?
//!
//! A claim is a code, signed and dated by the shop, that survives from the visit to the registration
//! in a cookie, an OAuth state, a hidden field or metadata:
//! `1.<base64url(code)>.<issued at>.<base64url(HMAC-SHA256)>`. It is not encrypted: a referral code
//! is no secret to the friend who brings it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::model::referrer_code;
use crate::{Error, Kind, Result};

/// How long a claim is accepted unless told otherwise, in seconds (30 days).
pub const DEFAULT_MAX_AGE: i64 = 30 * 24 * 60 * 60;

/// The shortest signing key accepted, in bytes.
pub const MIN_KEY_LENGTH: usize = 16;

/// How far in the future a claim may have been issued, in seconds: servers' clocks differ.
pub const MAX_CLOCK_SKEW: i64 = 5 * 60;

/// No claim is longer, in bytes: 100 characters of 4 bytes in base64, a date, a signature.
pub const MAX_TOKEN_LENGTH: usize = 600;

/// The last second of the year 9999.
const MAX_TIME: i64 = 253_402_300_799;

const VERSION: &str = "1";

/// The key for claims is derived under this label, so that a host may pass a key it uses elsewhere.
const LABEL: &[u8] = b"gameball-referrals claim v1";

/// A captured code and when it was captured.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    /// The referrer code, syntactically valid.
    pub code: String,
    /// When the claim was issued, in seconds since 1970 (UTC).
    pub issued_at: i64,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("issued_at", &self.issued_at).finish_non_exhaustive()
    }
}

/// Issues and reads claims under a shop's key.
pub struct ClaimSigner {
    /// The key that signs, then older ones that are still accepted.
    keys: Vec<DerivedKey>,
    max_age_seconds: i64,
}

type DerivedKey = Zeroizing<[u8; 32]>;

impl ClaimSigner {
    /// A signer with `key` (at least [`MIN_KEY_LENGTH`] bytes, random) that reads claims up to
    /// `max_age_seconds` old ([`DEFAULT_MAX_AGE`]). `fallback_keys` are older keys whose claims are
    /// still read: to rotate, make the old key a fallback until its last claim is too old.
    ///
    /// # Errors
    /// [`InvalidArgument`](Kind::InvalidArgument) at `key`, `fallback_keys[i]` or `max_age_seconds`.
    pub fn new(key: &[u8], fallback_keys: &[&[u8]], max_age_seconds: i64) -> Result<Self> {
        if max_age_seconds <= 0 {
            return Err(Error::invalid_argument("max_age_seconds", "must be positive"));
        }
        let mut keys = vec![derived("key", key)?];
        for (index, key) in fallback_keys.iter().enumerate() {
            keys.push(derived(&format!("fallback_keys[{index}]"), key)?);
        }
        Ok(Self { keys, max_age_seconds })
    }

    /// Signs a code captured at `at` (seconds since 1970, UTC). The token has only letters, digits,
    /// `-`, `_` and `.`, and at most [`MAX_TOKEN_LENGTH`] bytes.
    ///
    /// # Errors
    /// [`InvalidArgument`](Kind::InvalidArgument) at `code` ([`referrer_code::check`]) or `at` (before
    /// 1970 or after 9999).
    pub fn issue(&self, code: &str, at: i64) -> Result<String> {
        referrer_code::check("code", code)?;
        if !(0..=MAX_TIME).contains(&at) {
            return Err(Error::invalid_argument(
                "at",
                "must be a time between 1970 and 9999, in seconds since 1970",
            ));
        }
        let signed = format!("{VERSION}.{}.{at}", URL_SAFE_NO_PAD.encode(code));
        let mac =
            self.keys.first().and_then(|key| mac(key.as_slice(), signed.as_bytes())).ok_or_else(internal)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }

    /// The claim in a token, or `None` if it is forged, malformed, older than the maximum age at
    /// `now` (seconds since 1970, UTC), or issued more than [`MAX_CLOCK_SKEW`] after it.
    ///
    /// The signature is compared in constant time before anything else in the token is believed.
    pub fn read(&self, token: &str, now: i64) -> Option<Claim> {
        if token.len() > MAX_TOKEN_LENGTH {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // Every key is tried, so that the time does not tell which one signed.
        let genuine = self.keys.iter().fold(false, |genuine, key| {
            genuine
                | mac(key.as_slice(), signed.as_bytes())
                    .is_some_and(|mac| mac.verify_slice(&signature).is_ok())
        });
        if !genuine {
            return None;
        }
        let mut parts = signed.split('.');
        let (VERSION, code, issued_at, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next())
        else {
            return None;
        };
        // The decoder refuses padding and stray bits: one code, one spelling.
        let code = String::from_utf8(URL_SAFE_NO_PAD.decode(code).ok()?).ok()?;
        let issued_at = canonical_time(issued_at)?;
        let age = now.saturating_sub(issued_at);
        (referrer_code::is_valid(&code) && age <= self.max_age_seconds && age >= -MAX_CLOCK_SKEW)
            .then_some(Claim { code, issued_at })
    }
}

impl fmt::Debug for ClaimSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimSigner").field("max_age_seconds", &self.max_age_seconds).finish_non_exhaustive()
    }
}

fn derived(field: &str, key: &[u8]) -> Result<DerivedKey> {
    if key.len() < MIN_KEY_LENGTH {
        return Err(Error::invalid_argument(
            field,
            format!("has {} bytes; a signing key needs at least {MIN_KEY_LENGTH}, random", key.len()),
        ));
    }
    let mac = mac(key, LABEL).ok_or_else(internal)?;
    Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
}

/// `None` cannot happen: HMAC takes keys of any length.
fn mac(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::<Sha256>::new_from_slice(key).ok().map(|mac| mac.chain_update(message))
}

/// Seconds in plain decimal: digits, no sign, no leading zero.
fn canonical_time(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (text.starts_with('0') && text != "0") {
        return None;
    }
    text.parse().ok().filter(|time| (0..=MAX_TIME).contains(time))
}

fn internal() -> Error {
    Error::new(Kind::Internal, "a claim could not be signed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_code_fits() {
        let signer = ClaimSigner::new(&[7; 16], &[], DEFAULT_MAX_AGE).unwrap();
        let code = "𝒜".repeat(referrer_code::MAX_LENGTH);
        let token = signer.issue(&code, MAX_TIME).unwrap();
        assert!(token.len() <= MAX_TOKEN_LENGTH);
        assert_eq!(signer.read(&token, MAX_TIME).unwrap().code, code);
    }

    #[test]
    fn debug_shows_no_secret_and_no_code() {
        let signer = ClaimSigner::new(b"SECRET-SECRET-SECRET", &[], 60).unwrap();
        let claim = signer.read(&signer.issue("MYCODE", 5).unwrap(), 5).unwrap();
        assert_eq!(
            format!("{signer:?} {claim:?}"),
            "ClaimSigner { max_age_seconds: 60, .. } Claim { issued_at: 5, .. }"
        );
    }
}
