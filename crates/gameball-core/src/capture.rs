//! Which referrer code, if any, does the URL of a visit carry?
//!
//! The URL is a stranger's input: nothing in it is an error, and the work is linear in its length.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::model::referrer_code;

/// The query parameters that carry a code, the most trusted first.
///
/// The vendor's own names (the dashboard's `{url}?GbReferral={code}`, the guides' `referralCode=`)
/// come before the `ref` of the vendor's source document, because others use `ref` too
/// (`?ref=homepage`): where a visit has both, the specific name is the one that means a referral.
pub const DEFAULT_PARAMS: [&str; 3] = ["GbReferral", "referralCode", "ref"];

/// How much of a URL is looked at, in bytes (16 kB). A parameter that the cut would split is ignored.
pub const MAX_URL_LENGTH: usize = 16 * 1024;

/// Finds the referrer code in a URL: absolute, relative, `?query` or a bare `a=b&c=d`.
///
/// - `params` are parameter names in their order of precedence ([`DEFAULT_PARAMS`]), compared without
///   regard to case after decoding. Within one name the first value that is a possible code
///   ([`referrer_code::is_valid`]) wins.
/// - Values are percent-decoded once, `+` is a space, and surrounding whitespace is dropped.
/// - HTML-escaped separators (`&amp;ref=`) are understood.
/// - If the query has no code, a query inside the fragment is tried (`#/signup?ref=X`, as routers of
///   single-page apps write it), then one behind a second `?` (`/?a=b?GbReferral=X`, which is what
///   the vendor's `{url}?GbReferral={code}` makes of a landing page that has a query).
///
/// The scheme does not matter: app links (`shop://signup?ref=X`) work. Never fails; at most
/// [`MAX_URL_LENGTH`] bytes are looked at.
pub fn extract_referrer_code(url: &str, params: &[impl AsRef<str>]) -> Option<String> {
    let params: Vec<String> = params.iter().map(|name| name.as_ref().to_lowercase()).collect();
    let url = bounded(url);
    let (before, fragment) = match url.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (url, None),
    };
    let query = match before.split_once('?') {
        Some((_, query)) => Some(query),
        None => is_bare_query(before).then_some(before),
    };
    // A router's own anchor (`#/signup?ref=X#top`) is no part of its query.
    let in_fragment = fragment
        .and_then(|fragment| fragment.split('#').next())
        .and_then(|fragment| fragment.split_once('?'))
        .map(|(_, query)| query);
    let nested = query.and_then(|query| query.split_once('?')).map(|(_, query)| query);
    [query, in_fragment, nested].into_iter().flatten().find_map(|query| first_code(query, &params))
}

/// The code in what somebody typed, or the one in a referral link that they pasted.
pub fn typed_referrer_code(text: &str, params: &[impl AsRef<str>]) -> Option<String> {
    let text = text.trim();
    if text.contains("://") {
        return extract_referrer_code(text, params);
    }
    referrer_code::is_valid(text).then(|| text.to_owned())
}

/// The name of a query parameter as the capture sees it: decoded, in lower case, without the
/// remains of an HTML-escaped separator.
pub(crate) fn parameter_name(raw: &str) -> Option<String> {
    let name = decoded(raw)?.to_lowercase();
    Some(name.trim_start_matches("amp;").to_owned())
}

fn first_code(query: &str, params: &[String]) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for parameter in query.split('&') {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        let Some(name) = parameter_name(name).filter(|name| !name.is_empty()) else {
            continue;
        };
        let Some(rank) = params.iter().position(|wanted| *wanted == name) else {
            continue;
        };
        if best.as_ref().is_some_and(|(best, _)| *best <= rank) {
            continue;
        }
        if let Some(value) = decoded(value) {
            let code = value.trim();
            if referrer_code::is_valid(code) {
                best = Some((rank, code.to_owned()));
            }
        }
    }
    best.map(|(_, code)| code)
}

/// One round of form decoding; `None` if the result is not UTF-8. A lone `%` stands for itself.
fn decoded(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.contains(['%', '+']) {
        return Some(Cow::Borrowed(raw));
    }
    let spaced = raw.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(Cow::Owned(decoded.into_owned()))
}

/// Text without `?` is a query if it starts like one: `/a=b&ref=X` and `mailto:a&ref=X` do not.
fn is_bare_query(text: &str) -> bool {
    text.split(['=', '&']).next().is_some_and(|name| !name.contains(['/', ':', '\\']))
}

/// The part of the URL that is looked at. A parameter cut in two would be a wrong code, so a cut
/// moves back to the last separator.
fn bounded(url: &str) -> &str {
    if url.len() <= MAX_URL_LENGTH {
        return url;
    }
    // One byte more, so that a parameter which ends exactly at the limit is seen to end there.
    let mut end = MAX_URL_LENGTH + 1;
    while !url.is_char_boundary(end) {
        end -= 1;
    }
    let window = url.get(..end).unwrap_or_default();
    window.rfind(['&', '#', '?']).and_then(|end| window.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extract(url: &str) -> Option<String> {
        extract_referrer_code(url, &DEFAULT_PARAMS)
    }

    #[test]
    fn a_cut_never_shortens_a_code() {
        for padding in MAX_URL_LENGTH - 40..MAX_URL_LENGTH + 5 {
            let url = format!("?x={}&ref=ABCDEFGHIJ&y=1", "a".repeat(padding));
            assert!(matches!(extract(&url).as_deref(), None | Some("ABCDEFGHIJ")), "{padding}");
            let url = format!("?ref=ABC&x={}é", "é".repeat(padding));
            assert_eq!(extract(&url).as_deref(), Some("ABC"));
        }
    }

    #[test]
    fn own_names_and_no_names() {
        assert_eq!(extract_referrer_code("?Vän=X", &["vÄN"]).as_deref(), Some("X"));
        assert_eq!(extract_referrer_code("?=X", &[""]), None);
        assert_eq!(extract_referrer_code("?ref=X", &[] as &[&str]), None);
    }
}
