//! Whether a call carries the keys it needs: by operation, version, mode and switches.

use super::{Call, Failure, Operation, Version};
use crate::{
    options::Options,
    switches::{BatchCredentials, CreateCustomerCredentials, SecretHeader, WrongSecret},
};

/// The keys as they came, by header.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_field_names, reason = "the vendor's names")]
pub(crate) struct Credentials {
    pub(crate) api_key: Option<String>,
    pub(crate) transaction_key: Option<String>,
    pub(crate) secret_key: Option<String>,
}

impl Credentials {
    /// The private key, under whichever of its names counts; an error where two names carry two keys.
    fn secret(&self, header: SecretHeader) -> Result<Option<&str>, Failure> {
        let (transaction, secret) = (self.transaction_key.as_deref(), self.secret_key.as_deref());
        match header {
            SecretHeader::TransactionKey => Ok(transaction),
            SecretHeader::SecretKey => Ok(secret),
            SecretHeader::Either => match (transaction, secret) {
                (Some(one), Some(other)) if one != other => {
                    Err(Failure::new(1000, "TransactionKey and SecretKey carry different keys"))
                }
                _ => Ok(transaction.or(secret)),
            },
        }
    }
}

pub(super) fn check(options: &Options, call: &Call, operation: Operation) -> Result<(), Failure> {
    let credentials = &call.credentials;
    match credentials.api_key.as_deref() {
        None => return Err(Failure::new(1000, "the APIKey header is missing")),
        Some(key) if key != options.api_key => return Err(Failure::new(1000, "the APIKey is wrong")),
        Some(_) => {}
    }
    let needed = options.high_security
        || call.route.version == Some(Version::V4_1)
        || needs_secret_on_v4_0(options, operation);
    // A private key that is sent where none is needed is still held to be right.
    match credentials.secret(options.switches.secret_header)? {
        Some(key) if key == options.secret_key => Ok(()),
        Some(_) => Err(match options.switches.wrong_secret {
            WrongSecret::Error1000 => Failure::new(1000, "the private key is wrong"),
            WrongSecret::Error1002 => Failure::new(1002, "the private key is wrong"),
        }),
        None if needed => {
            let name = match options.switches.secret_header {
                SecretHeader::Either => "TransactionKey or SecretKey",
                SecretHeader::TransactionKey => "TransactionKey",
                SecretHeader::SecretKey => "SecretKey",
            };
            Err(Failure::new(1001, format!("this call needs the private key in the header {name}")))
        }
        None => Ok(()),
    }
}

fn needs_secret_on_v4_0(options: &Options, operation: Operation) -> bool {
    match operation {
        Operation::GetCustomer | Operation::ValidateReferrerCode | Operation::GetReferralsConfigurations => {
            false
        }
        Operation::CreateCustomer => {
            options.switches.create_customer_credentials == CreateCustomerCredentials::Both
        }
        Operation::BatchCustomers | Operation::BatchOrders | Operation::GetBatchStatus => {
            options.switches.batch_credentials == BatchCredentials::Both
        }
        Operation::DeleteCustomer
        | Operation::TrackOrder
        | Operation::GetCustomerReferrals
        | Operation::GetCustomerReferralsCount => true,
    }
}
