//! What an account's operator has to know and do: what stops its calls, friends who will be late, and what has failed.

use serde::{Deserialize, Serialize};

use super::super::Millis;
use super::super::bucket::Bucket;
use super::given::Account;
use super::health::{Health, Stop};
use super::text::{Part, Text};
use super::waiting::Waiting;
use super::{Advice, Tone, phrases, words};

/// The account's queue as the host has it; without it, only what stops calls is told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "as in `Forecast`")]
pub struct Backlog {
    /// Referred registrations that will be sent too late, by [`super::super::forecast::forecast`].
    #[serde(default)]
    pub misses: usize,
    #[serde(default)]
    pub first_miss_at_ms: Option<Millis>,
    /// What stands in their way, in the forecast's word.
    #[serde(default)]
    pub blocked: Option<String>,
    /// Since when the first of those that wait has been due.
    #[serde(default)]
    pub due_since_ms: Option<Millis>,
    /// How many have failed and were not dealt with.
    #[serde(default)]
    pub failed: usize,
    /// Whether there are more of them than were counted.
    #[serde(default)]
    pub failed_and_more: bool,
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of the design")]
pub enum About {
    Off,
    KeysSealed,
    KeysMissing,
    Breaker,
    Hold,
    Paused,
    Misses,
    NoSender,
    Failed,
}

impl From<Stop<'_>> for About {
    fn from(stop: Stop<'_>) -> Self {
        match stop {
            Stop::Off => Self::Off,
            Stop::Sealed => Self::KeysSealed,
            Stop::NoKeys => Self::KeysMissing,
            Stop::Hold(_) => Self::Hold,
            Stop::Breaker(_) => Self::Breaker,
            Stop::Paused(_) => Self::Paused,
        }
    }
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "each says it")]
pub struct Alert {
    pub about: About,
    pub title: Text,
    /// In a few words, for a badge.
    pub briefly: Text,
    pub why: Text,
    pub tone: Tone,
    pub advice: Vec<Advice>,
}

/// Tells all of it, the gravest first; what is held for one reason is told once.
pub fn alerts(account: &Account, now: Millis, backlog: &Backlog) -> Vec<Alert> {
    let health = Health::of(account, now);
    let mut told = stops(&health);
    if backlog.misses > 0 {
        told.push(misses(backlog, now));
    }
    let stopped = health.stop(Some(Bucket::CreateCustomer)).is_some();
    if let Some(since) = backlog.due_since_ms.filter(|since| !stopped && health.silent(*since)) {
        told.push(Alert {
            about: About::NoSender,
            title: phrases::NO_SENDER_TITLE.into(),
            briefly: phrases::NO_SENDER.into(),
            why: phrases::NO_SENDER_AT_ALL.with("time", Part::Span(now - since)),
            tone: Tone::Bad,
            advice: vec![phrases::START_SENDER.into()],
        });
    }
    if backlog.failed > 0 {
        told.push(failed(backlog));
    }
    told
}

fn stops(health: &Health<'_>) -> Vec<Alert> {
    let mut told = Vec::new();
    if let Some(stop) = health.stop(None) {
        let waiting = health.tell(stop);
        told.push(alert(stop.into(), title(stop), waiting));
        if !matches!(stop, Stop::Breaker(_)) {
            return told;
        }
    }
    let mut reasons: Vec<&str> = Vec::new();
    for hold in health.holds() {
        if reasons.contains(&hold.reason.as_str()) {
            continue;
        }
        reasons.push(&hold.reason);
        let alike = health.holds().iter().filter(|each| each.reason == hold.reason);
        let what = words::list(alike.map(|each| words::bucket(each.bucket)));
        let title = phrases::HELD_TITLE.with("what", what);
        told.push(alert(About::Hold, title, health.tell(Stop::Hold(hold))));
    }
    if health.breaker().is_some() {
        return told;
    }
    for bucket in Bucket::ALL.into_iter().filter(|bucket| health.hold(*bucket).is_none()) {
        if let Some(until) = health.paused_until(bucket) {
            let title = phrases::PAUSED_TITLE.with("what", words::bucket(bucket));
            told.push(alert(About::Paused, title, health.tell(Stop::Paused(until))));
        }
    }
    told
}

/// As a sentence of its own.
fn title(stop: Stop<'_>) -> Text {
    match stop {
        Stop::Off => phrases::OFF_TITLE,
        Stop::Sealed => phrases::SEALED_TITLE,
        Stop::NoKeys => phrases::NO_KEYS_TITLE,
        Stop::Breaker(_) => phrases::DOWN,
        Stop::Hold(_) | Stop::Paused(_) => phrases::HELD,
    }
    .into()
}

fn alert(about: About, title: Text, waiting: Waiting) -> Alert {
    let Waiting { title: briefly, why, tone, advice } = waiting;
    Alert { about, title, briefly, why, tone, advice }
}

fn misses(backlog: &Backlog, now: Millis) -> Alert {
    let above = matches!(backlog.blocked.as_deref(), Some("hold" | "breaker" | "paused"));
    let advice: Advice = if above { phrases::NAMED_ABOVE } else { phrases::HIGHER_LIMIT }.into();
    Alert {
        about: About::Misses,
        title: phrases::MISSES_TITLE.with("count", backlog.misses),
        briefly: phrases::MISSES.into(),
        why: phrases::MISSES_WHY
            .with("when", Part::Relative { at: backlog.first_miss_at_ms.unwrap_or(now), now }),
        tone: Tone::Bad,
        advice: vec![advice],
    }
}

fn failed(backlog: &Backlog) -> Alert {
    let title = if backlog.failed_and_more {
        phrases::MANY_FAILED_TITLE.with("count", backlog.failed)
    } else {
        phrases::FAILED_TITLE.with("count", backlog.failed)
    };
    Alert {
        about: About::Failed,
        title,
        briefly: phrases::FAILED.into(),
        why: phrases::FAILED_WHY.into(),
        tone: Tone::Warn,
        advice: Vec::new(),
    }
}
