//! The referral program an account is configured with: who is rewarded for what, in which language.

use serde_json::{Value, json};

use super::{Call, Failure, Success};
use crate::{
    switches::{ExtraReward, ReferralsConfiguration},
    world::World,
};

#[expect(clippy::unnecessary_wraps, reason = "the shape every operation has")]
pub(super) fn get(world: &World, call: &Call) -> Result<Success, Failure> {
    let switches = &world.options.switches;
    let texts = Texts::for_language(call.lang.as_deref());
    let first = step("place_order", &texts, switches.extra_reward);
    Ok(Success::read(match switches.referrals_configuration {
        ReferralsConfiguration::Object => first,
        ReferralsConfiguration::Array => json!([first, step("signup", &texts, switches.extra_reward)]),
    }))
}

/// The texts of a program that a customer sees.
struct Texts {
    coupon: &'static str,
    instructions: &'static str,
}

impl Texts {
    /// By the first language of the `lang` header; English for one the program does not have.
    fn for_language(lang: Option<&str>) -> Self {
        match lang.unwrap_or_default().get(..2).unwrap_or_default().to_ascii_lowercase().as_str() {
            "fr" => {
                Self { coupon: "10 % de réduction", instructions: "Saisissez le code au moment de payer." }
            }
            "de" => Self { coupon: "10 % Rabatt", instructions: "Geben Sie den Code an der Kasse ein." },
            "ar" => Self { coupon: "خصم 10٪", instructions: "أدخل الرمز عند الدفع." },
            _ => Self { coupon: "10% off", instructions: "Enter the code at checkout." },
        }
    }
}

fn step(event: &str, texts: &Texts, extra_reward: ExtraReward) -> Value {
    let extra = json!({"forEvery": 5, "score": 0, "point": 250, "coupon": null});
    let mut step = json!({
        "referralMethod": "CustomerAndFriend",
        "eventName": event,
        "eventMetaData": null,
        "customerReward": {"score": 10, "point": 100, "coupon": null},
        "friendReward": {
            "score": 0,
            "point": 50,
            "coupon": {
                "couponType": "percentage_discount",
                "discountValue": 10,
                "product": null,
                "collections": null,
                "group": null,
                "options": {
                    "name": texts.coupon,
                    "expiryAfter": 30,
                    "usageLimit": 1,
                    "capping": 50,
                    "minOrderValue": 20,
                    "codePrefix": "FRIEND",
                    "redeemInstructions": texts.instructions,
                },
            },
        },
    });
    let holder = match extra_reward {
        ExtraReward::CustomerReward => step.get_mut("customerReward"),
        ExtraReward::TopLevel => Some(&mut step),
    };
    if let Some(fields) = holder.and_then(Value::as_object_mut) {
        fields.insert("extraReward".to_owned(), extra);
    }
    step
}
