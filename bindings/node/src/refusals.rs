//! What the emulator does not take: by its name, and never with its value, which may be a key at the wrong place.

use gameball_core::{Error, Kind, Result};
use gameball_emulator::{ControlError, Options, StartError};
use serde_json::{Map, Value, json};

const UNKNOWN: &str = "is not known; there is";

/// An emulator's options.
///
/// # Errors
/// `Configuration`.
pub fn options(given: Value) -> Result<Options> {
    let none = Map::new();
    let named = given.as_object().unwrap_or(&none).clone();
    serde_json::from_value(given).map_err(|error| {
        misfit(&named, of_option).unwrap_or_else(|| told(&error.to_string(), &named)).of_options()
    })
}

/// Why it did not start.
pub fn not_started(error: &StartError, given: &Value) -> Error {
    let none = Map::new();
    let refusal = match error {
        StartError::Options(text) => told(text, given.as_object().unwrap_or(&none)),
        StartError::Bind { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
            let problem = "is taken by another program; choose another one, or 0 for any free one";
            Error::invalid_argument("port", problem)
        }
        // The address may be anything, and so may be what the system calls it.
        StartError::Bind { source, .. } => {
            let problem = format!("cannot be listened on, or not with this port ({:?})", source.kind());
            Error::invalid_argument("host", problem)
        }
        other => Error::configuration(other.to_string()),
    };
    refusal.of_options()
}

/// Why a command was not carried out. Only `configure` takes keys; what others say of their data helps.
pub fn not_done(error: &ControlError, command: &Value) -> Error {
    let text = error.to_string();
    match (command.as_object(), text.strip_prefix("configure: ")) {
        (Some(changes), Some(text)) => {
            let mut changes = changes.clone();
            changes.remove("do");
            misfit(&changes, of_change).unwrap_or_else(|| told(text, &changes))
        }
        _ => Error::new(Kind::InvalidArgument, text),
    }
}

/// The first of the options whose value is of another type.
fn misfit(given: &Map<String, Value>, problem: fn(&str, &Value) -> Option<String>) -> Option<Error> {
    given.iter().find_map(|(name, value)| {
        let whole = problem(name, value)?;
        let none = Map::new();
        let part = value.as_object().unwrap_or(&none).iter().find_map(|(part, value)| {
            let problem = problem(name, &json!({part: value}))?;
            Some(Error::invalid_argument(part, problem).inside(name))
        });
        Some(part.unwrap_or_else(|| Error::invalid_argument(name, whole)))
    })
}

/// What is wrong with an option, if anything is.
fn of_option(name: &str, value: &Value) -> Option<String> {
    problem(json!({name: value}))
}

/// The same of a change, which may be of a switch by its own name.
fn of_change(name: &str, value: &Value) -> Option<String> {
    let problems = [of_option(name, value)?, problem(json!({"switches": {name: value}}))?];
    problems.into_iter().find(|problem| !problem.starts_with(UNKNOWN))
}

fn problem(options: Value) -> Option<String> {
    let error = serde_json::from_value::<Options>(options).err()?.to_string();
    let is_serde = error.starts_with("invalid ") || error.starts_with("unknown ");
    Some(match error.rsplit_once(", expected ").filter(|_| is_serde) {
        // Whatever was given comes before that.
        Some((_, names)) if error.starts_with("unknown field") => format!("{UNKNOWN} {names}"),
        Some((_, expected)) => format!("must be {}", plain(expected)),
        // The emulator's own words begin with the name.
        None => without_values(&error).trim_start_matches("clock ").to_owned(),
    })
}

/// A type, for those who do not write Rust.
fn plain(expected: &str) -> &str {
    match expected {
        "u16" | "u32" | "u64" | "usize" => "a whole number within its range",
        "struct Switches" => "an object",
        expected => expected,
    }
}

/// What the emulator's own checks say begins with the option's name.
fn told(text: &str, given: &Map<String, Value>) -> Error {
    let text = without_values(text);
    match text.split_once(' ') {
        Some((name, problem)) if given.contains_key(name) => Error::invalid_argument(name, problem),
        _ => Error::new(Kind::InvalidArgument, text),
    }
}

/// The emulator's texts end with the value, if they have it.
fn without_values(text: &str) -> &str {
    text.split_once(", not \"").map_or(text, |(text, _)| text)
}
