//! One small HTTP POST to this machine: all that sending a webhook takes.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::options::is_loopback;

/// How long the other side has for all of it.
const PATIENCE: Duration = Duration::from_secs(5);
/// The status line is somewhere in the first bytes.
const MAX_HEAD: usize = 16 * 1024;

/// Where a webhook goes: plain HTTP on this machine, since nothing else is the emulator's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    host: String,
    port: u16,
    path: String,
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let wrong = || format!("webhookUrl must be an http:// URL of this machine, not {url:?}");
        let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong());
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| wrong())?),
            _ => (authority, 80),
        };
        if !is_loopback(host) {
            return Err(wrong());
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host: host.to_owned(), port, path })
    }

    /// Posts a JSON text and tells the status that came back.
    pub(crate) async fn post(&self, headers: &[(&str, &str)], body: &str) -> Result<u16, String> {
        match tokio::time::timeout(PATIENCE, self.exchange(headers, body)).await {
            Ok(Ok(status)) => Ok(status),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer within five seconds".to_owned()),
        }
    }

    async fn exchange(&self, headers: &[(&str, &str)], body: &str) -> std::io::Result<u16> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let mut stream = TcpStream::connect((host, self.port)).await?;
        let mut request = format!(
            "POST {} HTTP/1.1\r\nHost: {}:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n",
            self.path,
            self.host,
            self.port,
            body.len()
        );
        for (name, value) in headers {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.push_str("\r\n");
        request.push_str(body);
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.contains(&b'\n') && head.len() < MAX_HEAD {
            if stream.read_buf(&mut head).await? == 0 {
                break;
            }
        }
        status_of(&head).ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
    }
}

fn status_of(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split_whitespace();
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_on_this_machine() {
        let target = Target::parse("http://127.0.0.1:9000/hooks?x=1").expect("a target");
        assert_eq!(target, Target { host: "127.0.0.1".into(), port: 9000, path: "/hooks?x=1".into() });
        assert_eq!(Target::parse("http://localhost").expect("a target").port, 80);
        assert_eq!(Target::parse("http://[::1]:81?a").expect("a target").path, "/?a");
        for bad in [
            "https://127.0.0.1/",
            "http://example.com/",
            "127.0.0.1:80",
            "http://127.0.0.1:x/",
            "http://127.0.0.1@evil/",
            "http://",
            "http://127.0.0.1/\r\nA: b",
        ] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_http_has_a_status() {
        assert_eq!(status_of(b"HTTP/1.1 204 No Content\r\n\r\n"), Some(204));
        assert_eq!(status_of(b"SSH-2.0\r\n"), None);
        assert_eq!(status_of(b""), None);
    }
}
