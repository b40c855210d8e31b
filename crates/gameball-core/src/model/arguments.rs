//! Reads a host's plain data into typed requests; every refusal names the field as the host writes it.

use super::date;
use super::ids::{CustomerId, JobId, OrderId, ReferrerCode};
use super::json::Json;
use super::money::Money;
use crate::error::{Error, Result};

/// How a host writes its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `snake_case` names; a binary float is refused where a decimal is due (Python has `Decimal`).
    Snake,
    /// `camelCase` names; a number is taken by its shortest notation (JavaScript has nothing else).
    Camel,
}

impl Style {
    /// A wire name in this style.
    pub fn name(self, wire: &str) -> String {
        match self {
            Self::Camel => wire.to_owned(),
            Self::Snake => {
                let mut name = String::with_capacity(wire.len() + 4);
                for letter in wire.chars() {
                    if letter.is_ascii_uppercase() {
                        name.push('_');
                    }
                    name.push(letter.to_ascii_lowercase());
                }
                name
            }
        }
    }

    fn matches(self, key: &str, wire: &str) -> bool {
        if self == Self::Camel {
            return key == wire;
        }
        let mut key = key.bytes();
        for letter in wire.bytes() {
            if letter.is_ascii_uppercase() && key.next() != Some(b'_') {
                return false;
            }
            if key.next() != Some(letter.to_ascii_lowercase()) {
                return false;
            }
        }
        key.next().is_none()
    }
}

/// The named arguments of one call, or the fields of one object in it. Each can be taken once.
pub struct Arguments {
    fields: Vec<(String, Json)>,
    style: Style,
}

impl Arguments {
    /// # Errors
    /// `InvalidArgument` unless `value` is an object.
    pub fn new(value: Json, style: Style) -> Result<Self> {
        match value {
            Json::Object(fields) => Ok(Self { fields, style }),
            other => Err(expected("an object with named fields", &other)),
        }
    }

    /// What nothing has taken yet.
    pub(crate) fn into_json(self) -> Json {
        Json::Object(self.fields)
    }

    fn take(&mut self, wire: &str) -> Option<Json> {
        let at = self.fields.iter().position(|(key, _)| self.style.matches(key, wire))?;
        match self.fields.swap_remove(at).1 {
            Json::Null => None,
            value => Some(value),
        }
    }

    fn read<T>(&mut self, wire: &str, read: impl FnOnce(Json, Style) -> Result<T>) -> Result<Option<T>> {
        let style = self.style;
        self.take(wire)
            .map(|value| read(value, style).map_err(|error| error.inside(&style.name(wire))))
            .transpose()
    }

    fn required<T>(&mut self, wire: &str, read: impl FnOnce(Json, Style) -> Result<T>) -> Result<T> {
        let value = self.read(wire, read)?;
        value.ok_or_else(|| Error::invalid_argument(self.style.name(wire), "is required"))
    }

    /// Refuses fields that nothing has taken.
    ///
    /// # Errors
    /// `InvalidArgument` naming the first unknown field.
    pub fn finish(self) -> Result<()> {
        match self.fields.into_iter().next() {
            None => Ok(()),
            Some((key, _)) => {
                let key: String = key.chars().take(60).collect();
                Err(Error::invalid_argument(key, "is not a known field"))
            }
        }
    }

    pub(crate) fn refuse(&self, wire: &str, problem: &str) -> Error {
        Error::invalid_argument(self.style.name(wire), problem)
    }

    pub(crate) fn customer_id(&mut self, wire: &str) -> Result<CustomerId> {
        self.required(wire, |value, _| CustomerId::new(string(value)?))
    }

    pub(crate) fn optional_customer_id(&mut self, wire: &str) -> Result<Option<CustomerId>> {
        self.read(wire, |value, _| CustomerId::new(string(value)?))
    }

    pub(crate) fn order_id(&mut self, wire: &str) -> Result<OrderId> {
        self.required(wire, |value, _| OrderId::new(string(value)?))
    }

    pub(crate) fn job_id(&mut self, wire: &str) -> Result<JobId> {
        self.required(wire, |value, _| JobId::new(string(value)?))
    }

    pub(crate) fn referrer_code(&mut self, wire: &str) -> Result<Option<ReferrerCode>> {
        self.read(wire, |value, _| ReferrerCode::new(string(value)?))
    }

    pub(crate) fn required_referrer_code(&mut self, wire: &str) -> Result<ReferrerCode> {
        self.required(wire, |value, _| ReferrerCode::new(string(value)?))
    }

    pub(crate) fn text(&mut self, wire: &str) -> Result<Option<String>> {
        self.read(wire, |value, _| text(value))
    }

    /// Text that may be empty: its own check says more about that.
    pub(crate) fn any_text(&mut self, wire: &str) -> Result<Option<String>> {
        self.read(wire, |value, _| string(value))
    }

    pub(crate) fn email(&mut self, wire: &str) -> Result<Option<String>> {
        self.read(wire, |value, _| {
            let email = text(value)?;
            let well_formed =
                email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
                    && !email.chars().any(char::is_whitespace);
            if well_formed { Ok(email) } else { Err(Error::invalid_argument("", "is not an e-mail address")) }
        })
    }

    pub(crate) fn boolean(&mut self, wire: &str) -> Result<Option<bool>> {
        self.read(wire, |value, _| match value {
            Json::Bool(value) => Ok(value),
            other => Err(expected("a boolean", &other)),
        })
    }

    pub(crate) fn integer(&mut self, wire: &str) -> Result<Option<u64>> {
        self.read(wire, |value, _| match value {
            Json::Number(text) => {
                text.parse().map_err(|_| Error::invalid_argument("", "is not a whole number, zero or more"))
            }
            other => Err(expected("a whole number", &other)),
        })
    }

    /// A number whose exactness does not matter.
    pub(crate) fn number(&mut self, wire: &str) -> Result<Option<f64>> {
        self.read(wire, |value, _| match value {
            Json::Number(text) => text.parse().map_err(|_| Error::invalid_argument("", "is not a number")),
            Json::Float(number) => Ok(number),
            other => Err(expected("a number", &other)),
        })
    }

    pub(crate) fn required_money(&mut self, wire: &str) -> Result<Money> {
        self.required(wire, money)
    }

    pub(crate) fn money(&mut self, wire: &str) -> Result<Option<Money>> {
        self.read(wire, money)
    }

    pub(crate) fn required_utc(&mut self, wire: &str) -> Result<String> {
        self.required(wire, |value, _| date::utc(&string(value)?))
    }

    pub(crate) fn date(&mut self, wire: &str) -> Result<Option<String>> {
        self.read(wire, |value, _| date::date(&string(value)?))
    }

    pub(crate) fn date_or_utc(&mut self, wire: &str) -> Result<Option<String>> {
        self.read(wire, |value, _| date::date_or_utc(&string(value)?))
    }

    pub(crate) fn texts(&mut self, wire: &str) -> Result<Option<Vec<String>>> {
        self.read(wire, |value, _| each(value, text))
    }

    /// A map that passes untouched; only NaN and infinity are refused (by the bindings).
    pub(crate) fn map(&mut self, wire: &str) -> Result<Option<Json>> {
        self.read(wire, |value, _| match value {
            Json::Object(_) => Ok(value),
            other => Err(expected("an object", &other)),
        })
    }

    /// A list whose items pass untouched.
    pub(crate) fn list(&mut self, wire: &str) -> Result<Option<Json>> {
        self.read(wire, |value, _| match value {
            Json::Array(_) => Ok(value),
            other => Err(expected("a list", &other)),
        })
    }

    pub(crate) fn object<T>(&mut self, wire: &str, read: fn(&mut Self) -> Result<T>) -> Result<Option<T>> {
        self.read(wire, |value, style| object(value, style, read))
    }

    pub(crate) fn objects<T>(
        &mut self,
        wire: &str,
        read: fn(&mut Self) -> Result<T>,
    ) -> Result<Option<Vec<T>>> {
        self.read(wire, |value, style| each(value, |item| object(item, style, read)))
    }

    pub(crate) fn one_of<T: Copy>(&mut self, wire: &str, known: &[(&str, T)]) -> Result<Option<T>> {
        self.read(wire, |value, _| {
            let name = string(value)?;
            known.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).ok_or_else(|| {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                Error::invalid_argument("", format!("must be one of: {}", names.join(", ")))
            })
        })
    }
}

fn object<T>(value: Json, style: Style, read: fn(&mut Arguments) -> Result<T>) -> Result<T> {
    let mut fields = Arguments::new(value, style)?;
    let object = read(&mut fields)?;
    fields.finish()?;
    Ok(object)
}

fn each<T>(value: Json, read: impl Fn(Json) -> Result<T>) -> Result<Vec<T>> {
    match value {
        Json::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| read(item).map_err(|error| error.inside(&format!("[{index}]"))))
            .collect(),
        other => Err(expected("a list", &other)),
    }
}

fn string(value: Json) -> Result<String> {
    match value {
        Json::String(text) => Ok(text),
        other => Err(expected("a string", &other)),
    }
}

fn text(value: Json) -> Result<String> {
    let text = string(value)?;
    if text.trim().is_empty() {
        return Err(Error::invalid_argument("", "must not be empty: leave it out instead"));
    }
    Ok(text)
}

fn money(value: Json, style: Style) -> Result<Money> {
    match value {
        Json::Number(text) | Json::String(text) => Money::parse_non_negative(&text),
        Json::Float(number) if style == Style::Camel => Money::parse_non_negative(&number.to_string()),
        Json::Float(_) => Err(Error::invalid_argument(
            "",
            "is a float, which is not exact: pass a Decimal, an int or a string",
        )),
        other => Err(expected("a decimal number", &other)),
    }
}

fn expected(what: &str, got: &Json) -> Error {
    Error::invalid_argument("", format!("must be {what}, not {}", got.kind()))
}
