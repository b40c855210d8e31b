//! What Gameball would hold for one account: customers, orders, referrals, and the codes it ignored.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The first Gameball id an account hands out.
const FIRST_GAMEBALL_ID: u64 = 100_001;

/// What first made Gameball know a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CreatedBy {
    CreateCustomer,
    TrackOrder,
    Widget,
    Batch,
    Seed,
}

#[derive(Clone, Debug)]
#[allow(clippy::struct_field_names, reason = "the vendor's names")]
pub(crate) struct Customer {
    pub(crate) customer_id: String,
    pub(crate) gameball_id: u64,
    pub(crate) referral_code: String,
    pub(crate) referred_by: Option<String>,
    pub(crate) guest: bool,
    pub(crate) registered_at: Timestamp,
    pub(crate) created_by: CreatedBy,
    pub(crate) email: Option<String>,
    pub(crate) mobile: Option<String>,
    pub(crate) attributes: Map<String, Value>,
    pub(crate) order_count: usize,
}

impl Customer {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).and_then(Value::as_str)
    }

    pub(crate) fn email(&self) -> Option<&str> {
        self.email.as_deref().or_else(|| self.attribute("email"))
    }

    pub(crate) fn mobile(&self) -> Option<&str> {
        self.mobile.as_deref().or_else(|| self.attribute("mobile"))
    }

    /// The display name, or one made of first and last name.
    pub(crate) fn display_name(&self) -> Option<String> {
        self.attribute("displayName").map(str::to_owned).or_else(|| {
            let parts: Vec<&str> =
                ["firstName", "lastName"].into_iter().filter_map(|name| self.attribute(name)).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        })
    }
}

#[derive(Clone, Debug)]
#[allow(clippy::struct_field_names, reason = "the vendor's names")]
pub(crate) struct Order {
    pub(crate) order_id: String,
    pub(crate) customer_id: String,
    pub(crate) ordered_at: Timestamp,
    /// The amount's exact characters: a number's text is part of what a client can get wrong.
    pub(crate) total_paid: String,
    pub(crate) body: String,
    pub(crate) received_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum ReferralStatus {
    Active,
    Pending,
}

#[derive(Clone, Debug)]
pub(crate) struct Referral {
    pub(crate) referrer: String,
    pub(crate) friend: String,
    pub(crate) friend_gameball_id: u64,
    pub(crate) code: String,
    pub(crate) linked_at: Timestamp,
    pub(crate) status: ReferralStatus,
    pub(crate) via: CreatedBy,
}

/// A code the API accepted without a word and without effect.
#[derive(Clone, Debug)]
pub(crate) struct IgnoredCode {
    pub(crate) customer_id: String,
    pub(crate) code: String,
    pub(crate) reason: crate::rules::Ignored,
    pub(crate) via: CreatedBy,
    pub(crate) at: Timestamp,
}

/// A customer about to be created.
pub(crate) struct NewCustomer {
    pub(crate) customer_id: String,
    pub(crate) referral_code: Option<String>,
    pub(crate) guest: bool,
    pub(crate) registered_at: Timestamp,
    pub(crate) created_by: CreatedBy,
}

#[derive(Default)]
pub(crate) struct Account {
    customers: BTreeMap<String, Customer>,
    codes: HashMap<String, String>,
    emails: HashMap<String, usize>,
    orders: HashMap<String, Order>,
    order_sequence: Vec<String>,
    /// By the referrer's id, then by the friend's Gameball id: the order in which the API pages.
    referrals: BTreeMap<String, BTreeMap<u64, Referral>>,
    /// Who referred whom, to find a friend's referral.
    referrer_of: HashMap<String, (String, u64)>,
    pub(crate) ignored: Vec<IgnoredCode>,
    created: u64,
}

impl Account {
    pub(crate) fn customer(&self, customer_id: &str) -> Option<&Customer> {
        self.customers.get(customer_id)
    }

    pub(crate) fn customers(&self) -> impl Iterator<Item = &Customer> {
        self.customers.values()
    }

    pub(crate) fn by_code(&self, code: &str) -> Option<&Customer> {
        self.codes.get(code).and_then(|id| self.customers.get(id))
    }

    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.emails.get(&email.to_lowercase()).is_some_and(|holders| *holders > 0)
    }

    pub(crate) fn add_customer(&mut self, new: NewCustomer) -> u64 {
        let gameball_id = FIRST_GAMEBALL_ID + self.created;
        self.created += 1;
        let referral_code = new.referral_code.unwrap_or_else(|| self.free_code(gameball_id));
        self.codes.insert(referral_code.clone(), new.customer_id.clone());
        let customer = Customer {
            gameball_id,
            referral_code,
            referred_by: None,
            guest: new.guest,
            registered_at: new.registered_at,
            created_by: new.created_by,
            email: None,
            mobile: None,
            attributes: Map::new(),
            order_count: 0,
            customer_id: new.customer_id,
        };
        self.customers.insert(customer.customer_id.clone(), customer);
        gameball_id
    }

    /// `REF` and the Gameball id, unless a seeded customer already took that.
    fn free_code(&self, gameball_id: u64) -> String {
        let mut code = format!("REF{gameball_id}");
        while self.codes.contains_key(&code) {
            code.push('X');
        }
        code
    }

    /// Changes a customer, keeping the index of e-mail addresses true.
    pub(crate) fn change(&mut self, customer_id: &str, change: impl FnOnce(&mut Customer)) {
        let Some(customer) = self.customers.get_mut(customer_id) else { return };
        let before = customer.email().map(str::to_lowercase);
        change(customer);
        let after = customer.email().map(str::to_lowercase);
        if before != after {
            if let Some(holders) = before.and_then(|email| self.emails.get_mut(&email)) {
                *holders = holders.saturating_sub(1);
            }
            if let Some(email) = after {
                *self.emails.entry(email).or_default() += 1;
            }
        }
    }

    /// Forgets a customer with the referrals on either side; orders stay, their ids are never free again.
    pub(crate) fn remove_customer(&mut self, customer_id: &str) -> bool {
        if !self.customers.contains_key(customer_id) {
            return false;
        }
        self.change(customer_id, |customer| {
            customer.email = None;
            customer.attributes.clear();
        });
        if let Some(customer) = self.customers.remove(customer_id) {
            self.codes.remove(&customer.referral_code);
        }
        if let Some((referrer, gameball_id)) = self.referrer_of.remove(customer_id)
            && let Some(friends) = self.referrals.get_mut(&referrer)
        {
            friends.remove(&gameball_id);
        }
        for friend in self.referrals.remove(customer_id).unwrap_or_default().into_values() {
            self.referrer_of.remove(&friend.friend);
        }
        true
    }

    pub(crate) fn link(&mut self, referrer: &str, friend: &str, code: &str, at: Timestamp, via: CreatedBy) {
        let Some(customer) = self.customers.get_mut(friend) else { return };
        customer.referred_by = Some(referrer.to_owned());
        let friend_gameball_id = customer.gameball_id;
        let referral = Referral {
            referrer: referrer.to_owned(),
            friend: friend.to_owned(),
            friend_gameball_id,
            code: code.to_owned(),
            linked_at: at,
            status: ReferralStatus::Pending,
            via,
        };
        self.referrals.entry(referrer.to_owned()).or_default().insert(friend_gameball_id, referral);
        self.referrer_of.insert(friend.to_owned(), (referrer.to_owned(), friend_gameball_id));
    }

    /// Marks a friend's referral active; false where there is none.
    pub(crate) fn complete_referral(&mut self, friend: &str) -> bool {
        let Some((referrer, gameball_id)) = self.referrer_of.get(friend) else { return false };
        let Some(referral) =
            self.referrals.get_mut(referrer).and_then(|friends| friends.get_mut(gameball_id))
        else {
            return false;
        };
        referral.status = ReferralStatus::Active;
        true
    }

    /// The friends of a referrer after a Gameball id, in ascending order of it.
    pub(crate) fn friends_after(&self, referrer: &str, start_after: u64) -> impl Iterator<Item = &Referral> {
        self.referrals
            .get(referrer)
            .into_iter()
            .flat_map(move |friends| friends.range(start_after.saturating_add(1)..).map(|(_, friend)| friend))
    }

    pub(crate) fn referrals(&self) -> impl Iterator<Item = &Referral> {
        self.referrals.values().flat_map(BTreeMap::values)
    }

    pub(crate) fn has_order(&self, order_id: &str) -> bool {
        self.orders.contains_key(order_id)
    }

    pub(crate) fn has_order_at(&self, customer_id: &str, at: Timestamp) -> bool {
        self.orders.values().any(|order| order.customer_id == customer_id && order.ordered_at == at)
    }

    pub(crate) fn add_order(&mut self, order: Order) {
        if let Some(customer) = self.customers.get_mut(&order.customer_id) {
            customer.order_count += 1;
        }
        self.order_sequence.push(order.order_id.clone());
        self.orders.insert(order.order_id.clone(), order);
    }

    /// The orders as they came in.
    pub(crate) fn orders(&self) -> impl Iterator<Item = &Order> {
        self.order_sequence.iter().filter_map(|order_id| self.orders.get(order_id))
    }
}
