//! A courier at an emulator that answers as it is told, one answer after the other.

#![allow(dead_code, reason = "each test file uses its part of this")]

use std::time::Duration;

use gameball_core::config::{Config, Options};
use gameball_core::delivery::{Courier, Delivery, Settings, Verdict};
use gameball_emulator::Emulator;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

pub const API_KEY: &str = "gb_test_api_key";
pub const SECRET_KEY: &str = "gb_test_secret_key_0123456789abc";

pub struct Desk {
    pub emulator: Emulator,
    pub courier: Courier,
    pub runtime: Runtime,
}

/// A delivery as its host has it, between its calls.
pub struct Stored {
    fields: Value,
}

impl Stored {
    /// Stores what a verdict says.
    pub fn follow(&mut self, verdict: &Value) {
        self.fields["progress"] = verdict["progress"].clone();
        if verdict["costsAttempt"] == true {
            let attempts = self.fields["attempts"].as_u64().unwrap_or(0);
            self.fields["attempts"] = json!(attempts + 1);
        }
    }

    pub fn read(&self) -> Delivery {
        serde_json::from_value(self.fields.clone()).unwrap()
    }

    pub fn set(&mut self, field: &str, value: Value) {
        self.fields[field] = value;
    }
}

impl Desk {
    pub fn open() -> Self {
        let options = json!({"limits": false, "processingMs": 0});
        let emulator = Emulator::spawn(serde_json::from_value(options).unwrap()).unwrap();
        let options = Options {
            api_key: API_KEY.into(),
            secret_key: Some(SECRET_KEY.into()),
            base_url: emulator.url().to_owned(),
            timeout: Duration::from_secs(5),
            ..Options::default()
        };
        let courier = Courier::new(Config::new(options).unwrap(), Settings::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { emulator, courier, runtime }
    }

    /// The delivery of a vector.
    pub fn delivery(input: &Value) -> Stored {
        let registered_at = input.get("registeredAgoMs").and_then(Value::as_i64);
        let now = jiff::Timestamp::now().as_millisecond();
        let arguments = match input.get("rawArguments") {
            Some(raw) => raw.clone(),
            None => Value::String(input["arguments"].to_string()),
        };
        Stored {
            fields: json!({
                "id": 7,
                "operation": input["operation"],
                "arguments": arguments,
                "attempts": input.get("attempts").cloned().unwrap_or(json!(0)),
                "registeredAtMs": registered_at.map(|ago| now - ago),
                "referrerCode": input.get("referrerCode"),
                "receipt": input.get("receipt"),
                "slot": input.get("slot"),
            }),
        }
    }

    /// Sends it, the emulator answering as told.
    pub fn deliver(&self, delivery: &Stored, answer: Option<&Value>) -> Value {
        self.control(json!({"do": "clearFaults"}));
        if let Some(answer) = answer {
            let mut fault = answer.clone();
            fault["do"] = json!("inject");
            self.control(fault);
        }
        let verdicts: Vec<Verdict> = self.runtime.block_on(self.courier.deliver(&[delivery.read()]));
        serde_json::to_value(&verdicts).unwrap()[0].take()
    }

    pub fn control(&self, command: Value) -> Value {
        self.emulator.control(command).unwrap()
    }

    /// The requests since the last time: method and path, and the body.
    pub fn take_requests(&self) -> Vec<(String, String)> {
        let state = self.control(json!({"do": "state"}));
        self.control(json!({"do": "reset"}));
        state["requests"].as_array().unwrap().iter().map(request).collect()
    }
}

fn request(request: &Value) -> (String, String) {
    let text = |field: &str| request[field].as_str().unwrap_or_default();
    let path = text("path").trim_start_matches("/api/v4.0/integrations/");
    let query = if text("query").is_empty() { String::new() } else { format!("?{}", text("query")) };
    (format!("{} {path}{query}", text("method")), text("body").to_owned())
}

/// The cases of a file of vectors.
pub fn vectors(file: &str) -> Vec<Value> {
    let path = format!("{}/../../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = document["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}
