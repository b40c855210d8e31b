//! What time it is for the emulator: the system's time, shifted, or an instant that stands still.

use jiff::{SignedDuration, Timestamp};

use crate::options::ClockSetting;

#[derive(Clone, Debug)]
pub(crate) struct Clock {
    frozen_at: Option<Timestamp>,
    offset: SignedDuration,
}

impl Clock {
    pub(crate) fn new(setting: ClockSetting) -> Self {
        let frozen_at = match setting {
            ClockSetting::System => None,
            ClockSetting::FrozenAt(at) => Some(at),
        };
        Self { frozen_at, offset: SignedDuration::ZERO }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.frozen_at.unwrap_or_else(|| {
            let system = Timestamp::now();
            system.checked_add(self.offset).unwrap_or(system)
        })
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }

    /// Moves the clock to an instant; a running clock runs on from there.
    pub(crate) fn set(&mut self, at: Timestamp) {
        if self.frozen_at.is_some() {
            self.frozen_at = Some(at);
        } else {
            self.offset = at.duration_since(Timestamp::now());
        }
    }

    pub(crate) fn freeze(&mut self, at: Option<Timestamp>) {
        self.frozen_at = Some(at.unwrap_or_else(|| self.now()));
    }

    /// Lets a frozen clock run on from where it stood.
    pub(crate) fn resume(&mut self) {
        if let Some(at) = self.frozen_at.take() {
            self.set(at);
        }
    }
}

/// The way every instant is written: RFC 3339 in UTC with milliseconds.
pub(crate) fn text(at: Timestamp) -> String {
    format!("{at:.3}")
}
