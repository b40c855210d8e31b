//! Orders: the call that may carry the referrer code of a customer's first purchase.

use serde::{Deserialize, Serialize};

use super::arguments::Arguments;
use super::customer::Channel;
use super::ids::{CustomerId, OrderId, ReferrerCode};
use super::json::{Json, lenient, raw_number};
use super::money::{self, Money};
use crate::error::Result;

/// Body of `POST orders`. Source: the vendor's `trackOrder`; `referrerCode` from its source document.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct TrackOrder {
    pub order_id: OrderId,
    pub customer_id: CustomerId,
    /// In UTC, ISO 8601; see [`super::date::utc`].
    pub order_date: String,
    /// What the customer really paid; rewards are computed from it.
    #[serde(serialize_with = "number")]
    pub total_paid: Money,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub total_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub total_discount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub total_shipping: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub total_tax: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_items: Option<Vec<LineItem>>,
    /// The code of whoever referred this customer; it counts on the first order only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer_code: Option<ReferrerCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cart_id: Option<String>,
    /// The shop's own facts about the order; they pass untouched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Json>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn number<S: serde::Serializer>(value: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    raw_number(&value.to_string(), serializer)
}

impl TrackOrder {
    /// An order with its required fields.
    pub fn new(order_id: OrderId, customer_id: CustomerId, order_date: String, total_paid: Money) -> Self {
        Self {
            order_id,
            customer_id,
            order_date,
            total_paid,
            total_price: None,
            total_discount: None,
            total_shipping: None,
            total_tax: None,
            line_items: None,
            referrer_code: None,
            email: None,
            mobile: None,
            guest: None,
            channel: None,
            cart_id: None,
            extra: None,
        }
    }

    pub(crate) fn read(arguments: &mut Arguments) -> Result<Self> {
        Ok(Self {
            order_id: arguments.order_id("orderId")?,
            customer_id: arguments.customer_id("customerId")?,
            order_date: arguments.required_utc("orderDate")?,
            total_paid: arguments.required_money("totalPaid")?,
            total_price: arguments.money("totalPrice")?,
            total_discount: arguments.money("totalDiscount")?,
            total_shipping: arguments.money("totalShipping")?,
            total_tax: arguments.money("totalTax")?,
            line_items: arguments.objects("lineItems", LineItem::read)?,
            referrer_code: arguments.referrer_code("referrerCode")?,
            email: arguments.email("email")?,
            mobile: arguments.text("mobile")?,
            guest: arguments.boolean("guest")?,
            channel: arguments.one_of("channel", &Channel::NAMES)?,
            cart_id: arguments.text("cartId")?,
            extra: arguments.map("extra")?,
        })
    }
}

/// One line of an order. `price` is one unit's; `taxes` and `discount` are the line's.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct LineItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub quantity: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub weight: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub taxes: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "money::wire::serialize")]
    pub discount: Option<Money>,
    /// The shop's own facts about the line; they pass untouched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Json>,
}

impl LineItem {
    pub(crate) fn read(arguments: &mut Arguments) -> Result<Self> {
        Ok(Self {
            product_id: arguments.text("productId")?,
            sku: arguments.text("sku")?,
            title: arguments.text("title")?,
            quantity: arguments.money("quantity")?,
            price: arguments.money("price")?,
            category: arguments.texts("category")?,
            collection: arguments.texts("collection")?,
            tags: arguments.texts("tags")?,
            vendor: arguments.text("vendor")?,
            weight: arguments.money("weight")?,
            taxes: arguments.money("taxes")?,
            discount: arguments.money("discount")?,
            extra: arguments.map("extra")?,
        })
    }
}

/// Answer of `POST orders`. Points are exact decimals.
///
/// What is not as documented counts as missing: the order is tracked all the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackedOrder {
    /// The shop's id of the customer.
    #[serde(default, deserialize_with = "lenient")]
    pub customer_id: Option<String>,
    /// Points redeemed with this order.
    #[serde(default, deserialize_with = "lenient")]
    pub redeemed_points: Option<Money>,
    /// Points earned with this order.
    #[serde(default, deserialize_with = "lenient")]
    pub rewarded_points: Option<Money>,
}
