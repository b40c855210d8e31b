//! Which of the vendor's operations a method and path name, and what each of them needs.

use percent_encoding::percent_decode_str;

use super::{Failure, limits::Bucket};
use crate::options::Options;

/// An API version as it stands in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    major: u16,
    minor: u16,
}

impl Version {
    pub(crate) const V4_0: Self = Self { major: 4, minor: 0 };
    pub(crate) const V4_1: Self = Self { major: 4, minor: 1 };

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.strip_prefix('v')?.split_once('.')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateCustomer,
    GetCustomer,
    DeleteCustomer,
    TrackOrder,
    ValidateReferrerCode,
    GetCustomerReferrals,
    GetCustomerReferralsCount,
    GetReferralsConfigurations,
    BatchCustomers,
    BatchOrders,
    GetBatchStatus,
}

impl Operation {
    pub(crate) const ALL: [Self; 11] = [
        Self::CreateCustomer,
        Self::GetCustomer,
        Self::DeleteCustomer,
        Self::TrackOrder,
        Self::ValidateReferrerCode,
        Self::GetCustomerReferrals,
        Self::GetCustomerReferralsCount,
        Self::GetReferralsConfigurations,
        Self::BatchCustomers,
        Self::BatchOrders,
        Self::GetBatchStatus,
    ];

    /// The vendor's operationId; batch calls have none and are named after their paths.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreateCustomer => "createCustomer",
            Self::GetCustomer => "getCustomer",
            Self::DeleteCustomer => "deleteCustomer",
            Self::TrackOrder => "trackOrder",
            Self::ValidateReferrerCode => "validateReferrerCode",
            Self::GetCustomerReferrals => "getCustomerReferrals",
            Self::GetCustomerReferralsCount => "getCustomerReferralsCount",
            Self::GetReferralsConfigurations => "getReferralsConfigurations",
            Self::BatchCustomers => "batchCustomers",
            Self::BatchOrders => "batchOrders",
            Self::GetBatchStatus => "getBatchStatus",
        }
    }

    pub(super) fn bucket(self) -> Bucket {
        match self {
            Self::CreateCustomer => Bucket::CreateCustomer,
            Self::GetCustomer => Bucket::GetCustomer,
            Self::TrackOrder => Bucket::Orders,
            _ => Bucket::Other,
        }
    }

    pub(super) fn has_body(self) -> bool {
        matches!(self, Self::CreateCustomer | Self::TrackOrder | Self::BatchCustomers | Self::BatchOrders)
    }

    pub(super) fn is_about_referrals(self) -> bool {
        matches!(
            self,
            Self::ValidateReferrerCode
                | Self::GetCustomerReferrals
                | Self::GetCustomerReferralsCount
                | Self::GetReferralsConfigurations
        )
    }
}

/// A path under `/api/`, understood or not.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) version: Option<Version>,
    pub(crate) operation: Option<Operation>,
    pub(crate) customer_id: Option<String>,
    pub(crate) batch_id: Option<String>,
}

impl Route {
    /// Splits before decoding, so that an id with an encoded slash stays one segment.
    pub(crate) fn parse(method: &str, path: &str) -> Self {
        use Operation as O;
        let mut route = Self { version: None, operation: None, customer_id: None, batch_id: None };
        let Some(rest) = path.strip_prefix("/api/") else { return route };
        let mut segments = rest.split('/');
        route.version = segments.next().and_then(Version::parse);
        if segments.next() != Some("integrations") {
            return route;
        }
        let segments: Vec<&str> = segments.collect();
        if segments.contains(&"") {
            return route;
        }
        let mut customer = None;
        let mut batch = None;
        route.operation = match (method, segments.as_slice()) {
            ("POST", ["customers"]) => Some(O::CreateCustomer),
            ("GET", ["customers", id]) => {
                customer = Some(*id);
                Some(O::GetCustomer)
            }
            ("DELETE", ["customers", id]) => {
                customer = Some(*id);
                Some(O::DeleteCustomer)
            }
            ("POST", ["orders"]) => Some(O::TrackOrder),
            ("GET", ["referrals", "validate"]) => Some(O::ValidateReferrerCode),
            ("GET", ["customers", id, "referrals"]) => {
                customer = Some(*id);
                Some(O::GetCustomerReferrals)
            }
            ("GET", ["customers", id, "referrals", "count"]) => {
                customer = Some(*id);
                Some(O::GetCustomerReferralsCount)
            }
            ("GET", ["configurations", "referrals"]) => Some(O::GetReferralsConfigurations),
            ("POST", ["batch", "customers"]) => Some(O::BatchCustomers),
            ("POST", ["batch", "orders"]) => Some(O::BatchOrders),
            ("GET", ["batches", id, "status"]) => {
                batch = Some(*id);
                Some(O::GetBatchStatus)
            }
            _ => None,
        };
        route.customer_id = customer.map(decode);
        route.batch_id = batch.map(decode);
        route
    }

    /// The operation, if the version is one that is answered.
    pub(super) fn operation(&self, options: &Options) -> Result<Operation, Failure> {
        let unknown = || Failure::new(4004, "there is nothing at this address");
        let version = self.version.ok_or_else(unknown)?;
        let oldest = Version::parse(&options.min_version).unwrap_or(Version::V4_0);
        if version < oldest {
            let text =
                format!("API versions older than {} are refused for this account", options.min_version);
            return Err(Failure::new(1002, text));
        }
        if version != Version::V4_0 && version != Version::V4_1 {
            return Err(unknown());
        }
        self.operation.ok_or_else(unknown)
    }

    pub(super) fn customer_id(&self) -> Result<&str, Failure> {
        self.customer_id.as_deref().ok_or_else(|| Failure::missing(&["customerId"]))
    }
}

fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// A query string's pairs, decoded, in their order.
pub(crate) fn decode_query(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        })
        .collect()
}
