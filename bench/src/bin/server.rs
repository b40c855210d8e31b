//! A server that costs next to nothing, so that the clients are what is measured. It is no emulator: it knows no
//! state, but it reads every request whole and refuses what is not one.
//!
//! It answers three paths below `/api/v4.0/integrations/`, writes its address to stdout, and ends with its stdin.
#![allow(clippy::print_stdout, reason = "the address is what it prints")]

use std::borrow::Cow;
use std::io::{Error, ErrorKind, Result};
use std::str;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ROOT: &str = "/api/v4.0/integrations/";
const LARGEST_REQUEST: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the vendor's names")]
struct Order<'a> {
    #[serde(borrow)]
    order_id: Cow<'a, str>,
    #[serde(borrow)]
    customer_id: Cow<'a, str>,
    total_paid: f64,
    line_items: Vec<LineItem<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineItem<'a> {
    #[serde(borrow)]
    sku: Cow<'a, str>,
    price: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Customer<'a> {
    #[serde(borrow)]
    customer_id: Cow<'a, str>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // Nobody is left to ask anything once the harness is gone.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            if let Err(error) = serve(stream).await
                && error.kind() != ErrorKind::ConnectionReset
            {
                eprintln!("bench server: {error}");
            }
        });
    }
}

async fn serve(mut stream: TcpStream) -> Result<()> {
    let mut received = Vec::with_capacity(8 * 1024);
    let mut answer = Vec::with_capacity(512);
    loop {
        while let Some(request) = Request::read(&received)? {
            request.answer(&mut answer);
            let length = request.length;
            received.drain(..length);
        }
        if !answer.is_empty() {
            stream.write_all(&answer).await?;
            answer.clear();
        }
        if stream.read_buf(&mut received).await? == 0 {
            return if received.is_empty() { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
    }
}

struct Request<'a> {
    method: &'a str,
    path: &'a str,
    has_key: bool,
    body: &'a [u8],
    /// Of head and body.
    length: usize,
}

impl<'a> Request<'a> {
    /// The first request in `received`, if all of it is there.
    fn read(received: &'a [u8]) -> Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut head = httparse::Request::new(&mut headers);
        let Ok(status) = head.parse(received) else { return Err(refused("what came is not HTTP")) };
        let httparse::Status::Complete(head_length) = status else {
            return if received.len() > LARGEST_REQUEST {
                Err(refused("the head is too long"))
            } else {
                Ok(None)
            };
        };
        let (mut has_key, mut body_length) = (false, 0);
        for header in head.headers.iter() {
            if header.name.eq_ignore_ascii_case("content-length") {
                let text = str::from_utf8(header.value).unwrap_or_default();
                body_length = text.parse().map_err(|_| refused("the length is no number"))?;
            } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(refused("a body in chunks: all clients send the same, with its length"));
            } else if header.name.eq_ignore_ascii_case("apikey") {
                has_key = !header.value.is_empty();
            }
        }
        if body_length > LARGEST_REQUEST {
            return Err(refused("the body is too long"));
        }
        let length = head_length + body_length;
        let Some(body) = received.get(head_length..length) else { return Ok(None) };
        let (method, path) = (head.method.unwrap_or_default(), head.path.unwrap_or_default());
        Ok(Some(Self { method, path, has_key, body, length }))
    }

    fn answer(&self, answer: &mut Vec<u8>) {
        let resource = self.path.strip_prefix(ROOT).unwrap_or_default();
        let (status, body) = match (self.method, resource) {
            _ if !self.has_key => ("401 Unauthorized", failure(1000, "no key")),
            ("POST", "orders") => match serde_json::from_slice::<Order<'_>>(self.body) {
                Ok(order) if order.is_whole() => {
                    let id = order.customer_id;
                    let points = order.total_paid;
                    (
                        "200 OK",
                        format!(r#"{{"customerId":"{id}","redeemedPoints":0,"rewardedPoints":{points}}}"#),
                    )
                }
                _ => ("400 Bad Request", failure(1100, "not an order")),
            },
            ("POST", "customers") => match serde_json::from_slice::<Customer<'_>>(self.body) {
                Ok(customer) if !customer.customer_id.is_empty() => {
                    ("200 OK", r#"{"gameballId":1}"#.to_owned())
                }
                _ => ("400 Bad Request", failure(1100, "not a customer")),
            },
            ("GET", path) if path.strip_prefix("customers/").is_some_and(|id| !id.is_empty()) => {
                let id = path.trim_start_matches("customers/");
                ("200 OK", format!(r#"{{"customerId":"{id}","gameballId":1,"isReferred":true}}"#))
            }
            _ => ("404 Not Found", failure(1404, "no such path")),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        answer.extend_from_slice(head.as_bytes());
        answer.extend_from_slice(body.as_bytes());
    }
}

impl Order<'_> {
    fn is_whole(&self) -> bool {
        !self.order_id.is_empty()
            && !self.customer_id.is_empty()
            && !self.line_items.is_empty()
            && self.line_items.iter().all(|item| !item.sku.is_empty() && item.price > 0.0)
    }
}

fn failure(code: u32, message: &str) -> String {
    format!(r#"{{"code":{code},"message":"{message}"}}"#)
}

fn refused(problem: &str) -> Error {
    Error::new(ErrorKind::InvalidData, problem)
}
