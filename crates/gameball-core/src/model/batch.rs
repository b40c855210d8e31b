//! Batch jobs: many customers in one call, which Gameball works off later.

use serde::{Deserialize, Deserializer, Serialize};

use super::arguments::Arguments;
use super::customer::CreateCustomer;
use super::ids::JobId;
use super::json::{Json, lenient};
use super::referral::number_id;
use crate::error::Result;

/// Body of `POST batch/customers`.
#[derive(Debug, Clone, Serialize)]
pub struct CreateCustomers {
    /// The customers, each as in a call of its own.
    pub body: Vec<CreateCustomer>,
}

impl CreateCustomers {
    pub(crate) fn read(arguments: &mut Arguments) -> Result<Self> {
        match arguments.objects("customers", CreateCustomer::read)? {
            Some(body) if !body.is_empty() => Ok(Self { body }),
            Some(_) => Err(arguments.refuse("customers", "must have at least one customer")),
            None => Err(arguments.refuse("customers", "is required")),
        }
    }
}

/// Answer of a batch call. The vendor's reference has the id as a number `jobId`, and as a text `batchId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchJob {
    /// The job's id.
    #[serde(alias = "batchId", deserialize_with = "id")]
    pub job_id: JobId,
}

/// Answer of `GET batches/{id}/status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the vendor's names say it")]
pub struct BatchStatus {
    /// `pending`, `processing`, `completed` or `failed`.
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "number_id")]
    pub total_items: Option<i64>,
    #[serde(default, deserialize_with = "number_id")]
    pub processed_items: Option<i64>,
    #[serde(default, deserialize_with = "number_id")]
    pub failed_items: Option<i64>,
    /// What went wrong with which item.
    #[serde(default, deserialize_with = "errors")]
    pub errors: Vec<BatchError>,
}

/// One item's failure. The vendor documents no fields, so that any may be missing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchError {
    /// The item's place in the call, from 0.
    #[serde(default, deserialize_with = "lenient")]
    pub index: Option<u64>,
    /// The shop's id of the customer.
    #[serde(default, deserialize_with = "lenient")]
    pub customer_id: Option<String>,
    /// Gameball's error code.
    #[serde(default, deserialize_with = "lenient")]
    pub code: Option<i64>,
    /// Gameball's words.
    #[serde(default, deserialize_with = "lenient")]
    pub message: Option<String>,
}

impl std::fmt::Debug for BatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchError")
            .field("index", &self.index)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<JobId, D::Error> {
    let text = match Json::deserialize(deserializer)? {
        Json::String(text) | Json::Number(text) => text,
        other => return Err(serde::de::Error::custom(format!("must be an id, not {}", other.kind()))),
    };
    JobId::new(text).map_err(|error| serde::de::Error::custom(error.message()))
}

fn errors<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<BatchError>, D::Error> {
    // An item that is no object is still an item that failed.
    let errors: Option<Vec<Json>> = lenient(deserializer)?;
    let read = |error: Json| {
        let text = serde_json::to_string(&error).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or(BatchError {
            index: None,
            customer_id: None,
            code: None,
            message: if let Json::String(message) = error { Some(message) } else { None },
        })
    };
    Ok(errors.unwrap_or_default().into_iter().map(read).collect())
}
