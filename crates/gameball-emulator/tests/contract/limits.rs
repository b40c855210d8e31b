//! Both windows of every bucket, on the emulator's own clock.

use serde_json::json;

use crate::client::{Api, order};

/// Fills a bucket to the brim and past it, in both windows.
fn expect(per_second: usize, per_half_minute: usize, call: impl Fn(&Api, usize) -> u16) {
    let api = Api::new(json!({})).referrer();
    let mut calls = 0;
    let mut next = || {
        calls += 1;
        call(&api, calls)
    };
    let mut admitted = 0;
    while admitted < per_half_minute {
        for _ in 0..per_second.min(per_half_minute - admitted) {
            assert_eq!(next(), 200, "the {}th", admitted + 1);
            admitted += 1;
        }
        if admitted < per_half_minute {
            assert_eq!(next(), 429, "more than {per_second} within a second");
            api.advance(0.999);
            assert_eq!(next(), 429, "the window is a full second");
            api.advance(0.001);
        }
    }
    // The half minute is full, however many seconds pass within it. The filling itself took this long:
    let took = f64::from(u32::try_from(per_half_minute / per_second - 1).unwrap());
    api.advance(29.999 - took);
    assert_eq!(next(), 429, "more than {per_half_minute} within half a minute");
    api.advance(0.001);
    for _ in 0..per_second {
        assert_eq!(next(), 200, "the first second has left the window; refused calls never were in it");
    }
    assert_eq!(next(), 429);
}

#[test]
fn creating_customers() {
    expect(30, 360, |api, n| api.create(&json!({"customerId": format!("c{n}")})).status);
}

#[test]
fn reading_customers() {
    expect(100, 1200, |api, _| api.get("customers/anna").status);
}

#[test]
fn tracking_orders() {
    expect(30, 360, |api, n| api.order(&order("c", &format!("o{n}"))).status);
}

#[test]
fn everything_else_together() {
    expect(30, 360, |api, n| match n % 3 {
        0 => api.get("customers/anna/referrals").status,
        1 => api.get("referrals/validate?referrerCode=ANNA").status,
        _ => api.get("configurations/referrals").status,
    });
}

#[test]
fn a_refusal_is_a_standard_error_without_headers_about_limits() {
    let api = Api::new(json!({})).referrer();
    for _ in 0..100 {
        api.get("customers/anna").ok();
    }
    let reply = api.get("customers/anna");
    assert_eq!(reply.failure().0, 429);
    for (name, _) in &reply.headers {
        let name = name.to_lowercase();
        assert!(
            !name.contains("ratelimit") && !name.contains("rate-limit") && name != "retry-after",
            "{name}"
        );
    }
    api.create(&json!({"customerId": "b"})).ok();
}

#[test]
fn calls_without_the_right_keys_do_not_count_and_limits_can_be_off() {
    let api = Api::new(json!({})).referrer();
    let path = "/api/v4.0/integrations/customers/anna";
    for _ in 0..150 {
        assert_eq!(api.raw("GET", path, &[("APIKey", "wrong")], b"").unwrap().status, 401);
    }
    api.get("customers/anna").ok();
    api.control(json!({"do": "configure", "limits": false}));
    for _ in 0..150 {
        api.get("customers/anna").ok();
    }
}

#[test]
fn both_windows_can_be_shortened() {
    let api = Api::new(json!({"limitWindowsDivisor": 10})).referrer();
    let call = |n: usize| api.create(&json!({"customerId": format!("d{n}")})).status;
    for second in 0..12 {
        for n in 0..30 {
            assert_eq!(call(second * 30 + n), 200);
        }
        assert_eq!(call(999), 429, "30 within a tenth of a second");
        api.advance(0.1);
    }
    assert_eq!(call(999), 429, "360 within three seconds");
    api.advance(1.8);
    assert_eq!(call(999), 200);
    for refused in [0, 101] {
        assert!(
            api.emulator.control(json!({"do": "configure", "limitWindowsDivisor": refused})).is_err(),
            "{refused}"
        );
    }
}
