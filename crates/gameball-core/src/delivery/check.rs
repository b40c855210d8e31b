//! Tries out the keys: what a *Test connection* button needs to say.

use serde::Serialize;

use super::courier::Courier;
use super::meaning::{hold_reason, retry_reason};
use super::reasons;

use crate::error::{Error, Kind, Result};
use crate::model::{CustomerId, ReferrerCode};

/// A code and a customer that nobody has; whether they exist does not matter.
const NOBODY: &str = "gameball-referrals-connection-check";

/// What Gameball says to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    /// It takes it.
    Accepted,
    /// It does not.
    Refused,
    /// There is none.
    Missing,
    /// It did not get so far.
    Unknown,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionCheck {
    /// Whether everything will work that needs these keys.
    pub ok: bool,
    /// What Gameball says to the public key.
    pub api_key: Key,
    /// What it says to the private key.
    pub secret_key: Key,
    /// Why: a key of [`reasons`].
    pub reason: &'static str,
    /// What it means and what to do.
    pub message: String,
}

impl Courier {
    /// Makes one call that takes the public key and, with a private one, one that takes both.
    pub async fn check(&self) -> ConnectionCheck {
        let has_secret = self.client().config().secret_key.is_some();
        let untold = if has_secret { Key::Unknown } else { Key::Missing };
        if let Err(error) = self.try_public_key().await {
            let both = self.client().config().secret_everywhere();
            return match (error.kind(), error.gameball_code()) {
                (_, Some(1001)) => failed(&error, Key::Accepted, untold, hold_reason(&error)),
                // With both keys in one call nobody knows which of them it was.
                (Kind::Authentication, _) if both => failed(&error, Key::Unknown, untold, "keys_refused"),
                (Kind::Authentication, _) => failed(&error, Key::Refused, untold, "api_key_refused"),
                // Gameball looks at the keys before it looks at the account.
                (_, Some(6000 | 8000)) if both => {
                    failed(&error, Key::Accepted, Key::Accepted, hold_reason(&error))
                }
                (_, Some(6000 | 8000)) => failed(&error, Key::Accepted, untold, hold_reason(&error)),
                _ => failed(&error, Key::Unknown, untold, reason(&error)),
            };
        }
        if !has_secret {
            return done(false, Key::Missing, "connected_without_secret");
        }
        match self.try_private_key().await {
            Ok(()) => done(true, Key::Accepted, "connected"),
            Err(error) => match (error.kind(), error.gameball_code()) {
                (Kind::Authentication, _) | (_, Some(1002)) => {
                    failed(&error, Key::Accepted, Key::Refused, "secret_key_refused")
                }
                (_, Some(6000 | 8000)) => failed(&error, Key::Accepted, Key::Accepted, hold_reason(&error)),
                _ => failed(&error, Key::Accepted, Key::Unknown, reason(&error)),
            },
        }
    }

    async fn try_public_key(&self) -> Result<()> {
        let code = ReferrerCode::new(NOBODY)?;
        self.client().validate_referrer_code(&code, None).await.map(drop)
    }

    async fn try_private_key(&self) -> Result<()> {
        let customer_id = CustomerId::new(NOBODY)?;
        match self.client().get_customer_referrals_count(&customer_id).await {
            Ok(_) => Ok(()),
            // Nobody has that customer.
            Err(error) if error.kind() == Kind::NotFound && error.gameball_code().is_some() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn done(ok: bool, secret_key: Key, reason: &'static str) -> ConnectionCheck {
    let message = reasons::sentence(reason).unwrap_or_default().to_owned();
    ConnectionCheck { ok, api_key: Key::Accepted, secret_key, reason, message }
}

fn failed(error: &Error, api_key: Key, secret_key: Key, reason: &'static str) -> ConnectionCheck {
    let message = match error.kind() {
        Kind::Authentication | Kind::PermissionDenied if error.gameball_code() != Some(1001) => {
            reasons::sentence(reason).unwrap_or_default().to_owned()
        }
        // What went wrong on the way is best said in its own words.
        _ => error.message().to_owned(),
    };
    ConnectionCheck { ok: false, api_key, secret_key, reason, message }
}

fn reason(error: &Error) -> &'static str {
    match error.kind() {
        Kind::PermissionDenied | Kind::Configuration => hold_reason(error),
        Kind::NotFound => "wrong_address",
        Kind::Closed => "closed",
        Kind::Api if error.status().is_some_and(|status| (300..400).contains(&status)) => "redirected",
        _ => retry_reason(error),
    }
}
