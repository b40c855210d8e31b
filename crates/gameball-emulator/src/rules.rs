//! Whether a referrer code links its customer: the vendor's rules as one decision without side effects.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{
    account::{Account, Customer},
    options::Options,
    switches::OrderCode,
};

/// The call that carried the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    CreateCustomer,
    Order,
}

/// The friend, as they are or as they would be created.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Friend<'a> {
    pub(crate) customer_id: &'a str,
    pub(crate) guest: bool,
    pub(crate) registered_at: Timestamp,
    /// The customer, if Gameball knows them already.
    pub(crate) known: Option<&'a Customer>,
}

/// Why a code has no effect. The API does not tell; the emulator's state does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Ignored {
    AlreadyReferred,
    InvalidCode,
    GuestReferrer,
    SelfReferral,
    Guest,
    NotFirstCall,
    NotFirstOrder,
    OrderCode,
    Late,
}

impl Ignored {
    /// The reason in words, for the page.
    pub(crate) fn explanation(self) -> &'static str {
        match self {
            Self::AlreadyReferred => "the customer was referred before, and a customer is referred once",
            Self::InvalidCode => "no customer has this code",
            Self::GuestReferrer => "the code belongs to a guest, and guests cannot refer",
            Self::SelfReferral => "the code is the customer's own",
            Self::Guest => "the customer is a guest, and this program does not let guests be referred",
            Self::NotFirstCall => "Gameball knew the customer already: the code belongs in the first call",
            Self::NotFirstOrder => "the customer has ordered before: the code belongs in the first order",
            Self::OrderCode => "codes in orders are switched off (orderCode)",
            Self::Late => "the window for linking after registration had passed",
        }
    }
}

/// Decides: the id of the referrer to link, or why not.
pub(crate) fn decide(
    account: &Account,
    options: &Options,
    now: Timestamp,
    friend: Friend<'_>,
    code: &str,
    carrier: Carrier,
) -> Result<String, Ignored> {
    if carrier == Carrier::Order && options.switches.order_code == OrderCode::Ignored {
        return Err(Ignored::OrderCode);
    }
    if friend.known.is_some_and(|customer| customer.referred_by.is_some()) {
        return Err(Ignored::AlreadyReferred);
    }
    let referrer = account.by_code(code).ok_or(Ignored::InvalidCode)?;
    if referrer.customer_id == friend.customer_id {
        return Err(Ignored::SelfReferral);
    }
    if referrer.guest {
        return Err(Ignored::GuestReferrer);
    }
    if let Some(customer) = friend.known {
        let only_new = options.switches.order_code == OrderCode::UnknownCustomerOnly;
        if carrier == Carrier::CreateCustomer || only_new {
            return Err(Ignored::NotFirstCall);
        }
        if customer.order_count > 0 {
            return Err(Ignored::NotFirstOrder);
        }
    }
    let window = SignedDuration::from_secs(i64::try_from(options.link_window_seconds).unwrap_or(i64::MAX));
    if now.duration_since(friend.registered_at) > window {
        return Err(Ignored::Late);
    }
    if friend.guest && !options.guest_referrals {
        return Err(Ignored::Guest);
    }
    Ok(referrer.customer_id.clone())
}
