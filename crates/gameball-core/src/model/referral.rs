//! Referrals: the friends a customer has brought, and what the program gives for them.

use serde::{Deserialize, Deserializer, Serialize};

use super::json::{Json, lenient};
use super::money::Money;

/// One friend. Source: the vendor's `CustomerReferralsResponse`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct ReferredFriend {
    #[serde(default, deserialize_with = "lenient")]
    pub customer_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub email: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub mobile_number: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub join_date: Option<String>,
    /// `Active` once the friend did what the program asks for, `Pending` before.
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    /// Not documented; pages are numbered by it, so it is used where it comes.
    #[serde(default, skip_serializing, deserialize_with = "number_id")]
    pub(crate) gameball_id: Option<i64>,
}

impl std::fmt::Debug for ReferredFriend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReferredFriend")
            .field("customer_id", &self.customer_id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// `GET customers/{id}/referrals` as it comes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReferralsAnswer {
    #[serde(default)]
    pub referred_friends: Option<Vec<ReferredFriend>>,
    #[serde(default)]
    pub has_more: Option<bool>,
}

/// One page of friends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferralsPage {
    /// The friends, oldest first.
    pub referred_friends: Vec<ReferredFriend>,
    /// What to pass as `startAfter` for the next page; nothing on the last one.
    pub next_start_after: Option<i64>,
}

/// Answer of `GET customers/{id}/referrals/count`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct ReferralsCount {
    #[serde(default, deserialize_with = "number_id")]
    pub count: Option<i64>,
    #[serde(default, deserialize_with = "number_id")]
    pub total_pending: Option<i64>,
    #[serde(default, deserialize_with = "number_id")]
    pub total_active: Option<i64>,
}

/// One step of the referral program. Source: the vendor's `ReferralConfiguration`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct ReferralsConfiguration {
    /// `CustomerOnly` or `CustomerAndFriend`.
    #[serde(default)]
    pub referral_method: Option<String>,
    /// What the friend must do, such as `place_order`.
    #[serde(default)]
    pub event_name: Option<String>,
    #[serde(default)]
    pub event_meta_data: Option<Json>,
    #[serde(default)]
    pub customer_reward: Option<Reward>,
    #[serde(default)]
    pub friend_reward: Option<Reward>,
    #[serde(default)]
    pub extra_reward: Option<Reward>,
    #[serde(default, skip_serializing)]
    pub(crate) steps: Option<Vec<ReferralsConfiguration>>,
}

impl ReferralsConfiguration {
    fn into_steps(mut self) -> Vec<Self> {
        match self.steps.take() {
            Some(mut steps) if !steps.is_empty() => {
                for step in &mut steps {
                    if step.referral_method.is_none() {
                        step.referral_method.clone_from(&self.referral_method);
                    }
                }
                steps
            }
            _ => vec![self],
        }
    }
}

/// What somebody gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct Reward {
    #[serde(default, deserialize_with = "lenient")]
    pub score: Option<Money>,
    #[serde(default, deserialize_with = "lenient")]
    pub point: Option<Money>,
    /// As the vendor describes coupons; it passes untouched.
    #[serde(default, deserialize_with = "lenient")]
    pub coupon: Option<Json>,
    /// For extra rewards: once for every so many friends.
    #[serde(default, deserialize_with = "lenient")]
    pub for_every: Option<Money>,
    /// The vendor's reference nests the extra reward in the customer's; its guide does not.
    #[serde(default, deserialize_with = "lenient")]
    pub extra_reward: Option<Box<Reward>>,
}

/// Reads the program's steps: one object, an array of them, or an object with `steps`, on the wire.
pub(crate) fn configurations(body: &[u8]) -> serde_json::Result<Vec<ReferralsConfiguration>> {
    let answers = if body.trim_ascii_start().first() == Some(&b'[') {
        serde_json::from_slice::<Vec<ReferralsConfiguration>>(body)?
    } else {
        vec![serde_json::from_slice(body)?]
    };
    Ok(answers.into_iter().flat_map(ReferralsConfiguration::into_steps).collect())
}

/// A whole number that some documents call a number and others show as text.
pub(crate) fn number_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let text = match Option::<Json>::deserialize(deserializer)? {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Number(text) | Json::String(text)) => text,
        #[allow(clippy::cast_possible_truncation, reason = "checked to be a whole number in range")]
        Some(Json::Float(number)) if number.fract() == 0.0 && number.abs() < 9e15 => {
            return Ok(Some(number as i64));
        }
        Some(other) => {
            return Err(serde::de::Error::custom(format!("must be a whole number, not {}", other.kind())));
        }
    };
    text.trim().parse().map(Some).map_err(|_| serde::de::Error::custom("must be a whole number"))
}
