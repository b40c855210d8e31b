//! Does the ledger keep every window, whoever sends when, and use nearly all of what is allowed? Does the breaker spare
//! a vendor that is down, and do holds let through what they should?

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use gameball_core::delivery::breaker::State;
use gameball_core::delivery::forecast::{forecast, status};
use gameball_core::delivery::hold::Refusal;
use gameball_core::delivery::ledger::{Blocked, Event};
use gameball_core::delivery::reserve::{Reservation, reserve};
use gameball_core::delivery::{Bucket, Ledger, Limits, Millis};
use proptest::prelude::*;

/// Any time will do; this one is not aligned with anything.
const START: Millis = 1_764_000_000_123;
const KEYS: &str = "keys";

/// One account's ledger, as a host stores it.
struct Account {
    text: String,
    limits: Limits,
}

impl Account {
    fn new(limits: Limits) -> Self {
        Self { text: String::new(), limits }
    }

    fn reserve(&mut self, now: Millis, bucket: Bucket, wanted: u32) -> Reservation {
        self.reserve_as(now, &[(bucket, wanted)], KEYS)
    }

    fn reserve_as(&mut self, now: Millis, wanted: &[(Bucket, u32)], credentials: &str) -> Reservation {
        let wanted: BTreeMap<_, _> = wanted.iter().copied().collect();
        let reservation = reserve(Some(&self.text), now, &wanted, credentials, self.limits);
        self.text.clone_from(&reservation.ledger);
        reservation
    }

    fn record(&mut self, now: Millis, events: &[Event]) {
        let mut ledger = Ledger::parse(Some(&self.text), now, self.limits);
        ledger.record(now, events, 1.0);
        self.text = ledger.to_text();
    }

    fn fail(&mut self, now: Millis, lanes: &[&str]) {
        let events: Vec<_> = lanes.iter().map(|lane| Event::Failed { lane: (*lane).to_owned() }).collect();
        self.record(now, &events);
    }

    fn state(&self, now: Millis) -> State {
        status(Some(&self.text), now, self.limits, None).breaker.state
    }
}

fn granted(reservation: &Reservation) -> u32 {
    reservation.granted.values().sum()
}

fn answered(bucket: Bucket) -> Event {
    Event::Answered { bucket }
}

fn refused(bucket: Bucket, credentials: &str) -> Event {
    Event::Refused {
        bucket,
        refusal: Refusal {
            kind: "authentication".to_owned(),
            reason: "keys_refused".to_owned(),
            status: Some(401),
            gameball_code: Some(1000),
            credentials: credentials.to_owned(),
        },
    }
}

/// Most calls that any window of this length saw, as the vendor counts.
fn most_within(arrivals: &[Millis], window: Millis) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, at) in arrivals.iter().enumerate() {
        while at - arrivals[first] >= window {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

/// One turn of some sender.
#[derive(Debug, Clone)]
struct Turn {
    /// Since the turn before.
    after: Millis,
    /// How far the clock goes back.
    back: Millis,
    bucket: usize,
    wanted: u32,
    /// How late in its validity each slot is used, and how long the way is, both in thousandths.
    used: Vec<(Millis, Millis)>,
}

fn turn(backwards: bool) -> impl Strategy<Value = Turn> {
    let after = prop_oneof![4 => 0..60_i64, 3 => 0..1_600_i64, 1 => 0..31_000_i64];
    let back =
        if backwards { prop_oneof![9 => Just(0_i64), 1 => 0..50_000_i64].boxed() } else { Just(0).boxed() };
    let uses = prop_oneof![
        2 => prop::collection::vec((0..1_000_i64, 0..=1_000_i64), 1..8),
        1 => Just(vec![(0, 0)]),
        1 => Just(vec![(999, 1_000)]),
    ];
    (after, back, prop_oneof![5 => Just(0_usize), 1 => 0..4_usize], 0..160_u32, uses)
        .prop_map(|(after, back, bucket, wanted, used)| Turn { after, back, bucket, wanted, used })
}

fn windows_hold(turns: &[Turn], divisor: u32) -> Result<(), TestCaseError> {
    let limits = Limits::divided(divisor);
    let scaled = |span: Millis| span / Millis::from(divisor);
    let mut account = Account::new(limits);
    let mut arrivals: BTreeMap<Bucket, Vec<Millis>> = BTreeMap::new();
    let (mut time, mut clock) = (START, START);
    for turn in turns {
        time += scaled(turn.after);
        clock += scaled(turn.after) - scaled(turn.back);
        let bucket = Bucket::ALL[turn.bucket];
        let reservation = account.reserve(clock, bucket, turn.wanted);
        for slot in 0..granted(&reservation) {
            let (used, way) = turn.used[usize::try_from(slot).unwrap() % turn.used.len()];
            let used = reservation.slot.expires_in_ms * used / 1_000;
            let way = limits.long() / 120 * way / 1_000;
            arrivals.entry(bucket).or_default().push(time + used + way);
        }
    }
    for (bucket, mut arrivals) in arrivals {
        arrivals.sort_unstable();
        for (window, limit) in [(limits.short(), bucket.short_limit()), (limits.long(), bucket.long_limit())]
        {
            let most = most_within(&arrivals, window);
            prop_assert!(most <= limit as usize, "{bucket:?}: {most} calls in {window} ms");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_window_is_ever_overrun(
        turns in prop::collection::vec(turn(false), 1..250),
        divisor in prop_oneof![3 => Just(1_u32), 1 => 1..=100_u32],
    ) {
        windows_hold(&turns, divisor)?;
    }

    #[test]
    fn a_clock_that_goes_back_frees_nothing_early(turns in prop::collection::vec(turn(true), 1..250)) {
        windows_hold(&turns, 1)?;
    }

    #[test]
    fn many_hungry_senders_use_nearly_all_of_the_rate(
        delays in prop::collection::vec(0..30_i64, 8),
        appetites in prop::collection::vec(1..200_u32, 8),
    ) {
        let mut account = Account::new(Limits::default());
        let (mut now, mut sent, mut turn) = (START, 0, 0);
        let end = START + 20 * 60_000;
        while now < end {
            let reservation = account.reserve(now, Bucket::CreateCustomer, appetites[turn % 8]);
            sent += granted(&reservation);
            turn += 1;
            // Whoever was denied comes back when told to, the others at once.
            now = reservation.next_at_ms.unwrap_or(now).max(now) + delays[turn % 8];
        }
        let allowed = 12.0 * 20.0 * 60.0;
        let rate = f64::from(sent) / allowed;
        prop_assert!(rate >= 0.97, "{rate}");
    }

    #[test]
    fn no_text_breaks_a_ledger(text in ".{0,200}", now in 0..i64::from(i32::MAX)) {
        let mut account = Account::new(Limits::default());
        account.text = text;
        account.reserve(now, Bucket::Other, 5);
        account.record(now, &[answered(Bucket::Other)]);
        forecast(Some(&account.text), now, &[now, now + 1], Limits::default(), None);
        status(Some(&account.text), now, Limits::default(), None);
    }
}

proptest! {
    #[test]
    fn no_numbers_break_a_ledger(
        slots in prop::collection::vec(prop_oneof![any::<i64>(), 0..5_000_000_000_i64], 0..18),
        (until, times) in (any::<i64>(), any::<u32>()),
        (state, failures) in (prop_oneof![Just("closed"), Just("open"), Just("half_open")], any::<u32>()),
        jitter in any::<f64>(),
    ) {
        let mut account = Account::new(Limits::default());
        let used = serde_json::json!({"s": slots, "p": {"until": until, "times": times}});
        let breaker = serde_json::json!({"state": state, "failures": failures, "untilMs": until, "opened": times});
        account.text = serde_json::json!({"buckets": {"other": used}, "breaker": breaker}).to_string();
        account.reserve(START, Bucket::Other, 5);
        let limited = Event::Limited { bucket: Bucket::Other, retry_after: Some(until) };
        let mut ledger = Ledger::parse(Some(&account.text), START, account.limits);
        ledger.record(START, &[Event::Failed { lane: "a".to_owned() }, limited], jitter);
        forecast(Some(&ledger.to_text()), START, &[START + 1; 5], account.limits, None);
        // Whatever it said, it does not stop anybody for long.
        account.text = ledger.to_text();
        prop_assert_eq!(granted(&account.reserve(START + 931_000, Bucket::Other, 1)), 1);
    }
}

#[test]
fn what_is_denied_may_leave_when_it_was_told() {
    let mut account = Account::new(Limits::default());
    let mut now = START;
    let mut sent = 0;
    for _ in 0..100 {
        let reservation = account.reserve(now, Bucket::GetCustomer, 1_000);
        let n = granted(&reservation);
        assert!(n > 0, "{now}: nothing, though it was told so after {sent} calls");
        assert_eq!(reservation.blocked, Some(Blocked::Limit));
        let next_at = reservation.next_at_ms.unwrap();
        let before = account.reserve(next_at - 1, Bucket::GetCustomer, 1);
        assert_eq!(granted(&before), 0, "it could have left before {next_at}");
        now = next_at;
        sent += n;
    }
}

#[test]
fn buckets_do_not_take_from_each_other() {
    let mut account = Account::new(Limits::default());
    assert_eq!(granted(&account.reserve(START, Bucket::CreateCustomer, 1_000)), 30);
    assert_eq!(granted(&account.reserve(START, Bucket::GetCustomer, 1_000)), 100);
    assert_eq!(granted(&account.reserve(START, Bucket::TrackOrder, 1_000)), 30);
    let wanted = [(Bucket::CreateCustomer, 1), (Bucket::Other, 3)];
    let reservation = account.reserve_as(START, &wanted, KEYS);
    assert_eq!(reservation.granted, [(Bucket::Other, 3)].into());
    assert_eq!(reservation.blocked, Some(Blocked::Limit));
}

#[test]
fn a_clock_far_ahead_that_is_set_right_stops_nobody_for_long() {
    let mut account = Account::new(Limits::default());
    let wrong = START + 3_600_000;
    assert_eq!(granted(&account.reserve(wrong, Bucket::CreateCustomer, 30)), 30);
    account.fail(wrong, &["a", "b", "a", "b", "a"]);
    assert_eq!(granted(&account.reserve(START, Bucket::CreateCustomer, 1)), 0);
    let later = START + 31_000;
    assert_eq!(granted(&account.reserve(later, Bucket::CreateCustomer, 1)), 1);
}

#[test]
fn what_is_granted_while_the_clock_is_behind_counts_no_earlier_than_what_was_granted_before() {
    let mut account = Account::new(Limits::default());
    account.reserve(START, Bucket::CreateCustomer, 1);
    assert_eq!(granted(&account.reserve(START - 25_000, Bucket::CreateCustomer, 30)), 29);
    assert_eq!(granted(&account.reserve(START + 1_499, Bucket::CreateCustomer, 1)), 0);
    assert_eq!(granted(&account.reserve(START + 1_525, Bucket::CreateCustomer, 1)), 1);
}

#[test]
fn a_text_that_is_no_ledger_makes_one_that_rests() {
    let mut account = Account::new(Limits::default());
    account.text = "{\"buckets\": 7}".to_owned();
    let reservation = account.reserve(START, Bucket::Other, 1);
    assert_eq!((granted(&reservation), reservation.blocked), (0, Some(Blocked::Paused)));
    assert_eq!(reservation.next_at_ms, Some(START + 30_500));
    assert_eq!(granted(&account.reserve(START + 30_500, Bucket::Other, 1)), 1);
}

#[test]
fn a_429_pauses_its_bucket_and_longer_each_time() {
    let mut account = Account::new(Limits::default());
    let limited = |retry_after| Event::Limited { bucket: Bucket::CreateCustomer, retry_after };
    let mut now = START;
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        // The second was under way already.
        account.record(now, &[limited(None), limited(None)]);
        let reservation = account.reserve(now, Bucket::CreateCustomer, 1);
        assert_eq!((granted(&reservation), reservation.blocked), (0, Some(Blocked::Paused)));
        assert_eq!(reservation.next_at_ms, Some(now + seconds * 1_000));
        assert_eq!(granted(&account.reserve(now, Bucket::TrackOrder, 1)), 1, "others go on");
        now += seconds * 1_000;
    }
    account.record(now, &[limited(Some(7_000))]);
    assert_eq!(account.reserve(now, Bucket::CreateCustomer, 1).next_at_ms, Some(now + 7_000));
    now += 60_000;
    account.record(now, &[limited(None)]);
    assert_eq!(
        account.reserve(now, Bucket::CreateCustomer, 1).next_at_ms,
        Some(now + 1_000),
        "a new shortage"
    );
}

#[test]
fn a_429_now_and_then_pauses_only_briefly() {
    let mut account = Account::new(Limits::default());
    let limited = Event::Limited { bucket: Bucket::CreateCustomer, retry_after: None };
    let mut now = START;
    for _ in 0..5 {
        account.record(now, std::slice::from_ref(&limited));
        // One that was under way before says nothing about what comes after the pause.
        account.record(now + 500, &[answered(Bucket::CreateCustomer)]);
        assert_eq!(account.reserve(now, Bucket::CreateCustomer, 1).next_at_ms, Some(now + 1_000));
        now += 1_000;
        assert!(account.reserve(now, Bucket::CreateCustomer, 1).slot.watched, "a success matters");
        account.record(now, &[answered(Bucket::CreateCustomer)]);
        assert!(!account.reserve(now, Bucket::CreateCustomer, 1).slot.watched);
    }
}

#[test]
fn the_breaker_opens_for_several_customers_and_closes_with_one_answer() {
    let mut account = Account::new(Limits::default());
    account.fail(START, &["a"; 50]);
    assert_eq!(account.state(START), State::Closed, "one customer may be at fault themselves");
    account.record(START, &[answered(Bucket::Other)]);
    account.fail(START, &["a", "b", "a", "b"]);
    assert_eq!(account.state(START), State::Closed);
    assert!(account.reserve(START, Bucket::Other, 1).slot.watched, "now a success matters");
    account.fail(START, &["c"]);
    let mut now = START;
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        assert_eq!(account.state(now), State::Open);
        let reservation = account.reserve(now, Bucket::Other, 9);
        assert_eq!((granted(&reservation), reservation.blocked), (0, Some(Blocked::Breaker)));
        assert_eq!(reservation.next_at_ms, Some(now + seconds * 1_000));
        account.fail(now + 500, &["under way before"; 9]);
        now += seconds * 1_000;
        let wanted = [(Bucket::CreateCustomer, 5), (Bucket::Other, 5)];
        let probe = account.reserve_as(now, &wanted, KEYS);
        assert_eq!((granted(&probe), probe.slot.probe, probe.slot.watched), (1, true, true), "one probe");
        assert_eq!(granted(&account.reserve(now, Bucket::Other, 9)), 0, "and no second one");
        account.fail(now, &["z"]);
    }
    now += 30_000;
    assert_eq!(granted(&account.reserve(now, Bucket::Other, 9)), 1);
    account.record(now, &[answered(Bucket::Other)]);
    let after = account.reserve(now, Bucket::Other, 9);
    assert_eq!((granted(&after), after.slot.probe, after.slot.watched), (9, false, false));
}

#[test]
fn a_probe_that_nobody_tells_of_is_followed_by_another() {
    let mut account = Account::new(Limits::default());
    account.fail(START, &["a", "b", "a", "b", "a"]);
    let now = START + 1_000;
    assert_eq!(granted(&account.reserve(now, Bucket::Other, 1)), 1);
    let waits = account.reserve(now + 1, Bucket::Other, 1);
    assert_eq!((granted(&waits), waits.next_at_ms), (0, Some(now + 15_000)));
    assert_eq!(granted(&account.reserve(now + 15_000, Bucket::Other, 1)), 1);
}

#[test]
fn a_hold_lets_one_call_through_now_and_then_and_goes_with_new_keys() {
    let mut account = Account::new(Limits::default());
    account.record(START, &[refused(Bucket::TrackOrder, KEYS), refused(Bucket::TrackOrder, KEYS)]);
    assert_eq!(granted(&account.reserve(START, Bucket::CreateCustomer, 3)), 3, "registrations go on");
    let mut now = START;
    for seconds in [60, 120, 240, 480, 900, 900] {
        let reservation = account.reserve(now, Bucket::TrackOrder, 9);
        assert_eq!((granted(&reservation), reservation.blocked), (0, Some(Blocked::Hold)));
        assert_eq!(reservation.next_at_ms, Some(now + seconds * 1_000));
        now += seconds * 1_000;
        let probe = account.reserve(now, Bucket::TrackOrder, 9);
        assert_eq!((granted(&probe), probe.slot.watched, probe.slot.probe), (1, true, false));
        account.record(now, &[refused(Bucket::TrackOrder, KEYS)]);
    }
    let shown = status(Some(&account.text), now, Limits::default(), None).holds;
    assert_eq!((shown.len(), shown[0].since_ms, shown[0].status), (1, START, Some(401)));
    assert_eq!(granted(&account.reserve_as(now, &[(Bucket::TrackOrder, 9)], "new keys")), 9);
    account.record(now, &[refused(Bucket::TrackOrder, KEYS)]);
    let straggler = account.reserve_as(now, &[(Bucket::TrackOrder, 9)], "new keys");
    assert_eq!(granted(&straggler), 9, "what was under way with the old keys does not count");
}

#[test]
fn a_key_that_is_missing_says_nothing_of_the_vendor() {
    let mut account = Account::new(Limits::default());
    account.fail(START, &["a", "b", "a", "b", "a"]);
    let Event::Refused { bucket, mut refusal } = refused(Bucket::TrackOrder, KEYS) else { panic!() };
    refusal.kind = "configuration".to_owned();
    account.record(START, &[Event::Refused { bucket, refusal }]);
    assert_eq!(account.state(START), State::Open);
    account.record(START, &[refused(Bucket::TrackOrder, KEYS)]);
    assert_eq!(account.state(START), State::Closed);
}

#[test]
fn any_answer_lifts_a_hold() {
    let mut account = Account::new(Limits::default());
    account.record(START, &[refused(Bucket::TrackOrder, KEYS), refused(Bucket::Other, KEYS)]);
    account.record(START, &[answered(Bucket::TrackOrder)]);
    assert_eq!(granted(&account.reserve(START, Bucket::TrackOrder, 9)), 9);
    assert_eq!(granted(&account.reserve(START, Bucket::Other, 9)), 0);
}

#[test]
fn the_forecast_is_what_happens() {
    let limits = Limits::default();
    let mut account = Account::new(limits);
    account.reserve(START, Bucket::CreateCustomer, 30);
    let deadlines: Vec<Millis> = (0..1_000).map(|n| START + 20_000 + n * 20).collect();
    let seen = forecast(Some(&account.text), START, &deadlines, limits, None);
    assert_eq!(seen.blocked, Some(Blocked::Limit));
    // Sent for real, the earliest deadline first, those that are late at the end.
    let mut waiting = deadlines.clone();
    let (mut now, mut missed, mut last) = (START, 0, START);
    while !waiting.is_empty() {
        let on_time = waiting.iter().filter(|deadline| **deadline > now).count();
        missed += waiting.len() - on_time;
        waiting.retain(|deadline| *deadline > now);
        let wanted = u32::try_from(waiting.len()).unwrap();
        let reservation = account.reserve(now, Bucket::CreateCustomer, wanted);
        for _ in 0..granted(&reservation) {
            waiting.remove(0);
            last = now;
        }
        now = reservation.next_at_ms.unwrap_or(now);
    }
    assert!(missed > 100);
    assert!(seen.misses.abs_diff(missed) <= 2, "foreseen {}, missed {missed}", seen.misses);
    assert!(seen.clears_at_ms.unwrap() > last);
    assert!(seen.first_miss_at_ms.unwrap() > START + 20_000);
}

#[test]
fn a_forecast_counts_the_late_apart_and_a_hold_as_never() {
    let limits = Limits::default();
    let deadlines = [START - 1, START + 1, START + 60_000];
    let seen = forecast(None, START, &deadlines, limits, None);
    assert_eq!((seen.misses, seen.late, seen.first_miss_at_ms, seen.blocked), (0, 1, None, None));
    let mut account = Account::new(limits);
    account.record(START, &[refused(Bucket::CreateCustomer, KEYS)]);
    let seen = forecast(Some(&account.text), START, &deadlines, limits, None);
    assert_eq!((seen.misses, seen.late, seen.first_miss_at_ms), (2, 1, Some(START + 1)));
    assert_eq!((seen.clears_at_ms, seen.blocked), (None, Some(Blocked::Hold)));
    let mut account = Account::new(limits);
    account.fail(START, &["a", "b", "a", "b", "a"]);
    let seen = forecast(Some(&account.text), START, &deadlines, limits, None);
    assert_eq!(
        (seen.misses, seen.first_miss_at_ms, seen.blocked),
        (1, Some(START + 1), Some(Blocked::Breaker))
    );
}
