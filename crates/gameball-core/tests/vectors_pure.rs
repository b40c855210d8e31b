//! Do links, capture, claims, visits, tokens, webhooks and the vault do what the shared vectors say?

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod vector_support;

use gameball_core::capture::{DEFAULT_PARAMS, extract_referrer_code, typed_referrer_code};
use gameball_core::claim::ClaimSigner;
use gameball_core::link::referral_link;
use gameball_core::session_token::{read_session_token, session_token};
use gameball_core::vault::{Vault, fingerprint};
use gameball_core::visit;
use gameball_core::webhook::{sign_webhook, verify_webhook};
use serde_json::{Value, json};
use vector_support::{Input, replay};

#[test]
fn links() {
    replay("links.json", |call, input| match call {
        "referralLink" => Ok(referral_link(input.text("template"), input.text("code"))?.into()),
        other => panic!("unknown call {other}"),
    });
}

#[test]
fn capture() {
    replay("capture.json", |call, input| match call {
        "extractReferrerCode" if input.has("params") => {
            Ok(extract_referrer_code(input.text("url"), &input.texts("params")).into())
        }
        "extractReferrerCode" => Ok(extract_referrer_code(input.text("url"), &DEFAULT_PARAMS).into()),
        other => panic!("unknown call {other}"),
    });
}

#[test]
fn claims() {
    replay("claims.json", |call, input| {
        let fallbacks = input.byte_strings("fallbackKeysBase64");
        let fallbacks: Vec<&[u8]> = fallbacks.iter().map(Vec::as_slice).collect();
        let signer = ClaimSigner::new(&input.bytes("keyBase64"), &fallbacks, input.integer("maxAgeSeconds"))?;
        match call {
            "issueClaim" => Ok(signer.issue(input.text("code"), input.integer("at"))?.into()),
            "readClaim" => Ok(signer
                .read(input.text("token"), input.integer("now"))
                .map_or(Value::Null, |claim| json!({"code": claim.code, "issuedAt": claim.issued_at}))),
            other => panic!("unknown call {other}"),
        }
    });
}

#[test]
fn visits() {
    replay("visits.json", |call, input| match call {
        "typedReferrerCode" if input.has("params") => {
            Ok(typed_referrer_code(input.text("text"), &input.texts("params")).into())
        }
        "typedReferrerCode" => Ok(typed_referrer_code(input.text("text"), &DEFAULT_PARAMS).into()),
        function => Ok(serde_json::from_str(&visit::call(function, &input.json())?).unwrap()),
    });
}

#[test]
fn tokens() {
    replay("tokens.json", |call, input| match call {
        "sessionToken" => {
            let token = session_token(
                input.text("secretKey"),
                input.text("customerId"),
                input.integer("expiresAt"),
                input.optional_text("email"),
                input.optional_text("mobile"),
            )?;
            Ok(read_token(input, &token))
        }
        "readSessionToken" => Ok(read_token(input, input.text("token"))),
        other => panic!("unknown call {other}"),
    });
}

fn read_token(input: &Input, token: &str) -> Value {
    let claims = read_session_token(input.text("secretKey"), token, input.integer("now"));
    claims.map_or(Value::Null, |claims| {
        json!({
            "customerId": claims.customer_id,
            "expiresAt": claims.expires_at,
            "email": claims.email,
            "mobile": claims.mobile,
        })
    })
}

#[test]
fn webhooks() {
    replay("webhooks.json", |call, input| {
        let (body, secret) = (input.bytes("rawBodyBase64"), input.text("secretKey"));
        match call {
            "verifyWebhook" => Ok(verify_webhook(&body, input.text("signature"), secret).into()),
            "signWebhook" => Ok(sign_webhook(&body, secret).into()),
            other => panic!("unknown call {other}"),
        }
    });
}

#[test]
fn vault() {
    replay("vault.json", |call, input| {
        if call == "fingerprint" {
            return Ok(fingerprint(input.text("secret")).into());
        }
        let fallbacks = input.byte_strings("fallbackSecretsBase64");
        let fallbacks: Vec<&[u8]> = fallbacks.iter().map(Vec::as_slice).collect();
        let vault = Vault::new(&input.bytes("secretBase64"), &fallbacks)?;
        match call {
            "open" => Ok(vault.open(input.text("sealed"), input.text("context"))?.into()),
            "needsReseal" => Ok(vault.needs_reseal(input.text("sealed")).into()),
            "seal" => {
                let sealed = vault.seal(input.text("plaintext"), input.text("context"))?;
                Ok(vault.open(&sealed, input.text("context"))?.into())
            }
            other => panic!("unknown call {other}"),
        }
    });
}
