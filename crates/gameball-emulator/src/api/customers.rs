//! Creating, updating, reading and deleting a customer.

use serde_json::{Map, Value, json};

use super::{
    Call, Failure, Success, lacks_referrals, not_in_flight,
    payload::{Payload, as_date},
};
use crate::{
    account::{CreatedBy, Customer, IgnoredCode, NewCustomer},
    rules::{self, Carrier, Friend, Ignored},
    switches::{
        AlreadyReferred, CreateCustomerAnswer, DeleteAnswer, DuplicateEmail, ExistingCustomer,
        GameballIdType, GetCustomerAnswer, InvalidCode, ReferralLink, RegistrationTime,
    },
    world::World,
};

/// What get-customer shows of the attributes: the reference's schema, which leaves personal data out.
const PUBLIC_ATTRIBUTES: [&str; 13] = [
    "gender",
    "country",
    "city",
    "zip",
    "custom",
    "tags",
    "source",
    "utms",
    "devices",
    "paymentMethods",
    "totalSpent",
    "lastOrderDate",
    "totalOrders",
];

pub(super) fn create(world: &mut World, call: &Call) -> Result<Success, Failure> {
    let payload = Payload::parse(&call.body, world.options.switches.null_optional)?;
    let customer_id = payload.id("customerId")?.to_owned();
    let answer = upsert(world, &payload, CreatedBy::CreateCustomer)?;
    Ok(Success::write(Some(answer), &customer_id))
}

/// Creates or updates a customer; the same for one call and for an item of a batch.
pub(super) fn upsert(world: &mut World, payload: &Payload<'_>, via: CreatedBy) -> Result<Value, Failure> {
    let customer_id = payload.id("customerId")?;
    let email = payload.email()?;
    let mobile = payload.text_field("mobile")?;
    let guest = payload.flag("guest")?;
    let code = payload.text_field("referrerCode")?;
    let attributes = payload.attributes()?;
    not_in_flight(world, customer_id)?;

    let known = world.account.customer(customer_id);
    let switches = world.options.switches.clone();
    if known.is_some() && switches.existing_customer == ExistingCustomer::Error7001 {
        return Err(Failure::new(7001, format!("the customer {customer_id:?} exists already")));
    }
    let new_email =
        email.or_else(|| attributes.as_ref().and_then(|all| all.get("email")).and_then(Value::as_str));
    if let Some(email) = new_email {
        let own = known.and_then(Customer::email).is_some_and(|held| held.eq_ignore_ascii_case(email));
        if switches.duplicate_email == DuplicateEmail::Error3008 && !own && world.account.has_email(email) {
            return Err(Failure::new(3008, "another customer has this e-mail address"));
        }
    }

    let now = world.now();
    let registered_at = match (known, attributes.as_ref().and_then(|all| all.get("joinDate"))) {
        (Some(customer), _) => customer.registered_at,
        (None, Some(joined)) if switches.registration_time == RegistrationTime::JoinDate => {
            now.min(as_date(joined, "customerAttributes.joinDate")?)
        }
        (None, _) => now,
    };
    let is_guest = guest.unwrap_or_else(|| known.is_some_and(|customer| customer.guest));
    let friend = Friend { customer_id, guest: is_guest, registered_at, known };
    let is_new = known.is_none();
    let link = decide(world, friend, code, Carrier::CreateCustomer)?;

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
        customer.guest = is_guest;
        customer.email = email.map(str::to_owned).or_else(|| customer.email.take());
        customer.mobile = mobile.map(str::to_owned).or_else(|| customer.mobile.take());
        customer.attributes.extend(attributes.unwrap_or_default());
    });
    apply(world, customer_id, code, link, via);
    world.profile_updated(customer_id);
    let customer =
        world.account.customer(customer_id).ok_or_else(|| Failure::unknown_customer(customer_id))?;
    Ok(created_answer(world, customer))
}

/// The decision on a code, or the failure that a switch makes of it; none without a code.
pub(super) fn decide(
    world: &World,
    friend: Friend<'_>,
    code: Option<&str>,
    carrier: Carrier,
) -> Result<Option<Result<String, Ignored>>, Failure> {
    let Some(code) = code else { return Ok(None) };
    if world.options.plan_lacks_referrals {
        return Err(lacks_referrals());
    }
    let decision = rules::decide(&world.account, &world.options, world.now(), friend, code, carrier);
    let unknown_code = || format!("there is no referral code {code:?}");
    let referred = || "the customer was referred already".to_owned();
    let switches = &world.options.switches;
    match (&decision, switches.invalid_code, switches.already_referred) {
        (Err(Ignored::InvalidCode | Ignored::GuestReferrer), InvalidCode::Error7006, _) => {
            Err(Failure::new(7006, unknown_code()))
        }
        (Err(Ignored::InvalidCode | Ignored::GuestReferrer), InvalidCode::Error7003, _) => {
            Err(Failure::new(7003, unknown_code()))
        }
        (Err(Ignored::AlreadyReferred), _, AlreadyReferred::Error7002) => Err(Failure::new(7002, referred())),
        (Err(Ignored::AlreadyReferred), _, AlreadyReferred::Error7005) => Err(Failure::new(7005, referred())),
        _ => Ok(Some(decision)),
    }
}

/// Links, or remembers that a code had no effect.
pub(super) fn apply(
    world: &mut World,
    customer_id: &str,
    code: Option<&str>,
    decision: Option<Result<String, Ignored>>,
    via: CreatedBy,
) {
    let (Some(code), Some(decision)) = (code, decision) else { return };
    let at = world.now();
    match decision {
        Ok(referrer) => world.account.link(&referrer, customer_id, code, at, via),
        Err(reason) => world.account.ignored.push(IgnoredCode {
            customer_id: customer_id.to_owned(),
            code: code.to_owned(),
            reason,
            via,
            at,
        }),
    }
}

fn created_answer(world: &World, customer: &Customer) -> Value {
    match world.options.switches.create_customer_answer {
        CreateCustomerAnswer::GameballId => json!({"gameballId": gameball_id(world, customer.gameball_id)}),
        CreateCustomerAnswer::Guide => json!({
            "customerId": customer.customer_id,
            "displayName": customer.display_name(),
            "email": customer.email(),
            "mobile": customer.mobile(),
        }),
    }
}

pub(super) fn gameball_id(world: &World, id: u64) -> Value {
    match world.options.switches.gameball_id_type {
        GameballIdType::Number => Value::from(id),
        GameballIdType::Text => Value::from(id.to_string()),
    }
}

pub(super) fn get(world: &World, customer_id: &str) -> Result<Success, Failure> {
    let customer =
        world.account.customer(customer_id).ok_or_else(|| Failure::unknown_customer(customer_id))?;
    let link = referral_link(world.options.switches.referral_link, &customer.referral_code);
    Ok(Success::read(match world.options.switches.get_customer_answer {
        GetCustomerAnswer::Guide => json!({
            "customerId": customer.customer_id,
            "displayName": customer.display_name(),
            "referralCode": customer.referral_code,
            "referralLink": link,
        }),
        GetCustomerAnswer::Reference => {
            let attributes: Map<String, Value> = PUBLIC_ATTRIBUTES
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), customer.attributes.get(name)?.clone())))
                .collect();
            json!({
                "gameballId": gameball_id(world, customer.gameball_id),
                "customerId": customer.customer_id,
                "customerAttributes": attributes,
                "referralCode": customer.referral_code,
                "referralLink": link,
                "isReferred": customer.referred_by.is_some(),
                "dynamicReferralLink": null,
            })
        }
    }))
}

pub(crate) fn referral_link(form: ReferralLink, code: &str) -> String {
    match form {
        ReferralLink::Ref => format!("https://yourwebsite.com/signup?ref={code}"),
        ReferralLink::GbReferral => format!("https://yourwebsite.com/?GbReferral={code}"),
        ReferralLink::LandingPage => format!("https://yourwebsite.com/invite/{code}"),
    }
}

pub(super) fn delete(world: &mut World, customer_id: &str) -> Result<Success, Failure> {
    not_in_flight(world, customer_id)?;
    if !world.account.remove_customer(customer_id) {
        return Err(Failure::unknown_customer(customer_id));
    }
    let body = match world.options.switches.delete_answer {
        DeleteAnswer::Empty => None,
        DeleteAnswer::Message => Some(json!({"message": "Customer deleted successfully"})),
    };
    Ok(Success::write(body, customer_id))
}
