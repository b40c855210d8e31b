//! What an account's calls meet right now: its switch, its keys, holds, breaker, pauses, and whether a sender is at work.

use super::super::Millis;
use super::super::breaker::State;
use super::super::bucket::Bucket;
use super::super::forecast::{BreakerStatus, HoldStatus, Status, status};
use super::given::{Account, Keys};
use super::text::Part;
use super::waiting::Waiting;
use super::{Advice, Tone, phrases, words};

/// After so long a delivery that is due and not taken means that no sender runs.
const SILENCE: Millis = 60_000;

/// An account as its deliveries find it.
pub(super) struct Health<'a> {
    pub(super) account: &'a Account,
    pub(super) now: Millis,
    status: Status,
}

/// What stops calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop<'a> {
    Off,
    Sealed,
    NoKeys,
    Hold(&'a HoldStatus),
    Breaker(&'a BreakerStatus),
    Paused(Millis),
}

impl<'a> Health<'a> {
    pub(super) fn of(account: &'a Account, now: Millis) -> Self {
        let status = status(account.ledger.as_deref(), now, account.limits(), account.credentials.as_deref());
        Self { account, now, status }
    }

    /// What stops the calls of a bucket, the gravest; without a bucket, what stops all of them.
    pub(super) fn stop(&self, bucket: Option<Bucket>) -> Option<Stop<'_>> {
        if !self.account.enabled {
            return Some(Stop::Off);
        }
        match self.account.keys {
            Keys::Sealed => return Some(Stop::Sealed),
            Keys::Missing => return Some(Stop::NoKeys),
            Keys::Present => {}
        }
        let hold = bucket.and_then(|bucket| self.hold(bucket)).map(Stop::Hold);
        hold.or_else(|| self.breaker().map(Stop::Breaker))
            .or_else(|| bucket.and_then(|bucket| self.paused_until(bucket)).map(Stop::Paused))
    }

    pub(super) fn holds(&self) -> &[HoldStatus] {
        &self.status.holds
    }

    pub(super) fn hold(&self, bucket: Bucket) -> Option<&HoldStatus> {
        self.status.holds.iter().find(|hold| hold.bucket == bucket)
    }

    pub(super) fn breaker(&self) -> Option<&BreakerStatus> {
        Some(&self.status.breaker).filter(|breaker| breaker.state != State::Closed)
    }

    pub(super) fn paused_until(&self, bucket: Bucket) -> Option<Millis> {
        self.status.buckets.get(&bucket)?.paused_until_ms
    }

    /// Whether what has been due since then is left lying.
    pub(super) fn silent(&self, due: Millis) -> bool {
        self.now.saturating_sub(due) > SILENCE && !self.sender_seen()
    }

    pub(super) fn sender_seen(&self) -> bool {
        self.account.sender_seen_at_ms.is_some_and(|seen| self.now.saturating_sub(seen) <= SILENCE)
    }

    /// What stops, in words.
    pub(super) fn tell(&self, stop: Stop<'_>) -> Waiting {
        let (account, now) = (self.account, self.now);
        match stop {
            Stop::Off => Waiting {
                title: phrases::OFF.into(),
                why: phrases::OFF_WHY.into(),
                tone: Tone::Warn,
                advice: vec![Advice::on_account(phrases::SWITCH_ON, account)],
            },
            Stop::Sealed => Waiting {
                title: phrases::SEALED.into(),
                why: phrases::SEALED_WHY.into(),
                tone: Tone::Bad,
                advice: vec![Advice::on_account(phrases::UNSEAL, account)],
            },
            Stop::NoKeys => Waiting {
                title: phrases::NO_KEYS.into(),
                why: phrases::NO_KEYS_WHY.into(),
                tone: Tone::Bad,
                advice: vec![Advice::on_account(phrases::ENTER_KEYS, account)],
            },
            Stop::Hold(hold) => Waiting {
                title: phrases::HELD.into(),
                why: phrases::HELD_WHY
                    .with("reason", Part::Clause(Box::new(words::why(&hold.reason))))
                    .with("since", Part::Clock { at: hold.since_ms, now })
                    .with("next", self.probe(hold.probe_at_ms)),
                tone: Tone::Bad,
                advice: words::advice(&hold.reason, account),
            },
            Stop::Breaker(breaker) => Waiting {
                title: phrases::DOWN.into(),
                why: phrases::DOWN_WHY
                    .with("count", i64::from(breaker.failures))
                    .with("next", Part::Relative { at: breaker.until_ms.unwrap_or(now).max(now), now }),
                tone: Tone::Warn,
                advice: vec![phrases::DOWN_NOTHING.into()],
            },
            Stop::Paused(until) => Waiting {
                title: phrases::PAUSED.into(),
                why: phrases::PAUSED_WHY.with("next", Part::Relative { at: until, now }),
                tone: Tone::Wait,
                advice: vec![phrases::PAUSED_OFTEN.into()],
            },
        }
    }

    fn probe(&self, at: Millis) -> Part {
        if at > self.now {
            Part::Relative { at, now: self.now }
        } else {
            Part::Nested(Box::new(phrases::WITH_THE_NEXT.into()))
        }
    }
}
