//! A client small enough to see every byte: one connection per request, nothing retried or followed.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use gameball_emulator::{Emulator, Options};
use serde_json::{Value, json};

pub const API_KEY: &str = "gb_test_api_key";
pub const SECRET: &str = "gb_test_secret_key_0123456789abc";

/// An emulator whose clock stands still at this instant unless a test says otherwise.
pub const START: &str = "2026-01-01T12:00:00Z";

pub struct Api {
    pub emulator: Emulator,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn code(&self) -> u64 {
        self.json()["code"].as_u64().unwrap_or_else(|| panic!("no code in {}", self.body))
    }

    /// The status and the code of a failure, whose five fields are checked on the way.
    pub fn failure(&self) -> (u16, u64) {
        let body = self.json();
        for name in ["type", "message", "documentationUrl", "requestId"] {
            assert!(body[name].as_str().is_some_and(|text| !text.is_empty()), "{name} in {body}");
        }
        (self.status, self.code())
    }

    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        if self.body.is_empty() { Value::Null } else { self.json() }
    }
}

impl Api {
    /// A fresh emulator: frozen clock, no time spent on writes, and these options over that.
    pub fn new(options: Value) -> Self {
        let mut all = json!({"clock": START, "processingMs": 0});
        all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let options: Options = serde_json::from_value(all).unwrap();
        Self { emulator: Emulator::spawn(options).unwrap() }
    }

    pub fn with_switch(name: &str, value: impl Into<Value>) -> Self {
        Self::new(json!({"switches": {name: value.into()}}))
    }

    pub fn authority(&self) -> &str {
        self.emulator.url().strip_prefix("http://").unwrap()
    }

    /// Any request, with exactly these headers besides Host, Connection and Content-Length.
    pub fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Reply> {
        let mut stream = self.send(method, path, headers, body)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        parse(&bytes)
    }

    /// Sends a request and hands over the connection, on which nothing has been read yet.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.authority())?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head += &format!("Host: {}\r\n", self.authority());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() || method == "POST" {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        Ok(stream)
    }

    /// An API call with both keys under `/api/v4.0/integrations/`.
    pub fn call(&self, method: &str, path: &str, body: Option<&str>) -> Reply {
        self.raw(method, &v4(path), &KEYS, body.unwrap_or_default().as_bytes()).unwrap()
    }

    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path, Some(&body.to_string()))
    }

    pub fn create(&self, body: &Value) -> Reply {
        self.post("customers", body)
    }

    pub fn order(&self, body: &Value) -> Reply {
        self.post("orders", body)
    }

    pub fn control(&self, command: Value) -> Value {
        self.emulator.control(command).unwrap()
    }

    pub fn state(&self) -> Value {
        self.control(json!({"do": "state"}))
    }

    pub fn advance(&self, seconds: f64) {
        self.control(json!({"do": "advance", "seconds": seconds}));
    }

    /// A customer who may refer others: `anna`, with the code `ANNA`.
    pub fn referrer(self) -> Self {
        self.control(json!({"do": "addCustomer", "customerId": "anna", "referralCode": "ANNA"}));
        self
    }

    /// Who the API's truth says referred a customer.
    pub fn referrer_of(&self, customer_id: &str) -> Option<String> {
        let state = self.state();
        let referral = state["referrals"]
            .as_array()
            .unwrap()
            .iter()
            .find(|referral| referral["friend"] == customer_id)?;
        Some(referral["referrer"].as_str().unwrap().to_owned())
    }

    /// Why the last code that was ignored was ignored.
    pub fn ignored(&self) -> String {
        let state = self.state();
        let last = state["ignoredCodes"].as_array().unwrap().last().expect("an ignored code").clone();
        assert!(last["explanation"].as_str().unwrap().len() > 10);
        last["reason"].as_str().unwrap().to_owned()
    }
}

/// Waits for something that happens on the emulator's thread, and not for ever.
pub fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "it never happened");
        std::thread::yield_now();
    }
}

pub const KEYS: [(&str, &str); 3] =
    [("APIKey", API_KEY), ("TransactionKey", SECRET), ("Content-Type", "application/json")];

pub fn v4(path: &str) -> String {
    format!("/api/v4.0/integrations/{path}")
}

/// A valid order; its text keeps the zero at the end of the amount.
pub fn order_text(customer_id: &str, order_id: &str) -> String {
    format!(
        r#"{{"customerId":"{customer_id}","orderId":"{order_id}","orderDate":"2026-01-01T11:59:00Z","totalPaid":100.10}}"#
    )
}

pub fn order(customer_id: &str, order_id: &str) -> Value {
    serde_json::from_str(&order_text(customer_id, order_id)).unwrap()
}

pub fn parse(bytes: &[u8]) -> io::Result<Reply> {
    let broken = || io::Error::new(io::ErrorKind::UnexpectedEof, "not a whole answer");
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(broken)?;
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    let body = String::from_utf8_lossy(&bytes[split + 4..]).into_owned();
    let reply = Reply { status: status.ok_or_else(broken)?, headers, body };
    let announced = reply.header("content-length").and_then(|length| length.parse::<usize>().ok());
    match announced {
        Some(length) if length > reply.body.len() => Err(broken()),
        _ => Ok(reply),
    }
}
