//! How is a file of shared vectors read and replayed? The format is in `tests/vectors/README.md`.

#![allow(dead_code, reason = "each test file uses its part of this")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gameball_core::Error;
use serde_json::{Map, Value, json};

/// The outcome of a call: what it returns as JSON, or its error.
pub type Outcome = Result<Value, Error>;

/// The input of one case, with its repetitions written out.
pub struct Input(Map<String, Value>);

impl Input {
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// All of it, as JSON text.
    pub fn json(&self) -> String {
        serde_json::to_string(&self.0).unwrap()
    }

    pub fn text(&self, name: &str) -> &str {
        self.optional_text(name).unwrap_or_else(|| panic!("input has no text {name}"))
    }

    pub fn optional_text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub fn integer(&self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap_or_else(|| panic!("input has no integer {name}"))
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        STANDARD.decode(self.text(name)).unwrap()
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        self.0[name].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    pub fn byte_strings(&self, name: &str) -> Vec<Vec<u8>> {
        self.texts(name).iter().map(|text| STANDARD.decode(text).unwrap()).collect()
    }
}

/// Replays every case of `tests/vectors/<file>` and reports all that differ.
pub fn replay(file: &str, call: impl Fn(&str, &Input) -> Outcome) {
    let path = format!("{}/../../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let document: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let cases = document["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    let mut failures = Vec::new();
    for case in cases {
        let Value::Object(input) = expanded(&case["input"]) else { panic!("no input: {case}") };
        let name = case["call"].as_str().unwrap();
        if let Err(difference) = compare(case, call(name, &Input(input))) {
            failures.push(format!("{name}, {}: {difference}", case["name"]));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

fn compare(case: &Value, outcome: Outcome) -> Result<(), String> {
    match (case.get("output"), case.get("error"), outcome) {
        (Some(expected), None, Ok(got)) => {
            let expected = expanded(expected);
            (got == expected).then_some(()).ok_or_else(|| format!("expected {expected}, got {got}"))
        }
        (None, Some(expected), Err(error)) => {
            let contains = expected.get("messageContains").and_then(Value::as_str).unwrap_or_default();
            let got = json!({"kind": error.kind().as_str(), "field": error.field()});
            let wanted = json!({"kind": expected["kind"], "field": expected.get("field")});
            (got == wanted && error.message().contains(contains))
                .then_some(())
                .ok_or_else(|| format!("expected {expected}, got {error:?}"))
        }
        (_, _, outcome) => Err(format!("got {outcome:?}")),
    }
}

/// Writes out `{"repeat": {"prefix", "unit", "times", "suffix"}}` wherever a text may stand.
fn expanded(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.get("repeat") {
            Some(repeat) => {
                let part = |name: &str| repeat[name].as_str().unwrap();
                let times = usize::try_from(repeat["times"].as_u64().unwrap()).unwrap();
                Value::String([part("prefix"), &part("unit").repeat(times), part("suffix")].concat())
            }
            None => object.iter().map(|(name, value)| (name.clone(), expanded(value))).collect(),
        },
        Value::Array(items) => items.iter().map(expanded).collect(),
        other => other.clone(),
    }
}
