//! What holds for every input: nothing panics, round trips close, an altered byte is refused?

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use gameball_core::capture::{DEFAULT_PARAMS, extract_referrer_code};
use gameball_core::claim::{ClaimSigner, DEFAULT_MAX_AGE};
use gameball_core::link::referral_link;
use gameball_core::model::referrer_code;
use gameball_core::session_token::{read_session_token, session_token};
use gameball_core::vault::Vault;
use gameball_core::webhook::{sign_webhook, verify_webhook};
use proptest::prelude::*;
use url::Url;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const CONTEXT: &str = "account:default:secret_key";

static SIGNER: LazyLock<ClaimSigner> = LazyLock::new(|| {
    ClaimSigner::new(SECRET.as_bytes(), &[b"an older signing key"], DEFAULT_MAX_AGE).unwrap()
});
static VAULT: LazyLock<Vault> = LazyLock::new(|| Vault::new(SECRET.as_bytes(), &[]).unwrap());

/// Every valid code: the characters are drawn from the whole of Unicode and filtered by the rule.
fn code() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        proptest::char::range('!', '~'),
        proptest::char::range('a', 'z'),
        any::<char>().prop_filter("alphanumeric", |c| c.is_alphanumeric()),
    ]
    .prop_filter("accepted", |c| referrer_code::is_valid(c.encode_utf8(&mut [0; 4])));
    proptest::collection::vec(sign, 1..=referrer_code::MAX_LENGTH)
        .prop_map(|signs| signs.into_iter().collect())
}

/// Text that looks like URLs often enough to get far.
fn url_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("?"),
        Just("&"),
        Just("#"),
        Just("="),
        Just("ref="),
        Just("GbReferral="),
        Just("ReferralCode="),
        Just("amp;"),
        Just("+"),
        Just("%"),
        Just("%2"),
        Just("%zz"),
        Just("%FF"),
        Just("%C3%A9"),
        Just("%00"),
        Just("https://"),
        Just("shop.example"),
        Just("/"),
        Just("é"),
        Just("𝒜"),
        Just(" "),
        Just("\u{202e}"),
        Just("{referralCode}"),
        Just("{"),
        Just("}"),
        Just("@"),
        Just(":"),
        Just("[::1]"),
        Just("\\"),
        Just("\0"),
        Just("X1"),
        Just("."),
        Just(".."),
    ];
    let pieces = proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat());
    prop_oneof![pieces, any::<String>(), ".{0,300}"]
}

/// Templates whose links carry the code where the capture looks.
fn template() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("https://shop.example"),
        Just("https://shop.example/signup?"),
        Just("https://shop.example/signup?utm=mail#form"),
        Just("https://shop.example/?ref=OLD&amp;REF=OLDER"),
        Just("https://shop.example/#/signup?ref=OLD"),
        Just("https://shop.example/signup?ref={referralCode}"),
        Just("https://shop.example/signup?a=b&GbReferral={ReferralCode}&c=d"),
        Just("https://shop.example/#/signup?ref={referralCode}"),
        Just("http://[::1]:8000/{referralCode}x?ref={referralCode}"),
    ]
}

/// `text` with the byte at `at` replaced by another ASCII character.
fn altered(text: &str, at: usize, by: u8) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = at % bytes.len();
    bytes[at] = if bytes[at] == by { b'!' } else { by };
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #[test]
    fn a_captured_code_is_a_valid_code(url in url_like()) {
        if let Some(code) = extract_referrer_code(&url, &DEFAULT_PARAMS) {
            prop_assert!(referrer_code::is_valid(&code));
        }
    }

    #[test]
    fn capture_finds_what_the_link_carries(template in template(), code in code()) {
        let link = referral_link(template, &code).unwrap();
        prop_assert!(link.is_ascii());
        prop_assert_eq!(extract_referrer_code(&link, &DEFAULT_PARAMS), Some(code));
    }

    #[test]
    fn a_link_parses_back(template in url_like(), code in code()) {
        if let Ok(link) = referral_link(&template, &code) {
            let url = Url::parse(&link).unwrap();
            prop_assert_eq!(url.as_str(), &link);
            prop_assert!(url.has_host() && url.username().is_empty() && url.password().is_none());
            prop_assert!(matches!(url.scheme(), "http" | "https"));
        }
    }

    #[test]
    fn a_bare_url_keeps_its_parameters(query in "[a-zA-Z0-9%+=&.]{0,60}", code in code()) {
        let link = referral_link(&format!("https://shop.example/?{query}"), &code).unwrap();
        let found = Url::parse(&link).unwrap().query().unwrap().to_owned();
        let kept = |query: &str| -> Vec<String> {
            query
                .split('&')
                .filter(|parameter| !parameter.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let mut expected = kept(&query);
        expected.retain(|parameter| {
            let (name, _) = url::form_urlencoded::parse(parameter.as_bytes()).next().unwrap();
            !name.eq_ignore_ascii_case("ref")
        });
        let mut found = kept(&found);
        prop_assert!(found.pop().unwrap().starts_with("ref="));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_check_agrees_with_the_rule(code in any::<String>()) {
        prop_assert_eq!(referrer_code::check("code", &code).is_ok(), referrer_code::is_valid(&code));
    }

    #[test]
    fn a_claim_reads_back(code in code(), at in 0..=253_402_300_799_i64, age in -300..=DEFAULT_MAX_AGE) {
        let token = SIGNER.issue(&code, at).unwrap();
        prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
        let claim = SIGNER.read(&token, at + age).unwrap();
        prop_assert_eq!((claim.code, claim.issued_at), (code, at));
    }

    #[test]
    fn an_altered_claim_is_refused(code in code(), position: usize, by in 0_u8..128) {
        let token = SIGNER.issue(&code, 1_767_225_600).unwrap();
        prop_assert_eq!(SIGNER.read(&altered(&token, position, by), 1_767_225_600), None);
    }

    #[test]
    fn no_text_is_a_claim(token in any::<String>(), now: i64) {
        prop_assert_eq!(SIGNER.read(&token, now), None);
    }

    #[test]
    fn no_time_breaks_a_claim(at: i64, now: i64) {
        if let Ok(token) = SIGNER.issue("REF1", at) {
            let age = i128::from(now) - i128::from(at);
            let valid = (-300..=i128::from(DEFAULT_MAX_AGE)).contains(&age);
            prop_assert_eq!(SIGNER.read(&token, now).is_some(), valid);
        }
    }

    #[test]
    fn a_session_token_reads_back(
        id in "\\PC{1,60}",
        email in proptest::option::of("\\PC{1,40}"),
        mobile in proptest::option::of("\\PC{1,20}"),
        expires_at in 1..=253_402_300_799_i64,
    ) {
        let token = session_token(SECRET, &id, expires_at, email.as_deref(), mobile.as_deref()).unwrap();
        let claims = read_session_token(SECRET, &token, expires_at - 1).unwrap();
        prop_assert_eq!((claims.customer_id, claims.expires_at), (id, expires_at));
        prop_assert_eq!((claims.email, claims.mobile), (email, mobile));
        prop_assert!(read_session_token(SECRET, &token, expires_at).is_none());
    }

    #[test]
    fn an_altered_session_token_is_refused(position: usize, by in 0_u8..128) {
        let token = session_token(SECRET, "42", 100, Some("a@shop.example"), None).unwrap();
        prop_assert_eq!(read_session_token(SECRET, &altered(&token, position, by), 0), None);
    }

    #[test]
    fn no_arguments_break_a_session_token(secret: String, id: String, at: i64, email: Option<String>) {
        let _ = session_token(&secret, &id, at, email.as_deref(), None);
        let _ = session_token(SECRET, &id, at, email.as_deref(), None);
        prop_assert_eq!(read_session_token(SECRET, &id, at), None);
    }

    #[test]
    fn a_webhook_verifies_and_an_altered_one_does_not(mut body: Vec<u8>, secret in ".{1,40}", position: usize, by: u8) {
        let signature = sign_webhook(&body, &secret);
        prop_assert!(verify_webhook(&body, &signature, &secret));
        let at = position % (body.len() + 1);
        body.insert(at, by);
        prop_assert!(!verify_webhook(&body, &signature, &secret));
    }

    #[test]
    fn no_text_is_a_signature(body: Vec<u8>, signature: String, secret: String) {
        prop_assert!(!verify_webhook(&body, &signature, &secret));
    }

    #[test]
    fn a_sealed_value_opens(plaintext: String, context in ".{1,40}") {
        let sealed = VAULT.seal(&plaintext, &context).unwrap();
        prop_assert_eq!(VAULT.open(&sealed, &context).unwrap(), plaintext);
        prop_assert!(VAULT.open(&sealed, &(context + "x")).is_err());
    }

    #[test]
    fn an_altered_sealed_value_is_refused(plaintext in ".{1,40}", position: usize, by in 0_u8..128) {
        let sealed = VAULT.seal(&plaintext, CONTEXT).unwrap();
        prop_assert!(VAULT.open(&altered(&sealed, position, by), CONTEXT).is_err());
    }

    #[test]
    fn no_text_is_a_sealed_value(text in any::<String>()) {
        prop_assert!(VAULT.open(&text, CONTEXT).is_err());
        prop_assert!(!VAULT.needs_reseal(&text));
    }
}
