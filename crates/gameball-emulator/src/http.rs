//! One HTTP request: read, handed to the API, the page or the control commands, and answered.

use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

use crate::{
    api,
    body::Body,
    connection::Link,
    control,
    exchange::{self, Outcome},
    guard, page,
    server::Shared,
};

/// A body beyond this is answered with 413.
const MAX_BODY: usize = 4 * 1024 * 1024;
/// How much of such a body is read and thrown away, so that the client gets to read the answer.
const MAX_DRAINED: usize = 64 * 1024 * 1024;

/// The answer is that there is none: the connection ends.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is broken on purpose")
    }
}

impl std::error::Error for Broken {}

/// An answer before it is put on the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Body,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", body.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, headers: Vec::new(), body: Body::whole(body) }
    }

    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if !self.content_type.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

pub(crate) async fn respond(
    shared: Arc<Shared>,
    link: Link,
    request: Request<Incoming>,
) -> Result<Response<Body>, Broken> {
    let (head, body) = request.into_parts();
    let Ok(body) = read(body).await else { return Err(Broken) };
    if !head.uri.path().starts_with("/api/") {
        return Ok(own_pages(&shared, &link, &head, body).into_response());
    }
    // On a task of its own: a client that hangs up does not stop a call that has begun.
    let outcome =
        tokio::spawn(async move { exchange::call(&shared, &head, body).await }).await.map_err(|_| Broken)?;
    match outcome {
        Outcome::Answer(answer) => Ok(answer.into_response()),
        Outcome::Reset => {
            link.reset();
            Err(Broken)
        }
        Outcome::Silence => std::future::pending().await,
    }
}

/// The body, or none where it is too large.
async fn read(mut body: Incoming) -> Result<Option<Vec<u8>>, hyper::Error> {
    let mut bytes = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            seen += data.len();
            if seen <= MAX_BODY {
                bytes.extend_from_slice(&data);
            } else if seen > MAX_DRAINED {
                break;
            }
        }
    }
    Ok((seen <= MAX_BODY).then_some(bytes))
}

pub(crate) fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The page, the state and the control commands.
fn own_pages(
    shared: &Shared,
    link: &Link,
    head: &hyper::http::request::Parts,
    body: Option<Vec<u8>>,
) -> Answer {
    let error = |status, text: String| Answer::json(status, &json!({"error": text}));
    let mut world = shared.world();
    let host = header_text(&head.headers, "host");
    let origin = header_text(&head.headers, "origin");
    if let Some(reason) = guard::refusal(host.as_deref(), origin.as_deref(), link.local, &world.options.host)
    {
        return error(403, reason);
    }
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/") => page::answer(),
        (&Method::GET, "/_emulator/state") => {
            let query = api::decode_query(head.uri.query().unwrap_or_default());
            let command = match query.iter().find(|(name, _)| name == "last") {
                Some((_, last)) => json!({"do": "state", "last": last.parse::<usize>().unwrap_or_default()}),
                None => json!({"do": "state"}),
            };
            answer_command(control::execute(&mut world, command))
        }
        (&Method::POST, "/_emulator/control") => {
            if !is_json(&head.headers) {
                return error(415, "the Content-Type must be application/json".to_owned());
            }
            let Some(body) = body else { return error(413, "the command is too large".to_owned()) };
            match serde_json::from_slice(&body) {
                Ok(command) => answer_command(control::execute(&mut world, command)),
                Err(reason) => error(400, format!("the command is not JSON: {reason}")),
            }
        }
        _ => error(404, "there is nothing at this address; the page is at /".to_owned()),
    }
}

fn answer_command(result: Result<Value, crate::ControlError>) -> Answer {
    match result {
        Ok(value) => Answer::json(200, &value),
        Err(error) => Answer::json(400, &json!({"error": error.to_string()})),
    }
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    header_text(headers, "content-type").is_some_and(|value| {
        value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
    })
}
