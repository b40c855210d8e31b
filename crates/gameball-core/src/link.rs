//! What is the referral link of a code?

use std::fmt::Write as _;

use url::Url;

use crate::capture::parameter_name;
use crate::model::ids::encode;
use crate::model::referrer_code;
use crate::{Error, Result};

/// The placeholders of a template: the source document's spelling and the dashboard's.
pub const PLACEHOLDERS: [&str; 2] = ["{referralCode}", "{ReferralCode}"];

/// The longest template accepted, in bytes.
pub const MAX_TEMPLATE_LENGTH: usize = 2048;

/// The parameter added to a URL without a placeholder (the vendor's source document:
/// `https://yourwebsite.com/signup?ref={referralCode}`).
const PARAMETER: &str = "ref";

/// Builds the link that carries a customer's referral code.
///
/// `template` is an absolute http or https URL. Each `{referralCode}` or `{ReferralCode}` in its path,
/// query or fragment becomes the percent-encoded code. Without a placeholder `ref=CODE` is added at
/// the end of the query, in place of any `ref` the URL has; other parameters stay as they are, but for
/// quotes, `<`, `>` and non-ASCII, which come out percent-encoded. An international host comes out in
/// punycode.
///
/// # Errors
/// [`InvalidArgument`](crate::Kind::InvalidArgument) at `template` (no absolute http(s) URL, a user
/// name in it, whitespace, over [`MAX_TEMPLATE_LENGTH`] bytes, an unknown placeholder or one outside
/// path, query and fragment) or at `code` ([`referrer_code::check`], or a code of dots in a path).
pub fn referral_link(template: &str, code: &str) -> Result<String> {
    referrer_code::check("code", code)?;
    let authority_end = authority_end(template)?;
    let (origin, rest) = template.split_at(authority_end);
    let encoded = encode(code).to_string();
    let rest = if has_placeholder(rest)? {
        let path_end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (path, tail) = rest.split_at(path_end);
        format!("{}{}", filled_path(path, &encoded)?, filled(tail, &encoded))
    } else {
        with_parameter(rest, &encoded)
    };
    let url =
        Url::parse(&format!("{origin}{rest}")).map_err(|error| invalid(format!("is not a URL: {error}")))?;
    Ok(url.into())
}

/// Where path, query or fragment start, once scheme and authority are found acceptable.
fn authority_end(template: &str) -> Result<usize> {
    if template.len() > MAX_TEMPLATE_LENGTH {
        return Err(invalid(format!("is longer than {MAX_TEMPLATE_LENGTH} bytes")));
    }
    // A URL parser drops or rewrites these silently: what the operator sees would not be what is built.
    if template.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(invalid("must not contain whitespace, control characters or backslashes"));
    }
    let start = ["https://", "http://"]
        .iter()
        .find(|scheme| template.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
        .map(|scheme| scheme.len())
        .ok_or_else(|| invalid("must start with https:// or http://"))?;
    let after = template.get(start..).unwrap_or_default();
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(invalid("has no host"));
    }
    if authority.contains(['{', '}']) {
        return Err(invalid(
            "has a placeholder outside its path, query and fragment; the scheme, host and port must be fixed",
        ));
    }
    if authority.contains('@') {
        return Err(invalid("must not contain a user name or password"));
    }
    Ok(start + authority.len())
}

fn has_placeholder(rest: &str) -> Result<bool> {
    let found = PLACEHOLDERS.iter().any(|placeholder| rest.contains(placeholder));
    // Filled with a sign, not with nothing: `{Referral{referralCode}Code}` must not close up.
    if filled(rest, "-").contains(['{', '}']) {
        let [first, second] = PLACEHOLDERS;
        return Err(invalid(format!(
            "has braces that are no placeholder; the placeholders are {first} and {second}"
        )));
    }
    Ok(found)
}

fn filled(text: &str, encoded: &str) -> String {
    // One placeholder after the other is safe: an encoded code has no braces.
    PLACEHOLDERS.iter().fold(text.to_owned(), |text, placeholder| text.replace(placeholder, encoded))
}

/// A segment that becomes `.` or `..` would be resolved away, and the code with it.
fn filled_path(path: &str, encoded: &str) -> Result<String> {
    let path = path.split('/').map(|segment| {
        let done = filled(segment, encoded);
        let plain = done.to_ascii_lowercase().replace("%2e", ".");
        if done != segment && (plain == "." || plain == "..") {
            return Err(Error::invalid_argument(
                "code",
                "consists of dots and cannot be a path segment; put the placeholder into the query",
            ));
        }
        Ok(done)
    });
    Ok(path.collect::<Result<Vec<_>>>()?.join("/"))
}

fn with_parameter(rest: &str, encoded: &str) -> String {
    let (before, fragment) = match rest.find('#') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (path, query) = before.split_once('?').unwrap_or((before, ""));
    // Compared as the capture compares names, or an old value could win over the new one.
    let kept: Vec<&str> = query
        .split('&')
        .filter(|parameter| {
            let name = parameter.split('=').next().unwrap_or_default();
            parameter_name(name).as_deref() != Some(PARAMETER)
        })
        .collect();
    let mut link = format!("{path}?{}", kept.join("&"));
    if !link.ends_with(['?', '&']) {
        link.push('&');
    }
    // Writing to a String cannot fail.
    let _ = write!(link, "{PARAMETER}={encoded}{fragment}");
    link
}

fn invalid(message: impl Into<String>) -> Error {
    Error::invalid_argument("template", message)
}
