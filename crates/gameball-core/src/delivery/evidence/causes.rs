//! What each reason means in plain words, in a few words for lists, and what one can do about it.
//!
//! [`super::super::reasons`] has one sentence of each, for logs; here is what a screen says.

use super::phrases::WHO_CANCELLED;
use super::text::Template;

/// A reason of a verdict, a receipt, a hold or a check.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    /// A key of [`super::super::reasons`], or `cancelled`, which is an operator's own doing.
    pub code: &'static str,
    /// A sentence.
    pub why: Template,
    /// The same for a list, if a receipt can have it.
    pub briefly: Option<Template>,
    /// What one can do.
    pub advice: &'static [Template],
}

macro_rules! advice {
    ($($name:ident = $key:literal: $template:literal;)*) => {
        $(const $name: Template = Template::new(concat!("advice.", $key), $template);)*
        /// All advice that goes with a reason.
        pub const ADVICE: &[Template] = &[$($name),*];
    };
}

macro_rules! causes {
    ($($code:ident: $why:literal $(, $briefly:literal)? => [$($advice:ident),*];)*) => {
        /// All of them.
        pub const CAUSES: &[Cause] = &[$(Cause {
            code: stringify!($code),
            why: Template::new(concat!("reason.", stringify!($code)), $why),
            briefly: causes!(@briefly $code $(, $briefly)?),
            advice: &[$($advice),*],
        }),*];
    };
    (@briefly $code:ident) => { None };
    (@briefly $code:ident, $briefly:literal) => {
        Some(Template::new(concat!("briefly.", stringify!($code)), $briefly))
    };
}

advice! {
    NOTHING_TO_DO = "nothing_to_do": "Nothing has to be done: it goes out again by itself.";
    AFTER_KEYS = "after_keys": "Save new keys on the account's page: everything that waits goes out by itself within seconds.";
    TEST = "test": "Then press Test connection on the account's page.";
    FIRST_REFERRER = "first_referrer": "If the referrer asks: the friend counts for whoever referred them first.";
    COMPARE_CODE = "compare_code": "Compare the code with the one in the referrer's own link: perhaps it was mistyped, or cut off by a messenger.";
    SAME_ACCOUNT = "same_account": "Check that the code belongs to the same Gameball account, and not to the test account.";
    LOOK_UP_PROGRAM = "look_up_program": "Look the code up in Gameball's dashboard: whose it is, and whether the program allows this friend.";
    LOOK_UP_OWNER = "look_up_owner": "If the code is right, look it up in Gameball's dashboard: whose is it?";
    SUPPORT_MAY_LINK = "support_may_link": "The evidence below says what held it up. Ask Gameball's support whether they can link the friend by hand; the request ids help them.";
    WATCH_WINDOWS = "watch_windows": "If it happens again: the dashboard shows windows that will be missed before they are.";
    KNOWN_BEFORE = "known_before": "Something else had created the customer without the code: an import, another system, or the widget on a page of the shop. Show the widget only once the registration has reached Gameball.";
    LOOK_UP_CODE = "look_up_code": "Look the code up in Gameball's dashboard.";
    LOOK_UP_CUSTOMER = "look_up_customer": "Look the customer up in Gameball's dashboard: it shows who referred them.";
    CORRECT_DATA = "correct_data": "Look at the error below, and correct the customer or the order in Gameball or in the shop.";
    REPLAY_SENDS = "replay_sends": "A replay sends what was recorded, once more: it helps when the mistake was on Gameball's side.";
    CORRECT_SHOP = "correct_shop": "Correct the customer or the order in the shop. If this came with an upgrade, please report it.";
    REPLAY_FIRST = "replay_first": "Replay the customer's registration first, then this one.";
    MERGE = "merge": "Look the customer up in Gameball's dashboard, and merge or correct the two. Then press Replay.";
    CHECK_ADDRESS = "check_address": "Check the account's base URL and API version.";
    PRESS_REPLAY = "press_replay": "Press Replay: what Gameball has already is not counted twice.";
    MAY_CONNECT = "may_connect": "If it lasts: check that this server may connect to the base URL.";
    WHAT_STANDS_BETWEEN = "what_stands_between": "If it lasts: check the base URL, and what stands between this server and Gameball.";
    REPORT = "report": "Please report it, with the text of the error.";
    COPY_BOTH = "copy_both": "Copy both keys again from the Gameball dashboard, from one account.";
    COPY_API_KEY = "copy_api_key": "Copy it again from the Gameball dashboard.";
    COPY_SECRET_AGAIN = "copy_secret_again": "Copy the secret key again, from the dashboard of the same Gameball account.";
    COPY_SECRET = "copy_secret": "Copy it from the Gameball dashboard.";
    ENABLE = "enable": "Enable it in the Gameball dashboard.";
    ASK_PLAN = "ask_plan": "Ask Gameball about the plan. Everything else goes on meanwhile.";
    CHECK_RIGHTS = "check_rights": "Check the keys' rights, and the minimum API version, in the Gameball dashboard: the API version is a field of the account's page.";
    CORRECT_ADDRESS = "correct_address": "Correct the base URL and the API version; empty fields mean Gameball itself.";
    CORRECT_URL = "correct_url": "Correct the base URL; an empty field means Gameball itself.";
    ORDERS_WAIT = "orders_wait": "Registrations go out. Orders and erasures wait: copy the secret key from the Gameball dashboard.";
}

/// Advice that is followed where the account's keys are.
pub(super) const ON_ACCOUNT: [Template; 2] = [AFTER_KEYS, TEST];

causes! {
    // Receipts.
    by_registration: "Gameball linked the referral with the registration.", "with the registration" => [];
    by_order: "Gameball linked the referral with the first order.", "with the first order" => [];
    already_referred: "Gameball says that this customer was referred before, and nobody can be referred twice.", "by somebody else, before" => [FIRST_REFERRER];
    code_not_found: "Gameball knows no customer with this referral code.", "nobody has this code" => [COMPARE_CODE, SAME_ACCOUNT];
    invalid_referral: "Gameball does not accept this referral, for example because the code is the customer's own.", "Gameball does not accept it" => [LOOK_UP_PROGRAM];
    code_not_valid: "Gameball does not accept this code for this customer: nobody has it, or it is their own, or a guest's.", "the code is not good for this friend" => [COMPARE_CODE, LOOK_UP_OWNER];
    late: "The registration reached Gameball after the time in which it links referrals.", "too late" => [SUPPORT_MAY_LINK, WATCH_WINDOWS];
    not_linked: "The code is good and was sent in time, but Gameball made no link: it knew this customer before.", "Gameball knew the customer before" => [KNOWN_BEFORE];
    not_linked_unchecked: "Gameball made no link, and it could not be found out whether the code is good.", "no link, and the code could not be checked" => [LOOK_UP_CODE];
    read_back_incomplete: "The registration was delivered with the code, but Gameball's answer does not tell whether it is linked.", "Gameball's answer did not say" => [LOOK_UP_CUSTOMER];
    read_back_failed: "The registration was delivered with the code, but asking Gameball whether it is linked failed repeatedly.", "asking Gameball failed" => [LOOK_UP_CUSTOMER];
    // An operator's own doing.
    cancelled: "Somebody cancelled the registration in the admin before Gameball had it.", "cancelled in the admin" => [WHO_CANCELLED];
    // Deliveries that failed for good.
    refused: "Gameball refused the data of this call.", "Gameball refused the registration" => [CORRECT_DATA, REPLAY_SENDS];
    invalid_arguments: "What was recorded for this call is not complete or not valid, and it was not sent.", "the registration was not valid" => [CORRECT_SHOP];
    customer_unknown: "Gameball does not know this customer.", "Gameball does not know the customer" => [REPLAY_FIRST];
    conflict: "Gameball has data that contradict this call, such as another customer with the same e-mail address.", "it contradicts what Gameball has" => [MERGE];
    not_found: "Gameball does not know what this call is about.", "Gameball does not know it" => [CHECK_ADDRESS];
    attempts_exhausted: "All attempts failed. Gameball may or may not have taken the last of them.", "all attempts failed" => [PRESS_REPLAY];
    // Deliveries that wait.
    rate_limited: "The account's limit of calls was reached, perhaps by others who use the same account." => [NOTHING_TO_DO];
    customer_busy: "Gameball was still busy with another request for this customer." => [NOTHING_TO_DO];
    server_failed: "Gameball had a failure of its own." => [NOTHING_TO_DO];
    timed_out: "Gameball did not answer in time." => [NOTHING_TO_DO];
    not_connected: "Gameball could not be reached." => [NOTHING_TO_DO, MAY_CONNECT];
    connection_lost: "The connection to Gameball broke." => [NOTHING_TO_DO];
    unreadable_answer: "The answer was not Gameball's; perhaps it was a proxy's page." => [NOTHING_TO_DO, WHAT_STANDS_BETWEEN];
    try_later: "Gameball asked to try again later." => [NOTHING_TO_DO];
    slot_expired: "It was not sent in its turn." => [NOTHING_TO_DO];
    closed: "The sender was stopped before it was sent." => [NOTHING_TO_DO];
    internal: "A defect of this software." => [NOTHING_TO_DO, REPORT];
    // Accounts that are held, and the test of a connection.
    keys_refused: "Gameball refuses the keys." => [COPY_BOTH, AFTER_KEYS];
    api_key_refused: "Gameball refuses the API key." => [COPY_API_KEY, AFTER_KEYS];
    secret_key_refused: "Gameball accepts the API key, but refuses the secret key." => [COPY_SECRET_AGAIN, AFTER_KEYS];
    secret_key_missing: "Gameball wants the secret key (“transaction key”) with these calls." => [COPY_SECRET, AFTER_KEYS];
    gameball_disabled: "Gameball is disabled for this account." => [ENABLE, TEST];
    plan_lacks_it: "The account's Gameball plan does not include these calls." => [ASK_PLAN];
    not_allowed: "Gameball does not allow these calls." => [CHECK_RIGHTS, TEST];
    wrong_address: "There is no Gameball API at the base URL." => [CORRECT_ADDRESS, TEST];
    redirected: "The base URL answers with a redirect, which is not followed with keys attached." => [CORRECT_URL, TEST];
    connected: "Gameball accepts the keys." => [];
    connected_without_secret: "Gameball accepts the API key; there is no secret key yet." => [ORDERS_WAIT];
}
