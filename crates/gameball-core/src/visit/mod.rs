//! What becomes of a visit's referrer code until the friend registers, on whatever web framework.
//!
//! - [`attribution`]: which of several codes counts, and where it is kept
//! - [`cookie`]: the claim cookie, and how an answer that depends on it is kept out of shared caches
//! - [`origin`]: who asks: a visitor or a page that embeds us, the shop's own page or a stranger's
//! - [`limits`]: what strangers may ask
//! - [`call`]: all of it with JSON text in and out, in camelCase: what the bindings hand through
//!
//! Hosts read URLs and tokens, and write headers; the claims themselves are [`crate::claim`]'s.

pub mod attribution;
pub mod cookie;
pub mod limits;
pub mod origin;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};

/// Calls a function by its name: `countingCode`, `keepCode`, `claimCookie`, `privateCacheControl`, `variesByCookie`,
/// `isVisit`, `isOwnPage` or `visitorNetwork`.
///
/// # Errors
/// `InvalidArgument` if the input is not what the function takes.
pub fn call(function: &str, input: &str) -> Result<String> {
    match function {
        "countingCode" => write(&attribution::counting_code(&read(input)?)),
        "keepCode" => write(&attribution::keep_code(&read(input)?)),
        "claimCookie" => write(&cookie::claim_cookie(&read(input)?)),
        "privateCacheControl" => {
            write(&cookie::private_cache_control(&read::<Header>(input)?.header.unwrap_or_default()))
        }
        "variesByCookie" => {
            write(&cookie::varies_by_cookie(&read::<Header>(input)?.header.unwrap_or_default()))
        }
        "isVisit" => write(&origin::is_visit(&read(input)?)),
        "isOwnPage" => write(&origin::is_own_page(&read(input)?)),
        "visitorNetwork" => write(&origin::visitor_network(&read::<Address>(input)?.address)),
        other => Err(Error::new(Kind::Internal, format!("no such function: {other}"))),
    }
}

/// A header's value so far, if it has one.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    header: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    address: String,
}

fn read<T: DeserializeOwned>(input: &str) -> Result<T> {
    // What serde says may quote a code.
    serde_json::from_str(input)
        .map_err(|_| Error::invalid_argument("", "is not what this function of visits takes"))
}

fn write(output: &impl Serialize) -> Result<String> {
    serde_json::to_string(output)
        .map_err(|error| Error::new(Kind::Internal, format!("the result cannot be written: {error}")))
}
