//! Secrets sealed at rest.

use gameball_core::vault;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::record::thrown_in_camel;

/// Seals secrets under the host's own secret.
#[napi]
pub struct NativeVault {
    vault: vault::Vault,
}

#[napi]
impl NativeVault {
    /// # Errors
    /// An `invalid_argument` record.
    #[napi(constructor, catch_unwind)]
    pub fn new(secret: &[u8], fallback_secrets: Vec<Uint8Array>) -> napi::Result<Self> {
        let fallback_secrets: Vec<&[u8]> = fallback_secrets.iter().map(AsRef::as_ref).collect();
        vault::Vault::new(secret, &fallback_secrets)
            .map(|vault| Self { vault })
            .map_err(|error| thrown_in_camel(&error))
    }

    /// # Errors
    /// An `invalid_argument` or `internal` record.
    #[napi(catch_unwind)]
    pub fn seal(&self, plaintext: String, context: String) -> napi::Result<String> {
        self.vault.seal(&plaintext, &context).map_err(|error| thrown_in_camel(&error))
    }

    /// # Errors
    /// A `configuration` record.
    #[napi(catch_unwind)]
    pub fn open(&self, sealed: String, context: String) -> napi::Result<String> {
        self.vault.open(&sealed, &context).map_err(|error| thrown_in_camel(&error))
    }

    /// Whether a fallback secret sealed it.
    #[napi(catch_unwind)]
    pub fn needs_reseal(&self, sealed: String) -> bool {
        self.vault.needs_reseal(&sealed)
    }
}

/// The mark by which an operator recognises a key.
#[napi(catch_unwind)]
pub fn fingerprint(secret: String) -> String {
    vault::fingerprint(&secret)
}
