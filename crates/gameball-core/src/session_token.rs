//! What does the widget show to prove who the customer is?
//!
//! The vendor's contract on session tokens (API v4.1): a JWS (HS256) with the customer's claims inside
//! a compact JWE (`A256KW`, `A256CBC-HS512`), both under the account's secret key as UTF-8 bytes.
//! Composed here from primitives (RFC 3394, 7515, 7516, 7518) to keep OpenSSL out.

use std::fmt;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use aes_kw::{KeyInit as _, KwAes256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::{Error, Kind, Result};

/// The length of the secret key that A256KW needs, in bytes of UTF-8.
pub const SECRET_KEY_LENGTH: usize = 32;

/// The longest customer id, e-mail address or phone number that goes into a token, in bytes.
pub const MAX_FIELD_LENGTH: usize = 1024;

/// The longest token that is read, in bytes (16 kB).
pub const MAX_TOKEN_LENGTH: usize = 16 * 1024;

/// The last second of the year 9999.
const MAX_TIME: i64 = 253_402_300_799;

/// RFC 7519 (5.2) asks a nested token to say so: `cty`.
const OUTER_HEADER: &str = r#"{"alg":"A256KW","enc":"A256CBC-HS512","cty":"JWT"}"#;
const INNER_HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

const CEK_LENGTH: usize = 64;
const WRAPPED_LENGTH: usize = CEK_LENGTH + 8;
const IV_LENGTH: usize = 16;
const TAG_LENGTH: usize = 32;

/// What a session token says.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionClaims {
    /// The customer's id in the shop.
    pub customer_id: String,
    /// The first second at which the token is no longer valid, since 1970 (UTC).
    pub expires_at: i64,
    /// The customer's e-mail address.
    pub email: Option<String>,
    /// The customer's phone number.
    pub mobile: Option<String>,
}

impl fmt::Debug for SessionClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionClaims").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimsOut<'a> {
    customer_id: &'a str,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_mobile: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClaimsIn {
    customer_id: String,
    #[serde(deserialize_with = "numeric_date")]
    exp: i64,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    nbf: Option<i64>,
    customer_email: Option<String>,
    customer_mobile: Option<String>,
}

/// A `NumericDate` of RFC 7519, which may have a fraction; it counts as the second it is in.
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<i64, D::Error> {
    optional_numeric_date(deserializer)?.ok_or_else(|| serde::de::Error::custom("no time"))
}

fn optional_numeric_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<i64>, D::Error> {
    let seconds = match Option::<serde_json::Number>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
    };
    seconds.map(Some).ok_or_else(|| serde::de::Error::custom("no time"))
}

fn whole(seconds: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "checked to be in range")]
    (seconds.abs() <= MAX_TIME as f64).then_some(seconds.floor() as i64)
}

/// Makes the token for the widget's `sessionToken`, valid until `expires_at` (seconds since 1970, UTC).
///
/// The key must have exactly [`SECRET_KEY_LENGTH`] bytes. For another length the vendor also suggests
/// deriving a key (HKDF, PBKDF2) but documents no parameters for it, so a token under a derived key
/// would not verify on their side; the key has to be rotated in the Gameball dashboard instead.
///
/// # Errors
/// [`InvalidArgument`](Kind::InvalidArgument) at `secret_key` (its length), `customer_id`, `email`,
/// `mobile` (empty, a control character, over [`MAX_FIELD_LENGTH`] bytes) or `expires_at` (not after
/// 1970, or after 9999); [`Internal`](Kind::Internal) if the system has no randomness.
pub fn session_token(
    secret_key: &str,
    customer_id: &str,
    expires_at: i64,
    email: Option<&str>,
    mobile: Option<&str>,
) -> Result<String> {
    let secret: &[u8; SECRET_KEY_LENGTH] = secret_key.as_bytes().try_into().map_err(|_| {
        Error::invalid_argument(
            "secret_key",
            format!(
                "has {} bytes, but A256KW, which encrypts session tokens, needs exactly {SECRET_KEY_LENGTH}; \
                 rotate the secret key in the Gameball dashboard to one of {SECRET_KEY_LENGTH} bytes",
                secret_key.len()
            ),
        )
    })?;
    let fields = [("customer_id", Some(customer_id)), ("email", email), ("mobile", mobile)];
    for (field, value) in fields {
        value.map_or(Ok(()), |value| check_field(field, value))?;
    }
    if !(1..=MAX_TIME).contains(&expires_at) {
        return Err(Error::invalid_argument(
            "expires_at",
            "must be a time between 1970 and 9999, in seconds since 1970",
        ));
    }
    let claims = ClaimsOut { customer_id, exp: expires_at, customer_email: email, customer_mobile: mobile };
    let mut cek = Zeroizing::new([0; CEK_LENGTH]);
    let mut iv = [0; IV_LENGTH];
    getrandom::fill(cek.as_mut_slice())
        .and_then(|()| getrandom::fill(&mut iv))
        .map_err(|_| Error::new(Kind::Internal, "the system has no randomness"))?;
    encode(secret, &claims, &cek, &iv)
        .ok_or_else(|| Error::new(Kind::Internal, "a session token could not be made"))
}

/// What a token says, or `None` if it is not a session token under this key or has expired at `now`
/// (seconds since 1970, UTC). Accepts what jwcrypto and jose make of the same claims.
///
/// Algorithms are pinned, `crit` and `zip` refused, and the tag is verified in constant time before
/// anything is decrypted.
pub fn read_session_token(secret_key: &str, token: &str, now: i64) -> Option<SessionClaims> {
    let secret: &[u8; SECRET_KEY_LENGTH] = secret_key.as_bytes().try_into().ok()?;
    if token.len() > MAX_TOKEN_LENGTH {
        return None;
    }
    let inner = decrypt(secret, token)?;
    let claims: ClaimsIn = serde_json::from_slice(&verified(secret, &inner)?).ok()?;
    let valid = now < claims.exp && claims.nbf.is_none_or(|nbf| nbf <= now) && !claims.customer_id.is_empty();
    valid.then_some(SessionClaims {
        customer_id: claims.customer_id,
        expires_at: claims.exp,
        email: claims.customer_email,
        mobile: claims.customer_mobile,
    })
}

fn check_field(field: &str, value: &str) -> Result<()> {
    let problem = if value.is_empty() {
        "is empty".to_owned()
    } else if value.len() > MAX_FIELD_LENGTH {
        format!("is longer than {MAX_FIELD_LENGTH} bytes")
    } else if value.contains(char::is_control) {
        "has a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::invalid_argument(field, problem))
}

fn encode(
    secret: &[u8; SECRET_KEY_LENGTH],
    claims: &ClaimsOut<'_>,
    cek: &[u8; CEK_LENGTH],
    iv: &[u8; IV_LENGTH],
) -> Option<String> {
    let payload = Zeroizing::new(serde_json::to_vec(claims).ok()?);
    let signed = format!("{}.{}", base64url(INNER_HEADER), base64url(payload.as_slice()));
    let signature =
        Hmac::<Sha256>::new_from_slice(secret).ok()?.chain_update(&signed).finalize().into_bytes();
    let inner = Zeroizing::new(format!("{signed}.{}", base64url(signature)));

    let header = base64url(OUTER_HEADER);
    let mut wrapped = [0; WRAPPED_LENGTH];
    KwAes256::new(secret.into()).wrap_key(cek, &mut wrapped).ok()?;
    let (ciphertext, tag) = encrypt_content(cek, iv, header.as_bytes(), inner.as_bytes())?;
    Some(format!(
        "{header}.{}.{}.{}.{}",
        base64url(wrapped),
        base64url(iv),
        base64url(ciphertext),
        base64url(tag)
    ))
}

/// The text inside the JWE.
fn decrypt(secret: &[u8; SECRET_KEY_LENGTH], token: &str) -> Option<Zeroizing<Vec<u8>>> {
    let [header, wrapped, iv, ciphertext, tag] = split(token)?;
    let outer = header_of(header)?;
    let nested =
        outer.get("cty").is_none_or(|cty| cty.as_str().is_some_and(|cty| cty.eq_ignore_ascii_case("JWT")));
    if !is(&outer, "alg", "A256KW") || !is(&outer, "enc", "A256CBC-HS512") || !nested {
        return None;
    }
    let wrapped: [u8; WRAPPED_LENGTH] = bytes(wrapped)?.try_into().ok()?;
    let iv: [u8; IV_LENGTH] = bytes(iv)?.try_into().ok()?;
    let tag: [u8; TAG_LENGTH] = bytes(tag)?.try_into().ok()?;
    let mut cek = Zeroizing::new([0; CEK_LENGTH]);
    KwAes256::new(secret.into()).unwrap_key(&wrapped, cek.as_mut_slice()).ok()?;
    decrypt_content(&cek, &iv, header.as_bytes(), &bytes(ciphertext)?, &tag)
}

/// The payload of the JWS, once its signature holds.
fn verified(secret: &[u8; SECRET_KEY_LENGTH], inner: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let inner = str::from_utf8(inner).ok()?;
    let [header, payload, signature] = split(inner)?;
    let (signed, _) = inner.rsplit_once('.')?;
    let mac = Hmac::<Sha256>::new_from_slice(secret).ok()?.chain_update(signed);
    mac.verify_slice(&bytes(signature)?).ok()?;
    is(&header_of(header)?, "alg", "HS256").then_some(())?;
    bytes(payload).map(Zeroizing::new)
}

/// RFC 7518, 5.2.2.1: the first half of the key authenticates, the second encrypts.
fn encrypt_content(
    cek: &[u8; CEK_LENGTH],
    iv: &[u8; IV_LENGTH],
    associated: &[u8],
    plaintext: &[u8],
) -> Option<(Vec<u8>, [u8; TAG_LENGTH])> {
    let (mac_key, encryption_key) = cek.split_at(CEK_LENGTH / 2);
    let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(encryption_key, iv).ok()?;
    let ciphertext = cipher.encrypt_padded_vec::<Pkcs7>(plaintext);
    let full = content_mac(mac_key, iv, associated, &ciphertext)?.finalize().into_bytes();
    let tag = *full.first_chunk::<TAG_LENGTH>()?;
    Some((ciphertext, tag))
}

fn decrypt_content(
    cek: &[u8; CEK_LENGTH],
    iv: &[u8; IV_LENGTH],
    associated: &[u8],
    ciphertext: &[u8],
    tag: &[u8; TAG_LENGTH],
) -> Option<Zeroizing<Vec<u8>>> {
    let (mac_key, encryption_key) = cek.split_at(CEK_LENGTH / 2);
    // Before decryption, or the padding would answer questions about the plaintext.
    content_mac(mac_key, iv, associated, ciphertext)?.verify_truncated_left(tag).ok()?;
    let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(encryption_key, iv).ok()?;
    cipher.decrypt_padded_vec::<Pkcs7>(ciphertext).ok().map(Zeroizing::new)
}

fn content_mac(key: &[u8], iv: &[u8], associated: &[u8], ciphertext: &[u8]) -> Option<Hmac<Sha512>> {
    let bits = u64::try_from(associated.len()).ok()?.checked_mul(8)?;
    let mac = Hmac::<Sha512>::new_from_slice(key).ok()?;
    Some(
        mac.chain_update(associated)
            .chain_update(iv)
            .chain_update(ciphertext)
            .chain_update(bits.to_be_bytes()),
    )
}

/// A JOSE header without extensions that would change its meaning.
fn header_of(text: &str) -> Option<Map<String, Value>> {
    let header: Map<String, Value> = serde_json::from_slice(&bytes(text)?).ok()?;
    (!header.contains_key("crit") && !header.contains_key("zip")).then_some(header)
}

fn is(header: &Map<String, Value>, name: &str, value: &str) -> bool {
    header.get(name).and_then(Value::as_str) == Some(value)
}

/// Exactly `N` parts between dots.
fn split<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split('.').take(N + 1).collect::<Vec<_>>().try_into().ok()
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> =
            text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit.try_into().unwrap()).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    /// RFC 7518, appendix B.3.
    #[test]
    fn content_encryption_is_the_rfcs() {
        let cek: [u8; CEK_LENGTH] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let iv: [u8; IV_LENGTH] = hex("1af38c2dc2b96ffdd86694092341bc04").try_into().unwrap();
        let plaintext = b"A cipher system must not be required to be secret, and it must be able to fall \
                          into the hands of the enemy without inconvenience";
        let associated = b"The second principle of Auguste Kerckhoffs";
        let (ciphertext, tag) = encrypt_content(&cek, &iv, associated, plaintext).unwrap();
        assert_eq!(
            ciphertext,
            hex("4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd\
                 822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b\
                 36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3\
                 a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b\
                 be2638d09dd7a4930930806d0703b1f6")
        );
        assert_eq!(tag[..], hex("4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5"));
        let back = decrypt_content(&cek, &iv, associated, &ciphertext, &tag).unwrap();
        assert_eq!(back.as_slice(), plaintext);
        assert!(decrypt_content(&cek, &iv, b"another header", &ciphertext, &tag).is_none());
    }

    /// RFC 3394, 4.6.
    #[test]
    fn key_wrap_is_the_rfcs() {
        let secret: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let data = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
        let wrapped = hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
        let mut buffer = [0; 40];
        assert_eq!(KwAes256::new(&secret.into()).wrap_key(&data, &mut buffer).unwrap(), wrapped);
        assert_eq!(KwAes256::new(&secret.into()).unwrap_key(&wrapped, &mut buffer).unwrap(), data);
    }

    #[test]
    fn the_longest_fields_fit() {
        let longest = "\"".repeat(MAX_FIELD_LENGTH);
        let token = session_token(SECRET, &longest, MAX_TIME, Some(&longest), Some(&longest)).unwrap();
        assert!(token.len() <= MAX_TOKEN_LENGTH);
        let claims = read_session_token(SECRET, &token, 0).unwrap();
        assert_eq!(claims.mobile, Some(longest));
        assert_eq!(format!("{claims:?}"), "SessionClaims { expires_at: 253402300799, .. }");
    }

    #[test]
    fn the_content_key_and_the_iv_are_fresh() {
        let token = || session_token(SECRET, "42", 100, None, None).unwrap();
        let (a, b) = (token(), token());
        let (a, b) = (split::<5>(&a).unwrap(), split::<5>(&b).unwrap());
        assert_eq!(a[0], b[0]);
        assert!((1..5).all(|part| a[part] != b[part]));
    }

    #[test]
    fn the_error_names_the_length_and_not_the_key() {
        let error = session_token("gb_live_SECRETSECRET", "42", 100, None, None).unwrap_err();
        assert_eq!(error.field(), Some("secret_key"));
        assert!(error.message().contains("20 bytes") && !error.message().contains("SECRETSECRET"));
    }
}
