//! One call of the vendor's API, with the fault that may be waiting for it, and its place in the log.

use std::time::Duration;

use hyper::{header, http::request::Parts};
use serde_json::Value;

use crate::{
    api::{self, Call, Credentials, Failure, Route},
    body::Body,
    clock,
    faults::{Fault, Kind},
    http::{Answer, header_text, is_json},
    log::{Entry, redact},
    server::Shared,
};

/// What becomes of a request.
pub(crate) enum Outcome {
    Answer(Answer),
    Reset,
    Silence,
}

/// One call of the vendor's API, with whatever fault is waiting for it.
pub(crate) async fn call(shared: &Shared, head: &Parts, body: Option<Vec<u8>>) -> Outcome {
    let too_large = body.is_none();
    let bytes = body.unwrap_or_default();
    let logged_body = String::from_utf8_lossy(&bytes).into_owned();
    let call = Call {
        route: Route::parse(head.method.as_str(), head.uri.path()),
        query: api::decode_query(head.uri.query().unwrap_or_default()),
        credentials: Credentials {
            api_key: header_text(&head.headers, "apikey"),
            transaction_key: header_text(&head.headers, "transactionkey"),
            secret_key: header_text(&head.headers, "secretkey"),
        },
        is_json: is_json(&head.headers),
        lang: header_text(&head.headers, "lang"),
        // Text that is not UTF-8 is not JSON either.
        body: String::from_utf8(bytes).unwrap_or_default(),
    };
    let operation = call.route.operation.map(api::Operation::name);

    let fault = shared.world().faults.strike(operation, || call.customer_id());
    let is_latency = |fault: &Fault| fault.kind == Kind::Latency;
    if let Some(fault) = fault.as_ref().filter(|fault| !fault.applies()) {
        pause(fault).await;
    }

    let mut entry = Entry {
        at: String::new(),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        operation,
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                (name.to_string(), redact(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
            })
            .collect(),
        body: logged_body,
        status: None,
        code: None,
        request_id: String::new(),
        fault: fault.as_ref().map(|fault| fault.kind.name()),
        applied: false,
    };
    let applies = fault.as_ref().is_none_or(|fault| is_latency(fault) || fault.applies());
    let mut answer = None;
    let mut hold = None;
    {
        let mut world = shared.world();
        entry.at = clock::text(world.now());
        entry.request_id = world.request_ids.next();
        *world.calls.entry(operation.unwrap_or("unknown")).or_default() += 1;
        if applies {
            let result = if too_large {
                Err(Failure::with_status(3011, 413, "the body is too large"))
            } else {
                api::execute(&mut world, &call)
            };
            entry.applied = result.is_ok();
            match result {
                Ok(success) => {
                    entry.status = Some(200);
                    hold = success.holds.map(|customer| (customer, world.options.processing_ms));
                    answer = Some((200, success.body));
                }
                Err(failure) => {
                    entry.status = Some(failure.status);
                    entry.code = Some(failure.code);
                    let body = failure.body(world.options.switches.error_body, &entry.request_id);
                    answer = Some((failure.status, Some(body)));
                }
            }
        }
        if let Some(fault) = fault.as_ref().filter(|fault| !is_latency(fault)) {
            (entry.status, entry.code) = fault.told();
        }
        world.log.push(entry.clone());
    }
    if let Some((customer_id, ms)) = hold
        && ms > 0
    {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        shared.world().in_flight.remove(&customer_id);
    }
    if let Some(fault) = fault.as_ref().filter(|fault| fault.applies()) {
        pause(fault).await;
    }

    match fault.filter(|fault| !is_latency(fault)) {
        Some(fault) => misbehave(shared, &fault, &entry, answer),
        None => match answer {
            Some((status, Some(body))) => Outcome::Answer(Answer::json(status, &body)),
            _ => Outcome::Answer(Answer::text(200, "", String::new())),
        },
    }
}

async fn pause(fault: &Fault) {
    let ms = fault.ms.unwrap_or(if fault.kind == Kind::Latency { 1000 } else { 0 });
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// The answer a fault gives instead of the right one.
fn misbehave(shared: &Shared, fault: &Fault, entry: &Entry, right: Option<(u16, Option<Value>)>) -> Outcome {
    const JSON: &str = "application/json; charset=utf-8";
    let right = right.and_then(|(_, body)| body).map(|body| body.to_string());
    let right = || fault.body.clone().or(right).unwrap_or_else(|| r#"{"gameballId":100001}"#.to_owned());
    let status = entry.status.unwrap_or(200);
    let mut answer = match fault.kind {
        Kind::ResetBefore | Kind::ResetAfter => return Outcome::Reset,
        Kind::BlackHole => return Outcome::Silence,
        Kind::Latency | Kind::Status => {
            let failure =
                Failure::with_status(entry.code.unwrap_or(5000), status, "injected by the emulator");
            let shape = shared.world().options.switches.error_body;
            let body = failure.body(shape, &entry.request_id).to_string();
            Answer::text(status, JSON, fault.body.clone().unwrap_or(body))
        }
        Kind::Html => {
            let page = "<!doctype html><html><head><title>Bad gateway</title></head>\
                        <body><h1>Bad gateway</h1><p>The proxy got no answer.</p></body></html>";
            Answer::text(
                status,
                "text/html; charset=utf-8",
                fault.body.clone().unwrap_or_else(|| page.to_owned()),
            )
        }
        Kind::Empty => Answer::text(status, "", String::new()),
        Kind::Garbage => Answer::text(
            status,
            JSON,
            fault.body.clone().unwrap_or_else(|| r#"{"gameballId": 1000"#.to_owned()),
        ),
        Kind::Redirect => {
            let itself = if entry.query.is_empty() {
                entry.path.clone()
            } else {
                format!("{}?{}", entry.path, entry.query)
            };
            let mut answer = Answer::text(status, "", String::new());
            answer.headers.push((header::LOCATION, fault.location.clone().unwrap_or(itself)));
            answer
        }
        Kind::Truncated => {
            Answer { body: Body::truncated(right()), ..Answer::text(status, JSON, String::new()) }
        }
        Kind::SlowBody => Answer { body: Body::slow(right()), ..Answer::text(status, JSON, String::new()) },
        Kind::EndlessBody => {
            let chunk =
                fault.body.clone().filter(|body| !body.is_empty()).unwrap_or_else(|| " ".repeat(16 * 1024));
            Answer { body: Body::endless(chunk), ..Answer::text(status, JSON, String::new()) }
        }
    };
    if let Some(value) = fault.retry_after() {
        answer.headers.push((header::RETRY_AFTER, value));
    }
    Outcome::Answer(answer)
}
