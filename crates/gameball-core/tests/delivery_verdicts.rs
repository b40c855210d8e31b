//! Does every refusal in the table of errors lead to the verdict that the table promises, for every operation and in
//! every phase? And what does a courier do on the way: its slot's time, its places, a closed client?

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod desk;

use std::time::Duration;

use desk::{API_KEY, Desk, SECRET_KEY, vectors};
use gameball_core::config::{Config, Options};
use gameball_core::delivery::courier::credentials;
use gameball_core::delivery::{Courier, Delivery, Settings};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

const PHASES: [&str; 4] = ["send", "resend", "verify", "check"];

/// What the table of errors, the operation and the phase make of a refusal.
struct Expected {
    outcome: &'static str,
    costs_attempt: bool,
    acknowledged: bool,
    receipt: Option<(&'static str, &'static str)>,
}

fn expected(effect: &str, input: &Value, operation: &str, phase: &str, coded: bool) -> Expected {
    let (status, code) = (&input["status"], &input["code"]);
    let just = |outcome| Expected { outcome, costs_attempt: false, acknowledged: false, receipt: None };
    let proof = matches!(phase, "verify" | "check");
    if proof {
        // The delivery has done its work already.
        let outcome = if effect == "hold" { "hold" } else { "retry" };
        if phase == "check" && matches!(code.as_i64(), Some(7003 | 7006)) {
            let receipt = Some(("rejected", "code_not_valid"));
            return Expected { acknowledged: true, receipt, ..just("applied") };
        }
        return Expected { acknowledged: true, ..just(outcome) };
    }
    let person = matches!(operation, "deleteCustomer" | "getCustomer");
    if person && *code == 7000 {
        return just("applied");
    }
    if !person && code.is_null() && (*status == 404 || *status == 405) {
        return just("hold");
    }
    let carries = coded && phase == "send";
    let refused_before = (phase == "resend" && coded).then_some(("rejected", "code_not_found"));
    match effect {
        "hold" => just("hold"),
        "retry_free" => just("retry"),
        "retry" => Expected { costs_attempt: true, ..just("retry") },
        "applied" if person => just("applied"),
        "applied" if carries => Expected { acknowledged: true, ..just("continue") },
        "applied" => Expected { acknowledged: true, receipt: refused_before, ..just("applied") },
        "applied_already_referred" if operation == "createCustomer" => {
            let receipt =
                if carries { Some(("already_referred", "already_referred")) } else { refused_before };
            Expected { acknowledged: true, receipt, ..just("applied") }
        }
        "applied_already_referred" | "resend_without_code" if carries => just("continue"),
        "applied_already_referred" | "resend_without_code" | "dead" => {
            let receipt = refused_before.or((coded && !person).then_some(("lost", "refused")));
            Expected { receipt, ..just("dead") }
        }
        other => panic!("an effect that nobody knows: {other}"),
    }
}

fn stored(operation: &str, phase: &str, coded: bool) -> Value {
    let mut arguments = json!({"customerId": "ben"});
    if operation == "trackOrder" {
        arguments["orderId"] = json!("o1");
        arguments["orderDate"] = json!("2026-11-22T10:00:00Z");
        arguments["totalPaid"] = json!("1");
    }
    let mut input = json!({"operation": operation, "arguments": arguments, "registeredAgoMs": 1000});
    if coded {
        input["referrerCode"] = json!("ANNA");
    }
    let mut progress = json!({"phase": phase});
    if phase == "resend" && coded {
        progress["codeRefused"] = json!("code_not_found");
    }
    if matches!(phase, "verify" | "check") {
        progress["acknowledgedAtMs"] = json!(1_764_000_000_000_i64);
    }
    input["progress"] = Value::String(progress.to_string());
    input
}

#[test]
fn every_refusal_in_every_phase_of_every_operation() {
    let desk = Desk::open();
    let mut verdicts = 0;
    for case in vectors("errors.json") {
        for operation in ["createCustomer", "trackOrder", "deleteCustomer", "getCustomer"] {
            for phase in PHASES {
                for coded in [true, false] {
                    let person = matches!(operation, "deleteCustomer" | "getCustomer");
                    let possible = match phase {
                        "send" => !(person && coded),
                        "resend" => !person,
                        _ => !person && coded,
                    };
                    if !possible {
                        continue;
                    }
                    let input = stored(operation, phase, coded);
                    let mut delivery = Desk::delivery(&input);
                    delivery.set("progress", input["progress"].clone());
                    let mut fault = json!({"fault": "status", "status": case["input"]["status"]});
                    match case["input"]["code"].as_i64() {
                        Some(code) => fault["code"] = json!(code),
                        None => fault["body"] = json!("<html>a proxy</html>"),
                    }
                    let verdict = desk.deliver(&delivery, Some(&fault));
                    let effect = case["output"]["effect"].as_str().unwrap();
                    let wanted = expected(effect, &case["input"], operation, phase, coded);
                    let what = format!("{} at {operation}, {phase}, coded {coded}: {verdict}", case["name"]);
                    assert_eq!(verdict["outcome"], wanted.outcome, "{what}");
                    assert_eq!(verdict["costsAttempt"], wanted.costs_attempt, "{what}");
                    assert_eq!(verdict["acknowledged"], wanted.acknowledged, "{what}");
                    let receipt = &verdict["receipt"];
                    let got = receipt["status"].as_str().zip(receipt["reason"].as_str());
                    assert_eq!(got, wanted.receipt, "{what}");
                    settles_or_goes_on(&verdict);
                    verdicts += 1;
                }
            }
        }
    }
    assert_eq!(desk.take_requests().len(), verdicts, "one request each");
}

/// What holds for every verdict.
fn settles_or_goes_on(verdict: &Value) {
    let settled = matches!(verdict["outcome"].as_str(), Some("applied" | "dead"));
    assert_eq!(verdict["nextBucket"].is_null(), settled, "{verdict}");
    assert!(!settled || verdict["progress"].is_null(), "{verdict}");
    assert!(settled || verdict["receipt"].is_null(), "{verdict}");
    assert!(verdict["dueInMs"].as_i64().unwrap() >= 0);
    let later = matches!(verdict["outcome"].as_str(), Some("retry"));
    assert_eq!(verdict["dueInMs"].as_i64().unwrap() > 0, later, "{verdict}");
}

fn delivery(id: i64, customer: &str) -> Delivery {
    let arguments = json!({"customerId": customer}).to_string();
    serde_json::from_value(json!({"id": id, "operation": "createCustomer", "arguments": arguments})).unwrap()
}

fn with_slot(mut delivery: Delivery, expires_in_ms: i64) -> Delivery {
    let slot = json!({"expiresInMs": expires_in_ms, "watched": false, "probe": false});
    delivery.slot = Some(serde_json::from_value(slot).unwrap());
    delivery
}

fn courier(desk: &Desk, change: impl FnOnce(&mut Options), settings: Settings) -> Courier {
    let mut options = Options {
        api_key: API_KEY.into(),
        secret_key: Some(SECRET_KEY.into()),
        base_url: desk.emulator.url().to_owned(),
        ..Options::default()
    };
    change(&mut options);
    Courier::new(Config::new(options).unwrap(), settings).unwrap()
}

#[test]
fn the_slots_time_runs_while_a_place_is_waited_for() {
    let desk = Desk::open();
    desk.control(json!({"do": "inject", "fault": "latency", "ms": 120, "times": 1}));
    let courier = courier(&desk, |_| {}, Settings { concurrency: 1, ..Settings::default() });
    let deliveries = [with_slot(delivery(1, "a"), 60), with_slot(delivery(2, "b"), 60)];
    let verdicts = desk.runtime.block_on(async {
        let received = Instant::now();
        tokio::join!(courier.send(&deliveries[0], received), courier.send(&deliveries[1], received))
    });
    assert_eq!(serde_json::to_value(verdicts.0).unwrap()["outcome"], "applied");
    let second = serde_json::to_value(verdicts.1).unwrap();
    assert_eq!((&second["outcome"], &second["reason"]), (&json!("unsent"), &json!("slot_expired")));
    assert_eq!(desk.take_requests().len(), 1);
}

#[test]
fn as_many_calls_at_once_as_there_are_places_and_the_verdicts_in_order() {
    let desk = Desk::open();
    desk.control(json!({"do": "inject", "fault": "latency", "ms": 100, "times": 8}));
    let courier = courier(&desk, |_| {}, Settings { concurrency: 8, ..Settings::default() });
    let deliveries: Vec<_> = (0..8).map(|id| delivery(id, &format!("c{id}"))).collect();
    let began = std::time::Instant::now();
    let verdicts = desk.runtime.block_on(courier.deliver(&deliveries));
    assert!(began.elapsed() < Duration::from_millis(400), "one after the other");
    assert_eq!(verdicts.iter().map(|verdict| verdict.id).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
}

#[test]
fn no_answer_and_no_connection_are_failures_and_only_the_first_may_have_been_taken() {
    let desk = Desk::open();
    desk.control(json!({"do": "inject", "fault": "blackHole"}));
    let impatient =
        courier(&desk, |options| options.timeout = Duration::from_millis(50), Settings::default());
    let verdict = desk.runtime.block_on(impatient.deliver(&[delivery(1, "a")]));
    let verdict = serde_json::to_value(&verdict[0]).unwrap();
    assert_eq!((&verdict["reason"], &verdict["costsAttempt"]), (&json!("timed_out"), &json!(true)));
    assert_eq!(verdict["ledgerEvent"]["event"], "failed");
    let nobody =
        courier(&desk, |options| "http://127.0.0.1:1".clone_into(&mut options.base_url), Settings::default());
    let verdict = desk.runtime.block_on(nobody.deliver(&[delivery(1, "a")]));
    let verdict = serde_json::to_value(&verdict[0]).unwrap();
    assert_eq!((&verdict["reason"], &verdict["costsAttempt"]), (&json!("not_connected"), &json!(false)));
    assert_eq!((&verdict["outcome"], &verdict["ledgerEvent"]["event"]), (&json!("retry"), &json!("failed")));
}

#[test]
fn a_closed_courier_sends_nothing_and_loses_nothing() {
    let desk = Desk::open();
    desk.courier.client().close();
    let verdict = desk.runtime.block_on(desk.courier.deliver(&[delivery(1, "a")]));
    let verdict = serde_json::to_value(&verdict[0]).unwrap();
    assert_eq!((&verdict["outcome"], &verdict["reason"]), (&json!("unsent"), &json!("closed")));
    assert_eq!(verdict["ledgerEvent"], Value::Null);
}

#[test]
fn an_order_without_a_secret_key_is_held_and_registrations_are_not() {
    let desk = Desk::open();
    let public = courier(&desk, |options| options.secret_key = None, Settings::default());
    let order = Desk::delivery(&stored("trackOrder", "send", false)).read();
    let verdicts = desk.runtime.block_on(public.deliver(&[order, delivery(2, "a")]));
    let verdicts = serde_json::to_value(verdicts).unwrap();
    assert_eq!(
        (&verdicts[0]["outcome"], &verdicts[0]["reason"]),
        (&json!("hold"), &json!("secret_key_missing"))
    );
    assert_eq!(verdicts[0]["ledgerEvent"]["bucket"], "trackOrder");
    assert_eq!(verdicts[1]["outcome"], "applied");
}

#[test]
fn the_lateness_is_told_by_the_couriers_clock() {
    fn later() -> i64 {
        jiff::Timestamp::now().as_millisecond() + 400_000
    }
    let desk = Desk::open();
    let courier = courier(&desk, |_| {}, Settings::default()).with_clock(later);
    let mut delivery = Desk::delivery(&stored("createCustomer", "send", true));
    for answer in [json!({"gameballId": 1}), json!({"isReferred": false}), json!({"isValid": true})] {
        let body = answer.to_string();
        desk.control(json!({"do": "inject", "fault": "status", "status": 200, "body": body}));
        let verdict = desk.runtime.block_on(courier.deliver(&[delivery.read()]));
        let verdict = serde_json::to_value(&verdict[0]).unwrap();
        if verdict["outcome"] == "applied" {
            assert_eq!(verdict["receipt"]["reason"], "late");
            assert!(verdict["receipt"]["lateByMs"].as_i64().unwrap().abs_diff(101_000) < 1_000);
            return;
        }
        delivery.follow(&verdict);
    }
    panic!("not settled");
}

#[test]
fn credentials_are_told_apart_and_not_told() {
    let options = || Options { api_key: API_KEY.into(), ..Options::default() };
    let all = [
        options(),
        Options { api_key: "other".into(), ..options() },
        Options { secret_key: Some(SECRET_KEY.into()), ..options() },
        Options { secret_key: Some(SECRET_KEY.into()), high_security: true, ..options() },
        Options { secret_key: Some(SECRET_KEY.into()), api_version: "v4.1".to_owned(), ..options() },
        Options { base_url: "https://api.example.com".to_owned(), ..options() },
    ];
    let mut prints: Vec<_> =
        all.into_iter().map(|options| credentials(&Config::new(options).unwrap())).collect();
    assert_eq!(prints[0], credentials(&Config::new(options()).unwrap()));
    assert!(prints.iter().all(|print| print.len() == 16));
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_row_makes_a_courier_panic(
        operation in prop_oneof![
            Just("createCustomer".to_owned()), Just("trackOrder".to_owned()), Just("deleteCustomer".to_owned()), ".{0,12}",
        ],
        arguments in prop_oneof![Just(r#"{"customerId":"a"}"#.to_owned()), ".{0,60}"],
        progress in prop::option::of(prop_oneof![
            Just(r#"{"phase":"check"}"#.to_owned()),
            Just(r#"{"phase":"verify","readBacks":4294967295}"#.to_owned()),
            ".{0,40}",
        ]),
        attempts in any::<u32>(),
        registered_at in prop::option::of(any::<i64>()),
        referrer_code in prop::option::of(".{0,20}"),
        receipt in prop::option::of(".{0,9}"),
    ) {
        thread_local!(static DESK: Desk = Desk::open());
        let row = json!({
            "id": 1, "operation": operation, "arguments": arguments, "progress": progress, "attempts": attempts,
            "registeredAtMs": registered_at, "referrerCode": referrer_code, "receipt": receipt,
        });
        let delivery: Delivery = serde_json::from_value(row).unwrap();
        DESK.with(|desk| {
            let verdict = desk.runtime.block_on(desk.courier.deliver(&[delivery]));
            let verdict = serde_json::to_value(&verdict[0]).unwrap();
            assert!(verdict["outcome"].is_string());
        });
    }
}
