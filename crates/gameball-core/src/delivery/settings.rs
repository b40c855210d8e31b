//! What a courier is built from, besides its client.

use std::time::Duration;

use super::Millis;
use super::bucket::Limits;
use crate::config;
use crate::error::{Error, Result};
use crate::model::Json;
use crate::model::arguments::{Arguments, Style};

/// How long after a registration Gameball links a referral, unless the account says otherwise.
pub const DEFAULT_REFERRAL_WINDOW: Duration = Duration::from_secs(300);
/// How many calls are under way at most.
pub const DEFAULT_CONCURRENCY: usize = 32;
/// How many attempts a delivery has: with the longest waits they take most of a day, so that no outage of hours buries it.
pub const DEFAULT_MAX_ATTEMPTS: u32 = 100;

const LONGEST_REFERRAL_WINDOW: f64 = 86_400.0;
const MOST: u64 = 1_000;

/// A courier's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many calls are under way at most.
    pub concurrency: usize,
    /// How long after a registration Gameball links a referral.
    pub referral_window_ms: Millis,
    /// How many attempts make a delivery dead.
    pub max_attempts: u32,
    /// The limits' windows.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: DEFAULT_CONCURRENCY,
            referral_window_ms: millis(DEFAULT_REFERRAL_WINDOW),
            max_attempts: DEFAULT_MAX_ATTEMPTS,
            limits: Limits::default(),
        }
    }
}

impl Settings {
    /// How long after a registration Gameball links a referral.
    pub fn referral_window(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.referral_window_ms).unwrap_or_default())
    }

    /// Reads a host's plain data: these settings, and the client's options, of which `maxRetries` is none, because it
    /// is the delivery that is repeated.
    ///
    /// # Errors
    /// `Configuration` naming the option.
    pub fn read(options: Json, style: Style) -> Result<(Self, config::Options)> {
        Self::read_arguments(options, style).map_err(Error::of_options)
    }

    fn read_arguments(options: Json, style: Style) -> Result<(Self, config::Options)> {
        let mut given = Arguments::new(options, style)?;
        let mut settings = Self::default();
        if let Some(concurrency) = whole(&mut given, "concurrency", MOST)? {
            settings.concurrency = usize::try_from(concurrency).unwrap_or(1);
        }
        if let Some(max_attempts) = whole(&mut given, "maxAttempts", MOST)? {
            settings.max_attempts = u32::try_from(max_attempts).unwrap_or(u32::MAX);
        }
        if let Some(divisor) = whole(&mut given, "limitWindowsDivisor", Limits::MOST_DIVIDED.into())? {
            settings.limits = Limits::divided(u32::try_from(divisor).unwrap_or(1));
        }
        if let Some(window) = referral_window(&mut given, style)? {
            settings.referral_window_ms = window;
        }
        if given.integer("maxRetries")?.is_some() {
            return Err(given.refuse("maxRetries", "is no option here: it is the delivery that is repeated"));
        }
        let mut options = config::Options::read(given.into_json(), style)?;
        options.max_retries = 0;
        Ok((settings, options))
    }
}

/// The referral window's name in a host's style, and how many of its units a second has.
pub(crate) const fn referral_window_of(style: Style) -> (&'static str, f64) {
    match style {
        Style::Snake => ("referralWindow", 1.0),
        Style::Camel => ("referralWindowMs", 1_000.0),
    }
}

/// The referral window among named arguments, in milliseconds.
pub(crate) fn referral_window(given: &mut Arguments, style: Style) -> Result<Option<Millis>> {
    let (name, unit) = referral_window_of(style);
    let Some(window) = given.number(name)? else { return Ok(None) };
    let seconds = window / unit;
    if !(0.001..=LONGEST_REFERRAL_WINDOW).contains(&seconds) {
        return Err(given.refuse(name, "must be more than 0 and at most a day"));
    }
    Ok(Some(millis(Duration::try_from_secs_f64(seconds).unwrap_or_default())))
}

fn whole(given: &mut Arguments, name: &str, most: u64) -> Result<Option<u64>> {
    match given.integer(name)? {
        Some(number) if !(1..=most).contains(&number) => {
            Err(given.refuse(name, &format!("must be 1 to {most}")))
        }
        number => Ok(number),
    }
}

pub(crate) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}
