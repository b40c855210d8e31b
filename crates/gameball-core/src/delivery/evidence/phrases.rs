//! The sentences of the evidence, of what waits and of the alerts. Those that go with a code are in [`super::words`].

use super::text::Template;

macro_rules! phrases {
    ($($name:ident = $key:literal: $template:literal $(, $plural:literal)?;)*) => {
        $(pub(super) const $name: Template = phrases!(@one $key, $template $(, $plural)?);)*
        /// All of them.
        pub const ALL: &[Template] = &[$($name),*];
    };
    (@one $key:literal, $template:literal) => { Template::new($key, $template) };
    (@one $key:literal, $template:literal, $plural:literal) => { Template::counted($key, $template, $plural) };
}

phrases! {
    // How texts are put together.
    VERBATIM = "verbatim": "{text}";
    LIST = "list": "{first}, {rest}";

    // The verdict.
    LATE_BY = "verdict.late_by":
        "The registration reached Gameball {time} after the time in which it links referrals.";
    REGISTRATION_FAILED = "verdict.failed": "This friend does not count so far: the registration failed.";
    REGISTRATION_CANCELLED = "verdict.cancelled":
        "This friend does not count: the registration was cancelled.";
    CANCELLED_WHY = "verdict.cancelled.why": "Somebody cancelled it in the admin before it was sent.";
    NOTHING_WAITS = "verdict.nothing_waits":
        "The referral is recorded, but nothing waits to be sent for this customer.";
    NO_RECEIPT = "verdict.no_receipt": "The registration was delivered, but no receipt was recorded.";
    STRANGER = "verdict.stranger": "The shop has recorded nothing of a customer with this id.";
    STRANGER_WHY = "verdict.stranger.why":
        "Neither a registration nor an order of theirs was written down for Gameball.";
    UNREFERRED = "verdict.unreferred": "This customer was not referred by anybody.";
    UNREFERRED_WHY = "verdict.unreferred.why":
        "They registered without a referral code; no visit with a code was remembered.";

    // Advice of the verdict. A host says its own sentence in place of one that names a command or a setting.
    OPEN_FAILED = "advice.open_failed": "Open the delivery that failed ({call}): it can be replayed.";
    WHO_CANCELLED = "advice.who_cancelled": "The delivery's history says who did.";
    RECONCILE = "advice.reconcile":
        "Reconcile, as a dry run first: it compares the shop with Gameball and says what is missing.";
    CHECK_ID = "advice.check_id":
        "Check the id: it is the one that Gameball knows, usually the number of the shop's user.";
    SYNC = "advice.sync":
        "Customers from before the installation are not recorded: the synchronization of customers sends them.";
    RETENTION = "advice.retention":
        "Settled deliveries are deleted in the end; the retention setting says when.";
    FORGOTTEN = "advice.forgotten":
        "A code is forgotten when the friend registers in another browser or on another device than the one that opened the link, deletes cookies, refuses consent, or waits for longer than the claim is kept.";
    NOT_AFTERWARDS = "advice.not_afterwards":
        "Gameball links nobody after the registration. Ask its support whether they can do so by hand.";

    // The dated steps.
    NOW = "step.now": "Now: {state}";
    CAME_BY_FIELD = "step.came.field": "Typed the code {code} into the form";
    CAME_BY_STATE = "step.came.state": "Came back from a sign-in elsewhere with the code {code}";
    CAME_BY_VISIT = "step.came.visit": "Visited the shop by a link with the code {code}";
    CAME_BY_SHOP = "step.came.shop": "The shop passed on the code {code}";
    REGISTERED = "step.registered": "Registered, with this code";
    ORDERED_AS_GUEST = "step.ordered_as_guest": "Ordered as a guest, with this code";
    REGISTERED_WITHOUT = "step.registered_without": "Registered without a referral code";
    PAID_ORDER = "step.paid": "Paid the order {order}";
    PAID_AN_ORDER = "step.paid_an_order": "Paid an order";
    ERASURE = "step.erasure": "Asked to be erased";
    WINDOW_ENDED = "step.window_ended": "Gameball's time to link ended";
    LINKS_UNTIL = "step.links_until": "Until then Gameball links the friend";
    TAKEN = "step.taken": "Gameball took the registration";
    BEFORE_THE_END = "step.before_the_end": "{time} before the time to link ended";
    TOO_LATE = "step.too_late": "{time} too late to be linked";
    CANCELLED = "step.cancelled": "The {call} was cancelled";
    LAID_ASIDE = "step.laid_aside": "The {call} was laid aside as failed";
    RECEIPT = "step.receipt": "Receipt: {receipt}";
    ACCEPTED = "step.accepted": "Gameball accepted it.";
    ACCEPTED_WHEN = "step.accepted_when": "Gameball accepted it, {when}.";
    CODE_BAD = "step.code_bad": "Gameball: it is not.";
    CODE_GOOD = "step.code_good": "Gameball: yes, it is.";
    IS_NOT_LINKED = "step.is_not_linked": "Gameball: no, not linked.";
    IS_LINKED = "step.is_linked": "Gameball: yes, linked.";
    DID_NOT_SAY = "step.did_not_say": "Gameball's answer did not say.";
    DID_ANSWER = "step.did_answer": "Gameball answered.";
    ANSWERED = "step.answered": "{answer}.";
    ANSWERED_WITH = "step.answered_with": "{answer} ({codes}).";
    HTTP_STATUS = "step.http_status": "HTTP {status}";
    GAMEBALL_CODE = "step.gameball_code": "Gameball code {code}";
    AND_AGAIN = "step.and_again": "{answer} {again}";
    SAME_AGAIN = "step.same_again": "The same happened {count} more time, until {until}.",
        "The same happened {count} more times, until {until}.";

    // What stops an account's calls.
    OFF = "stop.off": "the account is switched off";
    OFF_TITLE = "stop.off.title": "The account is switched off";
    OFF_WHY = "stop.off.why":
        "The account is switched off: what happens in the shop is recorded, and sent once it is on again.";
    SWITCH_ON = "advice.switch_on": "Switch the account on.";
    SEALED = "stop.sealed": "the saved keys cannot be opened";
    SEALED_TITLE = "stop.sealed.title": "The saved keys cannot be opened";
    SEALED_WHY = "stop.sealed.why":
        "The saved keys cannot be opened, probably since the shop's secret was changed.";
    UNSEAL = "advice.unseal": "Enter the keys again, or give the old secret back.";
    NO_KEYS = "stop.no_keys": "there is no API key";
    NO_KEYS_TITLE = "stop.no_keys.title": "There is no API key";
    NO_KEYS_WHY = "stop.no_keys.why": "There is no API key yet.";
    ENTER_KEYS = "advice.enter_keys": "Enter the keys from the Gameball dashboard.";
    HELD = "stop.held": "held";
    HELD_TITLE = "stop.held.title": "Held: {what}";
    HELD_WHY = "stop.held.why":
        "{reason}, since {since}. Everything waits meanwhile; one call tries again {next}.";
    WITH_THE_NEXT = "stop.held.with_the_next": "with the next delivery";
    DOWN = "stop.down": "Gameball is down";
    DOWN_WHY = "stop.down.why":
        "Gameball does not answer: {count} failures in a row. One call tries again {next}.";
    DOWN_NOTHING = "advice.down": "Nothing has to be done: everything goes out as soon as Gameball answers.";
    PAUSED = "stop.paused": "paused";
    PAUSED_TITLE = "stop.paused.title": "Paused: {what}";
    PAUSED_WHY = "stop.paused.why":
        "Gameball asked to wait, since the account's limit was reached by others. It goes on {next}.";
    PAUSED_OFTEN = "advice.paused": "If it happens often: find out what else uses the same Gameball account.";

    // What one delivery waits for.
    INTERRUPTED = "waiting.interrupted": "interrupted";
    INTERRUPTED_WHY = "waiting.interrupted.why":
        "The sender that had it was interrupted; another one takes it over.";
    BEING_SENT = "waiting.being_sent": "being sent";
    BEING_SENT_WHY = "waiting.being_sent.why": "It is being sent right now.";
    DUE_LATER = "waiting.due_later": "due later";
    DUE_AGAIN_LATER = "waiting.due_again_later": "due again later";
    DUE_AGAIN = "waiting.due_again": "The next try is due {next}.";
    FAILED_AGAIN = "waiting.failed_again": "{error}. {again}";
    RETRY_NOW = "advice.retry_now": "Nothing has to be done. Retry now sends it at once.";
    NO_SENDER = "waiting.no_sender": "no sender runs";
    NO_SENDER_WHY = "waiting.no_sender.why": "It has been due for {time}, and no sender has taken it.";
    HOW_SENT = "advice.how_sent": "See to it that something sends: the shop's own process, or a worker.";
    QUEUED = "waiting.queued": "in the queue";
    QUEUED_WHY = "waiting.queued.why": "{count} delivery goes out before it.",
        "{count} deliveries go out before it.";
    ABOUT = "waiting.about": "about to be sent";
    ABOUT_WHY = "waiting.about.why": "It goes out in a moment.";

    // Alerts about the queue.
    MISSES = "alert.misses": "too late";
    MISSES_TITLE = "alert.misses.title": "{count} friend will be registered too late",
        "{count} friends will be registered too late";
    MISSES_WHY = "alert.misses.why":
        "As things are, Gameball gets them after its time to link. The first misses it {when}.";
    NAMED_ABOVE = "advice.named_above": "What stands in the way is named above.";
    HIGHER_LIMIT = "advice.higher_limit":
        "Ask Gameball for a higher limit, or have other users of the account wait.";
    NO_SENDER_TITLE = "alert.no_sender.title": "No sender runs";
    NO_SENDER_AT_ALL = "alert.no_sender.why": "Deliveries have been due for {time}, and nothing takes them.";
    START_SENDER = "advice.start_sender": "Start the process that sends.";
    FAILED = "alert.failed": "failed";
    FAILED_TITLE = "alert.failed.title": "{count} delivery has failed", "{count} deliveries have failed";
    MANY_FAILED_TITLE = "alert.many_failed.title": "{count}+ deliveries have failed";
    FAILED_WHY = "alert.failed.why":
        "They stay until somebody replays or cancels them; they are listed below.";
}
