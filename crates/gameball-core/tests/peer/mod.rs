//! A peer that answers exactly what a test says, byte by byte, and remembers what it was sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gameball_core::Client;
use gameball_core::config::{Config, Options};
use gameball_core::model::{CreateCustomer, CustomerId, Money, OrderId, ReferrerCode, TrackOrder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub const API_KEY: &str = "gb_test_public_6b1f";
pub const SECRET_KEY: &str = "gb_test_private_c0ffee_0123456789";

/// What the peer does with one request.
#[derive(Clone)]
pub enum Act {
    /// These bytes, the connection stays open.
    Answer(String),
    /// These bytes, then the connection is closed.
    AnswerAndClose(String),
    /// The connection is reset without an answer.
    Reset,
    /// Nothing, ever.
    Silence,
    /// The head, then a byte of the body now and then, for ever.
    Drip,
    /// The head, then a body without end.
    Flood,
}

pub struct Peer {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    closed: Arc<Notify>,
}

impl Peer {
    /// Acts in turn, request by request; the last act is repeated.
    pub async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let closed = Arc::new(Notify::new());
        let (seen, close) = (Arc::clone(&requests), Arc::clone(&closed));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acts.clone(), Arc::clone(&seen), Arc::clone(&close)));
            }
        });
        Self { address, requests, closed }
    }

    /// Returns once a connection has been closed by the peer since the last time.
    pub async fn closed(&self) {
        self.closed.notified().await;
    }

    /// The requests as they came, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub fn options(&self) -> Options {
        Options {
            api_key: API_KEY.into(),
            secret_key: Some(SECRET_KEY.into()),
            base_url: format!("http://{}", self.address),
            timeout: Duration::from_secs(5),
            ..Options::default()
        }
    }

    pub fn client(&self) -> Client {
        client(self.options())
    }
}

pub fn client(options: Options) -> Client {
    Client::new(Config::new(options).unwrap()).unwrap()
}

pub fn ok(body: &str) -> String {
    answer("200 OK", "application/json", body)
}

pub fn answer(status: &str, content_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn friend() -> CreateCustomer {
    let mut friend = CreateCustomer::new(CustomerId::new("friend-1").unwrap());
    friend.referrer_code = Some(ReferrerCode::new("REF123456").unwrap());
    friend.email = Some("friend@shop.example".to_owned());
    friend
}

pub fn order() -> TrackOrder {
    TrackOrder::new(
        OrderId::new("order-1").unwrap(),
        CustomerId::new("friend-1").unwrap(),
        "2026-11-22T10:00:00Z".to_owned(),
        "100.10".parse::<Money>().unwrap(),
    )
}

async fn serve(mut stream: TcpStream, acts: Vec<Act>, seen: Arc<Mutex<Vec<String>>>, closed: Arc<Notify>) {
    while let Some(request) = read_request(&mut stream).await {
        let index = {
            let mut seen = seen.lock().unwrap();
            seen.push(request);
            seen.len() - 1
        };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        match acts[index.min(acts.len() - 1)].clone() {
            Act::Answer(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap(),
            Act::AnswerAndClose(bytes) => {
                stream.write_all(bytes.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
                closed.notify_one();
                return;
            }
            Act::Reset => {
                stream.set_zero_linger().unwrap();
                return;
            }
            Act::Silence => std::future::pending().await,
            Act::Drip => {
                stream.write_all(head.as_bytes()).await.unwrap();
                while stream.write_all(b"1\r\n \r\n").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                return;
            }
            Act::Flood => {
                stream.write_all(head.as_bytes()).await.unwrap();
                let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
                while stream.write_all(chunk.as_bytes()).await.is_ok() {}
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let length = text
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
                })
                .unwrap_or(0);
            if bytes.len() >= head + 4 + length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
