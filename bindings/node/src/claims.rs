//! Claims: captured codes, signed and dated.

use gameball_core::claim;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::record::thrown_in_camel;

/// Issues and reads claims under a shop's key.
#[napi]
pub struct NativeClaimSigner {
    signer: claim::ClaimSigner,
}

/// What a claim says.
#[napi(object)]
pub struct NativeClaim {
    /// The referrer code.
    pub code: String,
    /// Whole seconds since 1970.
    pub issued_at: i64,
}

#[napi]
impl NativeClaimSigner {
    /// # Errors
    /// An `invalid_argument` record.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        key: &[u8],
        fallback_keys: Vec<Uint8Array>,
        max_age_seconds: Option<i64>,
    ) -> napi::Result<Self> {
        let fallback_keys: Vec<&[u8]> = fallback_keys.iter().map(AsRef::as_ref).collect();
        claim::ClaimSigner::new(key, &fallback_keys, max_age_seconds.unwrap_or(claim::DEFAULT_MAX_AGE))
            .map(|signer| Self { signer })
            .map_err(|error| thrown_in_camel(&error))
    }

    /// A token; `at` in whole seconds since 1970.
    ///
    /// # Errors
    /// An `invalid_argument` record.
    #[napi(catch_unwind)]
    pub fn issue(&self, code: String, at: i64) -> napi::Result<String> {
        self.signer.issue(&code, at).map_err(|error| thrown_in_camel(&error))
    }

    /// The claim in a token, if it is genuine and not too old at `now`, in whole seconds since 1970.
    #[napi(catch_unwind)]
    pub fn read(&self, token: String, now: i64) -> Option<NativeClaim> {
        let claim = self.signer.read(&token, now)?;
        Some(NativeClaim { code: claim.code, issued_at: claim.issued_at })
    }
}
