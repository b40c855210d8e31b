//! What an answer that is no use says, in words for the caller: refusals, and bodies that are not as documented.

use secrecy::SecretString;
use serde::Deserialize;

use crate::error::{Error, Kind, classify};
use crate::model::Json;
use crate::redact;

/// The error of an answer that is no success. `sent` is the request's body, which the peer may quote.
pub(crate) fn refused(status: u16, body: &[u8], sent: Option<&[u8]>, keys: &[&SecretString]) -> Error {
    let failure: Failure = serde_json::from_slice(body).unwrap_or_default();
    let code = failure.code();
    let class = classify(status, code);
    let said = failure.text(keys, sent);
    let hint = hint(class.kind, status, code);
    let message = if said.is_empty() { hint.to_owned() } else { format!("{hint}: {said}") };
    Error::answer(class, status, code, message).with_request_id(failure.request_id(keys))
}

/// What is wrong with a body that should have been JSON; never the body itself, which may be anybody's data.
pub(crate) fn unreadable(host: &str, body: &[u8], error: &serde_json::Error) -> Error {
    let start = body.trim_ascii_start();
    let problem = if start.is_empty() {
        "is empty".to_owned()
    } else if start.first() == Some(&b'<') {
        "is a web page, not JSON: is a proxy or a maintenance page in between, or the base URL wrong?"
            .to_owned()
    } else if error.is_data() {
        format!("is not what the documents describe (line {}, column {})", error.line(), error.column())
    } else if error.is_eof() {
        "breaks off".to_owned()
    } else {
        "is not JSON".to_owned()
    };
    Error::new(Kind::Decode, format!("the answer of {host} {problem}"))
}

/// The body of a refusal, as far as it can be understood.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    #[serde(default)]
    code: Option<Json>,
    #[serde(default)]
    message: Option<Json>,
    #[serde(default)]
    request_id: Option<Json>,
}

impl Failure {
    fn code(&self) -> Option<i64> {
        match &self.code {
            Some(Json::Number(text) | Json::String(text)) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn text(&self, keys: &[&SecretString], body: Option<&[u8]>) -> String {
        match &self.message {
            Some(Json::String(text)) => redact::message(text, keys, body),
            _ => String::new(),
        }
    }

    fn request_id(&self, keys: &[&SecretString]) -> Option<String> {
        match &self.request_id {
            Some(Json::String(id) | Json::Number(id)) => {
                let id: String = id
                    .chars()
                    .filter(|letter| letter.is_ascii_alphanumeric() || "-_.:".contains(*letter))
                    .take(80)
                    .collect();
                (!id.is_empty() && !redact::holds_key(&id, keys)).then_some(id)
            }
            _ => None,
        }
    }
}

/// What happened and what to do about it.
fn hint(kind: Kind, status: u16, code: Option<i64>) -> &'static str {
    match (code, kind) {
        (Some(1001), _) => {
            "Gameball wants the secret key with this call: set it, and the high security option if the account's High Security Mode is on"
        }
        (_, Kind::Authentication) => {
            "Gameball does not accept the keys: check that both are right, current and of the same account"
        }
        (Some(6000), _) => "Gameball is disabled for this account: enable it in the Gameball dashboard",
        (Some(8000), _) => "the account's Gameball plan does not include this",
        (_, Kind::PermissionDenied) => {
            "Gameball does not allow this call: check the keys' rights and the account's minimum API version"
        }
        (Some(7000), _) => "Gameball does not know this customer",
        (_, Kind::NotFound) => {
            "Gameball knows nothing at this address: check the base URL and the API version"
        }
        (Some(2001), _) => {
            "Gameball is still busy with another request for the same customer: try again in a moment"
        }
        (Some(9003 | 9004), _) => "this order was tracked before",
        (Some(7001), _) => "this customer exists already",
        (_, Kind::Conflict) => "this is in conflict with what Gameball has already",
        (Some(7002 | 7005), _) => "this customer was referred before, and nobody can be referred twice",
        (_, Kind::Referral) => "Gameball does not accept this referrer code",
        (_, Kind::RateLimited) => {
            "over the account's limit of calls (12 a second on average): try again in a moment"
        }
        (_, Kind::Server) => "Gameball failed: try again later",
        _ if (300..=399).contains(&status) => {
            "the answer is a redirect, which is not followed because it would carry the keys away: check the base URL"
        }
        _ => "Gameball refused the call",
    }
}
