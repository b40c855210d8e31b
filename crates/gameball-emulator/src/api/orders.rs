//! Tracking an order: which may create its customer, and may carry the code that links them.

use serde_json::{Map, Value, json};

use super::{Call, Failure, Success, customers, not_in_flight, payload::Payload};
use crate::{
    account::{CreatedBy, NewCustomer, Order},
    rules::{Carrier, Friend},
    switches::{ReferralCompletion, TransactionTime, UnknownCustomerOrder},
    world::World,
};

const REQUIRED: [&str; 4] = ["customerId", "orderId", "orderDate", "totalPaid"];
const TOTALS: [&str; 4] = ["totalPrice", "totalDiscount", "totalShipping", "totalTax"];

pub(super) fn track(world: &mut World, call: &Call) -> Result<Success, Failure> {
    let payload = Payload::parse(&call.body, world.options.switches.null_optional)?;
    payload.require(&REQUIRED)?;
    let customer_id = payload.id("customerId")?.to_owned();
    let answer = record(world, &payload, CreatedBy::TrackOrder)?;
    Ok(Success::write(Some(answer), &customer_id))
}

/// Records an order; the same for one call and for an item of a batch.
pub(super) fn record(world: &mut World, payload: &Payload<'_>, via: CreatedBy) -> Result<Value, Failure> {
    payload.require(&REQUIRED)?;
    let customer_id = payload.id("customerId")?;
    let order_id = payload.id("orderId")?;
    let ordered_at = payload.utc("orderDate")?;
    let total_paid = payload.amount("totalPaid")?.unwrap_or_default();
    for total in TOTALS {
        payload.amount(total)?;
    }
    let email = payload.email()?;
    let mobile = payload.text_field("mobile")?;
    let guest = payload.flag("guest")?;
    let code = payload.text_field("referrerCode")?;
    payload.channel()?;
    payload.text_field("cartId")?;
    payload.extra()?;
    let line_items: Vec<Value> = payload.line_items()?.into_iter().map(answered_item).collect();
    not_in_flight(world, customer_id)?;

    let switches = world.options.switches.clone();
    if world.account.has_order(order_id) {
        return Err(Failure::new(9004, format!("the transaction id {order_id:?} exists already")));
    }
    let unique_time = switches.transaction_time == TransactionTime::Unique;
    if unique_time && world.account.has_order_at(customer_id, ordered_at) {
        return Err(Failure::new(9003, "the customer has a transaction at this time already"));
    }
    let known = world.account.customer(customer_id);
    if known.is_none() && switches.unknown_customer_order == UnknownCustomerOrder::Error7000 {
        return Err(Failure::unknown_customer(customer_id));
    }

    let now = world.now();
    let is_new = known.is_none();
    let is_guest = known.map_or_else(|| guest.unwrap_or(false), |customer| customer.guest);
    let registered_at = known.map_or(now, |customer| customer.registered_at);
    let friend = Friend { customer_id, guest: is_guest, registered_at, known };
    let link = customers::decide(world, friend, code, Carrier::Order)?;

    if is_new {
        world.account.add_customer(NewCustomer {
            customer_id: customer_id.to_owned(),
            referral_code: None,
            guest: is_guest,
            registered_at,
            created_by: via,
        });
    }
    world.account.change(customer_id, |customer| {
        customer.email = customer.email.take().or_else(|| email.map(str::to_owned));
        customer.mobile = customer.mobile.take().or_else(|| mobile.map(str::to_owned));
    });
    customers::apply(world, customer_id, code, link, via);
    world.account.add_order(Order {
        order_id: order_id.to_owned(),
        customer_id: customer_id.to_owned(),
        ordered_at,
        total_paid: payload.raw("totalPaid").unwrap_or_default(),
        body: payload.text().to_owned(),
        received_at: now,
    });
    if switches.referral_completion == ReferralCompletion::FirstOrder {
        world.account.complete_referral(customer_id);
    }
    world.profile_updated(customer_id);
    Ok(json!({
        "customerId": customer_id,
        "redeemedPoints": 0,
        "rewardedPoints": points(total_paid),
        "lineItems": line_items,
    }))
}

/// One point for each whole unit of money.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "amounts are not negative; casts saturate"
)]
fn points(amount: f64) -> u64 {
    amount.floor() as u64
}

fn answered_item(item: &Map<String, Value>) -> Value {
    let number = |name: &str, otherwise| item.get(name).and_then(Value::as_f64).unwrap_or(otherwise);
    let earned = number("price", 0.0) * number("quantity", 1.0);
    json!({
        "productId": item.get("productId"),
        "quantity": item.get("quantity"),
        "decimalPoints": earned,
        "points": points(earned),
        "score": 0,
    })
}
