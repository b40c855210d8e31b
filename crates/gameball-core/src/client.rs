//! The calls to Gameball: each under one overall deadline, repeated only where that is safe.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout_at};

use crate::answer::{refused, unreadable};
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::model::call::{Call, Reply};
use crate::model::ids::encode;
use crate::model::referral::{ReferralsAnswer, configurations};
use crate::model::{
    BatchJob, BatchStatus, CreateCustomer, CreateCustomers, CreatedCustomer, Customer, CustomerId, JobId,
    ReferralsConfiguration, ReferralsCount, ReferralsPage, ReferrerCode, TrackOrder, TrackedOrder,
};
use crate::retry::{self, Repeat};
use crate::transport::{Answer, Method, Request, Transport};

/// How many friends of a page are looked up, from its end, for the id that the next page starts after.
const PAGE_LOOK_UPS: usize = 5;

/// A client of one Gameball account. Cheap calls, one connection pool; share it between tasks.
///
/// It must be used on the Tokio runtime on which it made its first call.
pub struct Client {
    config: Config,
    transport: Transport,
    closed: AtomicBool,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Client {
    /// # Errors
    /// `Configuration` if no HTTP client can be built from it.
    pub fn new(config: Config) -> Result<Self> {
        Ok(Self { transport: Transport::new(&config)?, config, closed: AtomicBool::new(false) })
    }

    /// What it was built from.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Refuses every later call.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Performs any of the calls.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn call(&self, call: &Call) -> Result<Reply> {
        Ok(match call {
            Call::CreateCustomer(request) => Reply::CreatedCustomer(self.create_customer(request).await?),
            Call::TrackOrder(request) => Reply::TrackedOrder(self.track_order(request).await?),
            Call::GetCustomer(id) => Reply::Customer(Box::new(self.get_customer(id).await?)),
            Call::DeleteCustomer(id) => Reply::Deleted(self.delete_customer(id).await?),
            Call::ValidateReferrerCode { code, for_customer_id } => {
                Reply::ReferrerCodeIsValid(self.validate_referrer_code(code, for_customer_id.as_ref()).await?)
            }
            Call::GetCustomerReferrals { customer_id, start_after, limit } => {
                Reply::Referrals(self.get_customer_referrals(customer_id, *start_after, *limit).await?)
            }
            Call::GetCustomerReferralsCount(id) => {
                Reply::ReferralsCount(self.get_customer_referrals_count(id).await?)
            }
            Call::GetReferralsConfigurations { lang } => {
                Reply::ReferralsConfigurations(self.get_referrals_configurations(lang.as_deref()).await?)
            }
            Call::CreateCustomers(request) => Reply::BatchJob(self.create_customers(request).await?),
            Call::GetBatchStatus(id) => Reply::BatchStatus(self.get_batch_status(id).await?),
        })
    }

    /// Performs many calls, `concurrency` at a time; the answers keep the order of the calls.
    pub async fn call_many(&self, calls: &[Call], concurrency: usize) -> Vec<Result<Reply>> {
        let replies = stream::iter(calls.iter().enumerate())
            .map(|(index, call)| self.call(call).map(move |reply| (index, reply)))
            // In whatever order they come: a slow answer must not hold up the calls behind it.
            .buffer_unordered(concurrency.max(1));
        // Boxed, because a closure over borrowed calls hides from the compiler that the whole is `Send`.
        let mut replies: Vec<_> = replies.collect().boxed().await;
        replies.sort_unstable_by_key(|(index, _)| *index);
        replies.into_iter().map(|(_, reply)| reply).collect()
    }

    /// `POST customers`: creates a customer, with the code of whoever referred them, or updates one.
    ///
    /// # Errors
    /// Any kind but `NotFound`; an unknown code is no error (Gameball ignores it silently).
    pub async fn create_customer(&self, request: &CreateCustomer) -> Result<CreatedCustomer> {
        self.send(&post("customers", request, false, Repeat::Safe)?, json).await
    }

    /// `POST orders`: tracks a paid order.
    ///
    /// # Errors
    /// Any kind; `Conflict` (9004) if the order was tracked before.
    pub async fn track_order(&self, request: &TrackOrder) -> Result<TrackedOrder> {
        self.send(&post("orders", request, true, Repeat::IfNotApplied)?, json).await
    }

    /// `GET customers/{customerId}`: the profile, with the customer's own code and whether they were referred.
    ///
    /// # Errors
    /// Any kind; `NotFound` if Gameball does not know the customer.
    pub async fn get_customer(&self, customer_id: &CustomerId) -> Result<Customer> {
        self.send(&profile(customer_id), json).await
    }

    /// `DELETE customers/{customerId}`: erases the customer at Gameball.
    ///
    /// # Errors
    /// Any kind; `NotFound` if Gameball did not know the customer before this call.
    pub async fn delete_customer(&self, customer_id: &CustomerId) -> Result<()> {
        let request = Request {
            method: Method::Delete,
            ..get(format!("customers/{}", customer_id.path_segment()), true)
        };
        let mut patience = self.patience();
        match self.send_within(&mut patience, &request, |_| Ok(())).await {
            // An earlier try of this very call has erased it.
            Err(error) if error.kind() == Kind::NotFound && patience.maybe_applied => Ok(()),
            result => result,
        }
    }

    /// `GET referrals/validate`: whether the code exists and this customer may use it.
    ///
    /// # Errors
    /// Any kind. That the code is unknown (7003, 7006) is an answer, not an error.
    pub async fn validate_referrer_code(
        &self,
        code: &ReferrerCode,
        for_customer_id: Option<&CustomerId>,
    ) -> Result<bool> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Validation {
            is_valid: bool,
        }
        let code = encode(code.as_str());
        let path = match for_customer_id {
            Some(id) => format!("referrals/validate?referrerCode={code}&forCustomerId={}", id.path_segment()),
            None => format!("referrals/validate?referrerCode={code}"),
        };
        match self.send(&get(path, false), json::<Validation>).await {
            Ok(validation) => Ok(validation.is_valid),
            Err(error) if matches!(error.gameball_code(), Some(7003 | 7006)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// `GET customers/{customerId}/referrals`: one page of the friends a customer has brought.
    ///
    /// # Errors
    /// Any kind; `Decode` if Gameball says there is more and gives no way to get there.
    pub async fn get_customer_referrals(
        &self,
        customer_id: &CustomerId,
        start_after: Option<i64>,
        limit: u32,
    ) -> Result<ReferralsPage> {
        let id = customer_id.path_segment();
        let path = match start_after {
            Some(start_after) => format!("customers/{id}/referrals?limit={limit}&startAfter={start_after}"),
            None => format!("customers/{id}/referrals?limit={limit}"),
        };
        let mut patience = self.patience();
        let answer: ReferralsAnswer = self.send_within(&mut patience, &get(path, true), json).await?;
        let mut page = ReferralsPage {
            referred_friends: answer.referred_friends.unwrap_or_default(),
            next_start_after: None,
        };
        if answer.has_more == Some(true) {
            let (friends, next) = self.next_start_after(&page, &mut patience).await?;
            if Some(next) <= start_after {
                return Err(no_next_page(&patience));
            }
            page.referred_friends.truncate(friends);
            page.next_start_after = Some(next);
        }
        Ok(page)
    }

    /// The Gameball id of the last friend of whom it can be had, and how many friends that makes.
    ///
    /// Pages are numbered by Gameball ids, which the documented list of friends lacks: the profile has them. A
    /// friend erased in between has no profile; those behind the one that is found come again with the next page.
    async fn next_start_after(&self, page: &ReferralsPage, patience: &mut Patience) -> Result<(usize, i64)> {
        for (index, friend) in page.referred_friends.iter().enumerate().rev().take(PAGE_LOOK_UPS) {
            // Gameball's data: an id that no customer can have leads nowhere, and is nobody's mistake here.
            let customer_id = friend.customer_id.as_deref().and_then(|id| CustomerId::new(id).ok());
            let id = match (friend.gameball_id, customer_id) {
                (Some(id), _) => Some(id),
                (None, Some(customer_id)) => {
                    let profile = self.send_within(patience, &profile(&customer_id), json::<Customer>).await;
                    match profile {
                        Ok(customer) => customer.gameball_id,
                        Err(error) if error.kind() == Kind::NotFound => None,
                        Err(error) => return Err(error),
                    }
                }
                (None, None) => None,
            };
            if let Some(id) = id {
                return Ok((index + 1, id));
            }
        }
        Err(no_next_page(patience))
    }

    /// `GET customers/{customerId}/referrals/count`.
    ///
    /// # Errors
    /// Any kind; `NotFound` if Gameball does not know the customer.
    pub async fn get_customer_referrals_count(&self, customer_id: &CustomerId) -> Result<ReferralsCount> {
        self.send(&get(format!("customers/{}/referrals/count", customer_id.path_segment()), true), json).await
    }

    /// `GET configurations/referrals`: the program's steps, texts in `lang` where Gameball has them.
    ///
    /// # Errors
    /// Any kind.
    pub async fn get_referrals_configurations(
        &self,
        lang: Option<&str>,
    ) -> Result<Vec<ReferralsConfiguration>> {
        let request =
            Request { lang: lang.map(str::to_owned), ..get("configurations/referrals".to_owned(), false) };
        self.send(&request, configurations).await
    }

    /// `POST batch/customers`: hands over many customers, to be created or updated soon.
    ///
    /// # Errors
    /// Any kind. What is wrong with single customers only the job's status tells.
    pub async fn create_customers(&self, request: &CreateCustomers) -> Result<BatchJob> {
        self.send(&post("batch/customers", request, true, Repeat::IfNotApplied)?, json).await
    }

    /// `GET batches/{id}/status`: how far a job is, and what went wrong.
    ///
    /// # Errors
    /// Any kind; `NotFound` if Gameball knows no such job.
    pub async fn get_batch_status(&self, job_id: &JobId) -> Result<BatchStatus> {
        self.send(&get(format!("batches/{}/status", job_id.path_segment()), true), json).await
    }

    async fn send<T>(&self, request: &Request, parse: fn(&[u8]) -> serde_json::Result<T>) -> Result<T> {
        self.send_within(&mut self.patience(), request, parse).await
    }

    fn patience(&self) -> Patience {
        Patience { deadline: Instant::now() + self.config.timeout, sent: 0, maybe_applied: false }
    }

    async fn send_within<T>(
        &self,
        patience: &mut Patience,
        request: &Request,
        parse: fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(Kind::Closed, "the client is closed"));
        }
        self.transport.check(request)?;
        let mut attempts = 0;
        loop {
            attempts += 1;
            patience.sent += 1;
            let error = match timeout_at(patience.deadline, self.transport.send(request)).await {
                Ok(sent) => match sent.and_then(|answer| self.understand(request, answer, parse)) {
                    Ok(value) => return Ok(value),
                    Err(error) => error,
                },
                Err(_) => self.late(),
            };
            let remaining = patience.deadline.saturating_duration_since(Instant::now());
            let jitter = chance();
            match retry::delay(&error, request.repeat, attempts, self.config.max_retries, remaining, jitter) {
                Some(delay) => {
                    patience.maybe_applied |= error.ambiguous();
                    sleep(delay).await;
                }
                None => return Err(error.with_attempts(patience.sent)),
            }
        }
    }

    fn late(&self) -> Error {
        let message =
            format!("no answer from {} within {}", self.transport.host(), Seconds(self.config.timeout));
        Error::new(Kind::Timeout, message).with_ambiguous(true)
    }

    fn understand<T>(
        &self,
        request: &Request,
        answer: Answer,
        parse: fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T> {
        let Answer { status, retry_after, body } = answer;
        if (200..=299).contains(&status) {
            let parsed = body.and_then(|body| {
                parse(&body)
                    .map_err(|error| unreadable(self.transport.host(), &body, &error).with_status(status))
            });
            return parsed.map_err(|error| error.with_ambiguous(true));
        }
        let keys: Vec<_> =
            [Some(&self.config.api_key), self.config.secret_key.as_ref()].into_iter().flatten().collect();
        // Whatever else the body is, its status has been said.
        let body = body.unwrap_or_default();
        Err(refused(status, &body, request.body.as_deref(), &keys).with_retry_after(retry_after))
    }
}

/// What one call, of however many requests, may still take, and what it has done so far.
struct Patience {
    deadline: Instant,
    /// Requests sent.
    sent: u32,
    /// Whether one that failed may have been applied all the same.
    maybe_applied: bool,
}

fn get(path: String, needs_secret: bool) -> Request {
    Request { method: Method::Get, path, body: None, lang: None, needs_secret, repeat: Repeat::Safe }
}

fn post(path: &str, body: &impl serde::Serialize, needs_secret: bool, repeat: Repeat) -> Result<Request> {
    let body = serde_json::to_vec(body)
        .map_err(|error| Error::new(Kind::Internal, format!("the request cannot be written: {error}")))?;
    Ok(Request {
        method: Method::Post,
        path: path.to_owned(),
        body: Some(Bytes::from(body)),
        lang: None,
        needs_secret,
        repeat,
    })
}

fn json<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    // Derived readers take a list for an object, field by field.
    match body.trim_ascii_start().first() {
        Some(b'[') => Err(serde::de::Error::custom("a list where an object is due")),
        _ => serde_json::from_slice(body),
    }
}

/// A number in `0.0..1.0` of the system's, since a generator of our own would be copied by a fork.
pub(crate) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / (f64::from(u32::MAX) + 1.0))
}

fn profile(customer_id: &CustomerId) -> Request {
    get(format!("customers/{}", customer_id.path_segment()), false)
}

fn no_next_page(patience: &Patience) -> Error {
    Error::new(
        Kind::Decode,
        "Gameball says that there are more friends, but none of this page tells where to go on",
    )
    .with_attempts(patience.sent)
}

struct Seconds(Duration);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} s", self.0.as_secs_f64())
    }
}
