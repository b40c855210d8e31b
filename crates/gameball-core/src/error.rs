//! What can go wrong, and what it means: the error type and the one table of classification.
//!
//! The table is `tests/vectors/errors.json`; [`classify`] is its only implementation.

use std::fmt;
use std::time::Duration;

/// The kinds of error, named alike in Rust, Python and Node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Credentials, base URL or options cannot work; nothing was sent.
    Configuration,
    /// An argument is malformed; nothing was sent. See [`Error::field`].
    InvalidArgument,
    /// Gameball refused the keys (1000, 1001, or a bare 401).
    Authentication,
    /// The keys are right, the account may not do this (1002, 6000, 8000, or a bare 403).
    PermissionDenied,
    /// No such customer or object (7000, 4004, or a bare 404).
    NotFound,
    /// It exists already or is being written right now (2001, 3008, 7001, 9003, 9004, or a bare 409).
    Conflict,
    /// The referral itself was refused (7002, 7003, 7005, 7006).
    Referral,
    /// Over the account's limits (429).
    RateLimited,
    /// Any other refusal (4xx, or a redirect, which is never followed).
    Api,
    /// Gameball failed (5xx).
    Server,
    /// The call's overall deadline passed.
    Timeout,
    /// The connection could not be made, or broke.
    Connection,
    /// The answer is not what the documents describe (HTML, truncated, too large).
    Decode,
    /// The client was closed.
    Closed,
    /// A defect of this library.
    Internal,
}

impl Kind {
    /// Every kind, in the order of the table in the documentation.
    pub const ALL: [Self; 15] = [
        Self::Configuration,
        Self::InvalidArgument,
        Self::Authentication,
        Self::PermissionDenied,
        Self::NotFound,
        Self::Conflict,
        Self::Referral,
        Self::RateLimited,
        Self::Api,
        Self::Server,
        Self::Timeout,
        Self::Connection,
        Self::Decode,
        Self::Closed,
        Self::Internal,
    ];

    /// The name that hosts see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::InvalidArgument => "invalid_argument",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Referral => "referral",
            Self::RateLimited => "rate_limited",
            Self::Api => "api",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Decode => "decode",
            Self::Closed => "closed",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an error means for a delivery (one outgoing call recorded in the shop's database).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The call's goal is reached.
    Applied,
    /// The friend was referred before; the goal is reached, the receipt says so.
    AppliedAlreadyReferred,
    /// The code is refused: the customer is created without it, the receipt says so.
    ResendWithoutCode,
    /// Repeat soon; costs no attempt.
    RetryFree,
    /// Repeat with backoff; costs an attempt.
    Retry,
    /// Nothing of this account can succeed until its operator acts.
    Hold,
    /// Can never succeed as it stands.
    Dead,
}

impl Effect {
    /// The name used in the table of errors.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::AppliedAlreadyReferred => "applied_already_referred",
            Self::ResendWithoutCode => "resend_without_code",
            Self::RetryFree => "retry_free",
            Self::Retry => "retry",
            Self::Hold => "hold",
            Self::Dead => "dead",
        }
    }
}

/// The meaning of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// The kind of error.
    pub kind: Kind,
    /// Whether the same call may succeed later without anybody's intervention.
    pub retryable: bool,
    /// Whether the call certainly had no effect, so that repeating it is safe for any operation.
    pub not_applied: bool,
    /// What it means for a delivery.
    pub effect: Effect,
}

const fn class(kind: Kind, retryable: bool, not_applied: bool, effect: Effect) -> Class {
    Class { kind, retryable, not_applied, effect }
}

/// Classifies a failed answer by its HTTP status and, where the body had one, Gameball's code.
///
/// A known code decides before the status, except that 429 is always a limit. Source: the vendor's
/// error reference.
pub const fn classify(status: u16, code: Option<i64>) -> Class {
    if status == 429 {
        return class(Kind::RateLimited, true, true, Effect::RetryFree);
    }
    match code {
        Some(1000 | 1001) => return class(Kind::Authentication, false, true, Effect::Hold),
        Some(1002 | 6000 | 8000) => return class(Kind::PermissionDenied, false, true, Effect::Hold),
        Some(2001) => return class(Kind::Conflict, true, true, Effect::RetryFree),
        Some(7000 | 4004) => return class(Kind::NotFound, false, true, Effect::Dead),
        Some(3008) => return class(Kind::Conflict, false, true, Effect::Dead),
        Some(7001 | 9003 | 9004) => return class(Kind::Conflict, false, true, Effect::Applied),
        Some(7002 | 7005) => {
            return class(Kind::Referral, false, true, Effect::AppliedAlreadyReferred);
        }
        Some(7003 | 7006) => return class(Kind::Referral, false, true, Effect::ResendWithoutCode),
        Some(5000 | 5003) => return class(Kind::Server, true, false, Effect::Retry),
        _ => {}
    }
    match status {
        401 => class(Kind::Authentication, false, true, Effect::Hold),
        403 => class(Kind::PermissionDenied, false, true, Effect::Hold),
        404 => class(Kind::NotFound, false, true, Effect::Dead),
        409 => class(Kind::Conflict, false, true, Effect::Dead),
        408 => class(Kind::Api, true, false, Effect::Retry),
        425 => class(Kind::Api, true, true, Effect::Retry),
        500..=599 => class(Kind::Server, true, false, Effect::Retry),
        400..=499 => class(Kind::Api, false, true, Effect::Dead),
        300..=399 => class(Kind::Api, false, true, Effect::Hold),
        _ => class(Kind::Decode, true, false, Effect::Retry),
    }
}

/// A failed call or a refused argument.
///
/// Neither `Display` nor `Debug` ever shows a key, a URL with data in it, or a request's body.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: Kind,
    message: String,
    status: Option<u16>,
    gameball_code: Option<i64>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    field: Option<String>,
    retryable: bool,
    ambiguous: bool,
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a kind that says what happened and, where known, what to do.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                message: message.into(),
                status: None,
                gameball_code: None,
                request_id: None,
                retry_after: None,
                attempts: 0,
                field: None,
                retryable: matches!(kind, Kind::Timeout | Kind::Connection | Kind::Decode),
                ambiguous: false,
            }),
        }
    }

    /// A malformed argument; `field` is its dotted path as the host writes it (`lineItems[0].price`), empty for the
    /// whole.
    pub fn invalid_argument(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(Kind::InvalidArgument, message);
        error.inner.field = Some(field.into()).filter(|field| !field.is_empty());
        error
    }

    /// The same refusal, of a client's options instead of a call's arguments.
    #[must_use]
    pub fn of_options(mut self) -> Self {
        if self.inner.kind == Kind::InvalidArgument {
            self.inner.kind = Kind::Configuration;
        }
        self
    }

    /// What is set up cannot work, without an option to name.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, message)
    }

    pub(crate) fn answer(
        class: Class,
        status: u16,
        gameball_code: Option<i64>,
        message: impl Into<String>,
    ) -> Self {
        let mut error = Self::new(class.kind, message);
        error.inner.status = Some(status);
        error.inner.gameball_code = gameball_code;
        error.inner.retryable = class.retryable;
        error.inner.ambiguous = !class.not_applied;
        error
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.inner.status = Some(status);
        self
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.inner.request_id = request_id;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.inner.retry_after = retry_after;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.inner.attempts = attempts;
        self
    }

    pub(crate) fn with_ambiguous(mut self, ambiguous: bool) -> Self {
        self.inner.ambiguous = ambiguous;
        self
    }

    /// The same error about a field inside `parent`.
    #[must_use]
    pub fn inside(mut self, parent: &str) -> Self {
        self.inner.field = Some(match self.inner.field.take() {
            Some(field) if field.starts_with('[') => format!("{parent}{field}"),
            Some(field) => format!("{parent}.{field}"),
            None => parent.to_owned(),
        });
        self
    }

    /// The kind of error.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// What failed and, where known, what to do. The field is not repeated in it.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// HTTP status of the answer, if one came.
    pub fn status(&self) -> Option<u16> {
        self.inner.status
    }

    /// Gameball's own error code, if the answer had one.
    pub fn gameball_code(&self) -> Option<i64> {
        self.inner.gameball_code
    }

    /// Gameball's id of the request, to quote to their support.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.request_id.as_deref()
    }

    /// How long the peer asked to wait (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// How many times the request was tried; 0 if nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// The option or the path of the argument that is refused, such as `lineItems[0].price`, as the host writes it.
    pub fn field(&self) -> Option<&str> {
        self.inner.field.as_deref()
    }

    /// Whether the same call may succeed later without anybody's intervention.
    pub fn retryable(&self) -> bool {
        self.inner.retryable
    }

    /// Whether the request may have been applied although the call failed.
    pub fn ambiguous(&self) -> bool {
        self.inner.ambiguous
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.inner.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.inner.message)?;
        match (self.inner.status, self.inner.gameball_code) {
            (Some(status), Some(code)) => write!(f, " (HTTP {status}, Gameball code {code})")?,
            (Some(status), None) => write!(f, " (HTTP {status})")?,
            _ => {}
        }
        if let Some(request_id) = &self.inner.request_id {
            write!(f, " [request {request_id}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {self})", self.inner.kind)
    }
}

impl std::error::Error for Error {}
