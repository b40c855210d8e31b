//! A sentence that every host can translate: a key, an English template, what goes into it, and the English itself.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::super::Millis;
use super::phrases;

/// A sentence with named parts, `{like_this}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Stable: what a catalogue of translations may be keyed by.
    pub key: &'static str,
    /// The English; where there is a `plural`, for a `{count}` of one.
    pub template: &'static str,
    /// For any other `{count}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural: Option<&'static str>,
}

impl Template {
    /// One without a count.
    pub(super) const fn new(key: &'static str, template: &'static str) -> Self {
        Self { key, template, plural: None }
    }

    /// One that has a form for one, and a form for any other count.
    pub(super) const fn counted(key: &'static str, template: &'static str, plural: &'static str) -> Self {
        Self { key, template, plural: Some(plural) }
    }

    /// With one of its parts.
    pub(super) fn with(self, name: &'static str, part: impl Into<Part>) -> Text {
        Text::from(self).with(name, part)
    }
}

/// What goes into a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Said as it is.
    Text(String),
    /// A number; that of `count` chooses the form.
    Number(i64),
    /// A length of time, in words.
    Span(Millis),
    /// A time as seen from the present: "in 20 seconds".
    #[allow(missing_docs, reason = "the time, the present")]
    Relative { at: Millis, now: Millis },
    /// A time to the second, with the day where that is not today.
    #[allow(missing_docs, reason = "the time, the present")]
    Clock { at: Millis, now: Millis },
    /// Another text.
    Nested(Box<Text>),
    /// Another sentence, without its full stop.
    Clause(Box<Text>),
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Part {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Part {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Text> for Part {
    fn from(text: Text) -> Self {
        Self::Nested(Box::new(text))
    }
}

/// A sentence to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    template: Template,
    parts: Vec<(&'static str, Part)>,
}

impl From<Template> for Text {
    fn from(template: Template) -> Self {
        Self { template, parts: Vec::new() }
    }
}

impl Text {
    /// What has no words of ours: an unknown code.
    pub(super) fn verbatim(text: &str) -> Self {
        phrases::VERBATIM.with("text", text)
    }

    /// With one more of its parts.
    pub(super) fn with(mut self, name: &'static str, part: impl Into<Part>) -> Self {
        self.parts.push((name, part.into()));
        self
    }

    /// The key.
    pub fn key(&self) -> &'static str {
        self.template.key
    }

    /// The sentence in English; times of the day are in UTC.
    pub fn english(&self) -> String {
        let one = matches!(self.part("count"), Some(Part::Number(1)));
        let template = match self.template.plural {
            Some(plural) if !one => plural,
            _ => self.template.template,
        };
        let mut told = String::new();
        let mut rest = template;
        while let Some((before, name, after)) = next_part(rest) {
            told.push_str(before);
            match self.part(name) {
                Some(part) => told.push_str(&part.english()),
                None => told.extend(["{", name, "}"]),
            }
            rest = after;
        }
        told + rest
    }

    fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|(each, _)| *each == name).map(|(_, part)| part)
    }
}

/// What stands before the first `{name}`, the name, and what stands after it.
fn next_part(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("key", self.template.key)?;
        map.serialize_entry("template", self.template.template)?;
        if let Some(plural) = self.template.plural {
            map.serialize_entry("plural", plural)?;
        }
        if !self.parts.is_empty() {
            map.serialize_entry("parts", &Parts(&self.parts))?;
        }
        map.serialize_entry("english", &self.english())?;
        map.end()
    }
}

struct Parts<'a>(&'a [(&'static str, Part)]);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, part)| (name, part)))
    }
}

/// As it crosses: a text or a number as it is, anything else tagged with `as`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", tag = "as")]
enum Tagged<'a> {
    Span { ms: Millis },
    Relative { ms: Millis },
    Clock { ms: Millis },
    Text { text: &'a Text },
    Clause { text: &'a Text },
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tagged = match self {
            Self::Text(text) => return serializer.serialize_str(text),
            Self::Number(number) => return serializer.serialize_i64(*number),
            Self::Span(ms) => Tagged::Span { ms: *ms },
            Self::Relative { at, .. } => Tagged::Relative { ms: *at },
            Self::Clock { at, .. } => Tagged::Clock { ms: *at },
            Self::Nested(text) => Tagged::Text { text },
            Self::Clause(text) => Tagged::Clause { text },
        };
        tagged.serialize(serializer)
    }
}

impl Part {
    fn english(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Span(ms) => span(*ms),
            Self::Relative { at, now } => relative(*at, *now),
            Self::Clock { at, now } => clock(*at, *now),
            Self::Nested(text) => text.english(),
            Self::Clause(text) => text.english().trim_end_matches('.').to_owned(),
        }
    }
}

/// Seconds up to two minutes, then minutes, then the two largest units up to two hours, then the largest.
fn span(length: Millis) -> String {
    let seconds = (length.saturating_abs().saturating_add(500)) / 1000;
    if seconds < 120 {
        return counted(seconds, "second");
    }
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (hours, days) {
        (0, _) => counted(minutes, "minute"),
        (1, _) if minutes % 60 > 0 => {
            format!("{}, {}", counted(hours, "hour"), counted(minutes % 60, "minute"))
        }
        (_, 0) => counted(hours, "hour"),
        _ => counted(days, "day"),
    }
}

fn counted(number: i64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn relative(at: Millis, now: Millis) -> String {
    let ahead = at.saturating_sub(now);
    if ahead.saturating_abs() < 1000 {
        return "now".to_owned();
    }
    if ahead > 0 { format!("in {}", span(ahead)) } else { format!("{} ago", span(ahead)) }
}

fn clock(at: Millis, now: Millis) -> String {
    let (Ok(time), Ok(today)) =
        (jiff::Timestamp::from_millisecond(at), jiff::Timestamp::from_millisecond(now))
    else {
        return "?".to_owned();
    };
    let (text, today) = (time.to_string(), today.to_string());
    let (Some((day, rest)), Some((today, _))) = (text.split_once('T'), today.split_once('T')) else {
        return text;
    };
    let time = rest.get(..8).unwrap_or(rest);
    if day == today { format!("{time} UTC") } else { format!("{day} {time} UTC") }
}
