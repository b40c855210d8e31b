//! Keeps keys and personal data out of messages that quote a peer.

use std::collections::HashSet;

use secrecy::{ExposeSecret, SecretString};

use crate::model::Json;

/// Most characters of a message that are shown, and that are looked at.
const LONGEST: usize = 300;
const LOOKED_AT: usize = 4096;
/// A run of this many characters of a key gives too much of it away.
const TELLING: usize = 8;
const MASK: &str = "[redacted]";

/// The peer's message as it may be shown: one line, bounded, without the keys or long parts of them, without anything
/// the request's body said in words, and without what looks like an e-mail address or a telephone number.
pub(crate) fn message(text: &str, keys: &[&SecretString], body: Option<&[u8]>) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = line.char_indices().nth(LOOKED_AT) {
        // The last word may be half a name.
        line.truncate(line.get(..cut).and_then(|kept| kept.rfind(' ')).unwrap_or(0));
    }
    let mut said: Vec<String> = keys.iter().map(|key| key.expose_secret().to_owned()).collect();
    if let Some(body) = body.and_then(|body| serde_json::from_slice::<Json>(body).ok()) {
        collect(&body, &mut said);
    }
    said.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in said.iter().filter(|word| word.chars().count() >= 3) {
        line = replace_ignoring_case(&line, word);
    }
    line = without_parts(&line, keys);
    let words: Vec<&str> = line.split(' ').map(|word| if is_personal(word) { MASK } else { word }).collect();
    words.join(" ").chars().take(LONGEST).collect()
}

/// Whether the text has a key in it, or a long part of one.
pub(crate) fn holds_key(text: &str, keys: &[&SecretString]) -> bool {
    keys.iter().any(|key| replace_ignoring_case(text, key.expose_secret()) != text)
        || without_parts(text, keys) != text
}

/// Masks every run of [`TELLING`] or more characters that a key has too.
fn without_parts(text: &str, keys: &[&SecretString]) -> String {
    let lower = text.to_ascii_lowercase().into_bytes();
    let mut hidden = vec![false; lower.len()];
    for key in keys {
        let key = key.expose_secret().to_ascii_lowercase().into_bytes();
        let parts: HashSet<&[u8]> = key.windows(TELLING).collect();
        for (at, window) in lower.windows(TELLING).enumerate() {
            if parts.contains(window) {
                hidden.iter_mut().skip(at).take(TELLING).for_each(|hidden| *hidden = true);
            }
        }
    }
    let mut kept = String::with_capacity(text.len());
    let mut was_hidden = false;
    for (at, letter) in text.char_indices() {
        let is_hidden = hidden.get(at) == Some(&true);
        if !is_hidden {
            kept.push(letter);
        } else if !was_hidden {
            kept.push_str(MASK);
        }
        was_hidden = is_hidden;
    }
    kept
}

fn is_personal(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.contains('@')
        || (digits >= 7 && word.bytes().all(|byte| byte.is_ascii_digit() || b"+-().,;:'\"/".contains(&byte)))
}

fn collect(value: &Json, words: &mut Vec<String>) {
    match value {
        Json::String(text) => words.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Json::Object(fields) => fields.iter().for_each(|(_, item)| collect(item, words)),
        _ => {}
    }
}

fn replace_ignoring_case(text: &str, word: &str) -> String {
    // Lower-casing can change lengths outside ASCII; there an exact match has to do.
    let (haystack, needle) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in haystack.match_indices(&needle) {
        kept.push_str(text.get(from..at).unwrap_or_default());
        kept.push_str(MASK);
        from = at + needle.len();
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_what_the_request_said_are_masked() {
        let key = SecretString::from("gb_live_topsecret");
        let body = br#"{"customerId":"u-1","email":"Ann@shop.example","customerAttributes":{"displayName":"Ann Lee"}}"#;
        let shown = message(
            "key GB_LIVE_TOPSECRET: ann lee <ann@shop.example> exists\n at +49 30 901820-77",
            &[&key],
            Some(body),
        );
        assert_eq!(shown, "key [redacted]: [redacted] <[redacted]> exists at +49 30 [redacted]");
    }

    #[test]
    fn others_people_data_is_masked_and_length_bounded() {
        assert_eq!(message("taken by bob@else.example", &[], None), "taken by [redacted]");
        assert!(message(&"x".repeat(100_000), &[], None).len() <= LONGEST);
    }

    #[test]
    fn a_key_that_a_cut_would_shorten_is_masked() {
        let key = SecretString::from("gb_live_0123456789abcdef0123456789abcdef");
        let cut = format!("{}{}", " ".repeat(5000), "gb_live_0123456789a");
        assert_eq!(message(&cut, &[&key], None), "[redacted]");
        assert_eq!(
            message("the key ends with 89ABCDEF0123, says the peer", &[&key], None),
            "the key ends with [redacted], says the peer"
        );
        let long = format!("{} gb_live_0123", "word ".repeat(2000));
        assert!(!message(&long, &[&key], None).contains("gb_live"));
        assert!(holds_key("req-gb_live_0123", &[&key]) && !holds_key("req-1", &[&key]));
    }
}
