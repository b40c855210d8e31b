//! Everything the emulator knows, as JSON: the truth that the vendor's API never tells.

use serde_json::{Map, Value, json};

use crate::{
    account::{Customer, IgnoredCode, Order, Referral},
    clock,
    world::World,
};

/// The whole state; with `last`, only so many of the latest of each list.
pub(crate) fn state(world: &World, last: Option<usize>) -> Value {
    let account = &world.account;
    let mut customers: Vec<&Customer> = account.customers().collect();
    customers.sort_by_key(|customer| customer.gameball_id);
    let mut referrals: Vec<&Referral> = account.referrals().collect();
    referrals.sort_by_key(|referral| (referral.linked_at, referral.friend_gameball_id));
    let orders: Vec<&Order> = account.orders().collect();
    let calls: Map<String, Value> =
        world.calls.iter().map(|(name, count)| ((*name).to_owned(), Value::from(*count))).collect();
    let batches: Vec<Value> = world.batches.iter().map(|(id, batch)| batch.to_json(*id)).collect();
    json!({
        "customers": latest(&customers, last, |customer| customer_json(customer)),
        "orders": latest(&orders, last, |order| order_json(order)),
        "referrals": latest(&referrals, last, |referral| referral_json(referral)),
        "ignoredCodes": latest(&account.ignored, last, ignored_json),
        "requests": world.log.to_json(None, last),
        "counters": {
            "customers": customers.len(),
            "orders": orders.len(),
            "referrals": referrals.len(),
            "ignoredCodes": account.ignored.len(),
            "requests": world.log.total(),
            "calls": calls,
            "statuses": world.log.statuses(),
            "refusedInFlight": world.refused_in_flight,
            "faultsStruck": world.faults.struck(),
            "webhooks": world.webhooks.total(),
        },
        "webhooks": world.webhooks.to_json(last),
        "batches": batches,
        "faults": world.faults.to_json(),
        "clock": clock(world),
        "options": options(world),
    })
}

fn latest<T>(all: &[T], last: Option<usize>, tell: impl Fn(&T) -> Value) -> Value {
    let skipped = last.map_or(0, |last| all.len().saturating_sub(last));
    all.iter().skip(skipped).map(tell).collect()
}

pub(crate) fn clock(world: &World) -> Value {
    json!({"now": clock::text(world.now()), "frozen": world.clock.is_frozen()})
}

/// The options in force, with both keys left out.
pub(crate) fn options(world: &World) -> Value {
    let mut options = serde_json::to_value(&world.options).unwrap_or_default();
    if let Some(fields) = options.as_object_mut() {
        for key in ["apiKey", "secretKey"] {
            fields.insert(key.to_owned(), Value::from("[redacted]"));
        }
    }
    options
}

pub(crate) fn customer(world: &World, customer_id: &str) -> Value {
    world.account.customer(customer_id).map(customer_json).unwrap_or_default()
}

fn customer_json(customer: &Customer) -> Value {
    json!({
        "customerId": customer.customer_id,
        "gameballId": customer.gameball_id,
        "referralCode": customer.referral_code,
        "isReferred": customer.referred_by.is_some(),
        "referredBy": customer.referred_by,
        "guest": customer.guest,
        "registeredAt": clock::text(customer.registered_at),
        "createdBy": customer.created_by,
        "displayName": customer.display_name(),
        "email": customer.email(),
        "mobile": customer.mobile(),
        "attributes": customer.attributes,
        "orderCount": customer.order_count,
    })
}

fn order_json(order: &Order) -> Value {
    json!({
        "orderId": order.order_id,
        "customerId": order.customer_id,
        "orderDate": clock::text(order.ordered_at),
        "totalPaid": order.total_paid,
        "body": order.body,
        "receivedAt": clock::text(order.received_at),
    })
}

fn referral_json(referral: &Referral) -> Value {
    json!({
        "referrer": referral.referrer,
        "friend": referral.friend,
        "code": referral.code,
        "linkedAt": clock::text(referral.linked_at),
        "status": referral.status,
        "via": referral.via,
    })
}

fn ignored_json(ignored: &IgnoredCode) -> Value {
    json!({
        "customerId": ignored.customer_id,
        "code": ignored.code,
        "reason": ignored.reason,
        "explanation": ignored.reason.explanation(),
        "via": ignored.via,
        "at": clock::text(ignored.at),
    })
}
