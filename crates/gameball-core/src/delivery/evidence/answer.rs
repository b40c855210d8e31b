//! The answer to *why did this friend (not) count?*: a verdict, why, the dated steps, and what one can do.

use serde::Serialize;

use super::super::Millis;
use super::given::{Account, Delivery, Referral, State};
use super::health::Health;
use super::steps::{Step, steps};
use super::text::{Part, Text};
use super::waiting::{Waiting, unsettled};
use super::{Advice, Tone, phrases, words};

/// The answer for one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "each says it")]
pub struct Evidence {
    pub verdict: Text,
    pub why: Text,
    pub tone: Tone,
    pub steps: Vec<Step>,
    pub advice: Vec<Advice>,
}

/// Answers for one customer.
///
/// - `referral`: the customer's, if there is one.
/// - `deliveries`: all of the customer's, oldest first.
/// - `ahead`: how many are sent before this customer's first waiting delivery, if that is known.
pub fn evidence(
    referral: Option<&Referral>,
    deliveries: &[Delivery],
    account: &Account,
    now: Millis,
    ahead: Option<usize>,
) -> Evidence {
    let health = Health::of(account, now);
    let first = deliveries.iter().find(|delivery| !delivery.state.settled());
    let wait = first.map(|delivery| unsettled(delivery, &health, ahead));
    let mut told = steps(referral, deliveries, now);
    told.extend(wait.as_ref().map(|wait| Step::present(now, wait.title.clone(), wait.why.clone())));
    told.sort_by_key(Step::order);
    let answer = match referral {
        None => unreferred(deliveries, wait),
        Some(Referral { receipt: None, .. }) => undecided(deliveries, wait),
        Some(referral) => settled(referral, deliveries, account, wait),
    };
    Evidence { steps: told, ..answer }
}

fn answer(verdict: impl Into<Text>, why: impl Into<Text>, tone: Tone, advice: Vec<Advice>) -> Evidence {
    Evidence { verdict: verdict.into(), why: why.into(), tone, steps: Vec::new(), advice }
}

fn settled(
    referral: &Referral,
    deliveries: &[Delivery],
    account: &Account,
    wait: Option<Waiting>,
) -> Evidence {
    let reason = referral.reason.as_deref().unwrap_or_default();
    let why = match referral.late_by_ms {
        Some(late) if reason == "late" && late != 0 => phrases::LATE_BY.with("time", Part::Span(late)),
        _ => words::why(reason),
    };
    // Nothing about a receipt is followed on the account's page.
    let mut advice: Vec<Advice> =
        words::advice(reason, account).into_iter().map(|one| Advice { link: None, ..one }).collect();
    advice.extend(failed(deliveries));
    advice.extend(wait.map(|wait| wait.advice).unwrap_or_default());
    let verdict = words::word(words::VERDICTS, words::receipt_code(referral.receipt));
    answer(verdict, why, words::receipt_tone(referral.receipt), advice)
}

fn undecided(deliveries: &[Delivery], wait: Option<Waiting>) -> Evidence {
    let verdict = words::word(words::VERDICTS, words::receipt_code(None));
    if let Some(Waiting { why, tone, advice, .. }) = wait {
        return answer(verdict, why, tone, advice);
    }
    let latest = |state: State| deliveries.iter().rfind(|delivery| delivery.state == state);
    if let Some(dead) = latest(State::Dead) {
        let error = words::error(dead.error_kind.as_deref().unwrap_or_default(), dead.gameball_code);
        return answer(phrases::REGISTRATION_FAILED, error, Tone::Bad, failed(deliveries));
    }
    if let Some(cancelled) = latest(State::Cancelled) {
        let who = Advice::on_delivery(phrases::WHO_CANCELLED.into(), cancelled);
        return answer(phrases::REGISTRATION_CANCELLED, phrases::CANCELLED_WHY, Tone::Bad, vec![who]);
    }
    let why = if deliveries.is_empty() { phrases::NOTHING_WAITS } else { phrases::NO_RECEIPT };
    answer(verdict, why, Tone::Warn, vec![phrases::RECONCILE.into()])
}

fn unreferred(deliveries: &[Delivery], wait: Option<Waiting>) -> Evidence {
    if !deliveries.iter().any(Delivery::registers) {
        let advice = [phrases::CHECK_ID, phrases::SYNC, phrases::RETENTION].map(Advice::from).to_vec();
        return answer(phrases::STRANGER, phrases::STRANGER_WHY, Tone::Quiet, advice);
    }
    let mut advice = [phrases::FORGOTTEN, phrases::NOT_AFTERWARDS].map(Advice::from).to_vec();
    advice.extend(failed(deliveries));
    advice.extend(wait.map(|wait| wait.advice).unwrap_or_default());
    answer(phrases::UNREFERRED, phrases::UNREFERRED_WHY, Tone::Quiet, advice)
}

fn failed(deliveries: &[Delivery]) -> Vec<Advice> {
    let dead = deliveries.iter().filter(|delivery| delivery.state == State::Dead);
    let open = dead.map(|delivery| {
        let call = words::word(words::OPERATIONS, &delivery.operation);
        Advice::on_delivery(phrases::OPEN_FAILED.with("call", call), delivery)
    });
    open.collect()
}
