//! Every row of the contract's table of calls: what is asked, what is answered, what is kept.

use serde_json::json;

use crate::client::{Api, order, order_text, v4};

#[test]
fn create_customer_answers_with_the_gameball_id_and_keeps_what_was_sent() {
    let api = Api::new(json!({}));
    let answer = api
        .create(&json!({
            "customerId": "c1", "email": "c1@example.com", "mobile": "+1", "guest": false,
            "customerAttributes": {"displayName": "Cleo", "channel": "web", "totalSpent": 10.5, "totalOrders": 2,
                "joinDate": "2025-12-31", "dateOfBirth": "1990-01-01", "custom": {"plan": "gold"}, "unknown": [1]},
        }))
        .ok();
    assert!(answer["gameballId"].is_u64() && answer.as_object().unwrap().len() == 1, "{answer}");
    let customer = &api.state()["customers"][0];
    assert_eq!(customer["customerId"], "c1");
    assert_eq!(customer["gameballId"], answer["gameballId"]);
    assert_eq!(customer["createdBy"], "createCustomer");
    assert_eq!(customer["registeredAt"], "2026-01-01T12:00:00.000Z");
    assert_eq!(customer["attributes"]["custom"]["plan"], "gold");
    assert_eq!(customer["email"], "c1@example.com");
    assert_eq!(customer["isReferred"], false);
}

#[test]
fn creating_again_updates_and_keeps_what_is_not_sent() {
    let api = Api::new(json!({}));
    let first =
        api.create(&json!({"customerId": "c1", "customerAttributes": {"city": "Cairo", "zip": "1"}})).ok();
    api.advance(60.0);
    let again =
        api.create(&json!({"customerId": "c1", "email": "a@b.c", "customerAttributes": {"zip": "2"}})).ok();
    assert_eq!(first, again);
    let state = api.state();
    assert_eq!(state["customers"].as_array().unwrap().len(), 1);
    assert_eq!(state["customers"][0]["attributes"], json!({"city": "Cairo", "zip": "2"}));
    assert_eq!(state["customers"][0]["registeredAt"], "2026-01-01T12:00:00.000Z");
}

#[test]
fn get_customer_has_the_documented_fields_and_no_personal_data() {
    let api = Api::new(json!({}));
    api.create(&json!({"customerId": "c1", "email": "c1@example.com", "customerAttributes":
        {"displayName": "Cleo", "firstName": "C", "email": "x@y.z", "mobile": "1", "country": "EG", "gender": "F"}}))
        .ok();
    let reply = api.get("customers/c1");
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    for personal in ["Cleo", "example.com", "x@y.z"] {
        assert!(!reply.body.contains(personal), "{}", reply.body);
    }
    let customer = reply.ok();
    let code = customer["referralCode"].as_str().unwrap();
    assert_eq!(customer["customerId"], "c1");
    assert_eq!(customer["isReferred"], false);
    assert_eq!(customer["customerAttributes"], json!({"country": "EG", "gender": "F"}));
    assert_eq!(customer["referralLink"], format!("https://yourwebsite.com/signup?ref={code}"));
    assert!(customer["gameballId"].is_u64());
    assert!(customer.get("dynamicReferralLink").is_some());
}

#[test]
fn an_id_is_one_path_segment_whatever_it_contains() {
    let api = Api::new(json!({}));
    for id in ["a/b", "a b", "ü", "a?b#c", "100%", "a+b", ".."] {
        api.create(&json!({"customerId": id})).ok();
        let path = id.bytes().fold(String::new(), |path, byte| format!("{path}%{byte:02X}"));
        assert_eq!(api.get(&format!("customers/{path}")).ok()["customerId"], id);
    }
    assert_eq!(api.get("customers/a+b").ok()["customerId"], "a+b");
    assert_eq!(api.get("customers/").failure(), (404, 4004));
}

#[test]
fn track_order_creates_its_customer_and_keeps_the_amount_as_sent() {
    let api = Api::new(json!({}));
    let answer = api.call("POST", "orders", Some(&order_text("c1", "o1"))).ok();
    assert_eq!(
        answer,
        json!({"customerId": "c1", "redeemedPoints": 0, "rewardedPoints": 100, "lineItems": []})
    );
    let state = api.state();
    assert_eq!(state["orders"][0]["totalPaid"], "100.10");
    assert_eq!(state["orders"][0]["body"], order_text("c1", "o1"));
    assert_eq!(state["customers"][0]["createdBy"], "trackOrder");
    assert_eq!(state["customers"][0]["orderCount"], 1);
    for (index, text) in
        ["0", "0.1", "1e2", "12345678901234567890.123456789", "7.000"].into_iter().enumerate()
    {
        let body = order_text("c1", &format!("p{index}")).replace("100.10", text);
        api.call("POST", "orders", Some(&body)).ok();
        assert_eq!(api.state()["orders"][index + 1]["totalPaid"], text);
    }
}

#[test]
fn track_order_answers_for_each_line_item() {
    let api = Api::new(json!({}));
    let mut body = order("c1", "o1");
    body["lineItems"] =
        json!([{"productId": "p1", "quantity": 2, "price": 4.75, "category": ["a"], "extra": {"size": "L"}}]);
    body["extra"] = json!({"gift": "yes", "n": 1});
    body["channel"] = json!("pos");
    let items = &api.order(&body).ok()["lineItems"];
    assert_eq!(
        items[0],
        json!({"productId": "p1", "quantity": 2, "decimalPoints": 9.5, "points": 9, "score": 0})
    );
}

#[test]
fn validate_tells_unknown_codes_and_self_referral() {
    let api = Api::new(json!({})).referrer();
    let valid =
        |query: &str| api.get(&format!("referrals/validate?{query}")).ok()["isValid"].as_bool().unwrap();
    assert!(valid("referrerCode=ANNA"));
    assert!(valid("referrerCode=ANNA&forCustomerId=new"));
    assert!(!valid("referrerCode=ANNA&forCustomerId=anna"));
    assert!(!valid("referrerCode=NOBODY"));
    assert!(!valid("referrerCode=anna"), "codes are compared exactly");
    assert_eq!(api.get("referrals/validate").failure(), (400, 3000));
}

#[test]
fn referrals_are_paged_by_the_gameball_id_and_counted() {
    let api = Api::new(json!({"limits": false, "switches": {"friendGameballId": true}})).referrer();
    for n in 0..130 {
        api.control(json!({"do": "addCustomer", "customerId": format!("f{n}"), "referredBy": "anna",
            "email": format!("f{n}@example.com"), "mobile": "1", "attributes": {"displayName": "F"}}));
    }
    for n in 0..30 {
        api.control(json!({"do": "completeReferral", "customerId": format!("f{n}")}));
    }
    let page = |query: &str| api.get(&format!("customers/anna/referrals{query}")).ok();
    let first = page("");
    assert_eq!((first["count"].as_u64(), first["hasMore"].as_bool()), (Some(50), Some(true)));
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let answer = page(&format!("?limit=37&startAfter={after}"));
        for friend in answer["referredFriends"].as_array().unwrap() {
            let id = friend["gameballId"].as_u64().unwrap();
            assert!(id > after, "ascending and exclusive");
            after = id;
            seen.push(friend["customerId"].as_str().unwrap().to_owned());
        }
        if answer["hasMore"] == false {
            break;
        }
        assert_eq!(answer["count"], 37);
    }
    assert_eq!(seen, (0..130).map(|n| format!("f{n}")).collect::<Vec<_>>());
    let all = page("?limit=200");
    assert_eq!((all["count"].as_u64(), all["hasMore"].as_bool()), (Some(130), Some(false)));
    assert_eq!(page("?limit=130")["hasMore"], false);
    assert_eq!(page("?limit=129")["hasMore"], true);
    assert_eq!(all["referredFriends"][0]["status"], "Active");
    assert_eq!(all["referredFriends"][129]["status"], "Pending");
    assert_eq!(all["referredFriends"][0]["email"], "f0@example.com");
    assert_eq!(all["referredFriends"][0]["mobileNumber"], "1");
    assert_eq!(all["referredFriends"][0]["displayName"], "F");
    assert_eq!(all["referredFriends"][0]["joinDate"], "2026-01-01T12:00:00.000Z");
    assert_eq!(
        api.get("customers/anna/referrals/count").ok(),
        json!({"count": 130, "totalPending": 100, "totalActive": 30})
    );
    for bad in ["limit=201", "limit=0", "limit=-1", "limit=x", "startAfter=x", "startAfter=-1"] {
        assert_eq!(api.get(&format!("customers/anna/referrals?{bad}")).failure(), (422, 3003), "{bad}");
    }
}

#[test]
fn a_customer_without_friends_has_an_empty_page() {
    let api = Api::new(json!({})).referrer();
    let answer = api.get("customers/anna/referrals").ok();
    assert_eq!(answer, json!({"referredFriends": [], "count": 0, "hasMore": false}));
    assert_eq!(api.get("customers/anna/referrals/count").ok()["count"], 0);
}

#[test]
fn the_program_is_told_in_the_language_asked_for() {
    let api = Api::new(json!({}));
    let read = |headers: &[(&str, &str)]| {
        api.raw("GET", &v4("configurations/referrals"), headers, b"").unwrap().ok()
    };
    let key = ("apikey", crate::client::API_KEY);
    let english = read(&[key]);
    assert_eq!(english["referralMethod"], "CustomerAndFriend");
    assert_eq!(english["eventName"], "place_order");
    assert_eq!(english["customerReward"]["point"], 100);
    assert_eq!(english["friendReward"]["coupon"]["options"]["name"], "10% off");
    let french = read(&[key, ("lang", "fr")]);
    assert_eq!(french["friendReward"]["coupon"]["options"]["name"], "10 % de réduction");
    assert_eq!(read(&[key, ("lang", "xx")]), english);
    assert_eq!(read(&[key, ("lang", "é")]), english);
}

#[test]
fn delete_forgets_the_customer_and_their_referrals_but_no_order_id() {
    let api = Api::new(json!({})).referrer();
    api.create(&json!({"customerId": "c1", "referrerCode": "ANNA"})).ok();
    api.order(&order("c1", "o1")).ok();
    let reply = api.call("DELETE", "customers/c1", None);
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(api.get("customers/c1").failure(), (404, 7000));
    assert_eq!(api.get("customers/anna/referrals/count").ok()["count"], 0);
    assert_eq!(api.order(&order("c2", "o1")).failure(), (422, 9004));
    api.create(&json!({"customerId": "c1", "referrerCode": "ANNA"})).ok();
    assert_eq!(api.referrer_of("c1").as_deref(), Some("anna"), "who comes back is new");
    api.call("DELETE", "customers/anna", None).ok();
    assert_eq!(api.get("referrals/validate?referrerCode=ANNA").ok()["isValid"], false);
}

#[test]
fn both_versions_answer_alike() {
    let api = Api::new(json!({}));
    for version in ["v4.0", "v4.1"] {
        let path = format!("/api/{version}/integrations/customers");
        let reply = api.raw("POST", &path, &crate::client::KEYS, br#"{"customerId":"c1"}"#).unwrap();
        assert!(reply.ok()["gameballId"].is_u64());
    }
}
