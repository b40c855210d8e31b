//! The page, and that web pages elsewhere can neither read the state nor give commands.

use serde_json::json;

use crate::client::Api;

const COMMAND: &[u8] = br#"{"do":"reset"}"#;

#[test]
fn the_page_is_whole_and_locked_down() {
    let api = Api::new(json!({}));
    let page = api.raw("GET", "/", &[], b"").unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe-"));
    assert_eq!(page.body.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
    assert!(!page.body.contains("{{nonce}}") && !page.body.contains("innerHTML"));
    assert!(
        !page.body.contains("src=") && !page.body.contains("https://"),
        "nothing is loaded from elsewhere"
    );
    let again = api.raw("GET", "/", &[], b"").unwrap();
    assert_ne!(again.header("content-security-policy"), Some(policy), "the nonce is used once");
}

#[test]
fn its_own_page_may_command() {
    let api = Api::new(json!({})).referrer();
    let origin = api.emulator.url().to_owned();
    let headers = [("Content-Type", "application/json"), ("Origin", origin.as_str())];
    api.raw("POST", "/_emulator/control", &headers, COMMAND).unwrap().ok();
    assert_eq!(api.state()["counters"]["customers"], 0);
}

#[test]
fn other_origins_and_hosts_may_not() {
    let api = Api::new(json!({})).referrer();
    let port = api.authority().rsplit_once(':').unwrap().1.to_owned();
    let rebound = format!("evil.example:{port}");
    let rebound_origin = format!("http://{rebound}");
    for headers in [
        vec![("Origin", "https://evil.example")],
        vec![("Origin", "null")],
        vec![("Host", rebound.as_str())],
        vec![("Host", rebound.as_str()), ("Origin", rebound_origin.as_str())],
    ] {
        let mut with_type = headers.clone();
        with_type.push(("Content-Type", "application/json"));
        let reply = api.raw("POST", "/_emulator/control", &with_type, COMMAND).unwrap();
        assert_eq!(reply.status, 403, "{headers:?}");
        assert!(reply.json()["error"].is_string());
        for path in ["/", "/_emulator/state"] {
            assert_eq!(api.raw("GET", path, &headers, b"").unwrap().status, 403, "{path} {headers:?}");
        }
    }
    assert_eq!(api.state()["counters"]["customers"], 1);
}

#[test]
fn a_form_post_is_no_command_even_without_an_origin() {
    let api = Api::new(json!({})).referrer();
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let reply = api.raw("POST", "/_emulator/control", &[("Content-Type", kind)], COMMAND).unwrap();
        assert_eq!(reply.status, 415);
    }
    assert_eq!(api.state()["counters"]["customers"], 1);
}
