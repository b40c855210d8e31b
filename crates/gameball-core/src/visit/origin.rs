//! Who asks: a visitor or a page that embeds us, the shop's own page or a stranger's, and from which network?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// What a browser says of a request; none where it is an older one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Fetch {
    /// The header `Sec-Fetch-Site`.
    pub sec_fetch_site: Option<String>,
    /// The header `Sec-Fetch-Dest`.
    pub sec_fetch_dest: Option<String>,
}

/// Whether it is a visit. It is none if another site merely loads this URL as an image, a frame or a script: whoever reads
/// that site has followed nobody's link.
#[must_use]
pub fn is_visit(fetch: &Fetch) -> bool {
    let is_embedded = fetch.sec_fetch_site.as_deref() == Some("cross-site")
        && fetch.sec_fetch_dest.as_deref().is_some_and(|dest| dest != "document");
    !is_embedded
}

/// What tells whose page asks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Asking {
    /// The header `Sec-Fetch-Site`.
    pub sec_fetch_site: Option<String>,
    /// The header `Origin`.
    pub origin: Option<String>,
    /// The host that was asked, with its port unless it is the scheme's own.
    pub host: String,
    /// Other origins of the shop's, such as `https://www.shop.example` or `https://*.shop.example`.
    pub trusted_origins: Vec<String>,
}

/// Whether the shop's own page asks, or one of an origin that it trusts. The browser tells; a program that names no origin
/// is nobody's page.
#[must_use]
pub fn is_own_page(asking: &Asking) -> bool {
    let origin = asking.origin.as_deref().unwrap_or_default();
    if asking.trusted_origins.iter().any(|trusted| covers(trusted, origin)) {
        return true;
    }
    match &asking.sec_fetch_site {
        Some(site) => site == "same-origin",
        // Older browsers. The scheme is the proxy's business; the host tells sites apart.
        None => origin
            .split_once("://")
            .is_some_and(|(_, host)| !host.is_empty() && host.eq_ignore_ascii_case(&asking.host)),
    }
}

fn covers(trusted: &str, origin: &str) -> bool {
    let (Some((scheme, host)), Some((wanted_scheme, wanted))) =
        (origin.split_once("://"), trusted.split_once("://"))
    else {
        return false;
    };
    let (host, wanted) = (host.to_ascii_lowercase(), wanted.to_ascii_lowercase());
    scheme.eq_ignore_ascii_case(wanted_scheme)
        && match wanted.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
            None => host == wanted,
        }
}

/// Where a request comes from, as far as limits are concerned.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// What stands for the visitor: an IPv4 address, or the /64 that one household has.
    pub name: String,
    /// Whether no visitor of the public internet has it: a proxy's, rather.
    pub is_private: bool,
}

/// The network of an address as a host has it; text that is no address stands for itself.
#[must_use]
pub fn visitor_network(address: &str) -> Network {
    let bare = address.trim().trim_start_matches('[').trim_end_matches(']');
    let bare = bare.split('%').next().unwrap_or_default();
    match bare.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(v4)) => Network { name: v4.to_string(), is_private: is_private_v4(v4) },
        Ok(IpAddr::V6(v6)) => {
            let network = Ipv6Addr::from(u128::from(v6) >> 64 << 64);
            Network { name: format!("{network}/64"), is_private: is_private_v6(v6) }
        }
        Err(_) => Network { name: address.to_owned(), is_private: true },
    }
}

/// Not reachable from everywhere, by the registry of special addresses (IANA).
fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b))
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || (a == 0x2001 && b == 0xdb8)
}
