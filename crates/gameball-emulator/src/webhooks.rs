//! Calling the shop back: the queue of webhooks, their signature, and when each is tried again.

use std::{collections::VecDeque, fmt::Write, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use tokio::sync::Notify;

use crate::{api, clock, post::Target, server::Shared, world::World};

/// The waits after a first, second and third attempt without a 2xx, in minutes.
const RETRY_MINUTES: [i64; 3] = [5, 20, 60];
/// Beyond this the oldest settled ones go.
const MAX_KEPT: usize = 10_000;

#[derive(Clone, Debug)]
struct Webhook {
    id: u64,
    event: String,
    customer_id: String,
    url: String,
    payload: String,
    attempts: Vec<Value>,
    /// When it is tried next; none once it is settled or on its way.
    due: Option<Timestamp>,
    status: &'static str,
}

/// One attempt to be made now.
struct Attempt {
    id: u64,
    url: String,
    payload: String,
    signature: String,
}

#[derive(Default)]
pub(crate) struct Webhooks {
    queue: VecDeque<Webhook>,
    total: u64,
    changed: Arc<Notify>,
}

impl Webhooks {
    pub(crate) fn clear(&mut self) {
        self.queue.clear();
    }

    /// Lets the sender look again: something was queued, or time moved.
    pub(crate) fn wake(&self) {
        self.changed.notify_one();
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn to_json(&self, last: Option<usize>) -> Value {
        let skipped = last.map_or(0, |last| self.queue.len().saturating_sub(last));
        let tell = |webhook: &Webhook| {
            json!({
                "id": webhook.id,
                "event": webhook.event,
                "customerId": webhook.customer_id,
                "url": webhook.url,
                "payload": webhook.payload,
                "attempts": webhook.attempts,
                "nextAttemptAt": webhook.due.map(clock::text),
                "status": webhook.status,
            })
        };
        self.queue.iter().skip(skipped).map(tell).collect()
    }

    fn settle(&mut self, id: u64, at: Timestamp, result: Result<u16, String>) {
        let Some(webhook) = self.queue.iter_mut().find(|webhook| webhook.id == id) else { return };
        let delivered = matches!(result, Ok(200..=299));
        webhook.attempts.push(match result {
            Ok(status) => json!({"at": clock::text(at), "status": status}),
            Err(error) => json!({"at": clock::text(at), "error": error}),
        });
        let wait = RETRY_MINUTES.get(webhook.attempts.len() - 1).filter(|_| !delivered);
        webhook.due = wait.and_then(|minutes| at.checked_add(SignedDuration::from_mins(*minutes)).ok());
        webhook.status = match (delivered, webhook.due) {
            (true, _) => "delivered",
            (false, Some(_)) => "waiting",
            (false, None) => "failed",
        };
    }
}

impl World {
    /// Queues a webhook about a customer; it leaves as soon as the sender gets to it.
    pub(crate) fn queue_webhook(&mut self, event: &str, customer_id: &str) -> Option<u64> {
        let url = self.options.webhook_url.clone()?;
        let customer = self.account.customer(customer_id)?;
        let now = self.clock.now();
        let payload = json!({
            "event": event,
            "client_id": 1,
            "customer_id": customer.customer_id,
            "gb_customer_id": customer.gameball_id,
            "created_at": clock::text(now),
            "data": {
                "referral_code": customer.referral_code,
                "referral_link": api::referral_link(self.options.switches.referral_link, &customer.referral_code),
                "is_referred": customer.referred_by.is_some(),
                "points": 0,
                "tier": null,
            },
        });
        self.webhooks.total += 1;
        let id = self.webhooks.total;
        self.webhooks.queue.push_back(Webhook {
            id,
            event: event.to_owned(),
            customer_id: customer_id.to_owned(),
            url,
            payload: payload.to_string(),
            attempts: Vec::new(),
            due: Some(now),
            status: "waiting",
        });
        if self.webhooks.queue.len() > MAX_KEPT {
            self.webhooks.queue.pop_front();
        }
        self.webhooks.wake();
        Some(id)
    }

    fn next_webhook(&mut self) -> Option<Attempt> {
        let now = self.clock.now();
        let webhook =
            self.webhooks.queue.iter_mut().find(|webhook| webhook.due.is_some_and(|due| due <= now))?;
        webhook.due = None;
        webhook.status = "sending";
        let signature = sign(&webhook.payload, &self.options.secret_key);
        Some(Attempt {
            id: webhook.id,
            url: webhook.url.clone(),
            payload: webhook.payload.clone(),
            signature,
        })
    }
}

/// Sends what is due, one after the other, for as long as the server runs.
pub(crate) async fn send_all(shared: Arc<Shared>) {
    let changed = shared.world().webhooks.changed.clone();
    loop {
        let next = shared.world().next_webhook();
        if let Some(attempt) = next {
            let result = send(&attempt).await;
            let mut world = shared.world();
            let now = world.now();
            world.webhooks.settle(attempt.id, now, result);
        } else {
            // A running clock makes retries due on its own; a minute's grain is fine for minutes.
            drop(tokio::time::timeout(Duration::from_secs(60), changed.notified()).await);
        }
    }
}

async fn send(attempt: &Attempt) -> Result<u16, String> {
    let headers = [("X-GB-Signature", attempt.signature.as_str()), ("X-GB-Webhook-Version", "v4")];
    Target::parse(&attempt.url)?.post(&headers, &attempt.payload).await
}

/// Hex SHA-1 of the payload, a colon and the private key.
fn sign(payload: &str, secret_key: &str) -> String {
    let digest = Sha1::digest(format!("{payload}:{secret_key}"));
    digest.iter().fold(String::with_capacity(40), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_documented_one() {
        // printf '%s' '{"a":1}:secret' | sha1sum
        assert_eq!(sign(r#"{"a":1}"#, "secret"), "43888604e533c7ea314582cdffb1e576bf09c650");
    }
}
