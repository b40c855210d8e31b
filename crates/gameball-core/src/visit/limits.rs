//! How much may strangers ask of the public endpoints, and how much do those ask of Gameball?

/// Captures that one visitor may send in a minute.
pub const CAPTURES_PER_MINUTE: u32 = 30;

/// Codes that one visitor may have looked up in a minute.
pub const VALIDATIONS_PER_MINUTE: u32 = 10;

/// How many visitors an address may stand for that is a proxy's, where nothing tells theirs.
pub const VISITORS_PER_PROXY: u32 = 50;

/// The longest query, code or link that is taken, in bytes of the JSON that brings it.
pub const MAX_TOLD: u32 = 4096;

/// How long Gameball has to answer a lookup, in seconds.
pub const LOOKUP_TIMEOUT: u32 = 2;

/// Lookups that one process has under way: a silent Gameball must not keep all of a shop's workers waiting.
pub const LOOKUPS_AT_ONCE: u32 = 2;

/// How long an answer serves everybody who types the same code, in seconds.
pub const LOOKUP_REMEMBERED: u32 = 5 * 60;

/// How long nobody asks again after Gameball has failed to answer, in seconds.
pub const LOOKUP_SPARED: u32 = 30;
