//! What is repeated within one call, and when. Pure: the caller brings the time left and the chance.

use std::time::Duration;

use crate::error::{Error, Kind};

/// Whether a call whose fate is unknown may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// The repetition has the same effect and the same answer: reads, and creations (keyed by `customerId`).
    Safe,
    /// Only if the first certainly had no effect: a repeated order is answered with an error (9004).
    IfNotApplied,
}

/// How long to wait before sending again, or `None` to give up.
///
/// `attempts` is how many have failed, `remaining` the time to the call's deadline, `jitter` in `0.0..1.0`.
pub fn delay(
    error: &Error,
    repeat: Repeat,
    attempts: u32,
    max_retries: u32,
    remaining: Duration,
    jitter: f64,
) -> Option<Duration> {
    if attempts > max_retries || !error.retryable() || error.kind() == Kind::Timeout {
        return None;
    }
    if error.ambiguous() && repeat == Repeat::IfNotApplied {
        return None;
    }
    let delay = error.retry_after().unwrap_or_else(|| backoff(error.kind(), attempts, jitter));
    (delay < remaining).then_some(delay)
}

fn backoff(kind: Kind, attempts: u32, jitter: f64) -> Duration {
    // A per-second limit is over within the second; everything else is worth an early second try.
    let (first, most) = if kind == Kind::RateLimited { (500, 2_000) } else { (100, 1_000) };
    let exponential = first * 2_u64.pow(attempts.saturating_sub(1).min(6));
    Duration::from_millis(exponential.min(most)).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::classify;

    const LONG: Duration = Duration::from_secs(10);

    fn answer(status: u16, code: Option<i64>) -> Error {
        Error::answer(classify(status, code), status, code, "")
    }

    #[test]
    fn an_order_of_unknown_fate_is_not_sent_again() {
        let broken = Error::new(Kind::Connection, "").with_ambiguous(true);
        assert_eq!(delay(&broken, Repeat::IfNotApplied, 1, 2, LONG, 0.5), None);
        assert!(delay(&broken, Repeat::Safe, 1, 2, LONG, 0.5).is_some());
        assert_eq!(delay(&answer(503, Some(5003)), Repeat::IfNotApplied, 1, 2, LONG, 0.5), None);
    }

    #[test]
    fn what_was_certainly_not_applied_is_sent_again() {
        for error in [Error::new(Kind::Connection, ""), answer(429, None), answer(422, Some(2001))] {
            assert!(delay(&error, Repeat::IfNotApplied, 1, 2, LONG, 0.5).is_some());
        }
    }

    #[test]
    fn refusals_are_final() {
        for (status, code) in
            [(401, Some(1000)), (422, Some(7006)), (400, Some(3000)), (302, None), (404, Some(7000))]
        {
            assert_eq!(delay(&answer(status, code), Repeat::Safe, 1, 2, LONG, 0.5), None);
        }
    }

    #[test]
    fn the_number_of_retries_and_the_deadline_hold() {
        let down = answer(500, None);
        assert!(delay(&down, Repeat::Safe, 2, 2, LONG, 0.0).is_some());
        assert_eq!(delay(&down, Repeat::Safe, 3, 2, LONG, 0.0), None);
        assert_eq!(delay(&down, Repeat::Safe, 1, 2, Duration::from_millis(40), 0.0), None);
    }

    #[test]
    fn retry_after_is_honoured_if_there_is_time() {
        let asked = answer(429, None).with_retry_after(Some(Duration::from_secs(3)));
        assert_eq!(delay(&asked, Repeat::Safe, 1, 2, LONG, 0.9), Some(Duration::from_secs(3)));
        assert_eq!(delay(&asked, Repeat::Safe, 1, 2, Duration::from_secs(2), 0.9), None);
    }

    #[test]
    fn backoff_grows_and_is_bounded() {
        let down = answer(500, None);
        let at = |attempts, jitter| delay(&down, Repeat::Safe, attempts, 10, LONG, jitter).unwrap();
        assert_eq!(at(1, 0.0), Duration::from_millis(50));
        assert_eq!(at(2, 1.0), Duration::from_millis(200));
        assert_eq!(at(9, 1.0), Duration::from_secs(1));
    }
}
