//! The courier, and the pure parts of delivery, with JSON text in and out.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use gameball_core::delivery::prepare::{self as core, Options, Orders};
use gameball_core::delivery::{Courier, Delivery, Verdict, bridge, courier};
use gameball_core::model::Json;
use gameball_core::model::arguments::Style;
use gameball_core::{Error, Kind, Result};
use napi_derive::napi;
use tokio::time::Instant;

use crate::account::Account;
use crate::options;
use crate::queue::{NativeQueue, Results, Ticket};
use crate::record::{defect, json, thrown, unreadable};
use crate::runtime::runtime;

/// The sender of one account's deliveries. Verdicts come through the queue, each under its own id.
#[napi]
pub struct NativeCourier {
    account: Arc<Account<Courier>>,
    results: Arc<Results>,
    credentials: String,
}

#[napi]
impl NativeCourier {
    /// # Errors
    /// A `configuration` record.
    #[napi(constructor, catch_unwind)]
    pub fn new(options_json: String, queue: &NativeQueue) -> napi::Result<Self> {
        let options = options::read_courier(&options_json).map_err(|error| thrown(&error))?;
        Ok(Self {
            credentials: courier::credentials(&options.0),
            account: Arc::new(Account::new(options)),
            results: queue.results(),
        })
    }

    /// Where it sends its calls.
    #[napi(getter)]
    pub fn base_url(&self) -> &str {
        self.account.options().0.base_url()
    }

    /// The API version it speaks.
    #[napi(getter)]
    pub fn api_version(&self) -> &str {
        self.account.options().0.api_version().as_str()
    }

    /// A fingerprint of keys, address and version; no secret.
    #[napi(getter)]
    pub fn credentials(&self) -> &str {
        &self.credentials
    }

    /// How many calls are under way at most.
    #[napi(getter)]
    pub fn concurrency(&self) -> u32 {
        u32::try_from(self.account.options().1.concurrency).unwrap_or(u32::MAX)
    }

    /// Starts to send deliveries, a list. The first one's verdict comes under `first_id`, the others' under the ids
    /// that follow.
    ///
    /// # Errors
    /// A `closed` record, or an `internal` one where no threads can be had. Then nothing is sent.
    #[napi(catch_unwind)]
    pub fn submit(&self, first_id: u32, deliveries_json: String) -> napi::Result<()> {
        self.start(first_id, &deliveries_json).map_err(|error| thrown(&error))
    }

    /// Starts to find out whether the keys work.
    ///
    /// # Errors
    /// As `submit`.
    #[napi(catch_unwind)]
    pub fn check(&self, id: u32) -> napi::Result<()> {
        let runtime = self.account.open().and_then(|()| runtime()).map_err(|error| thrown(&error))?;
        let (account, ticket) = (Arc::clone(&self.account), self.ticket(id));
        runtime.spawn(async move { ticket.settle(checked(&account).await) });
        Ok(())
    }

    /// Refuses every later delivery.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.account.close();
    }
}

impl NativeCourier {
    fn start(&self, first_id: u32, deliveries_json: &str) -> Result<()> {
        self.account.open()?;
        let deliveries: Vec<Delivery> =
            serde_json::from_str(deliveries_json).map_err(|error| unreadable(&error))?;
        let runtime = runtime()?;
        let received = Instant::now();
        for (place, delivery) in (0..).zip(deliveries) {
            let (account, ticket) = (Arc::clone(&self.account), self.ticket(first_id.wrapping_add(place)));
            runtime.spawn(async move { ticket.settle(sent(&account, &delivery, received).await) });
        }
        Ok(())
    }

    fn ticket(&self, id: u32) -> Ticket {
        Ticket::new(id, Arc::clone(&self.results))
    }
}

async fn sent(account: &Account<Courier>, delivery: &Delivery, received: Instant) -> Result<String> {
    let courier = account.caller()?;
    let sending = async {
        #[cfg(feature = "panic-for-tests")]
        crate::client::panic_for_tests(&delivery.operation);
        courier.send(delivery, received).await
    };
    let verdict = AssertUnwindSafe(sending).catch_unwind().await;
    json(&verdict.unwrap_or_else(|_| Verdict::broken(delivery, &defect())))
}

async fn checked(account: &Account<Courier>) -> Result<String> {
    json(&account.caller()?.check().await)
}

/// Calls one of the core's pure functions of delivery, by its name. `record` returns the ledger itself, the others
/// JSON text.
///
/// # Errors
/// An `invalid_argument` record.
#[napi(catch_unwind)]
pub fn delivery(name: String, given_json: String) -> napi::Result<String> {
    bridge::call(&name, &given_json).map_err(|error| {
        // The core's words for what it cannot read quote it.
        match (error.kind(), error.field()) {
            (Kind::InvalidArgument, None) => {
                thrown(&Error::new(Kind::InvalidArgument, "what was given cannot be read"))
            }
            _ => thrown(&error),
        }
    })
}

/// Prepares a delivery: JSON text. `refused_json` has the arguments that cannot be written, `[[path, why], …]`: it is
/// the core that knows which of them may be missing.
///
/// # Errors
/// An `invalid_argument` record.
#[napi(catch_unwind)]
pub fn prepare(
    operation: String,
    arguments_json: String,
    refused_json: String,
    now_ms: i64,
    referrer_code: Option<String>,
    referral_window_ms: i64,
    orders: String,
) -> napi::Result<String> {
    let prepared = || {
        let arguments: Json = serde_json::from_str(&arguments_json).map_err(|error| unreadable(&error))?;
        let refused: Vec<(String, String)> =
            serde_json::from_str(&refused_json).map_err(|error| unreadable(&error))?;
        let refused = refused.into_iter().map(|(path, why)| Error::invalid_argument(path, why)).collect();
        let options = Options {
            style: Style::Camel,
            now: now_ms,
            referrer_code: referrer_code.as_deref(),
            referral_window: referral_window_ms,
            orders: Orders::named(&orders)?,
        };
        json(&core::prepare(&operation, arguments, refused, options)?)
    };
    prepared().map_err(|error| thrown(&error))
}
