//! Every switch in every position: each reading of the vendor's documents can be had.

use serde_json::{Value, json};

use crate::client::{API_KEY, Api, SECRET, order, v4};

/// A customer `anna` with the code `ANNA`, on an emulator with one switch set.
fn with(name: &str, value: impl Into<Value>) -> Api {
    Api::with_switch(name, value).referrer()
}

fn count_with(api: &Api, header: &str, secret: &str) -> u16 {
    let headers = [("APIKey", API_KEY), (header, secret)];
    api.raw("GET", &v4("customers/anna/referrals/count"), &headers, b"").unwrap().status
}

#[test]
fn secret_header() {
    for (value, transaction, secret) in
        [("either", 200, 200), ("transactionKey", 200, 401), ("secretKey", 401, 200)]
    {
        let api = with("secretHeader", value);
        assert_eq!(count_with(&api, "TransactionKey", SECRET), transaction);
        assert_eq!(count_with(&api, "SecretKey", SECRET), secret);
    }
}

#[test]
fn wrong_secret() {
    for (value, status) in [("error1000", 401), ("error1002", 403)] {
        assert_eq!(count_with(&with("wrongSecret", value), "SecretKey", "wrong"), status);
    }
}

#[test]
fn credentials_of_create_customer_and_batches() {
    let keys = [("APIKey", API_KEY), ("Content-Type", "application/json")];
    for (value, status) in [("apiKey", 200), ("both", 401)] {
        let api = with("createCustomerCredentials", value);
        assert_eq!(
            api.raw("POST", &v4("customers"), &keys, br#"{"customerId":"c"}"#).unwrap().status,
            status
        );
    }
    for (value, status) in [("both", 401), ("apiKey", 200)] {
        let api = with("batchCredentials", value);
        let body = br#"{"body":[{"customerId":"c"}]}"#;
        assert_eq!(api.raw("POST", &v4("batch/customers"), &keys, body).unwrap().status, status);
    }
}

#[test]
fn answers_of_create_and_get_customer() {
    let body = json!({"customerId": "c", "email": "c@d.e", "customerAttributes": {"firstName": "C", "lastName": "D"}});
    assert!(with("createCustomerAnswer", "gameballId").create(&body).ok()["gameballId"].is_u64());
    let guide = with("createCustomerAnswer", "guide").create(&body).ok();
    assert_eq!(guide, json!({"customerId": "c", "displayName": "C D", "email": "c@d.e", "mobile": null}));

    assert!(with("getCustomerAnswer", "reference").get("customers/anna").ok().get("isReferred").is_some());
    let api = with("getCustomerAnswer", "guide");
    api.create(&body).ok();
    let guide = api.get("customers/c").ok();
    assert_eq!(guide["displayName"], "C D");
    assert_eq!(guide.as_object().unwrap().len(), 4);

    assert!(with("gameballIdType", "number").get("customers/anna").ok()["gameballId"].is_u64());
    let api = with("gameballIdType", "text");
    assert!(api.get("customers/anna").ok()["gameballId"].is_string());
    assert!(api.create(&json!({"customerId": "c"})).ok()["gameballId"].is_string());
}

#[test]
fn existing_customer() {
    let again = json!({"customerId": "anna"});
    with("existingCustomer", "update").create(&again).ok();
    assert_eq!(with("existingCustomer", "error7001").create(&again).failure(), (422, 7001));
}

#[test]
fn invalid_code() {
    let body = json!({"customerId": "c", "referrerCode": "NOBODY"});
    let mut with_order = order("c", "o");
    with_order["referrerCode"] = json!("NOBODY");
    let api = with("invalidCode", "silent");
    api.create(&body).ok();
    for (value, failure) in [("error7006", (422, 7006)), ("error7003", (404, 7003))] {
        let api = with("invalidCode", value);
        assert_eq!(api.create(&body).failure(), failure);
        assert_eq!(api.order(&with_order).failure(), failure);
        let counters = &api.state()["counters"];
        assert_eq!(
            (&counters["customers"], &counters["orders"]),
            (&json!(1), &json!(0)),
            "nothing was created"
        );
    }
}

#[test]
fn already_referred() {
    let body = json!({"customerId": "c", "referrerCode": "ANNA"});
    for (value, failure) in
        [("silent", None), ("error7002", Some((422, 7002))), ("error7005", Some((422, 7005)))]
    {
        let api = with("alreadyReferred", value);
        api.create(&body).ok();
        let again = api.create(&body);
        match failure {
            None => drop(again.ok()),
            Some(failure) => assert_eq!(again.failure(), failure),
        }
    }
}

#[test]
fn validate_unknown() {
    let path = "referrals/validate?referrerCode=NOBODY";
    assert_eq!(with("validateUnknown", "isValidFalse").get(path).ok()["isValid"], false);
    assert_eq!(with("validateUnknown", "error7003").get(path).failure(), (404, 7003));
}

#[test]
fn registration_time() {
    let joined = |date: &str| json!({"customerId": "c", "referrerCode": "ANNA", "customerAttributes": {"joinDate": date}});
    for (value, date, linked) in [
        ("firstSeen", "2020-01-01", true),
        ("joinDate", "2020-01-01", false),
        ("joinDate", "2026-01-01T11:56:00Z", true),
        ("joinDate", "2026-01-01T11:54:00", false),
        ("joinDate", "2030-01-01", true),
    ] {
        let api = with("registrationTime", value);
        api.create(&joined(date)).ok();
        assert_eq!(api.referrer_of("c").is_some(), linked, "{value} {date}");
        if !linked {
            assert_eq!(api.ignored(), "late");
        }
    }
}

#[test]
fn order_code() {
    for (value, known, unknown) in
        [("firstOrder", true, true), ("unknownCustomerOnly", false, true), ("ignored", false, false)]
    {
        let api = with("orderCode", value);
        api.create(&json!({"customerId": "known"})).ok();
        for (id, linked) in [("known", known), ("unknown", unknown)] {
            let mut body = order(id, id);
            body["referrerCode"] = json!("ANNA");
            api.order(&body).ok();
            assert_eq!(api.referrer_of(id).is_some(), linked, "{value} {id}");
        }
    }
}

#[test]
fn unknown_customer_order() {
    with("unknownCustomerOrder", "creates").order(&order("c", "o")).ok();
    assert_eq!(with("unknownCustomerOrder", "error7000").order(&order("c", "o")).failure(), (404, 7000));
}

#[test]
fn transaction_time() {
    for (value, status) in [("ignored", 200), ("unique", 422)] {
        let api = with("transactionTime", value);
        api.order(&order("c", "o1")).ok();
        let second = api.order(&order("c", "o2"));
        assert_eq!(second.status, status);
        if status == 422 {
            assert_eq!(second.code(), 9003);
        }
        api.order(&order("d", "o3")).ok();
        assert_eq!(api.order(&order("c", "o1")).code(), 9004, "the id is looked at first");
    }
}

#[test]
fn referral_completion() {
    for (value, status) in [("firstOrder", "Active"), ("manual", "Pending")] {
        let api = with("referralCompletion", value);
        api.create(&json!({"customerId": "c", "referrerCode": "ANNA"})).ok();
        api.order(&order("c", "o")).ok();
        assert_eq!(api.state()["referrals"][0]["status"], status);
    }
}

#[test]
fn friends_and_their_pages() {
    for (value, there) in [(false, false), (true, true)] {
        let api = with("friendGameballId", value);
        api.create(&json!({"customerId": "c", "referrerCode": "ANNA"})).ok();
        let answer = api.get("customers/anna/referrals").ok();
        assert_eq!(answer["referredFriends"][0].get("gameballId").is_some(), there);
    }
    let path = "customers/anna/referrals?limit=1000";
    assert_eq!(with("referralsLimit", "error3003").get(path).failure(), (422, 3003));
    with("referralsLimit", "capped").get(path).ok();
}

#[test]
fn the_program() {
    let path = "configurations/referrals";
    assert!(with("referralsConfiguration", "object").get(path).ok().is_object());
    let array = with("referralsConfiguration", "array").get(path).ok();
    assert_eq!(array[1]["eventName"], "signup");
    let nested = with("extraReward", "customerReward").get(path).ok();
    assert_eq!(
        (&nested["customerReward"]["extraReward"]["forEvery"], nested.get("extraReward")),
        (&json!(5), None)
    );
    let top = with("extraReward", "topLevel").get(path).ok();
    assert_eq!(
        (&top["extraReward"]["forEvery"], top["customerReward"].get("extraReward")),
        (&json!(5), None)
    );
}

#[test]
fn referral_link() {
    for (value, link) in [
        ("ref", "https://yourwebsite.com/signup?ref=ANNA"),
        ("gbReferral", "https://yourwebsite.com/?GbReferral=ANNA"),
        ("landingPage", "https://yourwebsite.com/invite/ANNA"),
    ] {
        assert_eq!(with("referralLink", value).get("customers/anna").ok()["referralLink"], link);
    }
}

#[test]
fn batch_answer() {
    let body = json!({"body": [{"customerId": "c"}]});
    assert!(with("batchAnswer", "jobId").post("batch/customers", &body).ok()["jobId"].is_u64());
    let answer = with("batchAnswer", "batchId").post("batch/customers", &body).ok();
    assert!(answer["batchId"].is_string() && answer.get("jobId").is_none());
}

#[test]
fn error_body() {
    assert_eq!(with("errorBody", "contract").get("customers/x").failure(), (404, 7000));
    let body = with("errorBody", "errorMessage").get("customers/x").json();
    assert_eq!(body["error"], 7000);
    assert_eq!(body.as_object().unwrap().len(), 2);
}

#[test]
fn duplicate_email() {
    for (value, taken) in [("allowed", false), ("error3008", true)] {
        let api = with("duplicateEmail", value);
        api.create(&json!({"customerId": "a", "email": "x@y.z"})).ok();
        let same = api.create(&json!({"customerId": "b", "customerAttributes": {"email": "X@Y.z"}}));
        if taken {
            assert_eq!(same.failure(), (422, 3008));
            api.create(&json!({"customerId": "a", "email": "X@y.z"})).ok();
            api.create(&json!({"customerId": "a", "email": "new@y.z"})).ok();
        }
        api.create(&json!({"customerId": "c", "email": "x@y.z"})).ok();
    }
}

#[test]
fn null_optional() {
    let body = json!({"customerId": "c", "email": null, "customerAttributes": {"city": null}});
    let mut with_null = order("c", "o");
    with_null["lineItems"] = json!([{"sku": null}]);
    let api = with("nullOptional", "absent");
    api.create(&body).ok();
    api.order(&with_null).ok();
    assert_eq!(api.state()["customers"][1]["attributes"], json!({}));
    let api = with("nullOptional", "error3001");
    assert_eq!(api.create(&body).failure(), (422, 3001));
    assert_eq!(api.order(&with_null).failure(), (422, 3001));
}

#[test]
fn delete_answer() {
    assert_eq!(with("deleteAnswer", "empty").call("DELETE", "customers/anna", None).body, "");
    assert!(
        with("deleteAnswer", "message").call("DELETE", "customers/anna", None).ok()["message"].is_string()
    );
}

/// So that no switch is added without a test and a line in the README.
#[test]
fn every_switch_is_tested_and_documented() {
    let tests = include_str!("switches.rs");
    let readme = include_str!("../../README.md");
    let state = Api::new(json!({})).state();
    let switches = state["options"]["switches"].as_object().unwrap();
    assert_eq!(switches.len(), 26);
    for (name, default) in switches {
        assert!(tests.contains(&format!("\"{name}\"")), "{name} has no test");
        assert!(readme.contains(&format!("| `{name}` |")), "{name} is not in the README");
        let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap();
        assert!(row.contains(&format!("**`{default}`**")), "{name}: the README's default is not {default}");
    }
}
