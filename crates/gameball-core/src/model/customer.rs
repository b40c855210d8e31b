//! Customers: the creation that carries the referrer code, and the profile that proves the referral.

use serde::{Deserialize, Deserializer, Serialize};

use super::arguments::Arguments;
use super::ids::{CustomerId, ReferrerCode};
use super::json::{Json, lenient};
use super::money::{self, Money};
use super::referral::number_id;

/// Where a customer or an order came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub enum Channel {
    Mobile,
    Pos,
    Web,
    CallCenter,
}

impl Channel {
    pub(crate) const NAMES: [(&'static str, Self); 4] =
        [("mobile", Self::Mobile), ("pos", Self::Pos), ("web", Self::Web), ("callcenter", Self::CallCenter)];
}

/// Body of `POST customers`. Source: the vendor's `UpsertCustomerRequest`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct CreateCustomer {
    pub customer_id: CustomerId,
    /// The code of whoever referred this customer; it counts on the first call only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer_code: Option<ReferrerCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<bool>,
    #[serde(rename = "customerAttributes", skip_serializing_if = "Option::is_none")]
    pub attributes: Option<CustomerAttributes>,
}

impl CreateCustomer {
    /// A creation with nothing but its id.
    pub fn new(customer_id: CustomerId) -> Self {
        Self { customer_id, referrer_code: None, email: None, mobile: None, guest: None, attributes: None }
    }

    pub(crate) fn read(arguments: &mut Arguments) -> crate::error::Result<Self> {
        Ok(Self {
            customer_id: arguments.customer_id("customerId")?,
            referrer_code: arguments.referrer_code("referrerCode")?,
            email: arguments.email("email")?,
            mobile: arguments.text("mobile")?,
            guest: arguments.boolean("guest")?,
            attributes: arguments.object("attributes", CustomerAttributes::read)?,
        })
    }
}

/// `customerAttributes` of a creation. Dates are `2024-01-15`, or UTC times where the vendor takes them.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct CustomerAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub total_spent: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_orders: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub avg_order_amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_order_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utms: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_methods: Option<Vec<String>>,
    /// The shop's own attributes; they pass untouched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<Json>,
}

impl CustomerAttributes {
    pub(crate) fn read(arguments: &mut Arguments) -> crate::error::Result<Self> {
        Ok(Self {
            display_name: arguments.text("displayName")?,
            first_name: arguments.text("firstName")?,
            last_name: arguments.text("lastName")?,
            email: arguments.email("email")?,
            mobile: arguments.text("mobile")?,
            gender: arguments.text("gender")?,
            date_of_birth: arguments.date("dateOfBirth")?,
            join_date: arguments.date_or_utc("joinDate")?,
            country: arguments.text("country")?,
            city: arguments.text("city")?,
            zip: arguments.text("zip")?,
            preferred_language: arguments.text("preferredLanguage")?,
            source: arguments.text("source")?,
            channel: arguments.one_of("channel", &Channel::NAMES)?,
            total_spent: arguments.money("totalSpent")?,
            total_orders: arguments.integer("totalOrders")?,
            avg_order_amount: arguments.money("avgOrderAmount")?,
            last_order_date: arguments.date_or_utc("lastOrderDate")?,
            utms: arguments.list("utms")?,
            devices: arguments.list("devices")?,
            payment_methods: arguments.texts("paymentMethods")?,
            custom: arguments.map("custom")?,
        })
    }
}

/// Answer of `POST customers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase", deserialize = "camelCase"))]
pub struct CreatedCustomer {
    /// Gameball's own id; the vendor's guide shows answers without it.
    #[serde(default, deserialize_with = "number_id")]
    pub gameball_id: Option<i64>,
}

/// Answer of `GET customers/{customerId}`: the profile, without personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Gameball's own id.
    #[serde(default, deserialize_with = "number_id")]
    pub gameball_id: Option<i64>,
    /// The shop's id.
    #[serde(default)]
    pub customer_id: Option<String>,
    /// The customer's own code, to share.
    #[serde(default, deserialize_with = "code")]
    pub referral_code: Option<String>,
    /// A link that carries the code.
    #[serde(default, deserialize_with = "link")]
    pub referral_link: Option<String>,
    /// Whether Gameball counts this customer as referred: the proof of a referral.
    #[serde(default)]
    pub is_referred: Option<bool>,
    /// A link for mobile apps.
    #[serde(default, deserialize_with = "link")]
    pub dynamic_referral_link: Option<String>,
    /// What else Gameball tells of the customer.
    #[serde(default, rename(serialize = "attributes", deserialize = "customerAttributes"))]
    pub attributes: Option<ProfileAttributes>,
}

/// A code that shops store and show, at most 255 characters long. One that no shop could counts as missing: the proof of
/// a referral does not hang on it.
fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(link(deserializer)?.filter(|code| code.chars().count() <= 255))
}

/// A link likewise.
fn link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = lenient(deserializer)?;
    Ok(text.filter(|text| text.len() <= 4096 && !text.contains(char::is_control)))
}

/// `customerAttributes` of a profile. Source: the vendor's `CustomerResponse`.
///
/// One that is not as documented counts as missing: the proof of a referral does not hang on a postal code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct ProfileAttributes {
    #[serde(default, deserialize_with = "lenient")]
    pub gender: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub country: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub city: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub zip: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub source: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub tags: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub payment_methods: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    pub total_spent: Option<Money>,
    #[serde(default, deserialize_with = "lenient")]
    pub total_orders: Option<Money>,
    #[serde(default, deserialize_with = "lenient")]
    pub last_order_date: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub custom: Option<Json>,
}

#[cfg(test)]
mod tests {
    use super::Customer;

    #[test]
    fn what_no_shop_could_store_counts_as_missing() {
        let long = "A".repeat(256);
        for code in ["\"A\\u0000B\"", "\"A\\nB\"", "7", "{}", &format!("\"{long}\"")] {
            let answer = format!(r#"{{"customerId": "1", "isReferred": true, "referralCode": {code}}}"#);
            let customer: Result<Customer, _> = serde_json::from_str(&answer);
            let told = customer.ok().map(|customer| (customer.referral_code, customer.is_referred));
            assert_eq!(told, Some((None, Some(true))), "{code}");
        }
    }
}
