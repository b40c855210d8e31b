//! Is the plan in order, on a model of a host's database: one delivery of a customer at a time, none before an older
//! one of the same customer, the earliest deadline first, and nobody starved by somebody else's trouble?

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use gameball_core::delivery::lanes::{Candidate, Plan, Rank, plan};
use gameball_core::delivery::ledger::{Blocked, Event};
use gameball_core::delivery::{Bucket, Ledger, Limits, Millis};
use proptest::prelude::*;

const START: Millis = 1_764_000_000_123;
const KEYS: &str = "keys";

fn candidate(id: i64, lane: &str, operation: &str) -> Candidate {
    Candidate {
        id,
        lane: lane.to_owned(),
        operation: operation.to_owned(),
        progress: None,
        referred: false,
        deadline_at_ms: None,
        due_at_ms: START,
        in_flight: false,
    }
}

fn referred(id: i64, lane: &str, deadline: Millis) -> Candidate {
    Candidate { referred: true, deadline_at_ms: Some(deadline), ..candidate(id, lane, "createCustomer") }
}

fn planned(candidates: &[Candidate], room: usize) -> Plan {
    plan(None, START, candidates, room, KEYS, Limits::default())
}

/// One row of the host's outbox.
#[derive(Debug, Clone)]
struct Row {
    candidate: Candidate,
    lease_until: Millis,
    settled: bool,
}

/// A host, in whose transactions plans are made one after the other.
struct Host {
    rows: Vec<Row>,
    ledger: String,
    now: Millis,
    /// A customer whose deliveries never succeed.
    poisoned: Option<String>,
}

#[derive(Debug, Clone)]
enum Action {
    Register { customer: u8, referred: bool },
    Order { customer: u8 },
    Erase { customer: u8 },
    Plan { room: usize },
    Verdict { nth: usize, outcome: u8, wait: Millis },
    Fail { nth: usize },
    Wait { ms: Millis },
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (0..12_u8, any::<bool>()).prop_map(|(customer, referred)| Action::Register { customer, referred }),
        3 => (0..12_u8).prop_map(|customer| Action::Order { customer }),
        1 => (0..12_u8).prop_map(|customer| Action::Erase { customer }),
        4 => (0..40_usize).prop_map(|room| Action::Plan { room }),
        5 => (any::<usize>(), 0..5_u8, 0..3_000_i64)
            .prop_map(|(nth, outcome, wait)| Action::Verdict { nth, outcome, wait }),
        1 => any::<usize>().prop_map(|nth| Action::Fail { nth }),
        3 => prop_oneof![0..300_i64, 0..5_000_i64, 0..400_000_i64].prop_map(|ms| Action::Wait { ms }),
    ]
}

impl Host {
    fn new() -> Self {
        Self { rows: Vec::new(), ledger: String::new(), now: START, poisoned: None }
    }

    fn insert(&mut self, customer: u8, operation: &str, referred: bool) {
        let id = i64::try_from(self.rows.len()).unwrap();
        self.rows.push(Row {
            candidate: Candidate {
                referred,
                deadline_at_ms: referred.then_some(self.now + 300_000),
                due_at_ms: self.now,
                ..candidate(id, &format!("c{customer}"), operation)
            },
            lease_until: 0,
            settled: false,
        });
    }

    /// Leases that have ended are no longer in flight: their senders have died.
    fn candidates(&mut self) -> Vec<Candidate> {
        for row in &mut self.rows {
            row.candidate.in_flight &= row.lease_until > self.now;
        }
        self.rows.iter().filter(|row| !row.settled).map(|row| row.candidate.clone()).collect()
    }

    fn plan(&mut self, room: usize) -> Result<Plan, TestCaseError> {
        let mut candidates = self.candidates();
        // The database promises no order.
        candidates.reverse();
        let plan = plan(Some(&self.ledger), self.now, &candidates, room, KEYS, Limits::default());
        self.ledger.clone_from(&plan.ledger);
        self.check(&plan, &candidates, room)?;
        for id in &plan.take {
            let row = &mut self.rows[usize::try_from(*id).unwrap()];
            row.candidate.in_flight = true;
            row.lease_until = self.now + 30_000;
        }
        Ok(plan)
    }

    fn check(&self, plan: &Plan, candidates: &[Candidate], room: usize) -> Result<(), TestCaseError> {
        prop_assert!(plan.take.len() <= room);
        let by_id: BTreeMap<i64, &Candidate> = candidates.iter().map(|each| (each.id, each)).collect();
        let mut heads: BTreeMap<&str, &Candidate> = BTreeMap::new();
        for each in by_id.values() {
            heads.entry(&each.lane).or_insert(each);
        }
        let busy = |lane: &str| candidates.iter().any(|each| each.in_flight && each.lane == lane);
        let urgency = |each: &Candidate| {
            (Rank::of(each, self.now), each.deadline_at_ms.unwrap_or(Millis::MAX), each.id)
        };
        let mut before = None;
        for id in &plan.take {
            let taken = by_id[id];
            prop_assert!(!busy(&taken.lane), "two of one customer in flight");
            prop_assert_eq!(
                heads[taken.lane.as_str()].id,
                *id,
                "an older delivery of the customer is not settled"
            );
            prop_assert!(taken.due_at_ms <= self.now, "not due yet");
            prop_assert!(before.is_none_or(|before| before < urgency(taken)), "not the most urgent first");
            before = Some(urgency(taken));
        }
        // What was left behind, although it could have been sent, is less urgent than what was taken of its bucket.
        for head in heads.values().filter(|head| head.due_at_ms <= self.now && !busy(&head.lane)) {
            if plan.take.contains(&head.id) {
                continue;
            }
            prop_assert!(plan.take.len() == room || plan.blocked.is_some(), "left without a reason");
            for id in &plan.take {
                let taken = by_id[id];
                if taken.operation == head.operation && taken.progress == head.progress {
                    prop_assert!(urgency(taken) < urgency(head), "a less urgent one went first");
                }
            }
        }
        Ok(())
    }

    fn in_flight(&mut self, nth: usize) -> Option<&mut Row> {
        let now = self.now;
        let mut rows: Vec<&mut Row> =
            self.rows.iter_mut().filter(|row| row.candidate.in_flight && row.lease_until > now).collect();
        let count = rows.len();
        (count > 0).then(|| rows.swap_remove(nth % count))
    }

    fn settle(&mut self, nth: usize, outcome: u8, wait: Millis) {
        let (now, poisoned) = (self.now, self.poisoned.clone());
        let Some(row) = self.in_flight(nth) else { return };
        row.candidate.in_flight = false;
        let bad = poisoned.as_deref() == Some(row.candidate.lane.as_str());
        match outcome {
            _ if bad => row.candidate.due_at_ms = now + wait,
            0 | 1 => row.settled = true,
            2 => row.candidate.due_at_ms = now + wait,
            _ => row.candidate.progress = Some(r#"{"phase":"verify"}"#.to_owned()),
        }
    }

    fn act(&mut self, action: &Action) -> Result<(), TestCaseError> {
        match *action {
            Action::Register { customer, referred } => self.insert(customer, "createCustomer", referred),
            Action::Order { customer } => self.insert(customer, "trackOrder", false),
            Action::Erase { customer } => self.insert(customer, "deleteCustomer", false),
            Action::Plan { room } => drop(self.plan(room)?),
            Action::Verdict { nth, outcome, wait } => self.settle(nth, outcome, wait),
            Action::Fail { nth } => {
                let lane = self.in_flight(nth).map(|row| row.candidate.lane.clone());
                let mut ledger = Ledger::parse(Some(&self.ledger), self.now, Limits::default());
                let events: Vec<_> = lane.into_iter().map(|lane| Event::Failed { lane }).collect();
                ledger.record(self.now, &events, 0.5);
                self.ledger = ledger.to_text();
            }
            Action::Wait { ms } => self.now += ms,
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_plan_is_in_order(actions in prop::collection::vec(action(), 1..120)) {
        let mut host = Host::new();
        for action in &actions {
            host.act(action)?;
        }
    }

    #[test]
    fn a_poisoned_customer_holds_up_nobody_else(
        actions in prop::collection::vec(action(), 1..120),
        poisoned in 0..12_u8,
    ) {
        let mut host = Host::new();
        host.poisoned = Some(format!("c{poisoned}"));
        for action in actions.iter().filter(|action| !matches!(action, Action::Fail { .. })) {
            host.act(action)?;
        }
        // From here on all is well, but for the one.
        for _ in 0..5_000 {
            let left = |row: &&Row| !row.settled && Some(&row.candidate.lane) != host.poisoned.as_ref();
            if !host.rows.iter().any(|row| left(&row)) {
                return Ok(());
            }
            let plan = host.plan(8)?;
            for nth in (0..plan.take.len()).rev() {
                host.settle(nth, 0, 1_000);
            }
            // Those of senders that have died come back with the end of their leases.
            let idle = if plan.take.is_empty() { host.now + 30_000 } else { host.now };
            host.now = plan.next_at_ms.unwrap_or(idle).clamp(host.now + 1, host.now + 30_000);
        }
        prop_assert!(false, "somebody else was never sent");
    }
}

#[test]
fn the_earliest_deadline_goes_first_then_the_late_then_the_rest() {
    let verifying = Candidate {
        progress: Some(r#"{"phase":"verify","acknowledgedAtMs":1}"#.to_owned()),
        ..referred(8, "h", START + 5)
    };
    let plan = planned(
        &[
            candidate(1, "a", "deleteCustomer"),
            candidate(2, "b", "trackOrder"),
            candidate(3, "c", "createCustomer"),
            referred(4, "d", START - 1),
            referred(5, "e", START + 200),
            referred(6, "f", START + 100),
            referred(7, "g", START + 100),
            verifying,
        ],
        10,
    );
    assert_eq!(plan.take, [6, 7, 5, 4, 8, 3, 2, 1]);
    assert_eq!((plan.blocked, plan.next_at_ms), (None, None));
}

#[test]
fn an_order_waits_for_its_customer_even_in_the_queue() {
    let waiting = Candidate { due_at_ms: START + 7_000, ..candidate(1, "a", "createCustomer") };
    let plan = planned(&[candidate(2, "a", "trackOrder"), waiting], 10);
    assert_eq!((plan.take, plan.next_at_ms), (vec![], Some(START + 7_000)));
}

#[test]
fn a_full_bucket_holds_up_no_other() {
    let mut candidates: Vec<Candidate> =
        (0..40).map(|id| referred(id, &format!("c{id}"), START + 60_000 + id)).collect();
    candidates.extend((40..45).map(|id| candidate(id, &format!("c{id}"), "trackOrder")));
    let plan = planned(&candidates, 100);
    assert_eq!(plan.take, (0..30).chain(40..45).collect::<Vec<i64>>());
    assert_eq!(plan.blocked, Some(Blocked::Limit));
    assert!(plan.next_at_ms.unwrap() > START + 1_000);
}

#[test]
fn the_gravest_reason_is_told() {
    let mut ledger = Ledger::default();
    let limited = Event::Limited { bucket: Bucket::CreateCustomer, retry_after: None };
    ledger.record(START, &[limited], 1.0);
    let text = ledger.to_text();
    let candidates = [candidate(1, "a", "createCustomer"), candidate(2, "b", "trackOrder")];
    let plan = plan(Some(&text), START, &candidates, 9, KEYS, Limits::default());
    assert_eq!((plan.take, plan.blocked), (vec![2], Some(Blocked::Paused)));
}

#[test]
fn what_nobody_can_read_still_gets_to_its_verdict() {
    let odd = Candidate { progress: Some("?".to_owned()), ..candidate(1, "a", "fly") };
    assert_eq!(planned(&[odd], 1).take, [1]);
}
