//! The calls to Gameball: each under one overall deadline, repeated only where that is safe.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout_at};

use crate::config::Config;
use crate::error::{Error, Kind, Result, classify};
use crate::model::call::{Call, Reply};
use crate::model::ids::encode;
use crate::model::referral::{ReferralsAnswer, configurations};
use crate::model::{
    CreateCustomer, CreatedCustomer, Customer, CustomerId, Json, ReferralsConfiguration, ReferralsCount,
    ReferralsPage, ReferrerCode, TrackOrder, TrackedOrder,
};
use crate::redact;
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
            return body
                .and_then(|body| {
                    parse(&body).map_err(|error| {
                        let message =
                            format!("the answer of {} {}", self.transport.host(), describe(&body, &error));
                        Error::new(Kind::Decode, message).with_status(status)
                    })
                })
                .map_err(|error| error.with_ambiguous(true));
        }
        // Whatever else the body is, its status has been said.
        let failure =
            body.ok().and_then(|body| serde_json::from_slice::<Failure>(&body).ok()).unwrap_or_default();
        let code = failure.code.as_ref().and_then(Failure::code);
        let class = classify(status, code);
        let mut message = hint(class.kind, status, code).to_owned();
        let keys: Vec<_> =
            [Some(&self.config.api_key), self.config.secret_key.as_ref()].into_iter().flatten().collect();
        let said = failure.text(&keys, request.body.as_deref());
        if !said.is_empty() {
            message = format!("{message}: {said}");
        }
        Err(Error::answer(class, status, code, message)
            .with_request_id(failure.request_id(&keys))
            .with_retry_after(retry_after))
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
fn chance() -> f64 {
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

/// What is wrong with a body that should have been JSON; never the body itself, which may be anybody's data.
fn describe(body: &[u8], error: &serde_json::Error) -> String {
    let start = body.trim_ascii_start();
    if start.is_empty() {
        "is empty".to_owned()
    } else if start.first() == Some(&b'<') {
        "is a web page, not JSON: is a proxy or a maintenance page in between, or the base URL wrong?"
            .to_owned()
    } else if error.is_data() {
        format!("is not what the documents describe (line {}, column {})", error.line(), error.column())
    } else if error.is_eof() {
        "breaks off".to_owned()
    } else {
        "is not JSON".to_owned()
    }
}

struct Seconds(Duration);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} s", self.0.as_secs_f64())
    }
}

/// The body of a refusal, as far as it can be understood.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    #[serde(default)]
    code: Option<Json>,
    #[serde(default)]
    message: Option<Json>,
    #[serde(default)]
    request_id: Option<Json>,
}

impl Failure {
    fn code(code: &Json) -> Option<i64> {
        match code {
            Json::Number(text) | Json::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn text(&self, keys: &[&secrecy::SecretString], body: Option<&[u8]>) -> String {
        match &self.message {
            Some(Json::String(text)) => redact::message(text, keys, body),
            _ => String::new(),
        }
    }

    fn request_id(&self, keys: &[&secrecy::SecretString]) -> Option<String> {
        match &self.request_id {
            Some(Json::String(id) | Json::Number(id)) => {
                let id: String = id
                    .chars()
                    .filter(|letter| letter.is_ascii_alphanumeric() || "-_.:".contains(*letter))
                    .take(80)
                    .collect();
                (!id.is_empty() && !redact::holds_key(&id, keys)).then_some(id)
            }
            _ => None,
        }
    }
}

/// What happened and what to do about it.
fn hint(kind: Kind, status: u16, code: Option<i64>) -> &'static str {
    match (code, kind) {
        (Some(1001), _) => {
            "Gameball wants the secret key with this call: set it, and the high security option if the account's High Security Mode is on"
        }
        (_, Kind::Authentication) => {
            "Gameball does not accept the keys: check that both are right, current and of the same account"
        }
        (Some(6000), _) => "Gameball is disabled for this account: enable it in the Gameball dashboard",
        (Some(8000), _) => "the account's Gameball plan does not include this",
        (_, Kind::PermissionDenied) => {
            "Gameball does not allow this call: check the keys' rights and the account's minimum API version"
        }
        (Some(7000), _) => "Gameball does not know this customer",
        (_, Kind::NotFound) => {
            "Gameball knows nothing at this address: check the base URL and the API version"
        }
        (Some(2001), _) => {
            "Gameball is still busy with another request for the same customer: try again in a moment"
        }
        (Some(9003 | 9004), _) => "this order was tracked before",
        (Some(7001), _) => "this customer exists already",
        (_, Kind::Conflict) => "this is in conflict with what Gameball has already",
        (Some(7002 | 7005), _) => "this customer was referred before, and nobody can be referred twice",
        (_, Kind::Referral) => "Gameball does not accept this referrer code",
        (_, Kind::RateLimited) => {
            "over the account's limit of calls (12 a second on average): try again in a moment"
        }
        (_, Kind::Server) => "Gameball failed: try again later",
        _ if (300..=399).contains(&status) => {
            "the answer is a redirect, which is not followed because it would carry the keys away: check the base URL"
        }
        _ => "Gameball refused the call",
    }
}
