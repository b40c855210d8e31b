//! Every fault: what the client sees of it, and whether the call was carried out.

use std::{
    io::{ErrorKind, Read},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::client::{Api, KEYS, Reply, v4};

fn inject(fault: Value) -> Api {
    let api = Api::new(json!({}));
    let mut command = fault;
    command["do"] = json!("inject");
    api.control(command);
    api
}

fn create(api: &Api) -> std::io::Result<Reply> {
    api.raw("POST", &v4("customers"), &KEYS, br#"{"customerId":"c1"}"#)
}

fn applied(api: &Api) -> bool {
    let state = api.state();
    let exists = state["counters"]["customers"] == 1;
    assert_eq!(state["requests"][0]["applied"], exists, "the log tells it too");
    exists
}

#[test]
fn latency_delays_and_then_all_is_well() {
    for after in [false, true] {
        let api = inject(json!({"fault": "latency", "ms": 60, "afterApply": after}));
        let start = Instant::now();
        create(&api).unwrap().ok();
        assert!(start.elapsed() >= Duration::from_millis(60));
        assert!(applied(&api));
    }
}

#[test]
fn a_status_comes_with_its_code_and_retry_after() {
    let api = inject(json!({"fault": "status", "status": 429, "retryAfter": 7}));
    let reply = create(&api).unwrap();
    assert_eq!((reply.failure().0, reply.header("retry-after")), (429, Some("7")));
    assert!(!applied(&api));
    let api = inject(
        json!({"fault": "status", "status": 503, "retryAfter": "Wed, 21 Oct 2026 07:28:00 GMT", "afterApply": true}),
    );
    let reply = create(&api).unwrap();
    assert_eq!(reply.failure(), (503, 5003));
    assert_eq!(reply.header("retry-after"), Some("Wed, 21 Oct 2026 07:28:00 GMT"));
    assert!(applied(&api));
    let api = inject(json!({"fault": "status", "status": 502, "body": "oops"}));
    assert_eq!(create(&api).unwrap().body, "oops");
}

#[test]
fn html_empty_and_garbage_are_no_json() {
    for after in [false, true] {
        let api = inject(json!({"fault": "html", "afterApply": after}));
        let reply = create(&api).unwrap();
        assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/html; charset=utf-8")));
        assert!(reply.body.contains("<html>"));
        assert_eq!(applied(&api), after);

        let api = inject(json!({"fault": "empty", "afterApply": after}));
        let reply = create(&api).unwrap();
        assert_eq!((reply.status, reply.body.as_str()), (200, ""));
        assert_eq!(applied(&api), after);

        let api = inject(json!({"fault": "garbage", "afterApply": after}));
        let reply = create(&api).unwrap();
        assert_eq!(reply.status, 200);
        assert!(serde_json::from_str::<Value>(&reply.body).is_err());
        assert_eq!(applied(&api), after);
    }
}

#[test]
fn a_truncated_body_announces_more_than_it_has() {
    for after in [false, true] {
        let api = inject(json!({"fault": "truncated", "afterApply": after}));
        let mut stream = api.send("POST", &v4("customers"), &KEYS, br#"{"customerId":"c1"}"#).unwrap();
        let mut bytes = Vec::new();
        // The end may come as a close or as a reset; what matters is what came before it.
        drop(stream.read_to_end(&mut bytes));
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 200") && body.starts_with("{\"game") && !body.ends_with('}'),
            "{text}"
        );
        assert_eq!(crate::client::parse(&bytes).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(applied(&api), after);
    }
}

#[test]
fn a_reset_is_a_reset_before_or_after() {
    for (fault, after) in [("resetBefore", false), ("resetAfter", true)] {
        let api = inject(json!({"fault": fault}));
        assert_eq!(create(&api).unwrap_err().kind(), ErrorKind::ConnectionReset, "{fault}");
        assert_eq!(applied(&api), after);
        assert_eq!(api.state()["requests"][0]["status"], Value::Null);
        create(&api).unwrap().ok();
    }
}

#[test]
fn a_black_hole_never_answers() {
    for after in [false, true] {
        let api = inject(json!({"fault": "blackHole", "afterApply": after}));
        let mut stream = api.send("POST", &v4("customers"), &KEYS, br#"{"customerId":"c1"}"#).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(60))).unwrap();
        let error = stream.read(&mut [0; 16]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
        assert_eq!(applied(&api), after);
    }
}

#[test]
fn a_slow_body_trickles() {
    let api = inject(json!({"fault": "slowBody", "afterApply": true}));
    let mut stream = api.send("POST", &v4("customers"), &KEYS, br#"{"customerId":"c1"}"#).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    assert!(String::from_utf8(bytes).unwrap().ends_with("\r\n\r\n{"), "one byte in the first second");
    assert!(applied(&api));
}

#[test]
fn an_endless_body_does_not_end() {
    let api = inject(json!({"fault": "endlessBody"}));
    let mut stream = api.send("POST", &v4("customers"), &KEYS, br#"{"customerId":"c1"}"#).unwrap();
    let mut bytes = vec![0; 20 << 20];
    stream.read_exact(&mut bytes).unwrap();
    assert!(!applied(&api));
}

#[test]
fn a_redirect_leads_somewhere_or_round_in_circles() {
    let api = inject(json!({"fault": "redirect", "location": "http://127.0.0.1:1/x", "status": 308}));
    let reply = create(&api).unwrap();
    assert_eq!((reply.status, reply.header("location")), (308, Some("http://127.0.0.1:1/x")));
    let api = inject(json!({"fault": "redirect"}));
    let reply = api.get("referrals/validate?referrerCode=a%20b");
    assert_eq!(reply.status, 302);
    assert_eq!(
        reply.header("location"),
        Some("/api/v4.0/integrations/referrals/validate?referrerCode=a%20b")
    );
}

#[test]
fn a_fault_waits_for_its_operation_and_customer() {
    let api = inject(
        json!({"fault": "status", "status": 500, "operation": "createCustomer", "customerId": "c2", "times": 2}),
    );
    create(&api).unwrap().ok();
    api.order(&crate::client::order("c2", "o1")).ok();
    for _ in 0..2 {
        assert_eq!(api.create(&json!({"customerId": "c2"})).status, 500);
    }
    api.create(&json!({"customerId": "c2"})).ok();
    assert_eq!(api.state()["counters"]["faultsStruck"], 2);

    api.control(json!({"do": "inject", "fault": "html", "customerId": "c2", "operation": "getCustomer"}));
    api.get("customers/c1").ok();
    assert_eq!(api.get("customers/c2").status, 502);
}

#[test]
fn a_fault_can_stay_until_it_is_cleared_and_come_before_any_key_is_looked_at() {
    let api = inject(json!({"fault": "html", "times": null}));
    for _ in 0..5 {
        assert_eq!(api.raw("GET", &v4("customers/x"), &[], b"").unwrap().status, 502);
    }
    assert_eq!(api.state()["faults"][0]["timesLeft"], Value::Null);
    assert_eq!(api.control(json!({"do": "clearFaults"}))["cleared"], 1);
    assert_eq!(api.get("customers/x").status, 404);
}

#[test]
fn nonsense_is_refused() {
    let api = Api::new(json!({}));
    for (command, part) in [
        (json!({"do": "inject", "fault": "gremlins"}), "gremlins"),
        (json!({"do": "inject"}), "fault"),
        (json!({"do": "inject", "fault": "html", "operation": "createOrder"}), "createOrder"),
        (json!({"do": "inject", "fault": "html", "times": 0}), "times"),
        (json!({"do": "inject", "fault": "status", "status": 99}), "status"),
        (json!({"do": "inject", "fault": "status", "retryAfter": "a\r\nb"}), "retryAfter"),
        (json!({"do": "inject", "fault": "redirect", "location": "a b"}), "location"),
        (json!({"do": "inject", "fault": "html", "nope": 1}), "nope"),
    ] {
        let error = api.emulator.control(command).unwrap_err().to_string();
        assert!(error.starts_with("inject: ") && error.contains(part), "{error}");
    }
    assert_eq!(api.state()["faults"], json!([]));
}
