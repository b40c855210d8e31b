//! Which deliveries are sent now: one at a time for each customer, the most urgent first, as many as may leave. Pure.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Millis;
use super::bucket::{Bucket, Limits};
use super::ledger::{Blocked, Ledger};
use super::progress::Progress;
use super::reserve::{Denials, Grants, Slot};
use super::step::Operation;

/// A delivery that waits or is in flight.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The host's id; ids grow as deliveries are inserted.
    pub id: i64,
    /// The customer's id: one delivery of a lane is sent at a time, oldest first.
    pub lane: String,
    /// What it does; see [`Operation`].
    pub operation: String,
    /// What its latest verdict said.
    #[serde(default)]
    pub progress: Option<String>,
    /// Whether it carries a referral.
    #[serde(default)]
    pub referred: bool,
    /// Until when Gameball links that.
    #[serde(default)]
    pub deadline_at_ms: Option<Millis>,
    /// When it may be sent.
    pub due_at_ms: Millis,
    /// Whether somebody is sending it.
    #[serde(default)]
    pub in_flight: bool,
}

/// What is sent now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The ledger to be stored before anything is sent.
    pub ledger: String,
    /// Ids, the most urgent first.
    pub take: Vec<i64>,
    /// Goes with each of them.
    pub slot: Slot,
    /// When to plan again if nothing happens before.
    pub next_at_ms: Option<Millis>,
    /// Why something that is due was left; nothing if only for lack of room.
    pub blocked: Option<Blocked>,
}

/// How urgent deliveries are; less is more urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A registration whose referral can still be linked: the earliest deadline first.
    ReferredInTime,
    /// One that is late: it goes out all the same.
    ReferredLate,
    /// Any other registration, and read-backs, which nothing waits for.
    Registration,
    /// Orders.
    Order,
    /// Erasures, synchronisation.
    Rest,
}

impl Rank {
    /// The rank of a delivery.
    pub fn of(candidate: &Candidate, now: Millis) -> Self {
        match Operation::named(&candidate.operation) {
            Some(Operation::CreateCustomer) => {}
            Some(Operation::TrackOrder) => return Self::Order,
            _ => return Self::Rest,
        }
        let unsent = Progress::read(candidate.progress.as_deref()).carries_code();
        match candidate.deadline_at_ms {
            Some(deadline) if candidate.referred && unsent && now < deadline => Self::ReferredInTime,
            _ if candidate.referred && unsent => Self::ReferredLate,
            _ => Self::Registration,
        }
    }
}

/// Decides what is sent now, and reserves a slot for each.
///
/// The candidates hold at least the oldest unsettled delivery of each lane that they mention, due or not.
pub fn plan(
    ledger: Option<&str>,
    now: Millis,
    candidates: &[Candidate],
    room: usize,
    credentials: &str,
    limits: Limits,
) -> Plan {
    let mut ledger = Ledger::parse(ledger, now, limits);
    let mut denials = Denials::default();
    let mut wake_at: Option<Millis> = None;
    let mut due: Vec<(Rank, Millis, &Candidate)> = Vec::new();
    for head in heads(candidates) {
        if head.due_at_ms > now {
            wake_at = Some(wake_at.map_or(head.due_at_ms, |earliest| earliest.min(head.due_at_ms)));
        } else {
            due.push((Rank::of(head, now), head.deadline_at_ms.unwrap_or(Millis::MAX), head));
        }
    }
    due.sort_unstable_by_key(|(rank, deadline, head)| (*rank, *deadline, head.id));
    let mut take = Vec::new();
    let mut grants = Grants::open(&mut ledger, now, limits, credentials);
    for (_, _, head) in due {
        if take.len() >= room {
            break;
        }
        match grants.take(bucket(head)) {
            Ok(()) => take.push(head.id),
            Err(denied) => denials.add(denied),
        }
    }
    grants.keep();
    let next_at_ms = [wake_at, denials.next_at].into_iter().flatten().min();
    Plan {
        ledger: ledger.to_text(),
        take,
        slot: Slot::of(&ledger, limits),
        next_at_ms,
        blocked: denials.blocked,
    }
}

/// The oldest delivery of each lane in which none is in flight.
fn heads(candidates: &[Candidate]) -> impl Iterator<Item = &Candidate> {
    let mut lanes: HashMap<&str, (&Candidate, bool)> = HashMap::with_capacity(candidates.len());
    for candidate in candidates {
        let (head, in_flight) = lanes.entry(&candidate.lane).or_insert((candidate, false));
        *in_flight |= candidate.in_flight;
        if candidate.id < head.id {
            *head = candidate;
        }
    }
    lanes.into_values().filter(|(_, in_flight)| !in_flight).map(|(head, _)| head)
}

/// The bucket of a delivery's next call.
fn bucket(candidate: &Candidate) -> Bucket {
    match Operation::named(&candidate.operation) {
        Some(operation) => Progress::read(candidate.progress.as_deref()).bucket(operation),
        // The courier will call it dead; it must only get there.
        None => Bucket::Other,
    }
}
