//! Whether a JSON body is well formed: what the API checks before it looks at any customer.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde_json::{Map, Value, value::RawValue};

use super::Failure;
use crate::switches::NullOptional;

const CHANNELS: [&str; 4] = ["mobile", "pos", "web", "callcenter"];
const CHANNEL_RULE: &str = "must be one of mobile, pos, web, callcenter";

/// A JSON object, with its text for what a parsed number no longer tells.
pub(super) struct Payload<'a> {
    text: &'a str,
    fields: Map<String, Value>,
    nulls: NullOptional,
}

impl<'a> Payload<'a> {
    pub(super) fn parse(text: &'a str, nulls: NullOptional) -> Result<Self, Failure> {
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Self { text, fields, nulls }),
            Ok(_) => Err(Failure::new(3016, "the body must be a JSON object")),
            Err(error) => Err(Failure::new(3016, format!("the body is not JSON: {error}"))),
        }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Refuses a body without these fields, then one in which any of them is null.
    pub(super) fn require(&self, names: &[&str]) -> Result<(), Failure> {
        let missing: Vec<&str> =
            names.iter().filter(|name| !self.fields.contains_key(**name)).copied().collect();
        if !missing.is_empty() {
            return Err(Failure::missing(&missing));
        }
        match names.iter().find(|name| self.fields.get(**name).is_some_and(Value::is_null)) {
            Some(name) => Err(Failure::null(name)),
            None => Ok(()),
        }
    }

    /// A field that is there and not null; for an optional null the switch decides.
    fn get(&self, name: &str) -> Result<Option<&Value>, Failure> {
        present(&self.fields, name, name, self.nulls)
    }

    pub(super) fn id(&self, name: &str) -> Result<&str, Failure> {
        match self.fields.get(name) {
            None => Err(Failure::missing(&[name])),
            Some(Value::Null) => Err(Failure::null(name)),
            Some(Value::String(id)) if !id.trim().is_empty() => Ok(id),
            Some(_) => Err(Failure::invalid(name, "must be a text that is not empty")),
        }
    }

    pub(super) fn text_field(&self, name: &str) -> Result<Option<&str>, Failure> {
        self.get(name)?.map(|value| as_text(value, name)).transpose()
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        let wrong = || Failure::invalid(name, "must be true or false");
        self.get(name)?.map(|value| value.as_bool().ok_or_else(wrong)).transpose()
    }

    pub(super) fn email(&self) -> Result<Option<&str>, Failure> {
        self.get("email")?.map(|value| as_email(value, "email")).transpose()
    }

    pub(super) fn channel(&self) -> Result<(), Failure> {
        self.get("channel")?.map_or(Ok(()), |value| as_channel(value, "channel"))
    }

    pub(super) fn amount(&self, name: &str) -> Result<Option<f64>, Failure> {
        self.get(name)?.map(|value| as_amount(value, name)).transpose()
    }

    /// The characters of a field's value as they came.
    pub(super) fn raw(&self, name: &str) -> Option<String> {
        let raw: BTreeMap<String, &RawValue> = serde_json::from_str(self.text).ok()?;
        raw.get(name).map(|value| value.get().to_owned())
    }

    /// An instant in UTC, as the reference asks for it: `2024-10-16T08:13:29.290Z`.
    pub(super) fn utc(&self, name: &str) -> Result<Timestamp, Failure> {
        let wrong = || {
            Failure::invalid(name, "must be an instant in UTC in ISO 8601, such as 2024-10-16T08:13:29.290Z")
        };
        let text = self.get(name)?.and_then(Value::as_str).ok_or_else(wrong)?;
        let in_utc = text.ends_with('Z') || text.ends_with("+00:00");
        if !in_utc || text.as_bytes().get(10) != Some(&b'T') {
            return Err(wrong());
        }
        text.parse().map_err(|_| wrong())
    }

    /// `customerAttributes`, each of its documented fields checked; the rest passes.
    pub(super) fn attributes(&self) -> Result<Option<Map<String, Value>>, Failure> {
        let Some(value) = self.get("customerAttributes")? else { return Ok(None) };
        let attributes =
            value.as_object().ok_or_else(|| Failure::invalid("customerAttributes", "must be an object"))?;
        let mut kept = Map::new();
        for (name, _) in attributes {
            let path = format!("customerAttributes.{name}");
            let Some(value) = present(attributes, name, &path, self.nulls)? else { continue };
            check_attribute(name, value, &path)?;
            kept.insert(name.clone(), value.clone());
        }
        Ok(Some(kept))
    }

    pub(super) fn line_items(&self) -> Result<Vec<&Map<String, Value>>, Failure> {
        let Some(value) = self.get("lineItems")? else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| Failure::invalid("lineItems", "must be an array"))?;
        let mut checked = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = format!("lineItems[{index}]");
            let item = item.as_object().ok_or_else(|| Failure::invalid(&path, "must be an object"))?;
            check_line_item(item, &path, self.nulls)?;
            checked.push(item);
        }
        Ok(checked)
    }

    /// `extra`: the reference allows text and numbers as its values.
    pub(super) fn extra(&self) -> Result<(), Failure> {
        let Some(value) = self.get("extra")? else { return Ok(()) };
        let extra = value.as_object().ok_or_else(|| Failure::invalid("extra", "must be an object"))?;
        match extra.iter().find(|(_, value)| !value.is_string() && !value.is_number()) {
            Some((name, _)) => Err(Failure::invalid(&format!("extra.{name}"), "must be a text or a number")),
            None => Ok(()),
        }
    }

    /// `body` of a batch call: the exact text of each item.
    pub(super) fn batch_items(&self) -> Result<Vec<String>, Failure> {
        self.require(&["body"])?;
        let wrong = || Failure::invalid("body", "must be an array with at least one item");
        let raw = self.raw("body").ok_or_else(wrong)?;
        let items: Vec<&RawValue> = serde_json::from_str(&raw).map_err(|_| wrong())?;
        if items.is_empty() {
            return Err(wrong());
        }
        Ok(items.into_iter().map(|item| item.get().to_owned()).collect())
    }
}

fn present<'v>(
    fields: &'v Map<String, Value>,
    name: &str,
    path: &str,
    nulls: NullOptional,
) -> Result<Option<&'v Value>, Failure> {
    match fields.get(name) {
        Some(Value::Null) if nulls == NullOptional::Error3001 => Err(Failure::null(path)),
        Some(Value::Null) | None => Ok(None),
        Some(value) => Ok(Some(value)),
    }
}

fn check_attribute(name: &str, value: &Value, path: &str) -> Result<(), Failure> {
    match name {
        "displayName" | "firstName" | "lastName" | "gender" | "mobile" | "country" | "city" | "zip"
        | "preferredLanguage" | "source" => as_text(value, path).map(drop),
        "email" => as_email(value, path).map(drop),
        "channel" => as_channel(value, path),
        "joinDate" | "dateOfBirth" | "lastOrderDate" => as_date(value, path).map(drop),
        "totalSpent" | "avgOrderAmount" => as_amount(value, path).map(drop),
        "totalOrders" if value.as_u64().is_none() => Err(Failure::invalid(path, "must be a whole number")),
        "utms" | "devices" | "paymentMethods" if !value.is_array() => {
            Err(Failure::invalid(path, "must be an array"))
        }
        "custom" if !value.is_object() => Err(Failure::invalid(path, "must be an object")),
        _ => Ok(()),
    }
}

fn check_line_item(item: &Map<String, Value>, path: &str, nulls: NullOptional) -> Result<(), Failure> {
    for name in item.keys() {
        let path = format!("{path}.{name}");
        let Some(value) = present(item, name, &path, nulls)? else { continue };
        match name.as_str() {
            "productId" | "sku" | "title" | "vendor" => as_text(value, &path).map(drop)?,
            "quantity" | "price" | "weight" | "taxes" | "discount" => as_amount(value, &path).map(drop)?,
            "category" | "collection" | "tags"
                if !value.as_array().is_some_and(|all| all.iter().all(Value::is_string)) =>
            {
                return Err(Failure::invalid(&path, "must be an array of texts"));
            }
            "extra" if !value.is_object() => return Err(Failure::invalid(&path, "must be an object")),
            _ => {}
        }
    }
    Ok(())
}

fn as_text<'v>(value: &'v Value, path: &str) -> Result<&'v str, Failure> {
    value.as_str().ok_or_else(|| Failure::invalid(path, "must be a text"))
}

fn as_email<'v>(value: &'v Value, path: &str) -> Result<&'v str, Failure> {
    let wrong = || Failure::invalid(path, "must be an e-mail address");
    let text = value.as_str().ok_or_else(wrong)?;
    let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
    if local.is_empty() || domain.is_empty() || text.chars().any(char::is_whitespace) {
        return Err(wrong());
    }
    Ok(text)
}

fn as_channel(value: &Value, path: &str) -> Result<(), Failure> {
    let known = value.as_str().is_some_and(|channel| CHANNELS.contains(&channel));
    if known { Ok(()) } else { Err(Failure::invalid(path, CHANNEL_RULE)) }
}

fn as_amount(value: &Value, path: &str) -> Result<f64, Failure> {
    let amount = value.as_f64().filter(|amount| *amount >= 0.0);
    amount.ok_or_else(|| Failure::invalid(path, "must be a number that is not negative"))
}

/// A date, or an instant: the reference gives neither a format nor a zone.
pub(super) fn as_date(value: &Value, path: &str) -> Result<Timestamp, Failure> {
    let wrong = || Failure::invalid(path, "must be a date in ISO 8601");
    let text = value.as_str().ok_or_else(wrong)?;
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| format!("{text}Z").parse().ok())
        .or_else(|| {
            let date = text.parse::<Date>().ok()?;
            format!("{date}T00:00:00Z").parse().ok()
        })
        .ok_or_else(wrong)
}
