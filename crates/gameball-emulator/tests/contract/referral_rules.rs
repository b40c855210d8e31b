//! When a code links a customer and when it is passed over in silence, and what the state tells of it.

use serde_json::{Value, json};

use crate::client::{Api, order};

fn with_code(mut body: Value, code: &str) -> Value {
    body["referrerCode"] = json!(code);
    body
}

#[test]
fn the_first_create_call_links() {
    let api = Api::new(json!({})).referrer();
    api.create(&json!({"customerId": "ben", "referrerCode": "ANNA"})).ok();
    assert_eq!(api.get("customers/ben").ok()["isReferred"], true);
    let referral = &api.state()["referrals"][0];
    assert_eq!(
        referral,
        &json!({"referrer": "anna", "friend": "ben", "code": "ANNA", "status": "Pending",
        "linkedAt": "2026-01-01T12:00:00.000Z", "via": "createCustomer"})
    );
    assert_eq!(api.state()["customers"][1]["referredBy"], "anna");
}

#[test]
fn a_later_update_is_too_late_for_a_code() {
    let api = Api::new(json!({})).referrer();
    api.create(&json!({"customerId": "ben"})).ok();
    api.create(&json!({"customerId": "ben", "referrerCode": "ANNA"})).ok();
    assert_eq!(api.get("customers/ben").ok()["isReferred"], false);
    assert_eq!(api.ignored(), "notFirstCall");
}

#[test]
fn an_invalid_code_creates_the_customer_without_a_link() {
    let api = Api::new(json!({})).referrer();
    for (id, code) in [("b1", "NOBODY"), ("b2", ""), ("b3", "anna")] {
        api.create(&json!({"customerId": id, "referrerCode": code})).ok();
        assert_eq!(api.get(&format!("customers/{id}")).ok()["isReferred"], false);
        assert_eq!(api.ignored(), "invalidCode");
    }
}

#[test]
fn nobody_refers_themselves() {
    let api = Api::new(json!({})).referrer();
    api.create(&json!({"customerId": "anna", "referrerCode": "ANNA"})).ok();
    assert_eq!(api.ignored(), "selfReferral");
    api.order(&with_code(order("anna", "o1"), "ANNA")).ok();
    assert_eq!(api.ignored(), "selfReferral");
    assert_eq!(api.referrer_of("anna"), None);
}

#[test]
fn one_is_referred_once() {
    let api = Api::new(json!({})).referrer();
    api.control(json!({"do": "addCustomer", "customerId": "otto", "referralCode": "OTTO"}));
    api.create(&json!({"customerId": "ben", "referrerCode": "ANNA"})).ok();
    api.create(&json!({"customerId": "ben", "referrerCode": "OTTO"})).ok();
    assert_eq!(api.ignored(), "alreadyReferred");
    api.order(&with_code(order("ben", "o1"), "OTTO")).ok();
    assert_eq!(api.ignored(), "alreadyReferred");
    assert_eq!(api.referrer_of("ben").as_deref(), Some("anna"));
}

#[test]
fn an_order_links_the_customer_it_creates() {
    let api = Api::new(json!({})).referrer();
    api.order(&with_code(order("ben", "o1"), "ANNA")).ok();
    let state = api.state();
    assert_eq!(state["referrals"][0]["via"], "trackOrder");
    assert_eq!(state["referrals"][0]["status"], "Active", "the order is the event that completes it");
}

#[test]
fn the_first_order_of_a_known_customer_links_within_the_window() {
    for (wait, linked) in [(0.0, true), (300.0, true), (300.001, false)] {
        let api = Api::new(json!({})).referrer();
        api.create(&json!({"customerId": "ben"})).ok();
        api.advance(wait);
        api.order(&with_code(order("ben", "o1"), "ANNA")).ok();
        assert_eq!(api.referrer_of("ben").is_some(), linked, "after {wait} s");
        if !linked {
            assert_eq!(api.ignored(), "late");
        }
    }
}

#[test]
fn the_window_is_a_setting() {
    let api = Api::new(json!({"linkWindowSeconds": 10})).referrer();
    for (id, wait, linked) in [("b1", 10.0, true), ("b2", 11.0, false)] {
        api.create(&json!({"customerId": id})).ok();
        api.advance(wait);
        api.order(&with_code(order(id, id), "ANNA")).ok();
        assert_eq!(api.referrer_of(id).is_some(), linked);
    }
}

#[test]
fn a_second_order_is_too_late_for_a_code() {
    let api = Api::new(json!({})).referrer();
    api.order(&order("ben", "o1")).ok();
    api.order(&with_code(order("ben", "o2"), "ANNA")).ok();
    assert_eq!(api.ignored(), "notFirstOrder");
}

#[test]
fn an_order_that_overtakes_the_creation_loses_the_referral() {
    let api = Api::new(json!({})).referrer();
    api.order(&order("ben", "o1")).ok();
    api.create(&json!({"customerId": "ben", "referrerCode": "ANNA"})).ok();
    assert_eq!(api.ignored(), "notFirstCall");
    assert_eq!(api.state()["customers"][1]["createdBy"], "trackOrder");
}

#[test]
fn a_widget_that_overtakes_the_creation_loses_the_referral() {
    let api = Api::new(json!({})).referrer();
    assert_eq!(api.control(json!({"do": "widgetInit", "customerId": "ben"}))["created"], true);
    assert_eq!(api.control(json!({"do": "widgetInit", "customerId": "ben"}))["created"], false);
    api.create(&json!({"customerId": "ben", "referrerCode": "ANNA"})).ok();
    assert_eq!(api.ignored(), "notFirstCall");
    assert_eq!(api.state()["customers"][1]["createdBy"], "widget");
}

#[test]
fn guests_cannot_refer_but_may_be_referred_if_the_program_lets_them() {
    let api = Api::new(json!({})).referrer();
    api.create(&json!({"customerId": "gast", "guest": true, "referrerCode": "ANNA"})).ok();
    assert_eq!(api.referrer_of("gast").as_deref(), Some("anna"));
    let code = api.get("customers/gast").ok()["referralCode"].as_str().unwrap().to_owned();
    assert_eq!(api.get(&format!("referrals/validate?referrerCode={code}")).ok()["isValid"], false);
    api.create(&json!({"customerId": "ben", "referrerCode": code})).ok();
    assert_eq!(api.ignored(), "guestReferrer");

    api.create(&json!({"customerId": "gast", "guest": false})).ok();
    api.create(&json!({"customerId": "cleo", "referrerCode": code})).ok();
    assert_eq!(api.referrer_of("cleo").as_deref(), Some("gast"), "who signs up can refer");

    api.control(json!({"do": "configure", "guestReferrals": false}));
    let mut guest_order = with_code(order("gast2", "o1"), "ANNA");
    guest_order["guest"] = json!(true);
    api.order(&guest_order).ok();
    assert_eq!(api.ignored(), "guest");
}

#[test]
fn a_completed_referral_is_active() {
    let api = Api::new(json!({})).referrer();
    api.create(&json!({"customerId": "ben", "referrerCode": "ANNA"})).ok();
    assert_eq!(api.get("customers/anna/referrals").ok()["referredFriends"][0]["status"], "Pending");
    api.order(&order("ben", "o1")).ok();
    assert_eq!(api.get("customers/anna/referrals").ok()["referredFriends"][0]["status"], "Active");
}
