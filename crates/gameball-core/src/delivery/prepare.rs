//! A call's arguments as a row of the host's outbox: checked in the request that causes it, without network. Pure.

use serde::Serialize;

use super::Millis;
use super::digest::digest;
use super::step::Operation;
use crate::error::{Error, Kind, Result};
use crate::model::Json;
use crate::model::arguments::Style;
use crate::model::call::Call;

/// The longest dedupe key, in characters: it fits an index of every database.
const LONGEST_KEY: usize = 190;
/// What an order may be sent without, if it is malformed.
const OPTIONAL_OF_AN_ORDER: [&str; 6] = ["email", "mobile", "channel", "cartId", "extra", "referrerCode"];
/// The only one that is an object of optional fields.
const ATTRIBUTES: &str = "attributes";

/// Which orders are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orders {
    /// A customer's first.
    First,
    /// All.
    All,
}

impl Orders {
    /// # Errors
    /// `InvalidArgument` unless it is one of the names.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "first" => Ok(Self::First),
            "all" => Ok(Self::All),
            _ => Err(Error::invalid_argument("orders", "must be one of: first, all")),
        }
    }
}

/// How a delivery is prepared.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// How the arguments are written.
    pub style: Style,
    /// When it happens.
    pub now: Millis,
    /// The code of whoever referred the customer.
    pub referrer_code: Option<&'a str>,
    /// How long after a registration Gameball links a referral.
    pub referral_window: Millis,
    /// Which orders are sent.
    pub orders: Orders,
}

/// A delivery ready to be inserted.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prepared {
    /// What it does.
    pub operation: &'static str,
    /// Its lane.
    pub customer_id: String,
    /// The order, if it is one.
    pub order_id: Option<String>,
    /// The request's body as it will be sent.
    pub arguments: String,
    /// A unique index on it keeps repetitions out.
    pub dedupe_key: String,
    /// 0 referred registration, 2 other registration, 3 order, 4 the rest.
    pub priority: u8,
    /// Until when Gameball links the referral.
    pub deadline_at_ms: Option<Millis>,
    /// Paths of optional arguments that were malformed, and were left out.
    pub dropped: Vec<String>,
}

/// Checks the arguments of a delivery; `refused` are those that could not even cross into the core.
///
/// # Errors
/// `InvalidArgument` naming the field, unless the call can do without it.
pub fn prepare(
    operation: &str,
    mut arguments: Json,
    refused: Vec<Error>,
    options: Options<'_>,
) -> Result<Prepared> {
    let operation = Operation::named(operation).ok_or_else(|| {
        Error::invalid_argument(
            "operation",
            "must be createCustomer, trackOrder, deleteCustomer or getCustomer",
        )
    })?;
    let style = options.style;
    if let (Some(code), Json::Object(fields)) = (options.referrer_code, &mut arguments)
        && matches!(operation, Operation::CreateCustomer | Operation::TrackOrder)
    {
        let name = style.name("referrerCode");
        fields.retain(|(key, _)| *key != name);
        fields.push((name, Json::String(code.to_owned())));
    }
    let mut dropped = Vec::new();
    for error in refused {
        let path = error.field().unwrap_or_default().to_owned();
        if !optional(operation, &path, style) {
            return Err(error);
        }
        dropped.push(path);
    }
    let call = loop {
        let error = match Call::read(operation.as_str(), arguments.clone(), style) {
            Ok(call) => break call,
            Err(error) => error,
        };
        let Some(path) = error.field().map(str::to_owned) else { return Err(error) };
        if !optional(operation, &path, style) || !forget(&mut arguments, &path, operation) {
            return Err(error);
        }
        dropped.push(path);
    };
    made_of(&call, dropped, options)
}

fn made_of(call: &Call, dropped: Vec<String>, options: Options<'_>) -> Result<Prepared> {
    let window = options.referral_window;
    Ok(match call {
        Call::CreateCustomer(request) => {
            let referred = request.referrer_code.is_some();
            Prepared {
                operation: call.operation(),
                customer_id: request.customer_id.as_str().to_owned(),
                order_id: None,
                arguments: text(request)?,
                dedupe_key: key("c:", request.customer_id.as_str()),
                priority: if referred { 0 } else { 2 },
                deadline_at_ms: referred.then(|| options.now.saturating_add(window)),
                dropped,
            }
        }
        Call::TrackOrder(request) => Prepared {
            operation: call.operation(),
            customer_id: request.customer_id.as_str().to_owned(),
            order_id: Some(request.order_id.as_str().to_owned()),
            arguments: text(request)?,
            dedupe_key: match options.orders {
                Orders::First => key("f:", request.customer_id.as_str()),
                Orders::All => key("o:", request.order_id.as_str()),
            },
            priority: 3,
            deadline_at_ms: None,
            dropped,
        },
        Call::DeleteCustomer(customer_id) | Call::GetCustomer(customer_id) => Prepared {
            operation: call.operation(),
            customer_id: customer_id.as_str().to_owned(),
            order_id: None,
            arguments: text(&Whom { customer_id: customer_id.as_str() })?,
            dedupe_key: match call {
                Call::GetCustomer(_) => key("p:", customer_id.as_str()),
                _ => key("d:", customer_id.as_str()),
            },
            priority: 4,
            deadline_at_ms: None,
            dropped,
        },
        _ => return Err(Error::new(Kind::Internal, "an operation of no delivery")),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whom<'a> {
    customer_id: &'a str,
}

/// Reads what [`prepare`] wrote.
///
/// # Errors
/// `InvalidArgument` if something else has written it.
pub fn read(operation: Operation, arguments: &str) -> Result<Call> {
    let mut arguments = Json::exact(arguments)
        .map_err(|_| Error::invalid_argument("arguments", "is not what was prepared: no JSON"))?;
    if let (Operation::CreateCustomer, Json::Object(fields)) = (operation, &mut arguments) {
        for (name, _) in fields.iter_mut().filter(|(name, _)| name == "customerAttributes") {
            ATTRIBUTES.clone_into(name);
        }
    }
    Call::read(operation.as_str(), arguments, Style::Camel)
}

fn text(request: &impl Serialize) -> Result<String> {
    serde_json::to_string(request)
        .map_err(|error| Error::new(Kind::Internal, format!("the request cannot be written: {error}")))
}

/// Whether the delivery can do without what the path leads to.
fn optional(operation: Operation, path: &str, style: Style) -> bool {
    let first = path.split(['.', '[']).next().unwrap_or_default();
    match operation {
        Operation::CreateCustomer => first != style.name("customerId"),
        Operation::TrackOrder => OPTIONAL_OF_AN_ORDER.iter().any(|name| first == style.name(name)),
        Operation::DeleteCustomer | Operation::GetCustomer => false,
    }
}

/// Removes the field that the path leads into, of a customer's attributes no more than that one; false if there is none.
fn forget(arguments: &mut Json, path: &str, operation: Operation) -> bool {
    let Json::Object(fields) = arguments else { return false };
    let found = fields.iter().enumerate().filter_map(|(at, (name, _))| Some((at, rest_after(name, path)?)));
    // A name may have a dot in it: the longest is meant.
    let Some((at, rest)) = found.min_by_key(|(_, rest)| rest.len()) else { return false };
    if let (Some((name, inner)), Some(rest)) = (fields.get_mut(at), rest.strip_prefix('.'))
        && operation == Operation::CreateCustomer
        && name == ATTRIBUTES
        && forget(inner, rest, operation)
    {
        return true;
    }
    fields.swap_remove(at);
    true
}

/// What of the path is left after this name, if that is where it leads.
fn rest_after<'a>(name: &str, path: &'a str) -> Option<&'a str> {
    // An unknown name comes shortened in its error.
    let known = name.char_indices().nth(60).map_or(name, |(end, _)| name.get(..end).unwrap_or(name));
    path.strip_prefix(known).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A key of at most 190 characters.
fn key(prefix: &str, id: &str) -> String {
    if prefix.len() + id.chars().count() <= LONGEST_KEY {
        return format!("{prefix}{id}");
    }
    format!("{prefix}sha256:{}", digest(id))
}

/// The customer id of somebody who orders without an account: the same for the same e-mail address, and not readable
/// from it.
pub fn guest_customer_id(email: &str) -> String {
    format!("guest-{}", digest(&email.trim().to_lowercase()).get(..32).unwrap_or_default())
}

/// Whether an API key is for test or for live data, as far as it tells.
pub fn key_environment(api_key: &str) -> &'static str {
    match api_key.trim() {
        key if key.starts_with("gb_test_") => "test",
        key if key.starts_with("gb_live_") => "live",
        _ => "unknown",
    }
}
