//! Which of the codes that a visitor has come with counts, and where is it kept?

use serde::{Deserialize, Serialize};

/// Which visit's code counts when several carry one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// The oldest that is still believed.
    First,
    /// The newest.
    #[default]
    Last,
}

/// The codes that are known in a request; all but the typed one have passed their signature or the capture.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Codes {
    /// The shop's setting.
    pub attribution: Attribution,
    /// In this request's own URL.
    pub captured: Option<String>,
    /// In the visitor's cookie, or waiting in their session.
    pub kept: Option<String>,
    /// What came back from an identity provider.
    pub state: Option<String>,
    /// Whether somebody filled in the field for it, or emptied it.
    pub was_typed: bool,
    /// The code in that field.
    pub typed: Option<String>,
}

/// Which of the [`Codes`] it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// [`Codes::captured`]
    Captured,
    /// [`Codes::kept`]
    Kept,
    /// [`Codes::state`]
    State,
    /// [`Codes::typed`]
    Typed,
}

/// The code that counts. What was typed wins over every visit, also by saying that there is none; but where it is the
/// very code of the visit (a field that came filled in), the visit's claim counts, whose date is the better evidence.
#[must_use]
pub fn counting_code(codes: &Codes) -> Option<Which> {
    let of_visits =
        if codes.captured.is_some() && (codes.kept.is_none() || codes.attribution == Attribution::Last) {
            Some((Which::Captured, &codes.captured))
        } else if codes.kept.is_some() {
            Some((Which::Kept, &codes.kept))
        } else {
            codes.state.is_some().then_some((Which::State, &codes.state))
        };
    match of_visits {
        Some((which, code)) if !codes.was_typed || *code == codes.typed => Some(which),
        _ if codes.was_typed => codes.typed.is_some().then_some(Which::Typed),
        _ => None,
    }
}

/// What is known when an answer is about to leave.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Visit {
    /// The shop's setting.
    pub attribution: Attribution,
    /// The code in this request's own URL.
    pub captured: Option<String>,
    /// Whether the request has a claim cookie, whatever is in it.
    pub has_cookie: bool,
    /// The code in it, if the claim is good.
    pub cookie: Option<String>,
    /// Whether a claim waits in the visitor's session, whatever it is.
    pub has_waiting: bool,
    /// The code in that, if the claim is good.
    pub waiting: Option<String>,
    /// Whether the visitor lets the shop remember; true where no shop asks, none where nobody has asked yet.
    pub consent: Option<bool>,
}

/// What to do.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each is one thing to do, whatever the others are")]
pub struct Keeping {
    /// Ask for consent and decide again; nothing else is decided yet.
    pub asks_consent: bool,
    /// The captured code is another than the one that is kept: whoever listens is told.
    pub is_news: bool,
    /// Which claim goes into the cookie: `captured`, `cookie` (again) or `waiting`.
    pub into_cookie: Option<Kept>,
    /// The cookie is deleted.
    pub drops_cookie: bool,
    /// The captured code waits in the session, if there is one.
    pub waits: bool,
    /// What waits in the session is taken out.
    pub drops_waiting: bool,
    /// Afterwards the claim that counts is in the visitor's cookie.
    pub is_remembered: bool,
}

/// Where a claim comes from that goes into the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// [`Visit::captured`]
    Captured,
    /// [`Visit::cookie`]
    Cookie,
    /// [`Visit::waiting`]
    Waiting,
}

/// Where the visit's code is kept. Without consent nothing stays on the visitor's device: a cookie from before goes, and a
/// new code waits in the session. With it, what waited goes into the cookie.
#[must_use]
pub fn keep_code(visit: &Visit) -> Keeping {
    let kept = match (&visit.cookie, &visit.waiting) {
        (Some(code), _) => Some((Kept::Cookie, code)),
        (None, waiting) => waiting.as_ref().map(|code| (Kept::Waiting, code)),
    };
    let captured = visit.captured.as_ref();
    let is_news = captured.is_some_and(|code| kept.is_none_or(|(_, kept)| kept != code));
    let is_taken = captured.is_some() && (kept.is_none() || visit.attribution == Attribution::Last);
    let nothing = Keeping { is_news, ..Keeping::default() };
    match visit.consent {
        // Without anything to keep or to take back, nobody needs to be asked.
        _ if !is_taken && !visit.has_waiting && !visit.has_cookie => nothing,
        None => Keeping { asks_consent: true, ..Keeping::default() },
        Some(false) => Keeping { drops_cookie: visit.has_cookie, waits: is_taken, ..nothing },
        Some(true) => {
            let into_cookie = if is_taken {
                Some(Kept::Captured)
            } else {
                kept.filter(|_| visit.has_waiting).map(|(kept, _)| kept)
            };
            Keeping {
                into_cookie,
                drops_waiting: visit.has_waiting,
                is_remembered: is_taken || kept.is_some(),
                ..nothing
            }
        }
    }
}
