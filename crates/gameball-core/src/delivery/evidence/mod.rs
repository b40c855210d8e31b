//! Why did this friend (not) count? The dated chain of evidence, why something waits, and what to do. Pure.
//!
//! - [`answer`]: the answer for one customer · `steps`: its dated chain
//! - [`waiting`]: why a delivery has not gone out yet · [`alerts`]: what an account's operator has to know
//!   - [`given`]: what the host tells · `health`: what an account's calls meet
//! - [`text`]: a sentence that every host can translate, and says in English
//!   - [`phrases`], [`words`] by code, [`causes`] by reason: all of them
//!
//! Whatever is told has a [`text::Text`]: a stable key, an English template with named parts, and the parts. A host
//! translates by the key or by the template, writes the times in its own way, and may say a sentence of its own in
//! place of one that names what only it has, such as a command.

pub mod alerts;
pub mod answer;
pub mod causes;
pub mod given;
mod health;
pub mod phrases;
mod steps;
pub mod text;
pub mod waiting;
pub mod words;

use serde::Serialize;

pub use answer::evidence;
pub use steps::Step;
use text::Text;

/// What a step, a verdict or an alert means; the host has a colour for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// As it should be.
    Good,
    /// Lost, or lost soon.
    Bad,
    /// Somebody should look.
    Warn,
    /// Not over yet.
    Wait,
    /// Neither good nor bad.
    Quiet,
}

/// Where an advice is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "id")]
pub enum Link {
    /// The page with the account's keys and settings; its name, as the host told it.
    Account(String),
    /// The page of a delivery; its id, as the host told it.
    Delivery(given::Id),
}

/// What one can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "each says it")]
pub struct Advice {
    pub text: Text,
    pub link: Option<Link>,
}

impl From<Text> for Advice {
    fn from(text: Text) -> Self {
        Self { text, link: None }
    }
}

impl From<text::Template> for Advice {
    fn from(template: text::Template) -> Self {
        Self::from(Text::from(template))
    }
}

impl Advice {
    fn on_account(template: text::Template, account: &given::Account) -> Self {
        Self { text: template.into(), link: Some(Link::Account(account.id.clone())) }
    }

    fn on_delivery(text: Text, delivery: &given::Delivery) -> Self {
        Self { text, link: Some(Link::Delivery(delivery.id.clone())) }
    }
}
