//! Who may see and command the emulator over HTTP: this machine's programs and the emulator's own page.
//!
//! A web page elsewhere must not drive it through somebody's browser, neither directly (its `Origin`
//! tells) nor by a name of its own that resolves to this machine (its `Host` tells).

use std::net::{IpAddr, SocketAddr};

use crate::options::is_loopback;

/// Why a request is refused, if it is.
pub(crate) fn refusal(
    host: Option<&str>,
    origin: Option<&str>,
    local: SocketAddr,
    own_host: &str,
) -> Option<String> {
    let Some(host) = host else { return Some("the Host header is missing".to_owned()) };
    let name = without_port(host);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let is_own_ip = bare.parse::<IpAddr>().is_ok_and(|ip| ip == local.ip());
    if !is_loopback(name) && !is_own_ip && !name.eq_ignore_ascii_case(own_host) {
        return Some(format!("the Host {host:?} is not this emulator's address"));
    }
    match origin {
        Some(origin) if !origin.eq_ignore_ascii_case(&format!("http://{host}")) => {
            Some(format!("requests from the origin {origin:?} are refused"))
        }
        _ => None,
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(host: Option<&str>, origin: Option<&str>) -> bool {
        let local = SocketAddr::from(([192, 168, 0, 7], 8090));
        refusal(host, origin, local, "emulator.test").is_some()
    }

    #[test]
    fn own_addresses_may() {
        for host in [
            "127.0.0.1:8090",
            "localhost:8090",
            "localhost",
            "[::1]:8090",
            "192.168.0.7:8090",
            "emulator.test:8090",
        ] {
            assert!(!refused(Some(host), None), "{host}");
            assert!(!refused(Some(host), Some(&format!("http://{host}"))), "{host}");
        }
    }

    #[test]
    fn others_may_not() {
        for host in [
            "evil.example",
            "evil.example:8090",
            "127.0.0.1.evil.example",
            "192.168.0.8:8090",
            "",
            "localhost:80x",
        ] {
            assert!(refused(Some(host), None), "{host}");
        }
        assert!(refused(None, None));
        for origin in ["https://evil.example", "null", "http://localhost:9999", "https://localhost:8090", ""]
        {
            assert!(refused(Some("localhost:8090"), Some(origin)), "{origin}");
        }
    }
}
