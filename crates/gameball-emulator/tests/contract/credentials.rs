//! Which keys each call needs: by operation, version, High Security Mode and minimum version.

use serde_json::json;

use crate::client::{API_KEY, Api, SECRET, order_text};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Method, path, body, and whether v4.0 needs both keys.
fn calls() -> Vec<(&'static str, &'static str, String, bool)> {
    vec![
        ("POST", "customers", r#"{"customerId":"c1"}"#.to_owned(), false),
        ("GET", "customers/anna", String::new(), false),
        ("GET", "referrals/validate?referrerCode=ANNA", String::new(), false),
        ("GET", "configurations/referrals", String::new(), false),
        ("POST", "orders", order_text("c1", "o1"), true),
        ("GET", "customers/anna/referrals", String::new(), true),
        ("GET", "customers/anna/referrals/count", String::new(), true),
        ("POST", "batch/customers", r#"{"body":[{"customerId":"b1"}]}"#.to_owned(), true),
        ("POST", "batch/orders", format!(r#"{{"body":[{}]}}"#, order_text("b1", "b1")), true),
        ("GET", "batches/5001/status", String::new(), true),
        ("DELETE", "customers/anna", String::new(), true),
    ]
}

fn expect(api: &Api, version: &str, both_always: bool) {
    for (method, path, body, both_on_v4_0) in calls() {
        let path = format!("/api/{version}/integrations/{path}");
        let ask = |headers: &[(&str, &str)]| api.raw(method, &path, headers, body.as_bytes()).unwrap();
        let context = format!("{method} {path}");
        assert_eq!(ask(&[JSON]).failure(), (401, 1000), "{context} without keys");
        assert_eq!(ask(&[JSON, ("APIKey", "wrong")]).failure(), (401, 1000), "{context} with a wrong key");
        assert_eq!(
            ask(&[JSON, ("SecretKey", SECRET)]).failure(),
            (401, 1000),
            "{context} with the secret only"
        );
        let wrong = [JSON, ("APIKey", API_KEY), ("SecretKey", "wrong")];
        assert_eq!(ask(&wrong).failure(), (401, 1000), "{context} with a wrong secret");
        let public_only = ask(&[JSON, ("APIKey", API_KEY)]);
        if both_on_v4_0 || both_always {
            assert_eq!(public_only.failure(), (401, 1001), "{context} with the public key only");
            let both = ask(&[JSON, ("APIKey", API_KEY), ("SecretKey", SECRET)]);
            assert_eq!(both.status, 200, "{context}: {}", both.body);
        } else {
            assert_eq!(public_only.status, 200, "{context}: {}", public_only.body);
        }
    }
}

#[test]
fn on_v4_0_some_calls_need_both_keys() {
    expect(&Api::new(json!({})).referrer(), "v4.0", false);
}

#[test]
fn on_v4_1_all_calls_need_both_keys() {
    expect(&Api::new(json!({})).referrer(), "v4.1", true);
}

#[test]
fn in_high_security_mode_all_calls_need_both_keys() {
    expect(&Api::new(json!({"highSecurity": true})).referrer(), "v4.0", true);
}

#[test]
fn the_secret_has_two_names_in_any_case_which_must_not_differ() {
    let api = Api::new(json!({})).referrer();
    let count = |headers: &[(&str, &str)]| {
        api.raw("GET", "/api/v4.0/integrations/customers/anna/referrals/count", headers, b"").unwrap()
    };
    for (key, secret) in [("APIKey", "TransactionKey"), ("apikey", "secretkey"), ("APIKEY", "SECRETKEY")] {
        count(&[(key, API_KEY), (secret, SECRET)]).ok();
    }
    count(&[("APIKey", API_KEY), ("TransactionKey", SECRET), ("SecretKey", SECRET)]).ok();
    for (one, other) in [(SECRET, "wrong"), ("wrong", SECRET)] {
        let differ = [("APIKey", API_KEY), ("TransactionKey", one), ("SecretKey", other)];
        assert_eq!(count(&differ).failure(), (401, 1000));
    }
}

#[test]
fn versions_below_the_minimum_are_refused_and_others_unknown() {
    let api = Api::new(json!({})).referrer();
    let get = |version: &str| {
        api.raw("GET", &format!("/api/{version}/integrations/customers/anna"), &crate::client::KEYS, b"")
            .unwrap()
    };
    assert_eq!(get("v3.0").failure(), (403, 1002));
    assert_eq!(get("v4.2").failure(), (404, 4004));
    assert_eq!(get("v5.0").failure(), (404, 4004));
    assert_eq!(get("4.0").failure(), (404, 4004));
    api.control(json!({"do": "configure", "minVersion": "v4.1"}));
    let refused = get("v4.0");
    assert_eq!(refused.failure(), (403, 1002));
    assert!(refused.json()["message"].as_str().unwrap().contains("older than v4.1"));
    get("v4.1").ok();
}

#[test]
fn a_rotated_key_stops_at_once() {
    let api = Api::new(json!({})).referrer();
    let count = |key: &str, secret: &str| {
        let path = "/api/v4.0/integrations/customers/anna/referrals/count";
        api.raw("GET", path, &[("APIKey", key), ("SecretKey", secret)], b"").unwrap()
    };
    count(API_KEY, SECRET).ok();
    api.control(json!({"do": "configure", "secretKey": "another"}));
    assert_eq!(count(API_KEY, SECRET).failure(), (401, 1000));
    count(API_KEY, "another").ok();
    api.control(json!({"do": "configure", "apiKey": "public2"}));
    assert_eq!(count(API_KEY, "another").failure(), (401, 1000));
    count("public2", "another").ok();
}
