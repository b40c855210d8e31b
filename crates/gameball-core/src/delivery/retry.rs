//! When a delivery is due again. Pure: the caller brings the chance.

use std::time::Duration;

use super::Millis;

/// The longest wait while a referral can still be linked.
const LONGEST_IN_TIME: Millis = 30_000;
/// The longest wait otherwise.
const LONGEST: Millis = 900_000;
const FIRST: Millis = 1_000;
/// A customer whom another request holds is free again within moments.
const FIRST_BUSY: Millis = 500;

/// Waits after the first, second and third read-back that failed; the fourth is the last.
pub const READ_BACK_WAITS: [Millis; 3] = [1_000, 5_000, 20_000];

/// What a failed try means for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed {
    /// How many tries in a row have failed before this one.
    pub before: u32,
    /// What the peer asked for.
    pub retry_after: Option<Duration>,
    /// Whether another request held the customer (2001).
    pub busy: bool,
    /// Whether a referral's deadline is still ahead.
    pub in_time: bool,
}

/// Milliseconds until the next try; `jitter` in `0.0..1.0`.
pub fn due_in(failed: Failed, jitter: f64) -> Millis {
    let longest = if failed.in_time { LONGEST_IN_TIME } else { LONGEST };
    let first = if failed.busy { FIRST_BUSY } else { FIRST };
    let wait = doubled(first, longest, failed.before, jitter);
    let asked = failed.retry_after.map_or(0, |asked| Millis::try_from(asked.as_millis()).unwrap_or(LONGEST));
    wait.max(asked.min(LONGEST))
}

/// `first`, doubled `times` times, at most `longest`, and between half and all of that by chance.
pub(super) fn doubled(first: Millis, longest: Millis, times: u32, jitter: f64) -> Millis {
    let whole = first.saturating_mul(1 << times.min(20)).min(longest);
    let half = whole / 2;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "minutes of milliseconds"
    )]
    let chance = ((whole - half) as f64 * jitter.clamp(0.0, 1.0)) as Millis;
    half + chance
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_FAILURE: Failed = Failed { before: 0, retry_after: None, busy: false, in_time: false };

    #[test]
    fn it_doubles_with_jitter_up_to_its_cap() {
        let at = |before, in_time, jitter| due_in(Failed { before, in_time, ..FIRST_FAILURE }, jitter);
        assert_eq!([0, 1, 2, 3].map(|before| at(before, false, 1.0)), [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(at(0, false, 0.0), 500);
        assert_eq!(at(40, false, 1.0), 900_000);
        assert_eq!(at(40, true, 1.0), 30_000);
        assert_eq!(due_in(Failed { busy: true, ..FIRST_FAILURE }, 1.0), 500);
    }

    #[test]
    fn what_the_peer_asks_for_is_honoured_within_reason() {
        let asked = |seconds| Failed { retry_after: Some(Duration::from_secs(seconds)), ..FIRST_FAILURE };
        assert_eq!(due_in(asked(7), 0.0), 7_000);
        assert_eq!(due_in(asked(0), 1.0), 1_000);
        assert_eq!(due_in(asked(u64::MAX), 0.0), 900_000);
    }
}
