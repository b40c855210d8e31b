//! The vendor's API: what happens between a request and its answer. `execute` is the whole way.

mod batches;
mod credentials;
mod customers;
mod failure;
mod limits;
mod orders;
mod payload;
mod program;
mod referrals;
mod route;

use serde_json::Value;

pub(crate) use batches::Batch;
pub(crate) use credentials::Credentials;
pub(crate) use customers::referral_link;
pub(crate) use failure::{Failure, RequestIds, default_status};
pub(crate) use limits::Limits;
pub(crate) use route::{Operation, Route, Version, decode_query};

use crate::world::World;

/// One call, taken apart: everything the API looks at.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) route: Route,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) credentials: Credentials,
    pub(crate) is_json: bool,
    pub(crate) lang: Option<String>,
    pub(crate) body: String,
}

impl Call {
    fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The customer this call is about, as far as can be told without judging it.
    pub(crate) fn customer_id(&self) -> Option<String> {
        self.route.customer_id.clone().or_else(|| {
            let body: Value = serde_json::from_str(&self.body).ok()?;
            body.get("customerId")?.as_str().map(str::to_owned)
        })
    }
}

/// A successful answer; an empty `body` is an empty answer.
pub(crate) struct Success {
    pub(crate) body: Option<Value>,
    /// The customer this write goes on holding for a moment.
    pub(crate) holds: Option<String>,
}

impl Success {
    fn read(body: Value) -> Self {
        Self { body: Some(body), holds: None }
    }

    fn write(body: Option<Value>, customer_id: &str) -> Self {
        Self { body, holds: Some(customer_id.to_owned()) }
    }
}

/// Carries out one call, or says why not. Nothing has changed after a failure.
pub(crate) fn execute(world: &mut World, call: &Call) -> Result<Success, Failure> {
    let operation = call.route.operation(&world.options)?;
    world.advance_batches();
    credentials::check(&world.options, call, operation)?;
    subscription(world, operation)?;
    admit(world, operation)?;
    if operation.has_body() && !call.is_json {
        let text = "the Content-Type must be application/json";
        return Err(Failure::with_status(3016, 415, text));
    }
    let success = match operation {
        Operation::CreateCustomer => customers::create(world, call)?,
        Operation::GetCustomer => customers::get(world, call.route.customer_id()?)?,
        Operation::DeleteCustomer => customers::delete(world, call.route.customer_id()?)?,
        Operation::TrackOrder => orders::track(world, call)?,
        Operation::ValidateReferrerCode => referrals::validate(world, call)?,
        Operation::GetCustomerReferrals => referrals::list(world, call)?,
        Operation::GetCustomerReferralsCount => referrals::count(world, call)?,
        Operation::GetReferralsConfigurations => program::get(world, call)?,
        Operation::BatchCustomers | Operation::BatchOrders => batches::start(world, call, operation)?,
        Operation::GetBatchStatus => batches::status(world, call)?,
    };
    if let Some(customer_id) = &success.holds
        && world.options.processing_ms > 0
    {
        world.in_flight.insert(customer_id.clone());
    }
    Ok(success)
}

fn subscription(world: &World, operation: Operation) -> Result<(), Failure> {
    if world.options.disabled {
        return Err(Failure::new(6000, "Gameball is disabled for this account"));
    }
    if world.options.plan_lacks_referrals && operation.is_about_referrals() {
        return Err(lacks_referrals());
    }
    Ok(())
}

fn lacks_referrals() -> Failure {
    Failure::new(8000, "referrals are not part of this account's plan")
}

fn admit(world: &mut World, operation: Operation) -> Result<(), Failure> {
    let now = world.now();
    let divisor = world.options.limit_windows_divisor;
    if world.options.limits && !world.limits.admit(operation.bucket(), now, divisor) {
        return Err(Failure::with_status(3011, 429, "too many requests"));
    }
    Ok(())
}

/// Refuses a write for a customer whom another write still holds.
fn not_in_flight(world: &mut World, customer_id: &str) -> Result<(), Failure> {
    if world.in_flight.contains(customer_id) {
        world.refused_in_flight += 1;
        return Err(Failure::new(2001, "another request for the same customer is in progress"));
    }
    Ok(())
}
