//! Do deliveries, receipts, ledgers, lanes, prepared rows and evidence come out as the shared vectors say?

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says where"
)]

mod desk;

use std::collections::BTreeSet;

use desk::{Desk, vectors};
use gameball_core::delivery::prepare::{Options, Orders, prepare};
use gameball_core::delivery::{bridge, evidence, reasons};
use gameball_core::error::Result;
use gameball_core::model::Json;
use gameball_core::model::arguments::Style;
use serde_json::{Map, Value, json};

/// The verdict's fields that a vector leaves out.
fn expected(verdict: &Value) -> Map<String, Value> {
    let mut all = json!({
        "outcome": null, "reason": null, "nextBucket": null, "dueInMs": [0, 0], "costsAttempt": false,
        "acknowledged": false, "receipt": null, "answer": null, "event": null,
    });
    let all = all.as_object_mut().unwrap();
    all.extend(verdict.as_object().unwrap().clone());
    all.clone()
}

/// Whether a number lies in the `[least, most]` that a vector gives.
fn within(number: &Value, range: &Value) -> bool {
    match (number.as_i64(), range.as_array()) {
        (Some(number), Some(range)) => {
            (range[0].as_i64().unwrap()..=range[1].as_i64().unwrap()).contains(&number)
        }
        (None, None) => number == range,
        _ => false,
    }
}

fn same_receipt(got: &Value, wanted: &Value) -> bool {
    if got.is_null() || wanted.is_null() {
        return got == wanted;
    }
    got["status"] == wanted["status"]
        && got["reason"] == wanted["reason"]
        && within(&got["lateByMs"], &wanted["lateByMs"])
}

fn compare(verdict: &Value, wanted: &Value) {
    for (field, wanted) in expected(wanted) {
        let got = if field == "event" { &verdict["ledgerEvent"]["event"] } else { &verdict[field.as_str()] };
        let same = match field.as_str() {
            "dueInMs" => within(got, &wanted),
            "receipt" => same_receipt(got, &wanted),
            _ => *got == wanted,
        };
        assert!(same, "{field}: expected {wanted}, got {got} in {verdict}");
    }
    for reason in [&verdict["reason"], &verdict["receipt"]["reason"]] {
        assert!(
            reason.is_null() || reasons::sentence(reason.as_str().unwrap()).is_some(),
            "no words for {reason}"
        );
    }
}

#[test]
fn deliveries() {
    let desk = Desk::open();
    for case in vectors("deliveries.json") {
        let mut delivery = Desk::delivery(&case["input"]);
        for call in case["calls"].as_array().unwrap() {
            println!("{}: {}", case["name"], call["request"]);
            let verdict = desk.deliver(&delivery, Some(&call["answer"]));
            let sent = desk.take_requests();
            match call["request"].as_str() {
                None => assert!(sent.is_empty(), "{sent:?}"),
                Some(request) => {
                    let [(line, body)] = sent.as_slice() else { panic!("exactly one request: {sent:?}") };
                    assert_eq!(line, request);
                    if let Some(carries) = call.get("carriesCode") {
                        assert_eq!(json!(body.contains("referrerCode")), *carries, "{body}");
                    }
                }
            }
            compare(&verdict, &call["verdict"]);
            delivery.follow(&verdict);
        }
    }
}

#[test]
fn receipts() {
    let desk = Desk::open();
    for case in vectors("receipts.json") {
        println!("{}", case["name"]);
        let mut delivery = Desk::delivery(&case["input"]);
        let answers = case["answers"].as_array().unwrap();
        for (nth, answer) in answers.iter().enumerate() {
            let verdict = desk.deliver(&delivery, Some(answer));
            let settled = matches!(verdict["outcome"].as_str(), Some("applied" | "dead"));
            assert_eq!(settled, nth + 1 == answers.len(), "{verdict}");
            if settled {
                assert!(same_receipt(&verdict["receipt"], &case["output"]), "{verdict}");
            } else {
                assert_eq!(verdict["receipt"], Value::Null, "only a verdict that settles has a receipt");
            }
            delivery.follow(&verdict);
        }
    }
}

/// A ledger's functions one after the other; the ledger itself stays between them.
fn steps(file: &str) {
    for case in vectors(file) {
        let mut ledger = Value::Null;
        let divisor = case["input"].get("limitWindowsDivisor").cloned().unwrap_or(json!(1));
        for step in case["input"]["steps"].as_array().unwrap() {
            let function = step["call"].as_str().unwrap();
            println!("{}: {step}", case["name"]);
            let mut input = step["input"].clone();
            input["limitWindowsDivisor"] = divisor.clone();
            input["ledger"] = step["input"].get("ledger").unwrap_or(&ledger).clone();
            let answer = bridge::call(function, &input.to_string()).unwrap();
            if function == "record" {
                ledger = Value::String(answer);
                continue;
            }
            let mut answer: Value = serde_json::from_str(&answer).unwrap();
            if let Some(text) = answer.as_object_mut().unwrap().remove("ledger") {
                ledger = text;
            }
            for (field, wanted) in step["output"].as_object().unwrap() {
                assert_eq!(answer[field], *wanted, "{field} in {answer}");
            }
        }
    }
}

#[test]
fn ledger() {
    steps("ledger.json");
}

#[test]
fn lanes() {
    steps("lanes.json");
}

#[test]
fn prepared() {
    for case in vectors("prepare.json") {
        println!("{}", case["name"]);
        let outcome = call(case["call"].as_str().unwrap(), &case["input"]);
        match (case.get("output"), outcome) {
            (Some(wanted), Ok(got)) => assert_eq!(got, *wanted),
            (None, Err(error)) => {
                let got = json!({"kind": error.kind().as_str(), "field": error.field()});
                assert_eq!(got, case["error"]);
            }
            (_, outcome) => panic!("{outcome:?}"),
        }
    }
}

/// Whether it is what a vector says: a text by its English, an object by the fields that are there.
fn tells(got: &Value, wanted: &Value) -> bool {
    match (got, wanted) {
        (Value::Object(text), Value::String(english)) => text.get("english") == Some(&json!(english)),
        (Value::Object(got), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| tells(got.get(name).unwrap_or(&Value::Null), wanted))
        }
        (Value::Array(got), Value::Array(wanted)) => {
            got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| tells(got, wanted))
        }
        _ => got == wanted,
    }
}

#[test]
fn evidence() {
    for case in vectors("evidence.json") {
        let got = call(case["call"].as_str().unwrap(), &case["input"]).unwrap();
        assert!(tells(&got, &case["output"]), "{}: expected {:#}, got {got:#}", case["name"], case["output"]);
    }
}

#[test]
fn every_template_has_a_key_of_its_own_and_every_reason_has_words() {
    let words = evidence::words::all();
    let mut keys = BTreeSet::new();
    for template in &words.templates {
        assert!(keys.insert(template.key), "{} is there twice", template.key);
        assert!(template.plural.is_none_or(|plural| plural.contains("{count}")), "{}", template.key);
    }
    let codes: BTreeSet<&str> = reasons::REASONS.iter().map(|(code, _)| *code).chain(["cancelled"]).collect();
    assert_eq!(words.reasons.keys().copied().collect::<BTreeSet<_>>(), codes);
    let advice = words.reasons.values().flat_map(|reason| reason.advice.iter().map(|one| one.text.key));
    assert!(advice.into_iter().all(|key| keys.contains(key)));
}

fn call(function: &str, input: &Value) -> Result<Value> {
    if function != "prepare" {
        return Ok(serde_json::from_str(&bridge::call(function, &input.to_string())?).unwrap());
    }
    let arguments: Json = Json::exact(&input["arguments"].to_string()).unwrap();
    let options = Options {
        style: Style::Camel,
        now: input["nowMs"].as_i64().unwrap(),
        referrer_code: input.get("referrerCode").and_then(Value::as_str),
        referral_window: input.get("referralWindowMs").and_then(Value::as_i64).unwrap_or(300_000),
        orders: Orders::named(input.get("orders").and_then(Value::as_str).unwrap_or("first"))?,
    };
    let prepared = prepare(input["operation"].as_str().unwrap(), arguments, Vec::new(), options)?;
    Ok(serde_json::to_value(prepared).unwrap())
}

#[test]
fn every_reason_has_its_sentence_once() {
    let codes: BTreeSet<&str> = reasons::REASONS.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes.len(), reasons::REASONS.len());
    assert!(reasons::REASONS.iter().all(|(_, sentence)| sentence.ends_with('.')));
}
