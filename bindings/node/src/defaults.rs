//! The core's defaults and bounds, so that the package repeats none of them.

use gameball_core::config::Options;
use gameball_core::model::{call, json};
use gameball_core::{capture, claim};
use napi_derive::napi;

/// The defaults, as JSON text.
#[napi(catch_unwind)]
pub fn defaults() -> String {
    let options = Options::default();
    serde_json::json!({
        "baseUrl": options.base_url,
        "apiVersion": options.api_version,
        "highSecurity": options.high_security,
        "timeoutMs": u64::try_from(options.timeout.as_millis()).unwrap_or(u64::MAX),
        "maxRetries": options.max_retries,
        "allowPlainHttp": options.allow_plain_http,
        "captureParams": capture::DEFAULT_PARAMS,
        "claimMaxAgeSeconds": claim::DEFAULT_MAX_AGE,
        "referralsPage": call::REFERRALS_PAGE,
        "maxDepth": json::MAX_DEPTH,
    })
    .to_string()
}
