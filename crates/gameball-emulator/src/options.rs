//! How an emulator is set up: its address, keys, modes and clock.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{StartError, api::Version, post::Target, switches::Switches};

/// Where the shorter window is still a hundredth of a second.
const MOST_DIVIDED: u32 = 100;

/// How an emulator is set up. As JSON the names are in camelCase, and an unknown name is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own in the vendor's dashboard")]
pub struct Options {
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 takes any free one.
    pub port: u16,
    /// The account's public key, expected as `APIKey`.
    pub api_key: String,
    /// The account's private key. The default has the 32 bytes that a widget session token needs.
    pub secret_key: String,
    /// High Security Mode: every call needs both keys.
    pub high_security: bool,
    /// The oldest API version that is still answered.
    pub min_version: String,
    /// Gameball is switched off for this account: every call fails with 6000.
    pub disabled: bool,
    /// The account's plan has no referrals: whatever touches them fails with 8000.
    pub plan_lacks_referrals: bool,
    /// How long a write holds its customer, in milliseconds: another one meanwhile fails with 2001.
    pub processing_ms: u64,
    /// How long after a registration a referral may still be linked.
    pub link_window_seconds: u64,
    /// Whether the program lets a guest be referred. (A guest can never refer.)
    pub guest_referrals: bool,
    /// Whether the documented rate limits apply.
    pub limits: bool,
    /// Shortens both windows of every limit by this factor, so that tests of what waits for them take less time.
    pub limit_windows_divisor: u32,
    /// The system's time, or an instant at which time stands still until it is moved.
    pub clock: ClockSetting,
    /// Where webhooks go: an `http://` URL on this machine.
    pub webhook_url: Option<String>,
    /// The reading chosen on each point where the vendor's documents differ.
    pub switches: Switches,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            api_key: "gb_test_api_key".to_owned(),
            secret_key: "gb_test_secret_key_0123456789abc".to_owned(),
            high_security: false,
            min_version: "v4.0".to_owned(),
            disabled: false,
            plan_lacks_referrals: false,
            processing_ms: 2,
            link_window_seconds: 300,
            guest_referrals: true,
            limits: true,
            limit_windows_divisor: 1,
            clock: ClockSetting::System,
            webhook_url: None,
            switches: Switches::default(),
        }
    }
}

impl Options {
    /// Whether the address is this machine's own, which nobody else can reach.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// What the types alone do not tell: values that cannot work.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let refuse = |text: String| Err(StartError::Options(text));
        for (name, key) in [("apiKey", &self.api_key), ("secretKey", &self.secret_key)] {
            if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return refuse(format!("{name} must be visible ASCII, since it travels in a header"));
            }
        }
        if Version::parse(&self.min_version).is_none() {
            return refuse(format!("minVersion must look like v4.0, not {:?}", self.min_version));
        }
        if !(1..=MOST_DIVIDED).contains(&self.limit_windows_divisor) {
            return refuse(format!("limitWindowsDivisor must be 1 to {MOST_DIVIDED}"));
        }
        if let Some(url) = &self.webhook_url {
            Target::parse(url).map_err(StartError::Options)?;
        }
        Ok(())
    }
}

/// Whether a host, as written in an option, a URL or a header, is the loopback interface.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Where the emulator's time comes from. As JSON: `"system"`, or an RFC 3339 instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockSetting {
    /// The system's time; the `advance` and `setClock` commands shift it.
    #[default]
    System,
    /// Time stands still at this instant; `advance` and `setClock` move it.
    FrozenAt(Timestamp),
}

impl Serialize for ClockSetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::System => serializer.serialize_str("system"),
            Self::FrozenAt(at) => serializer.serialize_str(&crate::clock::text(*at)),
        }
    }
}

impl<'de> Deserialize<'de> for ClockSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "system" {
            return Ok(Self::System);
        }
        text.parse().map(Self::FrozenAt).map_err(|_| {
            de::Error::custom(format!("clock must be \"system\" or an RFC 3339 instant, not {text:?}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_secret_fits_a_session_token() {
        assert_eq!(Options::default().secret_key.len(), 32);
    }

    #[test]
    fn json_names_are_camel_case_and_unknown_ones_are_refused() {
        let options: Options = serde_json::from_str(
            r#"{"apiKey":"k","clock":"2026-01-01T00:00:00Z","switches":{"batchAnswer":"batchId"}}"#,
        )
        .expect("valid options");
        assert_eq!(options.api_key, "k");
        assert!(matches!(options.clock, ClockSetting::FrozenAt(_)));
        for bad in [r#"{"api_key":"k"}"#, r#"{"clock":"noon"}"#, r#"{"switches":{"nope":1}}"#] {
            assert!(serde_json::from_str::<Options>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn loopback_is_recognised() {
        for host in ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST", "::1", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["0.0.0.0", "192.168.0.1", "example.com", "127.0.0.1.nip.io", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
