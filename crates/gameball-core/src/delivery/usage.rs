//! One bucket's use of its limits: what both windows have room for, and pauses. Pure.

use serde::{Deserialize, Serialize};

use super::Millis;
use super::bucket::{Bucket, Limits};
use super::retry::doubled;

/// How long a bucket pauses after a 429 that asks for nothing else, at first and at most.
const FIRST_PAUSE: Millis = 1_000;
const LONGEST_PAUSE: Millis = 30_000;
/// More than this no 429 can ask for.
const LONGEST_ASKED: Millis = 900_000;
/// A 429 so soon after a pause is the same shortage.
const SAME_SHORTAGE: Millis = 10_000;

/// One bucket's use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Use {
    /// When slots were granted, ascending, and how many.
    #[serde(default, rename = "s", skip_serializing_if = "Vec::is_empty", with = "steps")]
    slots: Vec<(Millis, u32)>,
    #[serde(default, rename = "p", skip_serializing_if = "Option::is_none")]
    pause: Option<Pause>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Pause {
    until: Millis,
    /// How many in a row.
    times: u32,
}

/// Slots as one list, `[time, count, since then, count, …]`: a third of the text that pairs of full times would be.
mod steps {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Millis;

    pub(super) fn serialize<S: Serializer>(
        slots: &[(Millis, u32)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut before = 0;
        serializer.collect_seq(slots.iter().flat_map(|(at, n)| {
            let step = at.saturating_sub(before);
            before = *at;
            [step, Millis::from(*n)]
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(Millis, u32)>, D::Error> {
        let mut before: Millis = 0;
        let steps = Vec::<Millis>::deserialize(deserializer)?;
        let pairs = steps.chunks(2).map(|pair| match pair {
            [step, n] => {
                before = before.saturating_add(*step);
                Ok((before, u32::try_from(*n).map_err(D::Error::custom)?))
            }
            _ => Err(D::Error::custom("a time without a count")),
        });
        pairs.collect()
    }
}

impl Use {
    /// A use of which nothing is known but that it was before now.
    pub(super) fn resting(now: Millis, limits: Limits) -> Self {
        let until = now + limits.long() + limits.slack();
        Self { slots: Vec::new(), pause: Some(Pause { until, times: 0 }) }
    }

    /// A clock that was far ahead and was set right must not leave anything in its future.
    pub(super) fn clamp(&mut self, bucket: Bucket, now: Millis, limits: Limits) {
        for (at, n) in &mut self.slots {
            if *at > now + limits.long() {
                *at = now;
            }
            *n = (*n).min(bucket.long_limit());
        }
        self.slots.sort_unstable();
        if let Some(pause) = &mut self.pause {
            pause.until = pause.until.min(now + LONGEST_ASKED);
        }
    }

    /// Forgets what counts no more.
    pub(super) fn prune(&mut self, now: Millis, limits: Limits) {
        let oldest = now - limits.long() - limits.slack();
        self.slots.retain(|(at, _)| *at > oldest);
        self.pause = self.pause.filter(|pause| now < pause.until.saturating_add(SAME_SHORTAGE));
    }

    /// Gameball said 429; `asked` is how long it asked to wait.
    pub(super) fn pause(&mut self, asked: Option<Millis>, now: Millis) {
        let times = match self.pause {
            // It was under way before the pause began.
            Some(pause) if now < pause.until => pause.times,
            Some(pause) if now < pause.until.saturating_add(SAME_SHORTAGE) => pause.times.saturating_add(1),
            _ => 0,
        };
        let until = match (asked, self.pause) {
            (Some(asked), _) => now + asked.clamp(0, LONGEST_ASKED),
            (None, Some(pause)) if now < pause.until => pause.until,
            (None, _) => now + doubled(FIRST_PAUSE, LONGEST_PAUSE, times, 1.0),
        };
        let until = self.pause.map_or(until, |pause| pause.until.max(until));
        self.pause = Some(Pause { until, times });
    }

    /// Gameball took a call: what shortage there was before is over.
    pub(super) fn answered(&mut self, now: Millis) {
        self.pause = self.pause.filter(|pause| now < pause.until);
    }

    /// Whether a success would change anything.
    pub(super) fn watches(&self) -> bool {
        self.pause.is_some()
    }

    /// How many slots count in the window of this length.
    fn counted(&self, now: Millis, window: Millis, slack: Millis) -> u32 {
        self.slots
            .iter()
            .filter(|(at, _)| at + window + slack > now)
            .fold(0, |sum, (_, n)| sum.saturating_add(*n))
    }

    /// Calls in both windows as the vendor sees them, at most.
    pub(super) fn in_windows(&self, now: Millis, limits: Limits) -> (u32, u32) {
        (self.counted(now, limits.short(), 0), self.counted(now, limits.long(), 0))
    }

    pub(super) fn paused_until(&self, now: Millis) -> Option<Millis> {
        self.pause.map(|pause| pause.until).filter(|until| now < *until)
    }

    /// How many calls both windows have room for, and when they have room for one more than that.
    pub(super) fn free(&self, bucket: Bucket, now: Millis, limits: Limits) -> (u32, Millis) {
        let windows = [(limits.short(), bucket.short_limit()), (limits.long(), bucket.long_limit())];
        let mut free = u32::MAX;
        let mut next_at = now;
        for (window, limit) in windows {
            let counted = self.counted(now, window, limits.slack());
            let left = limit.saturating_sub(counted);
            if left < free {
                free = left;
            }
        }
        // The window that is full then is the one that matters.
        for (window, limit) in windows {
            let mut excess = (self.counted(now, window, limits.slack()) + free + 1).saturating_sub(limit);
            for (at, n) in self.slots.iter().filter(|(at, _)| at + window + limits.slack() > now) {
                if excess == 0 {
                    break;
                }
                next_at = next_at.max(at + window + limits.slack());
                excess = excess.saturating_sub(*n);
            }
            if excess > 0 {
                // Only what is granted right now can free it again.
                next_at = next_at.max(limits.grained(now) + window + limits.slack());
            }
        }
        (free, next_at)
    }

    /// When each slot was granted that may still count.
    pub(super) fn times(&self) -> impl Iterator<Item = Millis> + '_ {
        self.slots.iter().flat_map(|(at, n)| std::iter::repeat_n(*at, usize::try_from(*n).unwrap_or(0)))
    }

    /// Counts slots that are granted now.
    pub(super) fn add(&mut self, n: u32, now: Millis, limits: Limits) {
        // Never earlier than it is granted, nor, if the clock went back, than what was granted before.
        let grained = limits.grained(now);
        match self.slots.last_mut() {
            Some((at, count)) if *at >= grained => *count = count.saturating_add(n),
            _ => self.slots.push((grained, n)),
        }
    }
}
