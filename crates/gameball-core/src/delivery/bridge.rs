//! The pure parts of delivery with JSON text in and out, in camelCase: what the bindings hand through.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bucket::{Bucket, Limits};
use super::evidence::alerts::Backlog;
use super::evidence::given::{Account, Delivery, Referral};
use super::forecast::{forecast, status};
use super::lanes::{Candidate, plan};
use super::ledger::{Event, Ledger};
use super::reserve::reserve;
use super::{Millis, evidence, prepare, reasons};
use crate::error::{Error, Kind, Result};

/// Calls a function by its name: `plan`, `reserve`, `record`, `status`, `forecast`, `evidence`, `waiting`, `alerts`,
/// `words`, `guestCustomerId`, `keyEnvironment` or `reasons`.
///
/// # Errors
/// `InvalidArgument` if the input is not what the function takes.
pub fn call(function: &str, input: &str) -> Result<String> {
    match function {
        "plan" => {
            let asked: ToPlan = read(input)?;
            let ToPlan { at, candidates, room, credentials } = &asked;
            write(&plan(at.ledger.as_deref(), at.now_ms, candidates, *room, credentials, at.limits()))
        }
        "reserve" => {
            let ToReserve { at, wanted, credentials } = read(input)?;
            write(&reserve(at.ledger.as_deref(), at.now_ms, &wanted, &credentials, at.limits()))
        }
        "record" => {
            let ToRecord { at, events, jitter } = read(input)?;
            Ok(record(&at, &events, jitter))
        }
        "status" => {
            let ToShow { at, credentials } = read(input)?;
            write(&status(at.ledger.as_deref(), at.now_ms, at.limits(), credentials.as_deref()))
        }
        "forecast" => {
            let ToForecast { at, deadlines_ms, credentials } = read(input)?;
            let limits = at.limits();
            write(&forecast(at.ledger.as_deref(), at.now_ms, &deadlines_ms, limits, credentials.as_deref()))
        }
        "evidence" => {
            let ToExplain { referral, deliveries, account, now_ms, ahead } = read(input)?;
            write(&evidence::evidence(referral.as_ref(), &deliveries, &account, now_ms, ahead))
        }
        "waiting" => {
            let ToWait { delivery, account, now_ms, ahead } = read(input)?;
            write(&evidence::waiting::waiting(&delivery, &account, now_ms, ahead))
        }
        "alerts" => {
            let ToAlert { account, now_ms, backlog } = read(input)?;
            write(&evidence::alerts::alerts(&account, now_ms, &backlog))
        }
        "words" => write(&evidence::words::all()),
        "guestCustomerId" => write(&prepare::guest_customer_id(&read::<Email>(input)?.email)),
        "keyEnvironment" => write(&prepare::key_environment(&read::<ApiKey>(input)?.api_key)),
        "reasons" => write(&reasons::all()),
        other => Err(Error::new(Kind::Internal, format!("no such function: {other}"))),
    }
}

/// The ledger with what came of calls; the very same text if that changes nothing.
fn record(at: &At, events: &[Event], jitter: f64) -> String {
    let mut ledger = Ledger::parse(at.ledger.as_deref(), at.now_ms, at.limits());
    let before = ledger.clone();
    ledger.record(at.now_ms, events, jitter);
    match &at.ledger {
        Some(text) if ledger == before => text.clone(),
        _ => ledger.to_text(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct At {
    #[serde(default)]
    ledger: Option<String>,
    now_ms: Millis,
    #[serde(default)]
    limit_windows_divisor: Option<u32>,
}

impl At {
    fn limits(&self) -> Limits {
        Limits::divided(self.limit_windows_divisor.unwrap_or(1))
    }
}

#[derive(Deserialize)]
struct ToPlan {
    #[serde(flatten)]
    at: At,
    candidates: Vec<Candidate>,
    room: usize,
    credentials: String,
}

#[derive(Deserialize)]
struct ToReserve {
    #[serde(flatten)]
    at: At,
    wanted: BTreeMap<Bucket, u32>,
    credentials: String,
}

#[derive(Deserialize)]
struct ToRecord {
    #[serde(flatten)]
    at: At,
    events: Vec<Event>,
    jitter: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToForecast {
    #[serde(flatten)]
    at: At,
    deadlines_ms: Vec<Millis>,
    #[serde(default)]
    credentials: Option<String>,
}

#[derive(Deserialize)]
struct ToShow {
    #[serde(flatten)]
    at: At,
    #[serde(default)]
    credentials: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToExplain {
    referral: Option<Referral>,
    deliveries: Vec<Delivery>,
    account: Account,
    now_ms: Millis,
    #[serde(default)]
    ahead: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToWait {
    delivery: Delivery,
    account: Account,
    now_ms: Millis,
    #[serde(default)]
    ahead: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToAlert {
    account: Account,
    now_ms: Millis,
    #[serde(default)]
    backlog: Backlog,
}

#[derive(Deserialize)]
struct Email {
    email: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiKey {
    api_key: String,
}

fn read<T: DeserializeOwned>(input: &str) -> Result<T> {
    serde_json::from_str(input).map_err(|error| Error::invalid_argument("", error.to_string()))
}

fn write(output: &impl Serialize) -> Result<String> {
    serde_json::to_string(output)
        .map_err(|error| Error::new(Kind::Internal, format!("the result cannot be written: {error}")))
}
