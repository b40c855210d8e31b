//! Did Gameball send this webhook?
//!
//! The vendor's contract on webhooks: `X-GB-Signature` is the hex SHA-1 of `payload + ":" + secretKey`.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// Bytes of a SHA-1 digest.
const DIGEST_LENGTH: usize = 20;

/// Whether `signature` (the header `X-GB-Signature`: 40 hex digits of either case, whitespace around
/// them ignored) fits the body as it was received, byte for byte.
///
/// Compares in constant time. Anything malformed is `false`, and so is everything under an empty
/// secret. A replayed webhook verifies again: to refuse it is the host's task.
pub fn verify_webhook(raw_body: &[u8], signature: &str, secret_key: &str) -> bool {
    let Some(given) = decoded(signature.trim().as_bytes()) else {
        return false;
    };
    !secret_key.is_empty() && bool::from(digest(raw_body, secret_key).ct_eq(&given))
}

/// The signature of a body in lower-case hex, as Gameball computes it; for tests and emulators.
pub fn sign_webhook(raw_body: &[u8], secret_key: &str) -> String {
    digest(raw_body, secret_key)
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn digest(raw_body: &[u8], secret_key: &str) -> [u8; DIGEST_LENGTH] {
    Sha1::new()
        .chain_update(raw_body)
        .chain_update(b":")
        .chain_update(secret_key.as_bytes())
        .finalize()
        .into()
}

fn decoded(hex: &[u8]) -> Option<[u8; DIGEST_LENGTH]> {
    if hex.len() != DIGEST_LENGTH * 2 {
        return None;
    }
    let mut bytes = [0; DIGEST_LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        for digit in pair {
            let digit = char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())?;
            *byte = *byte << 4 | digit;
        }
    }
    Some(bytes)
}
