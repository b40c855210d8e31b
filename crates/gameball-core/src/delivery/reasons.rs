//! Every reason that a verdict, a receipt, a hold or a check gives, in a sentence for support staff.

use std::collections::BTreeMap;

/// The reasons by their codes.
pub const REASONS: &[(&str, &str)] = &[
    // Receipts.
    ("by_registration", "Gameball linked the referral with the registration."),
    ("by_order", "Gameball linked the referral with an order."),
    (
        "already_referred",
        "Gameball says that this customer had been referred before; nobody is referred twice.",
    ),
    ("code_not_found", "Gameball knows no customer with this referral code."),
    (
        "invalid_referral",
        "Gameball does not accept this referral, for example because it is the customer's own code.",
    ),
    (
        "code_not_valid",
        "Gameball does not accept this code for this customer: it is unknown, the customer's own, or a guest's.",
    ),
    ("late", "The registration reached Gameball after the time in which it links referrals."),
    (
        "not_linked",
        "The code is good and was sent in time, but Gameball made no link: it knew this customer before, for example through its widget.",
    ),
    (
        "not_linked_unchecked",
        "Gameball made no link, and it could not be found out whether the code is good.",
    ),
    (
        "read_back_incomplete",
        "The registration was delivered, but Gameball's answer does not tell whether it is linked.",
    ),
    (
        "read_back_failed",
        "The registration was delivered, but it could not be read back whether it is linked.",
    ),
    // Deliveries that are dead.
    ("refused", "Gameball refused the data of this call; correct them and replay it."),
    ("invalid_arguments", "What was recorded for this call is not complete or not valid; it was not sent."),
    (
        "customer_unknown",
        "Gameball does not know this customer; send the registration first, then replay it.",
    ),
    (
        "conflict",
        "Gameball has data that contradict this call, such as another customer with this e-mail address.",
    ),
    ("not_found", "Gameball does not know what this call is about."),
    (
        "attempts_exhausted",
        "All attempts failed; Gameball may or may not have taken the last of them. Replay it.",
    ),
    // Deliveries that wait.
    (
        "rate_limited",
        "The account's limit of calls was reached, also by others who use it; it goes out again soon.",
    ),
    (
        "customer_busy",
        "Gameball was still busy with another request for this customer; it goes out again in a moment.",
    ),
    ("server_failed", "Gameball failed; it goes out again."),
    ("timed_out", "Gameball did not answer in time; it goes out again."),
    ("not_connected", "Gameball could not be reached; it goes out again."),
    ("connection_lost", "The connection broke; it goes out again."),
    ("unreadable_answer", "The answer was not Gameball's, perhaps a proxy's page; it goes out again."),
    ("try_later", "Gameball asked to try again later."),
    ("slot_expired", "It was not sent in its turn and gets another one at once."),
    ("closed", "The sender was stopped before it was sent; it goes out at the next start."),
    ("internal", "A defect of this software; it goes out again. Please report it."),
    // Accounts that are held, and the check of a connection.
    (
        "keys_refused",
        "Gameball does not accept the keys: copy both again from the Gameball dashboard, from one account.",
    ),
    ("api_key_refused", "Gameball does not accept the API key: copy it again from the Gameball dashboard."),
    (
        "secret_key_refused",
        "Gameball accepts the API key, but not the secret key: copy it again from the same account's dashboard.",
    ),
    (
        "secret_key_missing",
        "Gameball wants the secret key (\"transaction key\") with these calls: copy it from the Gameball dashboard.",
    ),
    ("gameball_disabled", "Gameball is disabled for this account: enable it in the Gameball dashboard."),
    (
        "plan_lacks_it",
        "The account's Gameball plan does not include these calls: ask Gameball, or leave this part out.",
    ),
    (
        "not_allowed",
        "Gameball does not allow these calls: check the keys' rights and the account's minimum API version.",
    ),
    ("wrong_address", "There is no Gameball API at the base URL: check it, and the API version."),
    (
        "redirected",
        "The base URL answers with a redirect, which is not followed with keys attached: correct it.",
    ),
    ("connected", "Gameball accepts the keys."),
    (
        "connected_without_secret",
        "Gameball accepts the API key. Registrations will be sent; orders and erasures wait for the secret key.",
    ),
];

/// The sentence of a reason.
pub fn sentence(reason: &str) -> Option<&'static str> {
    REASONS.iter().find(|(code, _)| *code == reason).map(|(_, sentence)| *sentence)
}

/// All sentences by their codes.
pub fn all() -> BTreeMap<&'static str, &'static str> {
    REASONS.iter().copied().collect()
}
