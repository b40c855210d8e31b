//! Whatever a peer does, a call ends in time, with the error that says what happened, and keys stay where they are.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test stops where it fails, and is not hurried"
)]

mod peer;

use std::time::{Duration, Instant};

use gameball_core::config::Options;
use gameball_core::error::{Error, Kind};
use gameball_core::model::CustomerId;
use peer::{API_KEY, Act, Peer, SECRET_KEY, answer, client, friend, ok, order};

const DEADLINE: Duration = Duration::from_millis(300);

fn impatient(peer: &Peer) -> gameball_core::Client {
    client(Options { timeout: DEADLINE, ..peer.options() })
}

fn once(peer: &Peer) -> gameball_core::Client {
    client(Options { max_retries: 0, ..peer.options() })
}

fn shows_no_key(error: &Error) {
    let shown = format!("{error} {error:?} {}", error.message());
    assert!(!shown.contains(API_KEY) && !shown.contains(SECRET_KEY), "{shown}");
}

#[tokio::test]
async fn the_deadline_holds_for_silence_dripping_and_refused_patience() {
    for act in [Act::Silence, Act::Drip] {
        let peer = Peer::start(vec![act]).await;
        let started = Instant::now();
        let error = impatient(&peer).create_customer(&friend()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout);
        assert!(error.ambiguous() && error.retryable());
        assert!(error.message().contains("0.3 s"), "{error}");
        assert!(started.elapsed() >= DEADLINE && started.elapsed() < DEADLINE * 3, "{:?}", started.elapsed());
        shows_no_key(&error);
    }
}

#[tokio::test]
async fn the_deadline_spans_all_tries() {
    let down = answer("503 Service Unavailable", "application/json", r#"{"code":5003}"#);
    let peer = Peer::start(vec![Act::Answer(down.clone()), Act::Answer(down), Act::Silence]).await;
    let started = Instant::now();
    let error = impatient(&peer).create_customer(&friend()).await.unwrap_err();
    assert!(started.elapsed() < DEADLINE * 3);
    assert!(matches!(error.kind(), Kind::Timeout | Kind::Server), "{error:?}");
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let peer = Peer::start(vec![Act::Flood]).await;
    let error = once(&peer).create_customer(&friend()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Decode, Some(200)));
    assert!(error.message().contains("larger than"), "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Peer::start(vec![Act::Answer(ok("{}"))]).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let to = format!(
            "HTTP/1.1 {status}\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
            elsewhere.address
        );
        let peer = Peer::start(vec![Act::Answer(to)]).await;
        let error = peer.client().create_customer(&friend()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Api);
        assert!(error.message().contains("base URL"), "{error}");
        assert_eq!(peer.requests().len(), 1);
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn answers_that_are_not_json_are_named() {
    let page = "<!doctype html><title>secret page of friend@shop.example</title>";
    let cases = [
        (answer("200 OK", "text/html", page), "web page"),
        (ok(""), "is empty"),
        (ok("  \n"), "is empty"),
        (ok(r#"{"gameballId": 1"#), "breaks off"),
        (ok("gateway"), "is not JSON"),
        (ok("[1]"), "not what the documents describe"),
        (ok(r#"{"gameballId": {"a": 1}}"#), "not what the documents describe"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"gameballId\":".to_owned(), "broke off"),
    ];
    for (bytes, said) in cases {
        let peer = Peer::start(vec![Act::AnswerAndClose(bytes)]).await;
        let error = once(&peer).create_customer(&friend()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Decode, Some(200)), "{error:?}");
        assert!(error.message().contains(said), "{error}");
        assert!(!error.to_string().contains("shop.example"), "{error}");
    }
}

#[tokio::test]
async fn a_failure_keeps_its_status_whatever_its_body() {
    for (status, kind) in [
        ("502 Bad Gateway", Kind::Server),
        ("403 Forbidden", Kind::PermissionDenied),
        ("404 Not Found", Kind::NotFound),
    ] {
        for body in
            ["", "<html>proxy</html>", "{", "null", "[]", r#"{"code":"x","message":7,"requestId":[]}"#]
        {
            let peer = Peer::start(vec![Act::AnswerAndClose(answer(status, "text/html", body))]).await;
            let error = once(&peer).create_customer(&friend()).await.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert_eq!(error.status().map(|status| status.to_string()).as_deref(), status.get(..3));
        }
    }
}

#[tokio::test]
async fn the_peers_words_come_without_keys_and_personal_data() {
    let body = format!(
        r#"{{"code":3003,"type":"payload","message":"{API_KEY} {SECRET_KEY}: FRIEND@shop.example is invalid","requestId":"req-7<script>"}}"#
    );
    let peer =
        Peer::start(vec![Act::Answer(answer("422 Unprocessable Entity", "application/json", &body))]).await;
    let error = peer.client().create_customer(&friend()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.gameball_code(), error.request_id()),
        (Kind::Api, Some(3003), Some("req-7script"))
    );
    assert_eq!(error.message(), "Gameball refused the call: [redacted] [redacted]: [redacted] is invalid");
    shows_no_key(&error);
}

#[tokio::test]
async fn a_creation_survives_a_reset_and_an_order_is_not_sent_twice() {
    let peer = Peer::start(vec![Act::Reset, Act::Answer(ok(r#"{"gameballId":5}"#))]).await;
    let created = peer.client().create_customer(&friend()).await.unwrap();
    assert_eq!(created.gameball_id, Some(5));
    assert_eq!(peer.requests().len(), 2);

    let peer = Peer::start(vec![Act::Reset]).await;
    let error = peer.client().track_order(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Connection, 1));
    assert!(error.ambiguous() && error.retryable());
    assert_eq!(peer.requests().len(), 1);

    let down = answer("500 Internal Server Error", "application/json", r#"{"code":5000}"#);
    let peer = Peer::start(vec![Act::Answer(down)]).await;
    let error = peer.client().track_order(&order()).await.unwrap_err();
    assert_eq!((error.kind(), peer.requests().len()), (Kind::Server, 1));
}

#[tokio::test]
async fn what_was_not_applied_is_sent_again_even_for_an_order() {
    let limit = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n".to_owned();
    let busy = answer("422 Unprocessable Entity", "application/json", r#"{"code":2001}"#);
    let peer = Peer::start(vec![Act::Answer(limit), Act::Answer(busy), Act::Answer(ok("{}"))]).await;
    peer.client().track_order(&order()).await.unwrap();
    assert_eq!(peer.requests().len(), 3);
}

#[tokio::test]
async fn retry_after_is_told_to_the_caller() {
    let limit = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 17\r\ncontent-length: 0\r\n\r\n".to_owned();
    let peer = Peer::start(vec![Act::Answer(limit)]).await;
    let error = peer.client().create_customer(&friend()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry_after(), error.attempts()),
        (Kind::RateLimited, Some(Duration::from_secs(17)), 1)
    );
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let options =
        Options { base_url: format!("http://{address}"), ..Peer::start(vec![Act::Silence]).await.options() };
    let error = client(options).track_order(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.ambiguous()), (Kind::Connection, 3, false));
    assert!(error.message().contains("could not connect to 127.0.0.1"), "{error}");
}

#[tokio::test]
async fn connections_that_the_server_closed_are_not_used_again() {
    for _ in 0..20 {
        let peer = Peer::start(vec![Act::AnswerAndClose(ok("{}"))]).await;
        let client = once(&peer);
        client.track_order(&order()).await.unwrap();
        peer.closed().await;
        client.track_order(&order()).await.unwrap();
    }
}

#[tokio::test]
async fn an_erasure_that_its_own_first_try_did_is_done() {
    let gone = answer("404 Not Found", "application/json", r#"{"code":7000}"#);
    let peer = Peer::start(vec![Act::Reset, Act::Answer(gone.clone())]).await;
    peer.client().delete_customer(&CustomerId::new("u1").unwrap()).await.unwrap();
    // Nothing was erased by a try that was over the limit.
    let limit = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n".to_owned();
    let peer = Peer::start(vec![Act::Answer(limit), Act::Answer(gone)]).await;
    let error = peer.client().delete_customer(&CustomerId::new("u1").unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_closed_client_sends_nothing() {
    let peer = Peer::start(vec![Act::Answer(ok("{}"))]).await;
    let client = peer.client();
    client.close();
    assert_eq!(client.create_customer(&friend()).await.unwrap_err().kind(), Kind::Closed);
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn keys_travel_in_headers_only_and_only_where_they_are_due() {
    let peer = Peer::start(vec![Act::Answer(ok("{}"))]).await;
    let client = peer.client();
    client.create_customer(&friend()).await.unwrap();
    client.track_order(&order()).await.unwrap();
    let high_security = peer::client(Options { high_security: true, ..peer.options() });
    high_security.create_customer(&friend()).await.unwrap();
    let secure = peer::client(Options { api_version: "v4.1".to_owned(), ..peer.options() });
    secure.get_customer(&CustomerId::new("u1").unwrap()).await.unwrap();
    let secrets: Vec<usize> =
        peer.requests().iter().map(|request| request.matches(SECRET_KEY).count()).collect();
    assert_eq!(secrets, [0, 2, 2, 2]);
    for request in peer.requests() {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("apikey: {API_KEY}")), "{head}");
        assert!(!head.lines().next().unwrap().contains("gb_test"));
        assert!(!body.contains("gb_test"));
    }
    let shown = format!("{client:?}");
    assert!(!shown.contains(API_KEY) && !shown.contains(SECRET_KEY), "{shown}");
}

#[tokio::test]
async fn a_call_that_needs_the_secret_key_says_so_before_sending() {
    let peer = Peer::start(vec![Act::Answer(ok("{}"))]).await;
    let client = client(Options { secret_key: None, ..peer.options() });
    let error = client.track_order(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Configuration, 0));
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn one_deadline_spans_all_requests_of_a_page() {
    let page =
        r#"{"referredFriends":[{"customerId":"a"},{"customerId":"b"},{"customerId":".."}],"hasMore":true}"#;
    let gone = answer("404 Not Found", "application/json", r#"{"code":7000}"#);
    let peer = Peer::start(vec![Act::Answer(ok(page)), Act::Answer(gone), Act::Silence]).await;
    let started = Instant::now();
    let error =
        impatient(&peer).get_customer_referrals(&CustomerId::new("u1").unwrap(), None, 10).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Timeout, 3));
    assert!(started.elapsed() < DEADLINE * 2, "{:?}", started.elapsed());
}

#[tokio::test]
async fn more_friends_without_a_way_to_them_is_an_error() {
    for page in [
        r#"{"referredFriends":[{"customerId":".."}],"hasMore":true}"#,
        r#"{"referredFriends":[],"hasMore":true}"#,
    ] {
        let peer = Peer::start(vec![Act::Answer(ok(page))]).await;
        let error = peer
            .client()
            .get_customer_referrals(&CustomerId::new("u1").unwrap(), None, 10)
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (Kind::Decode, 1));
    }
}

#[tokio::test]
async fn a_key_that_the_peer_echoes_is_never_shown() {
    for body in [
        format!(r#"{{"code":1000,"message":"x","requestId":"{SECRET_KEY}"}}"#),
        format!(r#"{{"code":1000,"message":"{}{}"}}"#, " ".repeat(1185), SECRET_KEY),
        format!(r#"{{"code":1000,"message":"got {}..."}}"#, &SECRET_KEY[..12]),
    ] {
        let peer =
            Peer::start(vec![Act::Answer(answer("401 Unauthorized", "application/json", &body))]).await;
        let error = peer.client().create_customer(&friend()).await.unwrap_err();
        let shown = format!("{error} {error:?} {:?}", error.request_id());
        assert!(!shown.contains(&SECRET_KEY[..12]), "{shown}");
    }
}

#[tokio::test]
async fn an_order_with_an_odd_answer_is_tracked() {
    let peer = Peer::start(vec![Act::Answer(ok(
        r#"{"customerId":5,"rewardedPoints":"n/a","redeemedPoints":"1.50"}"#,
    ))])
    .await;
    let tracked = peer.client().track_order(&order()).await.unwrap();
    assert_eq!((tracked.customer_id, tracked.rewarded_points), (None, None));
    assert_eq!(tracked.redeemed_points.map(|points| points.to_string()).as_deref(), Some("1.50"));
}

#[tokio::test]
async fn an_odd_attribute_does_not_hide_the_proof_of_a_referral() {
    let body = r#"{"isReferred":true,"referralCode":null,"news":[1],"gameballId":"7",
        "customerAttributes":{"zip":50667,"city":"Bonn","totalSpent":"1250.50","paymentMethods":[{"type":"card"}]}}"#;
    let peer = Peer::start(vec![Act::Answer(ok(body))]).await;
    let customer = peer.client().get_customer(&CustomerId::new("u1").unwrap()).await.unwrap();
    assert_eq!(
        (customer.is_referred, customer.gameball_id, customer.referral_code),
        (Some(true), Some(7), None)
    );
    let attributes = customer.attributes.unwrap();
    assert_eq!(
        (attributes.zip, attributes.city.as_deref(), attributes.payment_methods),
        (None, Some("Bonn"), None)
    );
    assert_eq!(attributes.total_spent.map(|spent| spent.to_string()).as_deref(), Some("1250.50"));
}
