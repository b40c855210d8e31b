//! What is done with keys: claims, session tokens, webhooks, sealing.

use gameball_core::{Error, claim, session_token as token, vault, webhook};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::convert::{self, text};
use crate::errors::entry;

/// Issues and reads claims.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct ClaimSigner {
    signer: claim::ClaimSigner,
}

#[pymethods]
impl ClaimSigner {
    #[new]
    fn new(
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        fallback_keys: &Bound<'_, PyAny>,
        max_age: i64,
    ) -> PyResult<Self> {
        entry(py, || {
            let key = convert::key("key", key)?;
            let fallback_keys = convert::keys("fallback_keys", fallback_keys)?;
            let fallback_keys: Vec<&[u8]> = fallback_keys.iter().map(Vec::as_slice).collect();
            let signer = claim::ClaimSigner::new(&key, &fallback_keys, max_age).map_err(in_python)?;
            Ok(Self { signer })
        })
    }

    fn issue(&self, py: Python<'_>, code: &Bound<'_, PyString>, at: i64) -> PyResult<String> {
        entry(py, || Ok(self.signer.issue(&text("code", code)?, at)?))
    }

    /// The claim's code and when it was issued.
    fn read(&self, py: Python<'_>, token: &Bound<'_, PyAny>, now: i64) -> PyResult<Option<(String, i64)>> {
        entry(py, || {
            // What is no text is no claim, such as the None of a cookie that is missing.
            let Ok(token) = token.cast::<PyString>() else { return Ok(None) };
            let claim = self.signer.read(&token.to_string_lossy(), now);
            Ok(claim.map(|claim| (claim.code, claim.issued_at)))
        })
    }
}

/// The error with the option's name in Python, where an age is a `timedelta` of any unit.
fn in_python(error: Error) -> Error {
    match error.field() {
        Some("max_age_seconds") => Error::invalid_argument("max_age", error.message()),
        _ => error,
    }
}

/// Seals and opens secrets at rest.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct Vault {
    vault: vault::Vault,
}

#[pymethods]
impl Vault {
    #[new]
    fn new(py: Python<'_>, secret: &Bound<'_, PyAny>, fallback_secrets: &Bound<'_, PyAny>) -> PyResult<Self> {
        entry(py, || {
            let secret = convert::key("secret", secret)?;
            let fallback_secrets = convert::keys("fallback_secrets", fallback_secrets)?;
            let fallback_secrets: Vec<&[u8]> = fallback_secrets.iter().map(Vec::as_slice).collect();
            Ok(Self { vault: vault::Vault::new(&secret, &fallback_secrets)? })
        })
    }

    fn seal(
        &self,
        py: Python<'_>,
        plaintext: &Bound<'_, PyString>,
        context: &Bound<'_, PyString>,
    ) -> PyResult<String> {
        entry(py, || Ok(self.vault.seal(&text("plaintext", plaintext)?, &text("context", context)?)?))
    }

    fn open(
        &self,
        py: Python<'_>,
        sealed: &Bound<'_, PyString>,
        context: &Bound<'_, PyString>,
    ) -> PyResult<String> {
        entry(py, || Ok(self.vault.open(&sealed.to_string_lossy(), &context.to_string_lossy())?))
    }

    fn needs_reseal(&self, py: Python<'_>, sealed: &Bound<'_, PyString>) -> PyResult<bool> {
        entry(py, || Ok(self.vault.needs_reseal(&sealed.to_string_lossy())))
    }
}

#[pyfunction]
pub(crate) fn fingerprint(py: Python<'_>, secret: &Bound<'_, PyString>) -> PyResult<String> {
    entry(py, || Ok(vault::fingerprint(&text("secret", secret)?)))
}

#[pyfunction]
#[pyo3(signature = (secret_key, customer_id, expires_at, email, mobile))]
pub(crate) fn session_token(
    py: Python<'_>,
    secret_key: &Bound<'_, PyString>,
    customer_id: &Bound<'_, PyString>,
    expires_at: i64,
    email: Option<&Bound<'_, PyString>>,
    mobile: Option<&Bound<'_, PyString>>,
) -> PyResult<String> {
    entry(py, || {
        let (secret_key, customer_id) = (text("secret_key", secret_key)?, text("customer_id", customer_id)?);
        let email = email.map(|email| text("email", email)).transpose()?;
        let mobile = mobile.map(|mobile| text("mobile", mobile)).transpose()?;
        Ok(token::session_token(&secret_key, &customer_id, expires_at, email.as_deref(), mobile.as_deref())?)
    })
}

type SessionClaims = (String, i64, Option<String>, Option<String>);

/// The token's customer id, expiry, e-mail address and mobile.
#[pyfunction]
pub(crate) fn read_session_token(
    py: Python<'_>,
    secret_key: &Bound<'_, PyString>,
    token: &Bound<'_, PyAny>,
    now: i64,
) -> PyResult<Option<SessionClaims>> {
    entry(py, || {
        let secret_key = text("secret_key", secret_key)?;
        let Ok(token) = token.cast::<PyString>() else { return Ok(None) };
        let claims = token::read_session_token(&secret_key, &token.to_string_lossy(), now);
        Ok(claims.map(|claims| (claims.customer_id, claims.expires_at, claims.email, claims.mobile)))
    })
}

#[pyfunction]
pub(crate) fn verify_webhook(
    py: Python<'_>,
    raw_body: &Bound<'_, PyAny>,
    signature: &Bound<'_, PyString>,
    secret_key: &Bound<'_, PyString>,
) -> PyResult<bool> {
    entry(py, || {
        let (raw_body, secret_key) = (convert::bytes("raw_body", raw_body)?, text("secret_key", secret_key)?);
        Ok(webhook::verify_webhook(&raw_body, &signature.to_string_lossy(), &secret_key))
    })
}

#[pyfunction]
pub(crate) fn sign_webhook(
    py: Python<'_>,
    raw_body: &Bound<'_, PyAny>,
    secret_key: &Bound<'_, PyString>,
) -> PyResult<String> {
    entry(py, || {
        let raw_body = convert::bytes("raw_body", raw_body)?;
        Ok(webhook::sign_webhook(&raw_body, &text("secret_key", secret_key)?))
    })
}
