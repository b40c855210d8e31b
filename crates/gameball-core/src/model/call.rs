//! One of the calls with its arguments, as hosts hand it over, and what comes back.

use serde::Serialize;

use super::arguments::{Arguments, Style};
use super::batch::{BatchJob, BatchStatus, CreateCustomers};
use super::customer::{CreateCustomer, CreatedCustomer, Customer};
use super::ids::{CustomerId, JobId, ReferrerCode};
use super::json::Json;
use super::order::{TrackOrder, TrackedOrder};
use super::referral::{ReferralsConfiguration, ReferralsCount, ReferralsPage};
use crate::error::{Error, Kind, Result};

/// A call; the names are the vendor's `operationId`s (it has none for batches).
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub enum Call {
    CreateCustomer(Box<CreateCustomer>),
    TrackOrder(Box<TrackOrder>),
    GetCustomer(CustomerId),
    DeleteCustomer(CustomerId),
    ValidateReferrerCode {
        code: ReferrerCode,
        /// The customer who wants to use it: nobody refers themselves.
        for_customer_id: Option<CustomerId>,
    },
    GetCustomerReferrals {
        customer_id: CustomerId,
        /// A Gameball id, exclusive; see [`ReferralsPage::next_start_after`].
        start_after: Option<i64>,
        /// Friends a page, 1 to 200.
        limit: u32,
    },
    GetCustomerReferralsCount(CustomerId),
    GetReferralsConfigurations {
        /// Language of the texts, such as `en` or `pt-BR`.
        lang: Option<String>,
    },
    CreateCustomers(CreateCustomers),
    GetBatchStatus(JobId),
}

/// The answer of a call. It serializes as the object (or list, or boolean) that hosts receive.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "each holds the answer of the call of its name")]
pub enum Reply {
    CreatedCustomer(CreatedCustomer),
    TrackedOrder(TrackedOrder),
    Customer(Box<Customer>),
    Deleted(()),
    ReferrerCodeIsValid(bool),
    Referrals(ReferralsPage),
    ReferralsCount(ReferralsCount),
    ReferralsConfigurations(Vec<ReferralsConfiguration>),
    BatchJob(BatchJob),
    BatchStatus(BatchStatus),
}

/// Friends a page where the caller names no number: the vendor's maximum, to spare the limits.
pub const REFERRALS_PAGE: u32 = 200;

impl Call {
    /// Reads a call from its `operationId` and a host's arguments.
    ///
    /// # Errors
    /// `InvalidArgument` naming the field as the host writes it.
    pub fn read(operation: &str, arguments: Json, style: Style) -> Result<Self> {
        let mut arguments = Arguments::new(arguments, style)?;
        let call = match operation {
            "createCustomer" => Self::CreateCustomer(Box::new(CreateCustomer::read(&mut arguments)?)),
            "trackOrder" => Self::TrackOrder(Box::new(TrackOrder::read(&mut arguments)?)),
            "getCustomer" => Self::GetCustomer(arguments.customer_id("customerId")?),
            "deleteCustomer" => Self::DeleteCustomer(arguments.customer_id("customerId")?),
            "validateReferrerCode" => Self::ValidateReferrerCode {
                code: arguments.required_referrer_code("code")?,
                for_customer_id: arguments.optional_customer_id("forCustomerId")?,
            },
            "getCustomerReferrals" => Self::GetCustomerReferrals {
                customer_id: arguments.customer_id("customerId")?,
                start_after: start_after(&mut arguments)?,
                limit: limit(&mut arguments)?,
            },
            "getCustomerReferralsCount" => {
                Self::GetCustomerReferralsCount(arguments.customer_id("customerId")?)
            }
            "getReferralsConfigurations" => Self::GetReferralsConfigurations { lang: lang(&mut arguments)? },
            "createCustomers" => Self::CreateCustomers(CreateCustomers::read(&mut arguments)?),
            "getBatchStatus" => Self::GetBatchStatus(arguments.job_id("jobId")?),
            other => {
                return Err(Error::new(Kind::Internal, format!("no such operation: {other}")));
            }
        };
        arguments.finish()?;
        Ok(call)
    }

    /// The vendor's `operationId`.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::CreateCustomer(_) => "createCustomer",
            Self::TrackOrder(_) => "trackOrder",
            Self::GetCustomer(_) => "getCustomer",
            Self::DeleteCustomer(_) => "deleteCustomer",
            Self::ValidateReferrerCode { .. } => "validateReferrerCode",
            Self::GetCustomerReferrals { .. } => "getCustomerReferrals",
            Self::GetCustomerReferralsCount(_) => "getCustomerReferralsCount",
            Self::GetReferralsConfigurations { .. } => "getReferralsConfigurations",
            Self::CreateCustomers(_) => "createCustomers",
            Self::GetBatchStatus(_) => "getBatchStatus",
        }
    }
}

fn start_after(arguments: &mut Arguments) -> Result<Option<i64>> {
    arguments
        .integer("startAfter")?
        .map(|id| i64::try_from(id).map_err(|_| arguments.refuse("startAfter", "is too large")))
        .transpose()
}

fn limit(arguments: &mut Arguments) -> Result<u32> {
    match arguments.integer("limit")? {
        None => Ok(REFERRALS_PAGE),
        Some(limit) => match u32::try_from(limit) {
            Ok(limit @ 1..=200) => Ok(limit),
            _ => Err(arguments.refuse("limit", "must be 1 to 200")),
        },
    }
}

fn lang(arguments: &mut Arguments) -> Result<Option<String>> {
    let lang = arguments.text("lang")?;
    match lang {
        Some(lang)
            if lang.len() > 35
                || !lang.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) =>
        {
            Err(arguments.refuse("lang", "must be a language tag such as en or pt-BR"))
        }
        lang => Ok(lang),
    }
}
