//! The control commands: how a test seeds, moves the clock, breaks things, and looks behind the API.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    ControlError,
    account::{CreatedBy, NewCustomer},
    faults::Fault,
    options::Options,
    report,
    switches::Switches,
    world::World,
};

const COMMANDS: &str = "state, requests, reset, advance, setClock, freeze, resume, addCustomer, removeCustomer, \
                        widgetInit, completeReferral, inject, clearFaults, configure, sendWebhook";

/// Carries out one command. After an error nothing has changed.
pub(crate) fn execute(world: &mut World, command: Value) -> Result<Value, ControlError> {
    let Value::Object(mut fields) = command else {
        return Err(ControlError::new("a command is a JSON object with \"do\""));
    };
    let Some(Value::String(name)) = fields.remove("do") else {
        return Err(ControlError::new(format!("a command names itself in \"do\": one of {COMMANDS}")));
    };
    let rest = Value::Object(fields);
    let result = match name.as_str() {
        "state" => state(world, rest),
        "requests" => requests(world, rest),
        "reset" => reset(world, rest),
        "advance" => advance(world, rest),
        "setClock" => set_clock(world, rest),
        "freeze" => freeze(world, rest),
        "resume" => resume(world, rest),
        "addCustomer" => add_customer(world, rest),
        "removeCustomer" => remove_customer(world, rest),
        "widgetInit" => widget_init(world, rest),
        "completeReferral" => complete_referral(world, rest),
        "inject" => Fault::parse(rest).map(|fault| json!({"id": world.faults.inject(fault)})),
        "clearFaults" => clear_faults(world, rest),
        "configure" => configure(world, rest),
        "sendWebhook" => send_webhook(world, rest),
        _ => return Err(ControlError::new(format!("no command is called {name:?}; there are {COMMANDS}"))),
    };
    result.map_err(|text| ControlError::new(format!("{name}: {text}")))
}

type Outcome = Result<Value, String>;

fn arguments<T: DeserializeOwned>(rest: Value) -> Result<T, String> {
    serde_json::from_value(rest).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OneCustomer {
    customer_id: String,
}

fn state(world: &mut World, rest: Value) -> Outcome {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        /// Only this many of each list, the latest ones.
        last: Option<usize>,
    }
    let Arguments { last } = arguments(rest)?;
    world.advance_batches();
    Ok(report::state(world, last))
}

fn requests(world: &mut World, rest: Value) -> Outcome {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        operation: Option<String>,
    }
    let Arguments { operation } = arguments(rest)?;
    Ok(json!({"requests": world.log.to_json(operation.as_deref(), None)}))
}

fn reset(world: &mut World, rest: Value) -> Outcome {
    let Nothing {} = arguments(rest)?;
    world.reset();
    Ok(json!({"reset": true}))
}

fn advance(world: &mut World, rest: Value) -> Outcome {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        seconds: f64,
    }
    let Arguments { seconds } = arguments(rest)?;
    if seconds < 0.0 {
        return Err("seconds must not be negative; setClock can move time back".to_owned());
    }
    let span = SignedDuration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    let at = world.now().checked_add(span).map_err(|error| error.to_string())?;
    world.clock.set(at);
    Ok(moved(world))
}

fn set_clock(world: &mut World, rest: Value) -> Outcome {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        at: String,
    }
    let Arguments { at } = arguments(rest)?;
    world.clock.set(instant("at", &at)?);
    Ok(moved(world))
}

fn freeze(world: &mut World, rest: Value) -> Outcome {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        at: Option<String>,
    }
    let Arguments { at } = arguments(rest)?;
    let at = at.map(|text| instant("at", &text)).transpose()?;
    world.clock.freeze(at);
    Ok(moved(world))
}

fn resume(world: &mut World, rest: Value) -> Outcome {
    let Nothing {} = arguments(rest)?;
    world.clock.resume();
    Ok(moved(world))
}

/// Time has moved: what was waiting for it is due.
fn moved(world: &mut World) -> Value {
    world.advance_batches();
    world.webhooks.wake();
    report::clock(world)
}

fn instant(name: &str, text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("{name} must be an RFC 3339 instant, not {text:?}"))
}

fn add_customer(world: &mut World, rest: Value) -> Outcome {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Arguments {
        customer_id: String,
        referral_code: Option<String>,
        #[serde(default)]
        guest: bool,
        email: Option<String>,
        mobile: Option<String>,
        #[serde(default)]
        attributes: Map<String, Value>,
        registered_at: Option<String>,
        /// The customer who referred this one.
        referred_by: Option<String>,
    }
    let new: Arguments = arguments(rest)?;
    let id = new.customer_id;
    if id.trim().is_empty() {
        return Err("customerId must not be empty".to_owned());
    }
    if world.account.customer(&id).is_some() {
        return Err(format!("there is a customer {id:?} already"));
    }
    if let Some(code) = &new.referral_code
        && (code.is_empty() || world.account.by_code(code).is_some())
    {
        return Err(format!("the referral code {code:?} is empty or another customer's"));
    }
    let registered_at = new.registered_at.map(|text| instant("registeredAt", &text)).transpose()?;
    let referrer = match new.referred_by {
        None => None,
        Some(referrer) => match world.account.customer(&referrer) {
            Some(customer) => Some((referrer, customer.referral_code.clone())),
            None => return Err(format!("there is no customer {referrer:?}")),
        },
    };
    let now = world.now();
    world.account.add_customer(NewCustomer {
        customer_id: id.clone(),
        referral_code: new.referral_code,
        guest: new.guest,
        registered_at: registered_at.unwrap_or(now),
        created_by: CreatedBy::Seed,
    });
    world.account.change(&id, |customer| {
        customer.email = new.email;
        customer.mobile = new.mobile;
        customer.attributes = new.attributes;
    });
    if let Some((referrer, code)) = referrer {
        world.account.link(&referrer, &id, &code, now, CreatedBy::Seed);
    }
    Ok(report::customer(world, &id))
}

fn remove_customer(world: &mut World, rest: Value) -> Outcome {
    let OneCustomer { customer_id } = arguments(rest)?;
    if world.account.remove_customer(&customer_id) {
        Ok(json!({"removed": true}))
    } else {
        Err(format!("there is no customer {customer_id:?}"))
    }
}

/// The widget names a customer to Gameball, which creates them, without a code, if it did not know them.
fn widget_init(world: &mut World, rest: Value) -> Outcome {
    let OneCustomer { customer_id } = arguments(rest)?;
    let is_new = world.account.customer(&customer_id).is_none();
    if is_new {
        let registered_at = world.now();
        world.account.add_customer(NewCustomer {
            customer_id: customer_id.clone(),
            referral_code: None,
            guest: false,
            registered_at,
            created_by: CreatedBy::Widget,
        });
        world.profile_updated(&customer_id);
    }
    Ok(json!({"created": is_new, "customer": report::customer(world, &customer_id)}))
}

fn complete_referral(world: &mut World, rest: Value) -> Outcome {
    let OneCustomer { customer_id } = arguments(rest)?;
    if world.account.complete_referral(&customer_id) {
        world.profile_updated(&customer_id);
        Ok(json!({"completed": true}))
    } else {
        Err(format!("there is no referral of {customer_id:?}"))
    }
}

fn clear_faults(world: &mut World, rest: Value) -> Outcome {
    let Nothing {} = arguments(rest)?;
    Ok(json!({"cleared": world.faults.clear()}))
}

/// What may change while the emulator runs; switches go by their own names, or inside `switches`.
const CONFIGURABLE: [&str; 12] = [
    "highSecurity",
    "minVersion",
    "apiKey",
    "secretKey",
    "disabled",
    "planLacksReferrals",
    "limits",
    "limitWindowsDivisor",
    "processingMs",
    "linkWindowSeconds",
    "guestReferrals",
    "webhookUrl",
];

fn configure(world: &mut World, rest: Value) -> Outcome {
    let changes: Map<String, Value> = arguments(rest)?;
    let mut all: Map<String, Value> = serde_json::to_value(&world.options)
        .and_then(serde_json::from_value)
        .map_err(|error| error.to_string())?;
    let mut switches = Map::new();
    let known: Map<String, Value> = serde_json::to_value(Switches::default())
        .and_then(serde_json::from_value)
        .map_err(|error| error.to_string())?;
    for (name, value) in changes {
        match (name.as_str(), value) {
            ("switches", Value::Object(inner)) => switches.extend(inner),
            ("switches", _) => return Err("switches must be an object".to_owned()),
            (_, value) if CONFIGURABLE.contains(&name.as_str()) => {
                let mut one = all.clone();
                one.insert(name.clone(), value.clone());
                serde_json::from_value::<Options>(Value::Object(one))
                    .map_err(|error| format!("{name}: {error}"))?;
                all.insert(name, value);
            }
            (_, value) if known.contains_key(&name) => {
                switches.insert(name, value);
            }
            _ => {
                return Err(format!(
                    "{name:?} cannot be configured; {} can, and every switch",
                    CONFIGURABLE.join(", ")
                ));
            }
        }
    }
    let mut options: Options =
        serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
    options.switches = world.options.switches.merged(switches)?;
    options.check().map_err(|error| error.to_string())?;
    world.options = options;
    Ok(json!({"options": report::options(world)}))
}

fn send_webhook(world: &mut World, rest: Value) -> Outcome {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Arguments {
        event: Option<String>,
        customer_id: String,
    }
    let Arguments { event, customer_id } = arguments(rest)?;
    if world.options.webhook_url.is_none() {
        return Err("there is no webhookUrl; configure one first".to_owned());
    }
    if world.account.customer(&customer_id).is_none() {
        return Err(format!("there is no customer {customer_id:?}"));
    }
    let event = event.unwrap_or_else(|| "customer.profile.updated".to_owned());
    Ok(json!({"id": world.queue_webhook(&event, &customer_id)}))
}
