//! What does the claim cookie look like, and what keeps an answer that depends on it out of shared caches?

use serde::{Deserialize, Serialize};

/// The claim cookie's name unless told otherwise.
pub const DEFAULT_NAME: &str = "gb_claim";

/// The header in which a storefront's server hands a visitor's claim to the back end that registers them. It counts with
/// requests that change something alone: a page that depended on it could be put into others' caches.
pub const CLAIM_HEADER: &str = "x-gameball-claim";

/// Headers by which a cache that visitors share is told more than by `Cache-Control`; a private answer has none of them.
pub const SHARED_CACHE_HEADERS: [&str; 2] = ["CDN-Cache-Control", "Surrogate-Control"];

/// A claim that goes into a cookie.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dated {
    /// When the code was captured, in Unix milliseconds.
    pub claimed_at_ms: i64,
    /// The present, likewise.
    pub now_ms: i64,
    /// How long claims are believed, in seconds.
    pub max_age_seconds: i64,
    /// Whether the visitor came over TLS.
    pub is_secure: bool,
}

/// A cookie's attributes, but for its name, value and domain.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    /// In seconds; it ends when the claim does.
    pub max_age: i64,
    /// The whole shop.
    pub path: &'static str,
    /// Only over TLS, where the visitor came by it.
    pub secure: bool,
    /// Out of scripts' reach.
    pub http_only: bool,
    /// Sent along when a link leads to the shop.
    pub same_site: &'static str,
}

/// The attributes of a claim's cookie. `Lax`, because the visit that matters comes from another site.
#[must_use]
pub fn claim_cookie(claim: &Dated) -> Attributes {
    let age_ms = claim.now_ms.saturating_sub(claim.claimed_at_ms);
    let left_ms = claim.max_age_seconds.saturating_mul(1000).saturating_sub(age_ms);
    Attributes {
        max_age: left_ms.max(0).saturating_add(999) / 1000,
        path: "/",
        secure: claim.is_secure,
        http_only: true,
        same_site: "Lax",
    }
}

/// A `Cache-Control` that lets only the visitor's own browser keep the answer: what the header says besides stays.
#[must_use]
pub fn private_cache_control(header: &str) -> String {
    let kept = directives(header).into_iter().filter(|directive| {
        let name = directive.split('=').next().unwrap_or_default().trim();
        !["public", "private", "s-maxage"].iter().any(|shared| name.eq_ignore_ascii_case(shared))
    });
    kept.chain(["private"]).collect::<Vec<_>>().join(", ")
}

/// A `Vary` that names the cookie, too.
#[must_use]
pub fn varies_by_cookie(header: &str) -> String {
    let mut names: Vec<&str> = header.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.contains(&"*") {
        return "*".to_owned();
    }
    if !names.iter().any(|name| name.eq_ignore_ascii_case("cookie")) {
        names.push("Cookie");
    }
    names.join(", ")
}

/// What stands between commas, but not between those inside quotes (`no-cache="Set-Cookie, Date"`).
fn directives(header: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let parts = header.split(|c: char| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}
