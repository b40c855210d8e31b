//! What may be a referrer code at all?
//!
//! The vendor documents no alphabet, so the rule keeps out only what no code needs and what hurts
//! where codes travel: whitespace, controls, invisible and bidirectional marks, and the quotes and
//! brackets that break out of HTML, JavaScript and shells.

use crate::{Error, Result};

/// The longest code accepted, in characters (not bytes).
pub const MAX_LENGTH: usize = 100;

/// Whether `code` has 1 to [`MAX_LENGTH`] characters, each a Unicode letter or digit or a printable
/// ASCII sign other than `<`, `>`, `"`, `'`, `` ` `` and `\`.
pub fn is_valid(code: &str) -> bool {
    // Four bytes a character at most: a huge value is refused without walking through it.
    !code.is_empty()
        && code.len() <= MAX_LENGTH * 4
        && code.chars().count() <= MAX_LENGTH
        && code.chars().all(allowed)
}

/// Refuses a code that [`is_valid`] does not accept.
///
/// `field` is the path of the argument in the caller's request (`code`, `referrerCode`).
///
/// # Errors
/// [`InvalidArgument`](crate::Kind::InvalidArgument) at `field`. The message tells the rule and
/// never repeats the code.
pub fn check(field: &str, code: &str) -> Result<()> {
    if is_valid(code) {
        return Ok(());
    }
    let message = if code.is_empty() {
        format!("is empty; a referrer code has 1 to {MAX_LENGTH} characters")
    } else if code.len() > MAX_LENGTH * 4 || code.chars().count() > MAX_LENGTH {
        format!("is too long; a referrer code has 1 to {MAX_LENGTH} characters")
    } else {
        let position = code.chars().take_while(|c| allowed(*c)).count() + 1;
        format!(
            "has a character that no referrer code has, at position {position}; letters, digits \
             and ASCII punctuation except < > \" ' ` \\ are accepted, whitespace is not"
        )
    };
    Err(Error::invalid_argument(field, message))
}

fn allowed(c: char) -> bool {
    c.is_alphanumeric() || (c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\'' | '`' | '\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_codes_look_like() {
        for code in ["REF123456", "a", "é", "Ωmega-7", "A+B/C=", "%41", "a&b#c", "紹介", "١٢٣", "{x}"]
        {
            assert!(is_valid(code), "{code}");
            assert!(check("code", code).is_ok(), "{code}");
        }
        assert!(is_valid(&"é".repeat(MAX_LENGTH)));
        assert!(is_valid(&"𝒜".repeat(MAX_LENGTH)));
    }

    #[test]
    fn refuses_and_never_echoes() {
        let long = "a".repeat(10_000);
        for code in [
            "",
            " ",
            "a b",
            "a\tb",
            "a\u{0}",
            "a\u{a0}b",
            "a\u{202e}b",
            "a\u{200b}",
            "\u{feff}a",
            "<b>",
            "a\"",
            "a'",
            "a`",
            "a\\",
            "😀",
            long.as_str(),
        ] {
            assert!(!is_valid(code), "{code:?}");
            let error = check("referrerCode", code).unwrap_err();
            assert_eq!(error.field(), Some("referrerCode"));
            assert!(error.message().len() < 250);
            assert!(code.trim().len() < 3 || !error.message().contains(code));
        }
        assert!(!is_valid(&"é".repeat(MAX_LENGTH + 1)));
    }
}
