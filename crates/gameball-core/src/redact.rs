//! Keeps keys and personal data out of messages that quote a peer.

use secrecy::{ExposeSecret, SecretString};

use crate::model::Json;

const LONGEST: usize = 300;
const MASK: &str = "[redacted]";

/// The peer's message as it may be shown: one line, bounded, without the keys, without anything the request's body
/// said in words, and without what looks like an e-mail address or a telephone number.
pub(crate) fn message(text: &str, keys: &[&SecretString], body: Option<&[u8]>) -> String {
    let mut text: String =
        text.chars().take(LONGEST * 4).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut said: Vec<String> = keys.iter().map(|key| key.expose_secret().to_owned()).collect();
    if let Some(body) = body.and_then(|body| serde_json::from_slice::<Json>(body).ok()) {
        collect(&body, &mut said);
    }
    said.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in said.iter().filter(|word| word.chars().count() >= 3) {
        text = replace_ignoring_case(&text, word);
    }
    let words: Vec<&str> =
        text.split_whitespace().map(|word| if is_personal(word) { MASK } else { word }).collect();
    words.join(" ").chars().take(LONGEST).collect()
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
}
