//! Why a delivery has not gone out yet, and what to do.

use serde::Serialize;

use super::super::Millis;
use super::given::{Account, Delivery, State};
use super::health::Health;
use super::text::{Part, Text};
use super::{Advice, Tone, phrases, words};

/// What a delivery waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "each says it")]
pub struct Waiting {
    /// In a few words, as the end of a sentence.
    pub title: Text,
    pub why: Text,
    pub tone: Tone,
    pub advice: Vec<Advice>,
}

/// Tells what an unsettled delivery waits for, the first that applies; none if it is settled.
///
/// `ahead`: how many are sent before it, if that is known.
pub fn waiting(delivery: &Delivery, account: &Account, now: Millis, ahead: Option<usize>) -> Option<Waiting> {
    (!delivery.state.settled()).then(|| unsettled(delivery, &Health::of(account, now), ahead))
}

pub(super) fn unsettled(delivery: &Delivery, health: &Health<'_>, ahead: Option<usize>) -> Waiting {
    let now = health.now;
    if delivery.state == State::InFlight {
        return if delivery.lease_until_ms.is_some_and(|until| until < now) {
            let advice = no_sender(health);
            Waiting { advice, ..plain(phrases::INTERRUPTED.into(), phrases::INTERRUPTED_WHY.into()) }
        } else {
            plain(phrases::BEING_SENT.into(), phrases::BEING_SENT_WHY.into())
        };
    }
    if let Some(stop) = health.stop(Some(delivery.bucket())) {
        return health.tell(stop);
    }
    if delivery.due_at_ms > now {
        return due_later(delivery, now);
    }
    if health.silent(delivery.due_at_ms) {
        return Waiting {
            title: phrases::NO_SENDER.into(),
            why: phrases::NO_SENDER_WHY.with("time", Part::Span(now - delivery.due_at_ms)),
            tone: Tone::Bad,
            advice: no_sender(health),
        };
    }
    match ahead {
        Some(ahead) if ahead > 0 => plain(phrases::QUEUED.into(), phrases::QUEUED_WHY.with("count", ahead)),
        _ => plain(phrases::ABOUT.into(), phrases::ABOUT_WHY.into()),
    }
}

fn plain(title: Text, why: Text) -> Waiting {
    Waiting { title, why, tone: Tone::Wait, advice: Vec::new() }
}

fn due_later(delivery: &Delivery, now: Millis) -> Waiting {
    let again = phrases::DUE_AGAIN.with("next", Part::Relative { at: delivery.due_at_ms, now });
    match delivery.error_kind.as_deref() {
        None | Some("") => plain(phrases::DUE_LATER.into(), again),
        Some(kind) => Waiting {
            advice: vec![Advice::on_delivery(phrases::RETRY_NOW.into(), delivery)],
            ..plain(
                phrases::DUE_AGAIN_LATER.into(),
                phrases::FAILED_AGAIN
                    .with("error", words::error(kind, delivery.gameball_code))
                    .with("again", again),
            )
        },
    }
}

fn no_sender(health: &Health<'_>) -> Vec<Advice> {
    if health.sender_seen() { Vec::new() } else { vec![phrases::HOW_SENT.into()] }
}
