//! Whether there is room for one more call: two sliding windows per bucket, as the vendor documents them.

use std::collections::VecDeque;

use jiff::Timestamp;

const SECOND: i64 = 1_000_000;
const HALF_MINUTE: i64 = 30 * SECOND;

/// The kinds of calls that are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bucket {
    CreateCustomer,
    GetCustomer,
    Orders,
    Other,
}

/// The windows of all buckets of one account.
pub(crate) struct Limits {
    create_customer: Windows,
    get_customer: Windows,
    orders: Windows,
    other: Windows,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            create_customer: Windows::new(30, 360),
            get_customer: Windows::new(100, 1200),
            orders: Windows::new(30, 360),
            other: Windows::new(30, 360),
        }
    }
}

impl Limits {
    /// Counts a call if both windows have room for it; a refused call is not counted.
    ///
    /// The windows are `divisor` times as short as documented.
    pub(super) fn admit(&mut self, bucket: Bucket, now: Timestamp, divisor: u32) -> bool {
        let windows = match bucket {
            Bucket::CreateCustomer => &mut self.create_customer,
            Bucket::GetCustomer => &mut self.get_customer,
            Bucket::Orders => &mut self.orders,
            Bucket::Other => &mut self.other,
        };
        windows.admit(now.as_microsecond(), i64::from(divisor.max(1)))
    }
}

struct Windows {
    per_second: usize,
    per_half_minute: usize,
    /// When the calls of the last half minute were admitted, in microseconds, ascending.
    admitted: VecDeque<i64>,
}

impl Windows {
    fn new(per_second: usize, per_half_minute: usize) -> Self {
        Self { per_second, per_half_minute, admitted: VecDeque::new() }
    }

    fn admit(&mut self, now: i64, divisor: i64) -> bool {
        while self.admitted.front().is_some_and(|at| now - at >= HALF_MINUTE / divisor) {
            self.admitted.pop_front();
        }
        // A clock that was set back must not keep calls of its former future in the windows.
        while self.admitted.back().is_some_and(|at| *at > now) {
            self.admitted.pop_back();
        }
        let full_second = self
            .admitted
            .len()
            .checked_sub(self.per_second)
            .and_then(|nth| self.admitted.get(nth))
            .is_some_and(|at| now - at < SECOND / divisor);
        if full_second || self.admitted.len() >= self.per_half_minute {
            return false;
        }
        self.admitted.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn most_within(times: &[i64], span: i64) -> usize {
        times
            .iter()
            .map(|from| times.iter().filter(|at| (*from..*from + span).contains(at)).count())
            .max()
            .unwrap_or(0)
    }

    proptest! {
        #[test]
        fn neither_window_is_ever_overrun(
            steps in prop::collection::vec(prop_oneof![Just(0), 0..2_000_i64, 0..SECOND, 0..HALF_MINUTE], 0..400),
            per_second in 1..12_usize,
            factor in 1..12_usize,
            divisor in 1..100_i64,
        ) {
            let per_half_minute = per_second * factor;
            let (second, half_minute) = (SECOND / divisor, HALF_MINUTE / divisor);
            let mut windows = Windows::new(per_second, per_half_minute);
            let mut now = 0;
            let mut admitted = Vec::new();
            for step in steps {
                now += step;
                let room = admitted.iter().filter(|at| now - **at < second).count() < per_second
                    && admitted.iter().filter(|at| now - **at < half_minute).count() < per_half_minute;
                let yes = windows.admit(now, divisor);
                prop_assert_eq!(yes, room, "a call is refused if and only if a window is full");
                if yes {
                    admitted.push(now);
                }
            }
            prop_assert!(most_within(&admitted, second) <= per_second);
            prop_assert!(most_within(&admitted, half_minute) <= per_half_minute);
        }
    }

    #[test]
    fn a_clock_set_back_starts_afresh() {
        let mut windows = Windows::new(1, 1);
        assert!(windows.admit(100 * SECOND, 1));
        assert!(windows.admit(0, 1));
        assert!(!windows.admit(1, 1));
    }
}
