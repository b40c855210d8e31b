//! Does anything that a stranger can send make the core panic, or accept what it must refuse?

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use gameball_core::capture::{DEFAULT_PARAMS, extract_referrer_code};
use gameball_core::claim::{ClaimSigner, DEFAULT_MAX_AGE};
use gameball_core::link::referral_link;
use gameball_core::model::referrer_code;
use gameball_core::session_token::read_session_token;
use gameball_core::vault::Vault;
use gameball_core::webhook::verify_webhook;
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

static SIGNER: LazyLock<ClaimSigner> = LazyLock::new(|| {
    ClaimSigner::new(SECRET.as_bytes(), &[], DEFAULT_MAX_AGE).expect("the key is long enough")
});
static VAULT: LazyLock<Vault> =
    LazyLock::new(|| Vault::new(SECRET.as_bytes(), &[]).expect("the secret is long enough"));

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    url: &'a str,
    code: &'a str,
    now: i64,
    body: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let Input { url, code, now, body } = input;
    if let Some(code) = extract_referrer_code(url, &DEFAULT_PARAMS) {
        assert!(referrer_code::is_valid(&code));
        let link = referral_link("https://shop.example/?ref={referralCode}", &code);
        let link = link.expect("a captured code makes a link");
        assert_eq!(extract_referrer_code(&link, &DEFAULT_PARAMS), Some(code));
    }
    if let Ok(link) = referral_link(url, code) {
        assert!(link.is_ascii() && referrer_code::is_valid(code));
    }
    if let Ok(token) = SIGNER.issue(code, now) {
        let claim = SIGNER.read(&token, now).expect("a fresh claim reads back");
        assert_eq!((claim.code.as_str(), claim.issued_at), (code, now));
    }
    assert!(SIGNER.read(url, now).is_none());
    assert!(read_session_token(SECRET, url, now).is_none());
    assert!(!verify_webhook(body, url, code));
    assert!(VAULT.open(url, "fuzz").is_err());
});
