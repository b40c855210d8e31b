//! Judges what a call came to: the delivery's verdict. Pure.

use std::time::Duration;

use super::Millis;
use super::ledger::Event;
use super::meaning::{dead_reason, effect, hold_reason, not_connected, retry_reason};
use super::progress::Phase;
use super::receipt::{Receipt, Status};
use super::report::{CallReport, event};
use super::retry::{self, Failed, READ_BACK_WAITS};
use super::settings::Settings;
use super::step::{Delivery, Operation, Step};
use super::verdict::{Answer, Outcome, Verdict};
use crate::error::{Effect, Error, Kind, Result};
use crate::model::Customer;
use crate::model::call::Reply;

/// What a call came to, and around it.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// When the answer came.
    pub now: Millis,
    /// How long it took.
    pub took: Duration,
    /// In `0.0..1.0`.
    pub jitter: f64,
    /// The courier's settings.
    pub settings: &'a Settings,
    /// The fingerprint of the credentials in use.
    pub credentials: &'a str,
}

/// Judges what a call came to.
pub fn judge(
    delivery: &Delivery,
    step: Step,
    result: &Result<Reply>,
    circumstances: Circumstances<'_>,
) -> Verdict {
    let report = CallReport::of(&step, result, circumstances.took);
    let bucket = report.bucket;
    let event = event(&step, bucket, result, circumstances.credentials);
    let answer = result.as_ref().ok().and_then(Answer::of);
    let watched = delivery.slot.is_none_or(|slot| slot.watched);
    let mut verdict = Judgement { delivery, step, circumstances }.of(result);
    verdict.call = Some(report);
    verdict.answer = answer;
    verdict.needs_record = match &event {
        None => false,
        Some(Event::Answered { .. }) => watched,
        Some(_) => true,
    };
    verdict.ledger_event = event;
    verdict
}

struct Judgement<'a> {
    delivery: &'a Delivery,
    step: Step,
    circumstances: Circumstances<'a>,
}

impl Judgement<'_> {
    fn of(self, result: &Result<Reply>) -> Verdict {
        match (self.step.progress.phase, result) {
            (Phase::Send | Phase::Resend, Ok(_)) => self.acknowledged(),
            (Phase::Send | Phase::Resend, Err(error)) => self.refused(error),
            (Phase::Verify, Ok(Reply::Customer(customer))) => self.read_back(customer),
            (Phase::Check, Ok(Reply::ReferrerCodeIsValid(valid))) => self.checked(*valid),
            (Phase::Verify | Phase::Check, Ok(_)) => {
                self.not_read_back(&Error::new(Kind::Internal, "an answer of another call"))
            }
            (Phase::Verify | Phase::Check, Err(error)) => self.not_read_back(error),
        }
    }

    /// The customer or the order exists at Gameball.
    fn acknowledged(mut self) -> Verdict {
        if matches!(self.step.operation, Operation::DeleteCustomer | Operation::GetCustomer) {
            return self.applied(None);
        }
        self.step.progress.acknowledged_at.get_or_insert(self.circumstances.now);
        if self.step.carries_code && self.receipt() != Some(Status::Linked) {
            return self.proceed(Phase::Verify, None);
        }
        let receipt = self.receipt_of_the_sent();
        self.applied(receipt)
    }

    /// The receipt of what went out without the code.
    fn receipt_of_the_sent(&self) -> Option<Receipt> {
        if self.receipt() == Some(Status::Linked) {
            return None;
        }
        Receipt::of_a_refused_code(&self.step.progress)
    }

    fn refused(mut self, error: &Error) -> Verdict {
        let code = error.gameball_code();
        // Nobody to erase, or no profile yet.
        let of_nobody = matches!(self.step.operation, Operation::DeleteCustomer | Operation::GetCustomer);
        if of_nobody && code == Some(7000) {
            return self.applied(None);
        }
        let in_hand = self.step.carries_code;
        match effect(error, &self.step.call) {
            Effect::Applied => self.acknowledged(),
            Effect::AppliedAlreadyReferred if self.step.operation == Operation::CreateCustomer => {
                self.step.progress.acknowledged_at.get_or_insert(self.circumstances.now);
                let receipt = in_hand
                    .then(|| Receipt::new(Status::AlreadyReferred, "already_referred"))
                    .or_else(|| self.receipt_of_the_sent());
                self.applied(receipt)
            }
            Effect::AppliedAlreadyReferred if in_hand => {
                self.step.progress.already_referred = true;
                self.proceed(Phase::Resend, Some("already_referred"))
            }
            Effect::ResendWithoutCode if in_hand => {
                let reason = if code == Some(7003) { "code_not_found" } else { "invalid_referral" };
                self.step.progress.code_refused = Some(reason.to_owned());
                self.proceed(Phase::Resend, Some(reason))
            }
            // There was no code in it that could be refused.
            Effect::AppliedAlreadyReferred | Effect::ResendWithoutCode | Effect::Dead => {
                self.dead(dead_reason(error), "refused", Status::Lost)
            }
            Effect::RetryFree => self.retry(error, false),
            Effect::Retry => {
                let free = self.probes() || not_connected(error);
                let exhausted =
                    self.delivery.attempts.saturating_add(1) >= self.circumstances.settings.max_attempts;
                if !free && exhausted {
                    let mut dead = self.dead("attempts_exhausted", "attempts_exhausted", Status::Unverified);
                    dead.costs_attempt = true;
                    return dead;
                }
                self.retry(error, !free)
            }
            Effect::Hold => self.hold(error),
        }
    }

    fn read_back(self, customer: &Customer) -> Verdict {
        match customer.is_referred {
            Some(true) => {
                let reason = match self.step.operation {
                    Operation::TrackOrder => "by_order",
                    _ => "by_registration",
                };
                self.applied(Some(Receipt::new(Status::Linked, reason)))
            }
            // The order changed nothing about a referral that was lost before.
            Some(false) if self.receipt() == Some(Status::Lost) => self.applied(None),
            Some(false) if self.step.code.is_none() => {
                let receipt = self.lost("not_linked_unchecked");
                self.applied(Some(receipt))
            }
            Some(false) => self.proceed(Phase::Check, None),
            None => self.applied(Some(Receipt::new(Status::Unverified, "read_back_incomplete"))),
        }
    }

    fn checked(self, valid: bool) -> Verdict {
        let receipt =
            if valid { self.lost("not_linked") } else { Receipt::new(Status::Rejected, "code_not_valid") };
        self.applied(Some(receipt))
    }

    /// The delivery has done its work; only the proof is missing.
    fn not_read_back(mut self, error: &Error) -> Verdict {
        match effect(error, &self.step.call) {
            Effect::Hold => return self.hold(error),
            Effect::RetryFree => return self.retry(error, false),
            Effect::Retry if self.probes() || not_connected(error) => return self.retry(error, false),
            _ => {}
        }
        let failed = usize::try_from(self.step.progress.read_backs).unwrap_or(usize::MAX);
        let Some(wait) = READ_BACK_WAITS.get(failed) else {
            let receipt = match self.step.progress.phase {
                Phase::Check => self.lost("not_linked_unchecked"),
                _ => Receipt::new(Status::Unverified, "read_back_failed"),
            };
            return self.applied(Some(receipt));
        };
        self.step.progress.read_backs = self.step.progress.read_backs.saturating_add(1);
        let verdict = Verdict {
            reason: Some(retry_reason(error)),
            due_in_ms: *wait,
            acknowledged: true,
            ..Verdict::new(self.delivery, Outcome::Retry)
        };
        verdict.waiting(self.delivery, Some(self.step.progress.to_text()))
    }

    fn lost(&self, otherwise: &'static str) -> Receipt {
        let acknowledged_at = self.step.progress.acknowledged_at;
        let window = self.circumstances.settings.referral_window_ms;
        Receipt::lost(self.delivery.registered_at_ms, acknowledged_at, window, otherwise)
    }

    /// The referral's receipt from before.
    fn receipt(&self) -> Option<Status> {
        // A creation that is sent again, replayed by an operator, finds out anew.
        let order = self.step.operation == Operation::TrackOrder;
        self.delivery.receipt.as_deref().filter(|_| order).and_then(Status::named)
    }

    fn probes(&self) -> bool {
        self.delivery.slot.is_some_and(|slot| slot.probe)
    }

    fn is_acknowledged(&self) -> bool {
        self.step.progress.acknowledged_at.is_some()
    }

    fn applied(self, receipt: Option<Receipt>) -> Verdict {
        Verdict {
            acknowledged: self.is_acknowledged(),
            receipt,
            ..Verdict::new(self.delivery, Outcome::Applied)
        }
    }

    fn proceed(self, phase: Phase, reason: Option<&'static str>) -> Verdict {
        let verdict = Verdict {
            reason,
            acknowledged: self.is_acknowledged(),
            ..Verdict::new(self.delivery, Outcome::Continue)
        };
        verdict.waiting(self.delivery, Some(self.step.progress.to(phase).to_text()))
    }

    fn dead(self, reason: &'static str, receipt_reason: &'static str, status: Status) -> Verdict {
        let receipt = self.step.code.as_ref().and_then(|_| {
            Receipt::of_the_dead(self.delivery, &self.step.progress, Receipt::new(status, receipt_reason))
        });
        Verdict { reason: Some(reason), receipt, ..Verdict::new(self.delivery, Outcome::Dead) }
    }

    fn hold(self, error: &Error) -> Verdict {
        let verdict = Verdict {
            reason: Some(hold_reason(error)),
            acknowledged: self.is_acknowledged(),
            ..Verdict::new(self.delivery, Outcome::Hold)
        };
        verdict.waiting(self.delivery, self.delivery.progress.clone())
    }

    fn retry(mut self, error: &Error, costs_attempt: bool) -> Verdict {
        let Circumstances { now, jitter, settings, .. } = self.circumstances;
        let progress = &self.step.progress;
        let deadline =
            self.delivery.registered_at_ms.map(|at| at.saturating_add(settings.referral_window_ms));
        let in_time = self.step.carries_code
            && !self.is_acknowledged()
            && deadline.is_some_and(|deadline| now < deadline);
        let failed = Failed {
            before: match (error.kind(), costs_attempt) {
                // It is the ledger's pause that grows.
                (Kind::RateLimited, _) => 0,
                (_, false) => progress.free_failures,
                (_, true) => self.delivery.attempts.saturating_add(progress.free_failures),
            },
            retry_after: error.retry_after(),
            busy: error.gameball_code() == Some(2001),
            in_time,
        };
        let due_in_ms = retry::due_in(failed, jitter);
        if !costs_attempt && error.kind() != Kind::RateLimited {
            self.step.progress.free_failures = self.step.progress.free_failures.saturating_add(1);
        }
        let verdict = Verdict {
            reason: Some(retry_reason(error)),
            due_in_ms,
            costs_attempt,
            acknowledged: self.is_acknowledged(),
            ..Verdict::new(self.delivery, Outcome::Retry)
        };
        verdict.waiting(self.delivery, Some(self.step.progress.to_text()))
    }
}
