//! What the ledger looks like to people, and what the allowed rate makes of those who wait. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Millis;
use super::breaker::{Breaker, Leave};
use super::bucket::{Bucket, Limits};
use super::hold::Hold;
use super::ledger::{Blocked, Ledger};
use super::usage::Use;

/// The use of one bucket's limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "short: the window of a second, long: that of 30")]
pub struct BucketStatus {
    pub used_short: u32,
    pub limit_short: u32,
    pub used_long: u32,
    pub limit_long: u32,
    /// When the limits have room for the next call.
    pub free_at_ms: Millis,
    /// Until when a 429 pauses it.
    pub paused_until_ms: Option<Millis>,
}

/// A ledger for people to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "each says it")]
pub struct Status {
    pub buckets: BTreeMap<Bucket, BucketStatus>,
    pub breaker: BreakerStatus,
    pub holds: Vec<HoldStatus>,
}

/// A hold for people to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "as in `Hold`")]
pub struct HoldStatus {
    pub bucket: Bucket,
    pub kind: String,
    pub reason: String,
    pub status: Option<u16>,
    pub gameball_code: Option<i64>,
    pub since_ms: Millis,
    pub probe_at_ms: Millis,
    pub credentials: String,
}

impl From<&Hold> for HoldStatus {
    fn from(hold: &Hold) -> Self {
        Self {
            bucket: hold.bucket,
            kind: hold.kind.clone(),
            reason: hold.reason.clone(),
            status: hold.status,
            gameball_code: hold.gameball_code,
            since_ms: hold.since_ms,
            probe_at_ms: hold.probe_at_ms,
            credentials: hold.credentials.clone(),
        }
    }
}

/// The breaker for people to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "as in `Breaker`")]
pub struct BreakerStatus {
    pub state: super::breaker::State,
    pub until_ms: Option<Millis>,
    pub failures: u32,
}

impl From<&Breaker> for BreakerStatus {
    fn from(breaker: &Breaker) -> Self {
        Self { state: breaker.state, until_ms: breaker.until_ms, failures: breaker.failures }
    }
}

/// Shows a ledger; with an account's `credentials`, without the holds of others, which they lift.
pub fn status(ledger: Option<&str>, now: Millis, limits: Limits, credentials: Option<&str>) -> Status {
    let ledger = Ledger::parse(ledger, now, limits).lifted_by(credentials);
    let nothing = Use::default();
    let buckets = Bucket::ALL.map(|bucket| {
        let used = ledger.used(bucket).unwrap_or(&nothing);
        let (used_short, used_long) = used.in_windows(now, limits);
        let (free, next_at) = used.free(bucket, now, limits);
        let status = BucketStatus {
            used_short,
            limit_short: bucket.short_limit(),
            used_long,
            limit_long: bucket.long_limit(),
            free_at_ms: if free > 0 { now } else { next_at },
            paused_until_ms: used.paused_until(now),
        };
        (bucket, status)
    });
    Status {
        buckets: buckets.into(),
        breaker: (&ledger.breaker).into(),
        holds: ledger.holds.iter().map(HoldStatus::from).collect(),
    }
}

/// What becomes of the referred registrations that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    /// How many will be sent after their deadline, or never.
    pub misses: usize,
    /// How many are late already, and no misses any more.
    pub late: usize,
    /// The first deadline that will pass.
    pub first_miss_at_ms: Option<Millis>,
    /// When the last of them is sent; none: never, as things are.
    pub clears_at_ms: Option<Millis>,
    /// What stands in the way right now.
    pub blocked: Option<Blocked>,
}

/// Sends, in thought, the earliest deadline first, those that are late at the end; `credentials` as in [`status`].
pub fn forecast(
    ledger: Option<&str>,
    now: Millis,
    deadlines: &[Millis],
    limits: Limits,
    credentials: Option<&str>,
) -> Forecast {
    let ledger = Ledger::parse(ledger, now, limits).lifted_by(credentials);
    let nothing = Use::default();
    let used = ledger.used(Bucket::CreateCustomer).unwrap_or(&nothing);
    let mut waiting: Vec<Millis> = deadlines.iter().copied().filter(|deadline| *deadline > now).collect();
    waiting.sort_unstable();
    let late = deadlines.len() - waiting.len();
    let held = ledger.holds.iter().any(|hold| hold.bucket == Bucket::CreateCustomer);
    if held {
        return Forecast {
            misses: waiting.len(),
            late,
            first_miss_at_ms: waiting.first().copied(),
            clears_at_ms: deadlines.is_empty().then_some(now),
            blocked: Some(Blocked::Hold),
        };
    }
    let (start, blocked) = match (ledger.breaker.leave(now), used.paused_until(now)) {
        (Leave::NoneUntil(until), paused) => (until.max(paused.unwrap_or(now)), Some(Blocked::Breaker)),
        (Leave::Probe, paused) => (paused.unwrap_or(now), Some(Blocked::Breaker)),
        (Leave::All, Some(until)) => (until, Some(Blocked::Paused)),
        (Leave::All, None) if used.free(Bucket::CreateCustomer, now, limits).0 == 0 => {
            (now, Some(Blocked::Limit))
        }
        (Leave::All, None) => (now, None),
    };
    let mut sends = Sends { times: used.times().collect(), latest: start, limits };
    let mut first_miss_at_ms = None;
    let mut on_time = 0;
    let mut clears_at_ms = now;
    let mut next = sends.next();
    for deadline in &waiting {
        if *deadline > next {
            on_time += 1;
            clears_at_ms = next;
            next = sends.next();
        } else {
            // Nobody waits for the late: whoever is behind them is next.
            first_miss_at_ms = first_miss_at_ms.or(Some(*deadline));
        }
    }
    for _ in on_time..deadlines.len() {
        clears_at_ms = next;
        next = sends.next();
    }
    Forecast {
        misses: waiting.len() - on_time,
        late,
        first_miss_at_ms,
        clears_at_ms: Some(clears_at_ms),
        blocked,
    }
}

/// The times at which calls may leave, one after the other, when as many as may leave do.
struct Sends {
    /// Granted before, and in thought.
    times: Vec<Millis>,
    latest: Millis,
    limits: Limits,
}

impl Sends {
    fn next(&mut self) -> Millis {
        let bucket = Bucket::CreateCustomer;
        for (window, limit) in
            [(self.limits.short(), bucket.short_limit()), (self.limits.long(), bucket.long_limit())]
        {
            let nth = usize::try_from(limit).ok().and_then(|limit| self.times.len().checked_sub(limit));
            if let Some(at) = nth.and_then(|nth| self.times.get(nth)) {
                self.latest = self.latest.max(at + window + self.limits.slack());
            }
        }
        self.times.push(self.limits.grained(self.latest));
        self.latest
    }
}
