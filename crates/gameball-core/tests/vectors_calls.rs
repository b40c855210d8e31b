//! Replays the shared vectors of requests, amounts and errors over HTTP, against the emulator.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test stops where it fails, and is not hurried"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use gameball_core::config::{Config, Options};
use gameball_core::error::{Error, Kind, classify};
use gameball_core::model::arguments::Style;
use gameball_core::model::{Call, Json};
use gameball_core::{Client, Result};
use gameball_emulator::Emulator;
use serde::Deserialize;
use serde_json::{Value, json};

const API_KEY: &str = "gb_test_api_key";
const SECRET_KEY: &str = "gb_test_secret_key_0123456789abc";

fn text(file: &str) -> String {
    std::fs::read_to_string(format!("{}/../../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn vectors(file: &str) -> Value {
    serde_json::from_str(&text(file)).unwrap()
}

/// The arguments of each case, in the order in which the file has them.
fn arguments(file: &str) -> Vec<Json> {
    #[derive(Deserialize)]
    struct Document {
        cases: Vec<Case>,
    }
    #[derive(Deserialize)]
    struct Case {
        input: Input,
    }
    #[derive(Deserialize)]
    struct Input {
        arguments: Json,
    }
    let document: Document = serde_json::from_str(&text(file)).unwrap();
    document.cases.into_iter().map(|case| case.input.arguments).collect()
}

fn cases(document: &Value) -> &[Value] {
    let cases = document["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    cases
}

struct Shop {
    emulator: Emulator,
    client: Client,
    runtime: tokio::runtime::Runtime,
}

impl Shop {
    fn open() -> Self {
        let emulator =
            Emulator::spawn(serde_json::from_value(json!({"limits": false, "processingMs": 0})).unwrap())
                .unwrap();
        let options = Options {
            api_key: API_KEY.into(),
            secret_key: Some(SECRET_KEY.into()),
            base_url: emulator.url().to_owned(),
            timeout: Duration::from_secs(5),
            max_retries: 0,
            ..Options::default()
        };
        let client = Client::new(Config::new(options).unwrap()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { emulator, client, runtime }
    }

    fn call(&self, operation: &str, arguments: Json) -> Result<Value> {
        let call = Call::read(operation, arguments, Style::Camel)?;
        self.runtime.block_on(self.client.call(&call)).map(|reply| serde_json::to_value(reply).unwrap())
    }

    fn control(&self, command: Value) -> Value {
        self.emulator.control(command).unwrap()
    }

    /// What the emulator was sent since the last time.
    fn take_requests(&self) -> Vec<Value> {
        let state = self.control(json!({"do": "state"}));
        self.control(json!({"do": "reset"}));
        state["requests"].as_array().unwrap().clone()
    }
}

fn plain(value: &Value) -> Json {
    serde_json::from_str(&value.to_string()).unwrap()
}

fn refusal(error: &Error) -> Value {
    json!({"kind": error.kind().as_str(), "field": error.field()})
}

#[test]
fn requests() {
    let shop = Shop::open();
    for (case, arguments) in cases(&vectors("requests.json")).iter().zip(arguments("requests.json")) {
        let (name, input) = (&case["name"], &case["input"]);
        let outcome = shop.call(input["operation"].as_str().unwrap(), arguments);
        let sent = shop.take_requests();
        if let Some(expected) = case.get("error") {
            assert_eq!(refusal(&outcome.unwrap_err()), *expected, "{name}");
            assert!(sent.is_empty(), "{name}");
        } else {
            let [request] = sent.as_slice() else { panic!("{name}: {sent:?}") };
            let query = request["query"].as_str().filter(|query| !query.is_empty());
            let path = match query {
                Some(query) => format!("{}?{query}", request["path"].as_str().unwrap()),
                None => request["path"].as_str().unwrap().to_owned(),
            };
            let body = request["body"].as_str().filter(|body| !body.is_empty());
            assert_eq!(
                json!({"method": request["method"], "path": path, "body": body}),
                case["output"],
                "{name}"
            );
            let accepted = outcome.map_err(|error| error.kind());
            assert!(matches!(accepted, Ok(_) | Err(Kind::NotFound)), "{name}: {accepted:?}");
        }
    }
}

#[test]
fn money() {
    let shop = Shop::open();
    for case in cases(&vectors("money.json")) {
        let order = json!({"orderId": "o1", "customerId": "u1", "orderDate": "2026-11-22T10:00:00Z", "totalPaid": case["input"]});
        let outcome = shop.call("trackOrder", plain(&order));
        let sent = shop.take_requests();
        if let Some(expected) = case.get("error") {
            assert_eq!(refusal(&outcome.unwrap_err()), *expected, "{}", case["name"]);
            assert!(sent.is_empty());
        } else {
            outcome.unwrap();
            let expected = format!(r#""totalPaid":{}}}"#, case["output"].as_str().unwrap());
            assert!(
                sent[0]["body"].as_str().unwrap().ends_with(&expected),
                "{}: {}",
                case["name"],
                sent[0]["body"]
            );
        }
    }
}

#[test]
fn errors() {
    let shop = Shop::open();
    let document = vectors("errors.json");
    for case in cases(&document) {
        let status = u16::try_from(case["input"]["status"].as_u64().unwrap()).unwrap();
        let code = case["input"]["code"].as_i64();
        let mut fault = json!({"do": "inject", "fault": "status", "status": status});
        if let Some(code) = code {
            fault["code"] = json!(code);
        }
        shop.control(fault);
        let error = shop.call("createCustomer", plain(&json!({"customerId": "u1"}))).unwrap_err();
        assert_eq!(error.status(), Some(status), "{}", case["name"]);
        assert_eq!(error.kind().as_str(), case["output"]["kind"], "{}", case["name"]);
        assert_eq!(json!(error.retryable()), case["output"]["retryable"], "{}", case["name"]);
        assert_eq!(classify(status, code).effect.as_str(), case["output"]["effect"], "{}", case["name"]);
    }
    let named: BTreeSet<&str> =
        document["kinds"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(named, Kind::ALL.into_iter().map(Kind::as_str).collect());
}
