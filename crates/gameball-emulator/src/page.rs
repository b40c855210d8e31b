//! The page at `/`: one document that shows the state, with nothing loaded from anywhere else.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

use hyper::header::{self, HeaderName};

use crate::http::Answer;

const PAGE: &str = include_str!("page.html");

pub(crate) fn answer() -> Answer {
    // Only the style and script of this very answer may run, and they may talk to nobody but us.
    let nonce = format!("{:016x}", RandomState::new().build_hasher().finish());
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut answer = Answer::text(200, "text/html; charset=utf-8", PAGE.replace("{{nonce}}", &nonce));
    answer.headers = vec![
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    answer
}
