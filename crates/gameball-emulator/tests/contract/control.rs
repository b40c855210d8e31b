//! The control commands: what they do, what they refuse, and that HTTP and the library agree.

use gameball_emulator::{Emulator, Options, StartError};
use serde_json::{Value, json};

use crate::client::{API_KEY, Api, SECRET, eventually, order};

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

fn refused(api: &Api, command: Value) -> String {
    let before = api.state();
    let error = api.emulator.control(command).unwrap_err().to_string();
    assert_eq!(api.state(), before, "a refused command changes nothing");
    error
}

#[test]
fn the_library_and_http_execute_the_same() {
    let api = Api::new(json!({}));
    let command = json!({"do": "addCustomer", "customerId": "anna", "referralCode": "ANNA", "email": "a@b.c",
        "registeredAt": "2025-01-01T00:00:00Z", "attributes": {"displayName": "Anna"}, "guest": true});
    let reply = api.raw("POST", "/_emulator/control", &JSON, command.to_string().as_bytes()).unwrap().ok();
    assert_eq!(reply["displayName"], "Anna");
    assert_eq!(reply["createdBy"], "seed");
    assert_eq!(reply["registeredAt"], "2025-01-01T00:00:00.000Z");
    let over_http = api.raw("GET", "/_emulator/state", &[], b"").unwrap().ok();
    assert_eq!(over_http, api.state());
    assert_eq!(api.raw("POST", "/_emulator/control", &JSON, br#"{"do":"state"}"#).unwrap().ok(), over_http);
}

#[test]
fn mistakes_are_named() {
    let api = Api::new(json!({})).referrer();
    for (command, part) in [
        (json!([]), "object"),
        (json!({}), "\"do\""),
        (json!({"do": "dance"}), "dance"),
        (json!({"do": "state", "verbose": true}), "verbose"),
        (json!({"do": "reset", "all": true}), "all"),
        (json!({"do": "advance"}), "seconds"),
        (json!({"do": "advance", "seconds": -1}), "negative"),
        (json!({"do": "advance", "seconds": 1e30}), "advance"),
        (json!({"do": "setClock", "at": "noon"}), "noon"),
        (json!({"do": "addCustomer"}), "customerId"),
        (json!({"do": "addCustomer", "customerId": " "}), "customerId"),
        (json!({"do": "addCustomer", "customerId": "anna"}), "already"),
        (json!({"do": "addCustomer", "customerId": "b", "referralCode": "ANNA"}), "ANNA"),
        (json!({"do": "addCustomer", "customerId": "b", "referredBy": "nobody"}), "nobody"),
        (json!({"do": "removeCustomer", "customerId": "b"}), "no customer"),
        (json!({"do": "completeReferral", "customerId": "anna"}), "no referral"),
        (json!({"do": "configure", "host": "0.0.0.0"}), "host"),
        (json!({"do": "configure", "highSecurity": "yes"}), "highSecurity"),
        (json!({"do": "configure", "apiKey": ""}), "apiKey"),
        (json!({"do": "configure", "minVersion": "4"}), "minVersion"),
        (json!({"do": "configure", "webhookUrl": "http://example.com/"}), "webhookUrl"),
        (json!({"do": "configure", "switches": {"nope": 1}}), "nope"),
        (json!({"do": "configure", "limits": false, "batchAnswer": "nope"}), "batchAnswer"),
    ] {
        let error = refused(&api, command.clone());
        assert!(error.contains(part), "{command}: {error}");
        let reply = api.raw("POST", "/_emulator/control", &JSON, command.to_string().as_bytes()).unwrap();
        assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(error.as_str())));
    }
    assert_eq!(api.raw("POST", "/_emulator/control", &JSON, b"{").unwrap().status, 400);
    assert_eq!(api.raw("POST", "/_emulator/control", &[], b"{}").unwrap().status, 415);
    assert_eq!(api.raw("GET", "/_emulator/control", &[], b"").unwrap().status, 404);
}

#[test]
fn reading_the_state_over_http_cannot_command() {
    let api = Api::new(json!({})).referrer();
    api.raw("GET", "/_emulator/state?do=reset", &[], b"").unwrap().ok();
    assert_eq!(api.state()["counters"]["customers"], 1);
    api.control(json!({"do": "addCustomer", "customerId": "ben"}));
    let latest = api.raw("GET", "/_emulator/state?last=1", &[], b"").unwrap().ok();
    assert_eq!(latest["customers"][0]["customerId"], "ben");
    assert_eq!(
        (latest["customers"].as_array().unwrap().len(), &latest["counters"]["customers"]),
        (1, &json!(2))
    );
}

#[test]
fn the_clock_moves_stands_and_runs() {
    let api = Api::new(json!({"clock": "system"}));
    let clock = |command: Value| api.control(command);
    let set = clock(json!({"do": "setClock", "at": "2030-06-01T00:00:00Z"}));
    assert!(set["now"].as_str().unwrap().starts_with("2030-06-01T00:00:0") && set["frozen"] == false);
    let stopped = clock(json!({"do": "freeze"}));
    assert_eq!(api.state()["clock"], stopped);
    let at = clock(json!({"do": "freeze", "at": "2031-01-01T00:00:00.5Z"}));
    assert_eq!(at, json!({"now": "2031-01-01T00:00:00.500Z", "frozen": true}));
    assert_eq!(clock(json!({"do": "advance", "seconds": 0.25}))["now"], "2031-01-01T00:00:00.750Z");
    assert_eq!(
        clock(json!({"do": "setClock", "at": "2020-01-01T00:00:00Z"}))["now"],
        "2020-01-01T00:00:00.000Z"
    );
    let running = clock(json!({"do": "resume"}));
    assert!(running["now"].as_str().unwrap().starts_with("2020-01-01T00:00:0") && running["frozen"] == false);
}

#[test]
fn the_log_has_everything_but_the_keys() {
    let api = Api::new(json!({})).referrer();
    api.raw(
        "GET",
        "/api/v4.0/integrations/customers/anna?x=1",
        &[("APIKey", API_KEY), ("User-Agent", "me/1")],
        b"",
    )
    .unwrap()
    .ok();
    api.order(&order("c", "o")).ok();
    api.get("customers/nobody");
    let state = api.state();
    let request = &state["requests"][0];
    assert_eq!((request["method"].as_str(), request["query"].as_str()), (Some("GET"), Some("x=1")));
    assert_eq!((request["operation"].as_str(), request["status"].as_u64()), (Some("getCustomer"), Some(200)));
    assert_eq!(request["headers"]["apikey"], "[redacted]");
    assert_eq!(request["headers"]["user-agent"], "me/1");
    assert_eq!(state["requests"][1]["body"], order("c", "o").to_string());
    assert_eq!(state["requests"][2]["code"], 7000);
    let text = state.to_string();
    assert!(!text.contains(API_KEY) && !text.contains(SECRET));
    let orders = api.control(json!({"do": "requests", "operation": "trackOrder"}));
    assert_eq!(orders["requests"], json!([state["requests"][1]]));
    assert_eq!(state["counters"]["calls"], json!({"getCustomer": 2, "trackOrder": 1}));
    assert_eq!(state["counters"]["statuses"], json!({"200": 2, "404": 1}));
}

#[test]
fn reset_forgets_data_and_keeps_settings() {
    let api = Api::new(json!({})).referrer();
    api.control(json!({"do": "configure", "linkWindowSeconds": 5, "friendGameballId": true}));
    api.control(json!({"do": "inject", "fault": "html"}));
    api.create(&json!({"customerId": "x"}));
    api.control(json!({"do": "reset"}));
    let state = api.state();
    for list in
        ["customers", "orders", "referrals", "ignoredCodes", "requests", "webhooks", "batches", "faults"]
    {
        assert_eq!(state[list], json!([]), "{list}");
    }
    assert_eq!(state["options"]["linkWindowSeconds"], 5);
    assert_eq!(state["options"]["switches"]["friendGameballId"], true);
}

#[test]
fn an_emulator_stops_once_and_is_told_where_it_cannot_start() {
    let first = Emulator::spawn(Options::default()).unwrap();
    let handle = first.clone();
    drop(first);
    let url = handle.url().to_owned();
    let port: u16 = url.rsplit_once(':').unwrap().1.parse().unwrap();
    let taken = Emulator::spawn(Options { port, ..Options::default() }).err().unwrap();
    assert!(matches!(taken, StartError::Bind { .. }));
    assert!(taken.to_string().contains("taken by another program"), "{taken}");
    handle.stop();
    handle.stop();
    assert!(std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err());
    handle.control(json!({"do": "state"})).unwrap();
    let again = Emulator::spawn(Options { port, ..Options::default() }).unwrap();
    drop(again);
    for bad in [
        Options { secret_key: "ä".to_owned(), ..Options::default() },
        Options { min_version: "4".to_owned(), ..Options::default() },
    ] {
        assert!(matches!(Emulator::spawn(bad).err(), Some(StartError::Options(_))));
    }
}

#[test]
fn a_stop_does_not_wait_for_a_client_in_a_black_hole() {
    let api = Api::new(json!({}));
    api.control(json!({"do": "inject", "fault": "blackHole"}));
    let _waiting = api.send("GET", "/api/v4.0/integrations/customers/x", &[], b"").unwrap();
    eventually(|| (api.state()["counters"]["requests"] != 0).then_some(()));
    api.emulator.stop();
}

#[test]
fn many_threads_may_command_at_once() {
    let api = Api::new(json!({}));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let api = &api;
            scope.spawn(move || {
                for n in 0..50 {
                    api.control(json!({"do": "addCustomer", "customerId": format!("{thread}-{n}")}));
                }
            });
        }
    });
    assert_eq!(api.state()["counters"]["customers"], 200);
}
