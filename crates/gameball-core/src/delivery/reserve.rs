//! Grants slots: as many calls of each bucket as limits, pauses, holds and the breaker let leave now. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Millis;
use super::breaker::{Leave, State};
use super::bucket::{Bucket, Limits};
use super::ledger::{Blocked, Ledger};
use super::usage::Use;

/// What a bucket has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Room {
    free: u32,
    /// Why no more, and when there is more.
    blocked: Blocked,
    next_at: Millis,
}

/// Slots being granted, to be kept in the ledger at the end.
pub(super) struct Grants<'a> {
    ledger: &'a mut Ledger,
    now: Millis,
    limits: Limits,
    /// What is left of each bucket's room, and what was taken of it.
    rooms: BTreeMap<Bucket, (Room, u32)>,
    /// While the breaker is not closed: whether its probe is still to be had.
    probe: Option<bool>,
}

impl<'a> Grants<'a> {
    /// Begins to grant; other credentials than a hold's lift it.
    pub(super) fn open(ledger: &'a mut Ledger, now: Millis, limits: Limits, credentials: &str) -> Self {
        ledger.prune(now, limits, credentials);
        let probe = match ledger.breaker.leave(now) {
            Leave::All => None,
            Leave::Probe => Some(true),
            Leave::NoneUntil(_) => Some(false),
        };
        Self { ledger, now, limits, rooms: BTreeMap::new(), probe }
    }

    /// Takes one slot of a bucket, or says why there is none, and when there is.
    pub(super) fn take(&mut self, bucket: Bucket) -> Result<(), (Blocked, Millis)> {
        if self.probe == Some(false) {
            return Err((Blocked::Breaker, self.ledger.breaker.until_ms.unwrap_or(self.now)));
        }
        let room = self.room(bucket);
        let (room, taken) = self.rooms.entry(bucket).or_insert((room, 0));
        if room.free == 0 {
            return Err((room.blocked, room.next_at));
        }
        room.free -= 1;
        *taken += 1;
        if self.probe == Some(true) {
            self.probe = Some(false);
            self.ledger.breaker.probe(self.now);
        }
        Ok(())
    }

    fn room(&self, bucket: Bucket) -> Room {
        if let Some((room, _)) = self.rooms.get(&bucket) {
            return *room;
        }
        let (now, nothing) = (self.now, Use::default());
        let used = self.ledger.used(bucket).unwrap_or(&nothing);
        if let Some(until) = used.paused_until(now) {
            return Room { free: 0, blocked: Blocked::Paused, next_at: until };
        }
        let (free, next_at) = used.free(bucket, now, self.limits);
        match self.ledger.holds.iter().find(|hold| hold.bucket == bucket) {
            Some(hold) if now < hold.probe_at_ms => {
                Room { free: 0, blocked: Blocked::Hold, next_at: hold.probe_at_ms }
            }
            Some(hold) => {
                let mut next = hold.clone();
                next.probe(now);
                Room { free: free.min(1), blocked: Blocked::Hold, next_at: next.probe_at_ms }
            }
            None => Room { free, blocked: Blocked::Limit, next_at },
        }
    }

    /// Keeps in the ledger what was taken; returns how much of each bucket.
    pub(super) fn keep(self) -> BTreeMap<Bucket, u32> {
        let mut granted = BTreeMap::new();
        for (bucket, (_, taken)) in self.rooms {
            if taken == 0 {
                continue;
            }
            self.ledger.used_mut(bucket).add(taken, self.now, self.limits);
            if let Some(hold) = self.ledger.holds.iter_mut().find(|hold| hold.bucket == bucket) {
                hold.probe(self.now);
            }
            granted.insert(bucket, taken);
        }
        granted
    }
}

/// Leave to send, for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    /// Milliseconds until it ends.
    pub expires_in_ms: Millis,
    /// Whether the ledger wants to hear of a success, too.
    pub watched: bool,
    /// Whether this call finds out if the vendor is back: its failure costs no attempt.
    pub probe: bool,
}

impl Slot {
    /// The slot that goes with what was just granted.
    pub(super) fn of(ledger: &Ledger, limits: Limits) -> Self {
        Self {
            expires_in_ms: limits.validity(),
            watched: ledger.watches(),
            probe: ledger.breaker.state != State::Closed,
        }
    }
}

/// What [`reserve`] grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// The ledger to be stored before anything is sent.
    pub ledger: String,
    /// Calls that may be made now.
    pub granted: BTreeMap<Bucket, u32>,
    /// For how long, and how.
    pub slot: Slot,
    /// When more may be had of what was not granted.
    pub next_at_ms: Option<Millis>,
    /// Why not all was granted, the gravest reason.
    pub blocked: Option<Blocked>,
}

/// Reserves as many of the wanted calls as may leave now.
pub fn reserve(
    ledger: Option<&str>,
    now: Millis,
    wanted: &BTreeMap<Bucket, u32>,
    credentials: &str,
    limits: Limits,
) -> Reservation {
    let mut ledger = Ledger::parse(ledger, now, limits);
    let mut denials = Denials::default();
    let mut grants = Grants::open(&mut ledger, now, limits, credentials);
    for (bucket, n) in wanted {
        for _ in 0..*n {
            if let Err(denied) = grants.take(*bucket) {
                denials.add(denied);
                break;
            }
        }
    }
    let granted = grants.keep();
    Reservation {
        ledger: ledger.to_text(),
        granted,
        slot: Slot::of(&ledger, limits),
        next_at_ms: denials.next_at,
        blocked: denials.blocked,
    }
}

/// Why calls were denied: the gravest reason, and the earliest time at which one may leave after all.
#[derive(Debug, Default)]
pub(super) struct Denials {
    pub blocked: Option<Blocked>,
    pub next_at: Option<Millis>,
}

impl Denials {
    pub(super) fn add(&mut self, (blocked, next_at): (Blocked, Millis)) {
        self.blocked = self.blocked.max(Some(blocked));
        self.next_at = Some(self.next_at.map_or(next_at, |earliest| earliest.min(next_at)));
    }
}
