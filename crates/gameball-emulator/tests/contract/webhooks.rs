//! Calls back to the shop: what they say, how they are signed, and when they are tried again.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
};

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::client::{Api, SECRET, eventually};

/// A shop that answers each webhook with the next of these statuses.
struct Shop {
    listener: TcpListener,
}

struct Received {
    headers: Vec<(String, String)>,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

impl Shop {
    fn open() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    fn url(&self) -> String {
        format!("http://{}/hooks", self.listener.local_addr().unwrap())
    }

    fn receive(&self, status: u16) -> Received {
        let (stream, _) = self.listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.starts_with("POST /hooks HTTP/1.1"), "{line}");
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
                None => break,
            }
        }
        let mut received = Received { headers, body: String::new() };
        let length: u64 = received.header("content-length").parse().unwrap();
        reader.by_ref().take(length).read_to_string(&mut received.body).unwrap();
        write!(reader.get_mut(), "HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n").unwrap();
        received
    }
}

/// Waits until the emulator has settled an attempt: the webhook's status and its number of attempts.
fn settled(api: &Api, attempts: usize) -> Value {
    eventually(|| {
        let webhook = api.state()["webhooks"][0].clone();
        (webhook["attempts"].as_array().unwrap().len() == attempts).then_some(webhook)
    })
}

#[test]
fn a_new_customer_is_told_with_a_signature_that_verifies() {
    let shop = Shop::open();
    let api = Api::new(json!({"webhookUrl": shop.url()})).referrer();
    let id = api.create(&json!({"customerId": "ben", "referrerCode": "ANNA"})).ok()["gameballId"].clone();
    let received = shop.receive(204);
    let expected: String =
        Sha1::digest(format!("{}:{SECRET}", received.body)).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(received.header("X-GB-Signature"), expected);
    assert_eq!(received.header("X-GB-Webhook-Version"), "v4");
    assert_eq!(received.header("Content-Type"), "application/json");
    let body: Value = serde_json::from_str(&received.body).unwrap();
    assert_eq!(body["event"], "customer.profile.updated");
    assert_eq!((&body["customer_id"], &body["gb_customer_id"]), (&json!("ben"), &id));
    assert_eq!(body["created_at"], "2026-01-01T12:00:00.000Z");
    assert!(
        body["data"]["referral_link"]
            .as_str()
            .unwrap()
            .ends_with(body["data"]["referral_code"].as_str().unwrap())
    );
    let webhook = settled(&api, 1);
    assert_eq!(webhook["status"], "delivered");
    assert_eq!(webhook["payload"], received.body);
}

#[test]
fn what_is_not_2xx_is_tried_again_after_5_20_and_60_minutes() {
    let shop = Shop::open();
    let api = Api::new(json!({"webhookUrl": shop.url()}));
    api.create(&json!({"customerId": "ben"})).ok();
    let first = shop.receive(500);
    assert_eq!(settled(&api, 1)["nextAttemptAt"], "2026-01-01T12:05:00.000Z");
    api.advance(5.0 * 60.0);
    let second = shop.receive(302);
    assert_eq!(second.body, first.body, "a repetition is the same payload");
    assert_eq!(settled(&api, 2)["nextAttemptAt"], "2026-01-01T12:25:00.000Z");
    api.advance(20.0 * 60.0);
    shop.receive(404);
    assert_eq!(settled(&api, 3)["nextAttemptAt"], "2026-01-01T13:25:00.000Z");
    api.advance(60.0 * 60.0);
    shop.receive(500);
    let last = settled(&api, 4);
    assert_eq!((last["status"].as_str(), &last["nextAttemptAt"]), (Some("failed"), &Value::Null));
}

#[test]
fn a_shop_that_is_down_is_tried_again() {
    let url = Shop::open().url();
    let api = Api::new(json!({"webhookUrl": url}));
    api.create(&json!({"customerId": "ben"})).ok();
    let webhook = settled(&api, 1);
    assert!(webhook["attempts"][0]["error"].is_string());
    assert_eq!(webhook["status"], "waiting");
}

#[test]
fn one_can_be_sent_on_demand() {
    let shop = Shop::open();
    let api = Api::new(json!({})).referrer();
    let send = json!({"do": "sendWebhook", "event": "customer.notification.push", "customerId": "anna"});
    assert!(api.emulator.control(send.clone()).unwrap_err().to_string().contains("webhookUrl"));
    api.control(json!({"do": "configure", "webhookUrl": shop.url(), "secretKey": "rotated"}));
    api.control(send);
    let received = shop.receive(200);
    assert!(received.body.contains("customer.notification.push"));
    let expected: String =
        Sha1::digest(format!("{}:rotated", received.body)).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(received.header("x-gb-signature"), expected);
}
