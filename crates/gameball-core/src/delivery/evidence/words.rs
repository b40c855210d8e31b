//! What each code is called on a screen: receipts, states, errors, calls, limits, and how a code came.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::bucket::Bucket;
use super::super::reasons;
use super::super::receipt::Status;
use super::causes::{ADVICE, CAUSES, Cause, ON_ACCOUNT};
use super::given::{Account, State};
use super::text::{Template, Text};
use super::{Advice, Tone, phrases};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident $prefix:literal: { $($code:literal: $template:literal,)* }) => {
        $(#[$doc])*
        pub const $name: &[(&str, Template)] =
            &[$(($code, Template::new(concat!($prefix, ".", $code), $template))),*];
    };
}

words! {
    /// The kinds of errors that a call of a delivery can meet, without a full stop.
    KINDS "error": {
        "invalid_argument": "The recorded data are not valid",
        "authentication": "Gameball refuses the keys",
        "permission": "Gameball does not allow it",
        "not_found": "Gameball does not know it",
        "conflict": "It contradicts what Gameball has",
        "referral": "Gameball refuses the referral",
        "rate_limited": "The limit of calls was reached",
        "api": "Gameball refuses the data",
        "server": "Gameball had an internal error",
        "timeout": "No answer in time",
        "connection": "Gameball could not be reached",
        "decode": "The answer was not Gameball's",
        "internal": "A defect of this software",
    }
}

words! {
    /// What Gameball's own codes say more exactly than the kind of the error.
    CODES "code": {
        "1001": "Gameball wants the secret key",
        "2001": "Gameball was busy with another request for this customer",
        "3008": "Another customer has this e-mail address",
        "6000": "Gameball is disabled for this account",
        "7000": "Gameball does not know this customer",
        "7001": "Gameball has this customer already",
        "7002": "Gameball says that the customer was referred before",
        "7003": "Nobody has this referral code",
        "7005": "Gameball says that the customer was referred before",
        "7006": "Gameball does not accept this referral",
        "8000": "The account's Gameball plan does not include this",
        "9003": "Gameball has this order already",
        "9004": "Gameball has this order already",
    }
}

words! {
    /// Deliveries by Gameball's operationId.
    OPERATIONS "operation": {
        "createCustomer": "registration",
        "trackOrder": "order",
        "deleteCustomer": "erasure",
        "getCustomer": "profile",
    }
}

words! {
    /// Single calls of a delivery.
    CALLS "call": {
        "createCustomer": "The registration was sent",
        "trackOrder": "The order was sent",
        "deleteCustomer": "The erasure was sent",
        "getCustomer": "Gameball was asked whether the friend is linked",
        "validateReferrerCode": "Gameball was asked whether the code is good",
    }
}

words! {
    /// The calls that share one limit.
    BUCKETS "bucket": {
        "createCustomer": "Registrations",
        "getCustomer": "Profiles and proofs",
        "trackOrder": "Orders",
        "other": "Everything else",
    }
}

words! {
    /// How a code came.
    SOURCES "source": {
        "visit": "visit of a referral link",
        "field": "typed into a form",
        "state": "brought through a sign-in elsewhere",
        "metadata": "given by the shop",
        "api": "given by the shop",
    }
}

words! {
    /// Receipts; `pending` is none yet.
    RECEIPTS "receipt": {
        "pending": "on its way",
        "linked": "linked",
        "already_referred": "already referred",
        "rejected": "rejected",
        "lost": "lost",
        "unverified": "unverified",
    }
}

words! {
    /// What a receipt says of the friend.
    VERDICTS "verdict": {
        "pending": "It is not decided yet whether this friend counts.",
        "linked": "This friend counts.",
        "already_referred": "This friend does not count: they were referred before.",
        "rejected": "This friend does not count: Gameball does not accept the code.",
        "lost": "This friend does not count: the referral was lost.",
        "unverified": "It is not known whether this friend counts.",
    }
}

words! {
    /// Where a delivery stands.
    STATES "state": {
        "pending": "waiting",
        "in_flight": "being sent",
        "applied": "delivered",
        "dead": "failed",
        "cancelled": "cancelled",
    }
}

/// The name of a receipt in these tables.
pub(super) fn receipt_code(receipt: Option<Status>) -> &'static str {
    match receipt {
        None => "pending",
        Some(Status::Linked) => "linked",
        Some(Status::AlreadyReferred) => "already_referred",
        Some(Status::Rejected) => "rejected",
        Some(Status::Lost) => "lost",
        Some(Status::Unverified) => "unverified",
    }
}

/// The colour of a receipt.
pub(super) fn receipt_tone(receipt: Option<Status>) -> Tone {
    match receipt {
        None => Tone::Wait,
        Some(Status::Linked) => Tone::Good,
        Some(Status::AlreadyReferred) => Tone::Quiet,
        Some(Status::Rejected | Status::Unverified) => Tone::Warn,
        Some(Status::Lost) => Tone::Bad,
    }
}

fn state_tone(state: State) -> Tone {
    match state {
        State::Pending | State::InFlight => Tone::Wait,
        State::Applied => Tone::Good,
        State::Dead => Tone::Bad,
        State::Cancelled => Tone::Quiet,
    }
}

/// The words of a code; of an unknown one, the code itself.
pub(super) fn word(table: &[(&str, Template)], code: &str) -> Text {
    let found = table.iter().find(|(each, _)| *each == code);
    found.map_or_else(|| Text::verbatim(code), |(_, template)| (*template).into())
}

/// The words of an error, without a full stop.
pub(super) fn error(kind: &str, gameball_code: Option<i64>) -> Text {
    let code = gameball_code.map(|code| code.to_string());
    let exact = code.and_then(|code| CODES.iter().find(|(each, _)| *each == code));
    exact.map_or_else(|| word(KINDS, kind), |(_, template)| (*template).into())
}

/// The words of a bucket.
pub(super) fn bucket(bucket: Bucket) -> Text {
    word(
        BUCKETS,
        match bucket {
            Bucket::CreateCustomer => "createCustomer",
            Bucket::GetCustomer => "getCustomer",
            Bucket::TrackOrder => "trackOrder",
            Bucket::Other => "other",
        },
    )
}

/// A list of texts as one.
pub(super) fn list(mut texts: impl DoubleEndedIterator<Item = Text>) -> Text {
    let last = texts.next_back().unwrap_or_else(|| Text::verbatim(""));
    texts.rev().fold(last, |rest, first| phrases::LIST.with("first", first).with("rest", rest))
}

fn cause(reason: &str) -> Option<&'static Cause> {
    CAUSES.iter().find(|cause| cause.code == reason)
}

/// Why, in a sentence.
pub(super) fn why(reason: &str) -> Text {
    cause(reason)
        .map_or_else(|| Text::verbatim(reasons::sentence(reason).unwrap_or(reason)), |cause| cause.why.into())
}

/// What one can do about it.
pub(super) fn advice(reason: &str, account: &Account) -> Vec<Advice> {
    let advice = cause(reason).map_or(&[][..], |cause| cause.advice);
    let linked = |template: &Template| {
        if ON_ACCOUNT.contains(template) {
            Advice::on_account(*template, account)
        } else {
            (*template).into()
        }
    };
    advice.iter().map(linked).collect()
}

/// All words, by their codes: for a host's lists, filters and translations.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "as the tables")]
pub struct Words {
    pub reasons: BTreeMap<&'static str, ReasonWords>,
    pub receipts: BTreeMap<&'static str, ReceiptWords>,
    pub states: BTreeMap<&'static str, StateWords>,
    pub errors: Table,
    pub codes: Table,
    pub operations: Table,
    pub calls: Table,
    pub buckets: Table,
    pub sources: Table,
    /// Everything that is ever told, the above too.
    pub templates: Vec<Template>,
}

type Table = BTreeMap<&'static str, Template>;

/// Of a reason.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "as in `Cause`")]
pub struct ReasonWords {
    pub why: Template,
    pub briefly: Option<Template>,
    pub advice: Vec<AdviceWords>,
}

/// Of an advice.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each says it")]
pub struct AdviceWords {
    pub text: Template,
    /// Whether it is followed where the account's keys are.
    pub on_account: bool,
}

/// Of a receipt.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "each says it")]
pub struct ReceiptWords {
    pub name: Template,
    pub verdict: Template,
    pub tone: Tone,
}

/// Of a state.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "each says it")]
pub struct StateWords {
    pub name: Template,
    pub tone: Tone,
}

/// All words.
pub fn all() -> Words {
    let table = |words: &[(&'static str, Template)]| words.iter().copied().collect::<Table>();
    let receipts = [
        None,
        Some(Status::Linked),
        Some(Status::AlreadyReferred),
        Some(Status::Rejected),
        Some(Status::Lost),
        Some(Status::Unverified),
    ];
    let (names, verdicts) = (table(RECEIPTS), table(VERDICTS));
    let receipts = receipts.into_iter().filter_map(|receipt| {
        let code = receipt_code(receipt);
        let (name, verdict) = (*names.get(code)?, *verdicts.get(code)?);
        Some((code, ReceiptWords { name, verdict, tone: receipt_tone(receipt) }))
    });
    let states = State::ALL
        .into_iter()
        .zip(STATES)
        .map(|(state, (code, name))| (*code, StateWords { name: *name, tone: state_tone(state) }));
    Words {
        reasons: CAUSES.iter().map(|cause| (cause.code, reason_words(cause))).collect(),
        receipts: receipts.collect(),
        states: states.collect(),
        errors: table(KINDS),
        codes: table(CODES),
        operations: table(OPERATIONS),
        calls: table(CALLS),
        buckets: table(BUCKETS),
        sources: table(SOURCES),
        templates: templates(),
    }
}

fn reason_words(cause: &Cause) -> ReasonWords {
    let advice = cause
        .advice
        .iter()
        .map(|template| AdviceWords { text: *template, on_account: ON_ACCOUNT.contains(template) });
    ReasonWords { why: cause.why, briefly: cause.briefly, advice: advice.collect() }
}

/// Everything that is ever told, each once.
pub fn templates() -> Vec<Template> {
    let tables = [KINDS, CODES, OPERATIONS, CALLS, BUCKETS, SOURCES, RECEIPTS, VERDICTS, STATES];
    let mut all = phrases::ALL.to_vec();
    all.extend(tables.iter().flat_map(|table| table.iter().map(|(_, template)| *template)));
    all.extend_from_slice(ADVICE);
    all.extend(CAUSES.iter().flat_map(|cause| [Some(cause.why), cause.briefly]).flatten());
    all
}
