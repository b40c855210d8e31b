//! What the API tells of referrals: whether a code is valid, whom a customer referred, and how many.

use serde_json::{Value, json};

use super::{Call, Failure, Success, customers::gameball_id};
use crate::{
    account::{Referral, ReferralStatus},
    clock,
    switches::{ReferralsLimit, ValidateUnknown},
    world::World,
};

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 200;

pub(super) fn validate(world: &World, call: &Call) -> Result<Success, Failure> {
    let code = call.query("referrerCode").ok_or_else(|| Failure::missing(&["referrerCode"]))?;
    let owner = world.account.by_code(code);
    if owner.is_none() && world.options.switches.validate_unknown == ValidateUnknown::Error7003 {
        return Err(Failure::new(7003, format!("there is no referral code {code:?}")));
    }
    let friend = call.query("forCustomerId");
    let is_valid = owner.is_some_and(|owner| !owner.guest && Some(owner.customer_id.as_str()) != friend);
    Ok(Success::read(json!({"isValid": is_valid})))
}

pub(super) fn list(world: &World, call: &Call) -> Result<Success, Failure> {
    let customer_id = existing(world, call)?;
    let start_after = match call.query("startAfter") {
        None => 0,
        Some(text) => text.parse().map_err(|_| Failure::invalid("startAfter", "must be a Gameball id"))?,
    };
    let limit = match call.query("limit") {
        None => DEFAULT_LIMIT,
        Some(text) => match text.parse::<usize>() {
            Ok(limit @ 1..=MAX_LIMIT) => limit,
            Ok(limit) if limit > 0 && world.options.switches.referrals_limit == ReferralsLimit::Capped => {
                MAX_LIMIT
            }
            _ => return Err(Failure::invalid("limit", "must be between 1 and 200")),
        },
    };
    let mut friends = world.account.friends_after(customer_id, start_after);
    let page: Vec<Value> = friends.by_ref().take(limit).map(|referral| friend(world, referral)).collect();
    let has_more = friends.next().is_some();
    Ok(Success::read(json!({"count": page.len(), "referredFriends": page, "hasMore": has_more})))
}

fn friend(world: &World, referral: &Referral) -> Value {
    let customer = world.account.customer(&referral.friend);
    let mut friend = json!({
        "customerId": referral.friend,
        "displayName": customer.and_then(crate::account::Customer::display_name),
        "email": customer.and_then(crate::account::Customer::email),
        "mobileNumber": customer.and_then(crate::account::Customer::mobile),
        "joinDate": customer.map(|customer| clock::text(customer.registered_at)),
        "status": referral.status,
    });
    if world.options.switches.friend_gameball_id
        && let Some(fields) = friend.as_object_mut()
    {
        fields.insert("gameballId".to_owned(), gameball_id(world, referral.friend_gameball_id));
    }
    friend
}

pub(super) fn count(world: &World, call: &Call) -> Result<Success, Failure> {
    let customer_id = existing(world, call)?;
    let (mut active, mut pending) = (0, 0);
    for referral in world.account.friends_after(customer_id, 0) {
        match referral.status {
            ReferralStatus::Active => active += 1,
            ReferralStatus::Pending => pending += 1,
        }
    }
    Ok(Success::read(json!({"count": active + pending, "totalPending": pending, "totalActive": active})))
}

fn existing<'c>(world: &World, call: &'c Call) -> Result<&'c str, Failure> {
    let customer_id = call.route.customer_id()?;
    match world.account.customer(customer_id) {
        Some(_) => Ok(customer_id),
        None => Err(Failure::unknown_customer(customer_id)),
    }
}
