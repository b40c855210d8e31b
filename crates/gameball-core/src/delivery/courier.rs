//! Sends deliveries: one request each, in its slot or not at all.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::Millis;
use super::digest::short_digest;
use super::judge::{Circumstances, judge};
use super::settings::Settings;
use super::step::{Delivery, Step};
use super::verdict::Verdict;
use crate::client::{Client, chance};
use crate::config::Config;
use crate::error::{Kind, Result};

/// Tells the time, in Unix milliseconds.
pub type Clock = fn() -> Millis;

/// The sender of one account's deliveries.
///
/// It must be used on the Tokio runtime on which it was first used.
pub struct Courier {
    client: Client,
    settings: Settings,
    credentials: String,
    places: Semaphore,
    clock: Clock,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier")
            .field("client", &self.client)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Courier {
    /// A courier with these credentials. Its calls are not repeated, whatever the configuration says: each one takes a
    /// slot.
    ///
    /// # Errors
    /// `Configuration` if no HTTP client can be built from it.
    pub fn new(mut config: Config, settings: Settings) -> Result<Self> {
        config.max_retries = 0;
        Ok(Self {
            credentials: credentials(&config),
            client: Client::new(config)?,
            settings,
            places: Semaphore::new(settings.concurrency.clamp(1, 1_000)),
            clock: system_clock,
        })
    }

    /// The same courier with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The client that it sends with.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A fingerprint of keys, address and version.
    pub fn credentials(&self) -> &str {
        &self.credentials
    }

    /// Sends many deliveries; the verdicts keep their order.
    pub async fn deliver(&self, deliveries: &[Delivery]) -> Vec<Verdict> {
        let received = Instant::now();
        let verdicts = stream::iter(deliveries.iter().enumerate())
            .map(|(index, delivery)| self.send(delivery, received).map(move |verdict| (index, verdict)))
            .buffer_unordered(self.settings.concurrency.max(1));
        // Boxed, because a closure over borrowed deliveries hides from the compiler that the whole is `Send`.
        let mut verdicts: Vec<_> = verdicts.collect().boxed().await;
        verdicts.sort_unstable_by_key(|(index, _)| *index);
        verdicts.into_iter().map(|(_, verdict)| verdict).collect()
    }

    /// Sends one delivery, whose slot's time runs since `received`.
    pub async fn send(&self, delivery: &Delivery, received: Instant) -> Verdict {
        let step = match Step::of(delivery) {
            Ok(step) => step,
            Err(error) => return Verdict::unreadable(delivery, &error),
        };
        let Ok(_place) = self.places.acquire().await else {
            return Verdict::unsent(delivery, "closed");
        };
        let began = Instant::now();
        if let Some(slot) = delivery.slot {
            let left = Duration::from_millis(u64::try_from(slot.expires_in_ms).unwrap_or(0));
            if began.saturating_duration_since(received) >= left {
                return Verdict::unsent(delivery, "slot_expired");
            }
        }
        let result = self.client.call(&step.call).await;
        if result.as_ref().is_err_and(|error| error.kind() == Kind::Closed) {
            return Verdict::unsent(delivery, "closed");
        }
        let circumstances = Circumstances {
            now: (self.clock)(),
            took: began.elapsed(),
            jitter: chance(),
            settings: &self.settings,
            credentials: &self.credentials,
        };
        judge(delivery, step, &result, circumstances)
    }
}

/// The present, in Unix milliseconds.
fn system_clock() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}

/// A fingerprint of keys, address and version: other ones lift a hold.
pub fn credentials(config: &Config) -> String {
    let secret_key = config.secret_key.as_ref().map_or("", ExposeSecret::expose_secret);
    let parts = [
        "gameball-referrals credentials",
        config.api_key.expose_secret(),
        secret_key,
        config.base_url(),
        config.api_version.as_str(),
        if config.high_security { "high" } else { "" },
    ];
    short_digest(&parts, 8)
}
