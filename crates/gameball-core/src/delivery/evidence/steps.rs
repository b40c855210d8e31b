//! The dated chain: how the code came, what was sent, what Gameball answered, and what came of it.

use serde::Serialize;

use super::super::Millis;
use super::super::receipt::Status;
use super::given::{Call, Delivery, Referral, State, registers};
use super::text::{Part, Text};
use super::{Tone, phrases, words};

/// One dated fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// When; none: nobody knows.
    pub at_ms: Option<Millis>,
    /// What.
    pub title: Text,
    /// More of it.
    pub detail: Option<Text>,
    /// What it means.
    pub tone: Tone,
    /// Gameball's id of the request.
    pub request_id: Option<String>,
    /// The present state, rather than something that happened.
    pub now: bool,
}

impl Step {
    fn at(at: Millis, title: impl Into<Text>) -> Self {
        let title = title.into();
        Self { at_ms: Some(at), title, detail: None, tone: Tone::Quiet, request_id: None, now: false }
    }

    fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    fn detailed(self, detail: impl Into<Text>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// What is the case at the moment.
    pub(super) fn present(now: Millis, state: Text, why: Text) -> Self {
        let title = phrases::NOW.with("state", state);
        Self { now: true, ..Self::at(now, title).detailed(why).toned(Tone::Wait) }
    }

    /// What has no date came first; the present comes last among equals, and before what is to come.
    pub(super) fn order(&self) -> (Millis, bool) {
        (self.at_ms.unwrap_or(Millis::MIN), self.now)
    }
}

/// All but the present, in no order yet.
pub(super) fn steps(referral: Option<&Referral>, deliveries: &[Delivery], now: Millis) -> Vec<Step> {
    let mut told = Vec::new();
    if let Some(referral) = referral {
        told.extend(of_referral(referral, deliveries, now));
    }
    let mut registered = referral.is_some();
    for delivery in deliveries {
        told.extend(began(delivery, &mut registered));
        told.extend(calls(delivery, referral, now));
        told.extend(ended(delivery));
    }
    // After the call that it rests on, which has the same date.
    told.extend(referral.and_then(receipt));
    told
}

fn of_referral(referral: &Referral, deliveries: &[Delivery], now: Millis) -> Vec<Step> {
    let came = match referral.source.as_str() {
        "field" => phrases::CAME_BY_FIELD,
        "state" => phrases::CAME_BY_STATE,
        "visit" => phrases::CAME_BY_VISIT,
        _ => phrases::CAME_BY_SHOP,
    };
    let came = came.with("code", referral.referrer_code.as_str());
    let registered = if referral.guest { phrases::ORDERED_AS_GUEST } else { phrases::REGISTERED };
    let claimed_at = referral.claimed_at_ms.unwrap_or(referral.registered_at_ms);
    let mut told = vec![
        Step::at(claimed_at.min(referral.registered_at_ms), came),
        Step::at(referral.registered_at_ms, registered),
    ];
    told.extend(deadline(referral, now));
    if let Some(known) = referral.acknowledged_at_ms.filter(|_| !tells_creation(deliveries)) {
        told.push(Step::at(known, phrases::TAKEN).detailed(against_deadline(referral, known)));
    }
    told
}

fn deadline(referral: &Referral, now: Millis) -> Option<Step> {
    let closed = referral.deadline_at_ms <= now;
    let told = match referral.receipt {
        None => true,
        Some(Status::Lost | Status::Unverified) => closed,
        Some(_) => false,
    };
    let in_time = referral.acknowledged_at_ms.is_some_and(|known| known <= referral.deadline_at_ms);
    let (title, tone) = match (closed, in_time) {
        (false, _) => (phrases::LINKS_UNTIL, Tone::Wait),
        (true, false) => (phrases::WINDOW_ENDED, Tone::Bad),
        (true, true) => (phrases::WINDOW_ENDED, Tone::Quiet),
    };
    told.then(|| Step::at(referral.deadline_at_ms, title).toned(tone))
}

fn tells_creation(deliveries: &[Delivery]) -> bool {
    let mut calls = deliveries.iter().flat_map(|delivery| &delivery.history);
    calls.any(|call| registers(&call.operation) && failure(call).is_none())
}

fn against_deadline(referral: &Referral, at: Millis) -> Text {
    let left = referral.deadline_at_ms.saturating_sub(at);
    let when = if left >= 0 { phrases::BEFORE_THE_END } else { phrases::TOO_LATE };
    when.with("time", Part::Span(left.saturating_abs()))
}

fn began(delivery: &Delivery, registered: &mut bool) -> Option<Step> {
    let title = match delivery.operation.as_str() {
        "trackOrder" => match delivery.order_id.as_deref() {
            None | Some("") => phrases::PAID_AN_ORDER.into(),
            Some(order) => phrases::PAID_ORDER.with("order", order),
        },
        "createCustomer" if !*registered => {
            *registered = true;
            phrases::REGISTERED_WITHOUT.into()
        }
        "deleteCustomer" => phrases::ERASURE.into(),
        _ => return None,
    };
    Some(Step::at(delivery.created_at_ms, title))
}

fn ended(delivery: &Delivery) -> Option<Step> {
    let at = delivery.settled_at_ms?;
    let call = words::word(words::OPERATIONS, &delivery.operation);
    match delivery.state {
        State::Cancelled => Some(Step::at(at, phrases::CANCELLED.with("call", call)).toned(Tone::Warn)),
        State::Dead => {
            let error =
                words::error(delivery.error_kind.as_deref().unwrap_or_default(), delivery.gameball_code);
            let step = Step::at(at, phrases::LAID_ASIDE.with("call", call)).detailed(error).toned(Tone::Bad);
            Some(Step { request_id: delivery.request_id.clone(), ..step })
        }
        _ => None,
    }
}

fn receipt(referral: &Referral) -> Option<Step> {
    let (at, receipt) = (referral.settled_at_ms?, referral.receipt?);
    let name = words::word(words::RECEIPTS, words::receipt_code(Some(receipt)));
    let step = Step::at(at, phrases::RECEIPT.with("receipt", name)).toned(words::receipt_tone(Some(receipt)));
    Some(match referral.reason.as_deref() {
        None | Some("") => step,
        Some(reason) => step.detailed(words::why(reason)),
    })
}

// --- Calls ----------------------------------------------------------------------------------------------------

/// The kind of a call's error, if it failed.
fn failure(call: &Call) -> Option<&str> {
    call.kind.as_deref().filter(|kind| !kind.is_empty())
}

/// A delivery's calls; failures of one kind in a row are one step.
fn calls(delivery: &Delivery, referral: Option<&Referral>, now: Millis) -> Vec<Step> {
    let alike = |one: &Call, other: &Call| {
        failure(one).is_some()
            && (&one.operation, &one.kind, one.status, one.gameball_code)
                == (&other.operation, &other.kind, other.status, other.gameball_code)
    };
    let runs = delivery.history.chunk_by(alike);
    let last = runs.clone().count().saturating_sub(1);
    let steps = runs.enumerate().filter_map(|(number, run)| {
        let (first, latest) = (run.first()?, run.last()?);
        Some(match failure(latest) {
            Some(kind) => failures(first, latest, kind, run.len() - 1, now),
            None => success(latest, delivery, referral, number == last),
        })
    });
    steps.collect()
}

fn of_call(call: &Call, detail: Text, tone: Tone) -> Step {
    Step {
        at_ms: call.at_ms,
        title: words::word(words::CALLS, &call.operation),
        detail: Some(detail),
        tone,
        request_id: call.request_id.clone().filter(|id| !id.is_empty()),
        now: false,
    }
}

fn failures(first: &Call, latest: &Call, kind: &str, more: usize, now: Millis) -> Step {
    let mut detail = answered(latest, kind);
    if more > 0 {
        let until = latest.at_ms.map_or_else(|| Part::from("?"), |at| Part::Clock { at, now });
        let again = phrases::SAME_AGAIN.with("count", more).with("until", until);
        detail = phrases::AND_AGAIN.with("answer", detail).with("again", again);
    }
    // "Already exists" is a refusal that does no harm.
    let harmless = latest.outcome.as_deref() == Some("applied");
    let step = of_call(latest, detail, if harmless { Tone::Quiet } else { Tone::Warn });
    Step { at_ms: first.at_ms, ..step }
}

fn answered(call: &Call, kind: &str) -> Text {
    let answer = words::error(kind, call.gameball_code);
    let status =
        call.status.filter(|status| *status != 0).map(|status| phrases::HTTP_STATUS.with("status", status));
    let code =
        call.gameball_code.filter(|code| *code != 0).map(|code| phrases::GAMEBALL_CODE.with("code", code));
    let codes: Vec<Text> = status.into_iter().chain(code).collect();
    if codes.is_empty() {
        return phrases::ANSWERED.with("answer", answer);
    }
    phrases::ANSWERED_WITH.with("answer", answer).with("codes", words::list(codes.into_iter()))
}

fn success(call: &Call, delivery: &Delivery, referral: Option<&Referral>, last: bool) -> Step {
    let accepted = || (Tone::Good, phrases::ACCEPTED.into());
    let (tone, detail) = match (referral, call.operation.as_str(), call.at_ms) {
        (Some(referral), "createCustomer", Some(at)) => {
            let tone = if at > referral.deadline_at_ms { Tone::Bad } else { Tone::Good };
            (tone, phrases::ACCEPTED_WHEN.with("when", against_deadline(referral, at)))
        }
        (Some(referral), "getCustomer", _) if delivery.operation != "getCustomer" => {
            read_back(referral, last)
        }
        (Some(referral), "validateReferrerCode", _) if referral.receipt.is_some() => {
            if referral.reason.as_deref() == Some("code_not_valid") {
                (Tone::Warn, phrases::CODE_BAD.into())
            } else {
                (Tone::Quiet, phrases::CODE_GOOD.into())
            }
        }
        _ => accepted(),
    };
    of_call(call, detail, tone)
}

/// What Gameball answered is not kept; the receipt, or the check that follows a "no", tells.
fn read_back(referral: &Referral, settled_it: bool) -> (Tone, Text) {
    if !settled_it {
        return (Tone::Warn, phrases::IS_NOT_LINKED.into());
    }
    if referral.receipt == Some(Status::Linked) {
        return (Tone::Good, phrases::IS_LINKED.into());
    }
    if referral.reason.as_deref() == Some("read_back_incomplete") {
        return (Tone::Warn, phrases::DID_NOT_SAY.into());
    }
    (Tone::Quiet, phrases::DID_ANSWER.into())
}
