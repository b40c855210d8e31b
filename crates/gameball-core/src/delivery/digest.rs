//! Digests in hexadecimal.

use sha2::{Digest, Sha256};

/// The SHA-256 of a text.
pub(super) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The first bytes of the SHA-256 of parts, of which none has a line break.
pub(super) fn short_digest(parts: &[&str], bytes: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update(b"\n");
    }
    hex(hash.finalize().get(..bytes).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
