//! What is sent to Gameball and what comes back, typed.
//!
//! - [`customer`], [`order`], [`referral`], [`batch`]: requests and answers of the calls
//! - [`call`]: one of the calls with its arguments, as hosts hand it over
//! - [`ids`], [`referrer_code`], [`money`], [`date`]: values that are right once they exist
//! - [`arguments`]: reads a host's plain data into requests · [`json`]: that plain data

pub mod arguments;
pub mod batch;
pub mod call;
pub mod customer;
pub mod date;
pub mod ids;
pub mod json;
pub mod money;
pub mod order;
pub mod referral;
pub mod referrer_code;

pub use batch::{BatchError, BatchJob, BatchStatus, CreateCustomers};
pub use call::{Call, Reply};
pub use customer::{Channel, CreateCustomer, CreatedCustomer, Customer, CustomerAttributes};
pub use ids::{CustomerId, JobId, OrderId, ReferrerCode};
pub use json::Json;
pub use money::Money;
pub use order::{LineItem, TrackOrder, TrackedOrder};
pub use referral::{ReferralsConfiguration, ReferralsCount, ReferralsPage, ReferredFriend};
