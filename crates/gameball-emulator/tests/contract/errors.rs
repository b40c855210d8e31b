//! Every error code the emulator can produce, with its status and the shape of its body.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::{API_KEY, Api, KEYS, order, v4};

#[test]
fn bodies_that_are_not_json_objects_are_3016() {
    let api = Api::new(json!({}));
    for body in ["", "{", "[]", "1", "null", "\"x\"", "{\"customerId\":\"c\"} x"] {
        assert_eq!(api.call("POST", "customers", Some(body)).failure(), (400, 3016), "{body}");
    }
    let latin1 = api.raw("POST", &v4("customers"), &KEYS, b"{\"customerId\":\"\xe9\"}").unwrap();
    assert_eq!(latin1.failure(), (400, 3016));
}

#[test]
fn a_body_must_be_announced_as_json_and_of_a_sane_size() {
    let api = Api::new(json!({}));
    let keys = [("APIKey", API_KEY), ("Content-Type", "text/plain")];
    let reply = api.raw("POST", &v4("customers"), &keys, br#"{"customerId":"c"}"#).unwrap();
    assert_eq!(reply.failure(), (415, 3016));
    let keys = [("APIKey", API_KEY), ("Content-Type", "Application/JSON; charset=utf-8")];
    api.raw("POST", &v4("customers"), &keys, br#"{"customerId":"c"}"#).unwrap().ok();
    let large = format!(r#"{{"customerId":"{}"}}"#, "x".repeat(5 << 20));
    assert_eq!(api.call("POST", "customers", Some(&large)).failure(), (413, 3011));
}

#[test]
fn fields_are_missing_3000_null_3001_or_invalid_3003() {
    let api = Api::new(json!({}));
    assert_eq!(api.create(&json!({"email": "a@b.c"})).failure(), (400, 3000));
    assert_eq!(api.create(&json!({"customerId": null})).failure(), (422, 3001));
    for id in [json!(""), json!(" "), json!(7), json!(["c"])] {
        assert_eq!(api.create(&json!({"customerId": id})).failure(), (422, 3003), "{id}");
    }
    for (field, bad) in [
        ("email", json!("nobody")),
        ("email", json!("@x")),
        ("email", json!("a b@c")),
        ("email", json!(1)),
        ("mobile", json!(49)),
        ("guest", json!("yes")),
        ("referrerCode", json!(5)),
        ("customerAttributes", json!([])),
        ("customerAttributes", json!({"channel": "tv"})),
        ("customerAttributes", json!({"email": "x"})),
        ("customerAttributes", json!({"totalSpent": -1})),
        ("customerAttributes", json!({"totalOrders": 1.5})),
        ("customerAttributes", json!({"joinDate": "yesterday"})),
        ("customerAttributes", json!({"displayName": 1})),
        ("customerAttributes", json!({"custom": 1})),
        ("customerAttributes", json!({"utms": {}})),
    ] {
        let reply = api.create(&json!({"customerId": "c1", field: bad}));
        assert_eq!(reply.failure(), (422, 3003), "{field}: {bad}");
        assert!(
            reply.json()["message"].as_str().unwrap().starts_with(field),
            "names the field: {}",
            reply.body
        );
    }
    assert_eq!(api.state()["customers"], json!([]), "nothing was created by any of them");
}

#[test]
fn an_order_is_held_to_the_same() {
    let api = Api::new(json!({"limits": false}));
    for field in ["customerId", "orderId", "orderDate", "totalPaid"] {
        let mut body = order("c1", "o1");
        body[field] = Value::Null;
        assert_eq!(api.order(&body).failure(), (422, 3001), "{field}");
        body.as_object_mut().unwrap().remove(field);
        let reply = api.order(&body);
        assert_eq!(reply.failure(), (400, 3000), "{field}");
        assert!(reply.json()["message"].as_str().unwrap().contains(field));
    }
    for (field, bad) in [
        ("totalPaid", json!("100.10")),
        ("totalPaid", json!(-0.01)),
        ("totalPrice", json!(-1)),
        ("totalTax", json!("1")),
        ("orderDate", json!("2026-01-01")),
        ("orderDate", json!("2026-01-01T11:59:00")),
        ("orderDate", json!("2026-01-01T11:59:00+02:00")),
        ("orderDate", json!("2026-01-01 11:59:00Z")),
        ("orderDate", json!("2026-13-01T11:59:00Z")),
        ("orderDate", json!(1_767_268_740)),
        ("orderDate", json!("2026-01-01T11:59:00-00:00[UTC]")),
        ("orderId", json!(5)),
        ("orderId", json!("")),
        ("channel", json!("tv")),
        ("email", json!("x")),
        ("guest", json!(0)),
        ("cartId", json!(1)),
        ("extra", json!({"a": {}})),
        ("extra", json!([])),
        ("lineItems", json!({})),
        ("lineItems", json!([1])),
        ("lineItems", json!([{"price": "1"}])),
        ("lineItems", json!([{"quantity": -1}])),
        ("lineItems", json!([{"category": "a"}])),
        ("lineItems", json!([{"extra": 1}])),
    ] {
        let mut body = order("c1", "o1");
        body[field] = bad.clone();
        let reply = api.order(&body);
        assert_eq!(reply.failure(), (422, 3003), "{field}: {bad}");
        assert!(reply.json()["message"].as_str().unwrap().starts_with(field), "{}", reply.body);
    }
    assert_eq!(api.state()["counters"]["orders"], 0);
    assert_eq!(api.state()["counters"]["customers"], 0);
    for good in ["2026-01-01T11:59:00.123456Z", "2026-01-01T11:59:00+00:00"] {
        let mut body = order("c1", good);
        body["orderDate"] = json!(good);
        api.order(&body).ok();
    }
}

#[test]
fn a_repeated_order_is_9004_whoever_sends_it_and_case_matters() {
    let api = Api::new(json!({}));
    api.order(&order("c1", "o1")).ok();
    assert_eq!(api.order(&order("c1", "o1")).failure(), (422, 9004));
    assert_eq!(api.order(&order("c2", "o1")).failure(), (422, 9004));
    api.order(&order("c1", "O1")).ok();
    let state = api.state();
    assert_eq!(state["counters"]["orders"], 2);
    assert_eq!(state["counters"]["customers"], 1, "a refused order creates nobody");
}

#[test]
fn unknown_customers_are_7000() {
    let api = Api::new(json!({}));
    for path in ["customers/x", "customers/x/referrals", "customers/x/referrals/count"] {
        assert_eq!(api.get(path).failure(), (404, 7000), "{path}");
    }
    assert_eq!(api.call("DELETE", "customers/x", None).failure(), (404, 7000));
}

#[test]
fn unknown_addresses_are_4004() {
    let api = Api::new(json!({}));
    for (method, path) in [
        ("GET", "nothing"),
        ("PUT", "customers"),
        ("GET", "orders"),
        ("GET", "batches/1/status"),
        ("GET", "customers/a//referrals"),
    ] {
        assert_eq!(api.call(method, path, None).failure(), (404, 4004), "{method} {path}");
    }
    assert_eq!(api.raw("GET", "/api/", &[], b"").unwrap().failure(), (404, 4004));
}

#[test]
fn a_disabled_account_is_6000_and_a_plan_without_referrals_8000() {
    let api = Api::new(json!({})).referrer();
    api.control(json!({"do": "configure", "disabled": true}));
    assert_eq!(api.get("customers/anna").failure(), (422, 6000));
    api.control(json!({"do": "configure", "disabled": false, "planLacksReferrals": true}));
    for path in
        ["referrals/validate?referrerCode=ANNA", "customers/anna/referrals", "configurations/referrals"]
    {
        assert_eq!(api.get(path).failure(), (403, 8000), "{path}");
    }
    assert_eq!(api.create(&json!({"customerId": "b", "referrerCode": "ANNA"})).failure(), (403, 8000));
    api.create(&json!({"customerId": "b"})).ok();
}

#[test]
fn request_ids_are_never_the_same() {
    let (one, other) = (Api::new(json!({})), Api::new(json!({})));
    let mut seen = HashSet::new();
    for api in [&one, &other] {
        for _ in 0..20 {
            let id = api.get("customers/x").json()["requestId"].as_str().unwrap().to_owned();
            assert!(seen.insert(id));
        }
        let state = api.state();
        assert!(seen.contains(state["requests"][19]["requestId"].as_str().unwrap()), "the log has it too");
    }
}

#[test]
fn every_documented_code_can_be_injected_with_its_status() {
    let api = Api::new(json!({}));
    for (code, status) in [
        (1000, 401),
        (1001, 401),
        (1002, 403),
        (2000, 412),
        (2001, 422),
        (3000, 400),
        (3004, 400),
        (3016, 400),
        (3001, 422),
        (3003, 422),
        (3008, 422),
        (3009, 422),
        (3011, 422),
        (4000, 400),
        (4500, 400),
        (4004, 404),
        (5000, 500),
        (5003, 503),
        (6000, 422),
        (7000, 404),
        (7001, 422),
        (7002, 422),
        (7005, 422),
        (7003, 404),
        (7006, 422),
        (8000, 403),
        (9003, 422),
        (9004, 422),
    ] {
        api.control(json!({"do": "inject", "fault": "status", "code": code}));
        assert_eq!(api.create(&json!({"customerId": "c"})).failure(), (status, code));
    }
}

/// Any JSON, with the names the API knows among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9@.:TZ\\-]{0,24}|\\PC{0,8}".prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "customerId",
        "orderId",
        "orderDate",
        "totalPaid",
        "email",
        "guest",
        "referrerCode",
        "customerAttributes",
        "lineItems",
        "extra",
        "channel",
        "joinDate",
        "custom",
        "price",
        "body",
        "other",
    ]);
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..8).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

#[test]
fn whatever_is_sent_is_answered() {
    let api = Api::new(json!({"limits": false}));
    proptest!(ProptestConfig::with_cases(200), |(body in any_json(), path in 0..4_usize)| {
        let path = ["customers", "orders", "batch/customers", "batch/orders"][path];
        let reply = api.post(path, &body);
        prop_assert!(reply.status == 200 || (reply.status >= 400 && reply.status < 500), "{}", reply.status);
        if reply.status != 200 {
            reply.failure();
        }
        api.advance(1.0);
    });
}
