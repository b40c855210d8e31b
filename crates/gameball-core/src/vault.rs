//! How do secrets rest in a shop's database?
//!
//! Sealed: `gbs1.<key id>.<base64url(nonce, ciphertext, tag)>`, AES-256-GCM under a key derived
//! (HKDF-SHA256) from the host's own secret, bound to the field they belong to.

use std::fmt;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{Error, Kind, Result};

/// The shortest host secret accepted, in bytes.
pub const MIN_SECRET_LENGTH: usize = 16;

/// The longest text that is sealed, in bytes (64 kB).
pub const MAX_PLAINTEXT_LENGTH: usize = 64 * 1024;

const FORMAT: &str = "gbs1";
const SALT: &[u8] = b"gameball-referrals vault v1";
const KEY_LABEL: &[u8] = b"encryption key";
const KEY_ID_LABEL: &[u8] = b"key id";
const FINGERPRINT_LABEL: &[u8] = b"gameball-referrals fingerprint v1:";
const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;

/// Seals and opens secrets under the host's own secret.
pub struct Vault {
    /// The key that seals, then those of fallback secrets.
    keys: Vec<Key>,
}

struct Key {
    /// Names the secret without telling anything about it: 8 hex digits, derived beside the key.
    id: String,
    bytes: Zeroizing<[u8; 32]>,
}

impl Vault {
    /// A vault under the host's own secret (such as Django's `SECRET_KEY`), of at least
    /// [`MIN_SECRET_LENGTH`] bytes. `fallback_secrets` are earlier ones: what they sealed still
    /// opens, and [`needs_reseal`](Self::needs_reseal) tells it.
    ///
    /// # Errors
    /// [`InvalidArgument`](Kind::InvalidArgument) at `secret` or `fallback_secrets[i]`.
    pub fn new(secret: &[u8], fallback_secrets: &[&[u8]]) -> Result<Self> {
        let mut keys = vec![Key::derive("secret", secret)?];
        for (index, secret) in fallback_secrets.iter().enumerate() {
            keys.push(Key::derive(&format!("fallback_secrets[{index}]"), secret)?);
        }
        Ok(Self { keys })
    }

    /// Seals a text for one place. `context` names the place (`account:default:secret_key`): the
    /// value opens only there, so it cannot be moved to a field that is shown.
    ///
    /// # Errors
    /// [`InvalidArgument`](Kind::InvalidArgument) at `context` (empty) or `plaintext` (over
    /// [`MAX_PLAINTEXT_LENGTH`]); [`Internal`](Kind::Internal) if the system has no randomness.
    pub fn seal(&self, plaintext: &str, context: &str) -> Result<String> {
        if context.is_empty() {
            return Err(Error::invalid_argument("context", "is empty; name the field that is sealed"));
        }
        if plaintext.len() > MAX_PLAINTEXT_LENGTH {
            return Err(Error::invalid_argument(
                "plaintext",
                format!("is longer than {MAX_PLAINTEXT_LENGTH} bytes"),
            ));
        }
        let mut nonce = [0; NONCE_LENGTH];
        getrandom::fill(&mut nonce).map_err(|_| internal("the system has no randomness"))?;
        self.seal_with(plaintext, context, nonce).ok_or_else(|| internal("a secret could not be sealed"))
    }

    fn seal_with(&self, plaintext: &str, context: &str, nonce: [u8; NONCE_LENGTH]) -> Option<String> {
        let key = self.keys.first()?;
        let payload = Payload { msg: plaintext.as_bytes(), aad: &key.associated(context) };
        let sealed = key.cipher().encrypt(&Nonce::from(nonce), payload).ok()?;
        Some(format!("{FORMAT}.{}.{}", key.id, URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())))
    }

    /// Opens what [`seal`](Self::seal) made for the same `context`.
    ///
    /// # Errors
    /// [`Configuration`](Kind::Configuration): no sealed value, sealed with another secret, altered, or
    /// sealed for another place. The message says what to do.
    pub fn open(&self, sealed: &str, context: &str) -> Result<String> {
        let (id, body) = parsed(sealed).ok_or_else(|| refused("this is not a value that was sealed here"))?;
        let mut known = false;
        for key in self.keys.iter().filter(|key| key.id == id) {
            known = true;
            if let Some(plaintext) = key.open(&body, context) {
                return Ok(plaintext);
            }
        }
        Err(refused(if known {
            "the sealed value was altered or belongs to another field"
        } else {
            "the value was sealed with another secret than the present one and its fallbacks, or altered"
        }))
    }

    /// Whether a fallback secret sealed this value: open it and seal it again, before that secret goes.
    /// `false` for what this vault cannot open at all.
    pub fn needs_reseal(&self, sealed: &str) -> bool {
        parsed(sealed).is_some_and(|(id, _)| {
            self.keys.first().is_some_and(|key| key.id != id) && self.keys.iter().any(|key| key.id == id)
        })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("fallbacks", &self.keys.len().saturating_sub(1)).finish_non_exhaustive()
    }
}

impl Key {
    fn derive(field: &str, secret: &[u8]) -> Result<Self> {
        if secret.len() < MIN_SECRET_LENGTH {
            return Err(Error::invalid_argument(
                field,
                format!("has {} bytes; sealing needs at least {MIN_SECRET_LENGTH}, random", secret.len()),
            ));
        }
        let derivation = Hkdf::<Sha256>::new(Some(SALT), secret);
        let mut bytes = Zeroizing::new([0; 32]);
        let mut id = [0; 4];
        derivation
            .expand(KEY_LABEL, bytes.as_mut_slice())
            .and_then(|()| derivation.expand(KEY_ID_LABEL, &mut id))
            .map_err(|_| internal("a key could not be derived"))?;
        Ok(Self { id: format!("{:08x}", u32::from_be_bytes(id)), bytes })
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.bytes).into())
    }

    /// The visible part of the value is authenticated along with the place.
    fn associated(&self, context: &str) -> Vec<u8> {
        format!("{FORMAT}.{}.{context}", self.id).into_bytes()
    }

    fn open(&self, body: &[u8], context: &str) -> Option<String> {
        let (nonce, sealed) = body.split_first_chunk::<NONCE_LENGTH>()?;
        let payload = Payload { msg: sealed, aad: &self.associated(context) };
        let plaintext = self.cipher().decrypt(&Nonce::from(*nonce), payload).ok()?;
        String::from_utf8(plaintext).map_err(|error| error.into_bytes().zeroize()).ok()
    }
}

/// The key id and the binary part of a sealed value; bounded, and with one spelling only.
fn parsed(sealed: &str) -> Option<(&str, Vec<u8>)> {
    let limit = (MAX_PLAINTEXT_LENGTH + NONCE_LENGTH + TAG_LENGTH).div_ceil(3) * 4 + 32;
    let (id, body) = sealed.strip_prefix(FORMAT)?.strip_prefix('.')?.split_once('.')?;
    let hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if sealed.len() > limit || id.len() != 8 || !hex {
        return None;
    }
    let body = URL_SAFE_NO_PAD.decode(body).ok()?;
    (body.len() >= NONCE_LENGTH + TAG_LENGTH).then_some((id, body))
}

/// A short mark by which an operator recognises a key without seeing it: 12 hex digits.
///
/// It is a truncated hash under its own label, without a salt so that it looks the same everywhere.
/// That hides API keys, which are long and random; it would not hide a password.
pub fn fingerprint(secret: &str) -> String {
    let digest = Sha256::new().chain_update(FINGERPRINT_LABEL).chain_update(secret.as_bytes()).finalize();
    let mark = digest.iter().take(6).fold(0_u64, |mark, byte| mark << 8 | u64::from(*byte));
    format!("{mark:012x}")
}

fn refused(reason: &str) -> Error {
    Error::configuration(format!(
        "{reason}; restore the secret it was sealed with (as a fallback, if the secret was changed on \
         purpose), or enter the keys again"
    ))
}

fn internal(message: &str) -> Error {
    Error::new(Kind::Internal, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a host's own secret, long enough";

    #[test]
    fn a_value_opens_only_in_its_place() {
        let vault = Vault::new(SECRET, &[]).unwrap();
        let sealed = vault.seal_with("gb_live_x", "account:default:secret_key", [9; 12]).unwrap();
        assert_eq!(vault.open(&sealed, "account:default:secret_key").unwrap(), "gb_live_x");
        let error = vault.open(&sealed, "account:default:api_key").unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration);
        assert!(!error.to_string().contains("gb_live_x") && !error.to_string().contains(&sealed));
    }

    #[test]
    fn nonces_differ_and_the_longest_text_opens() {
        let vault = Vault::new(SECRET, &[]).unwrap();
        assert_ne!(vault.seal("x", "c").unwrap(), vault.seal("x", "c").unwrap());
        let longest = "a".repeat(MAX_PLAINTEXT_LENGTH);
        assert_eq!(vault.open(&vault.seal(&longest, "c").unwrap(), "c").unwrap(), longest);
        assert_eq!(vault.seal(&(longest + "a"), "c").unwrap_err().field(), Some("plaintext"));
        assert_eq!(vault.seal("x", "").unwrap_err().field(), Some("context"));
    }

    #[test]
    fn rotation_reopens_and_asks_to_reseal() {
        let old = Vault::new(SECRET, &[]).unwrap();
        let sealed = old.seal("gb_live_x", "c").unwrap();
        let new = Vault::new(b"another secret of the host", &[SECRET]).unwrap();
        assert_eq!(new.open(&sealed, "c").unwrap(), "gb_live_x");
        assert!(new.needs_reseal(&sealed) && !old.needs_reseal(&sealed));
        assert!(!new.needs_reseal(&new.seal("gb_live_x", "c").unwrap()));
        assert!(!new.needs_reseal("gb_live_x"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let vault = Vault::new(SECRET, &[SECRET]).unwrap();
        assert_eq!(format!("{vault:?}"), "Vault { fallbacks: 1, .. }");
    }
}
