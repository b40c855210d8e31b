//! Which reading the emulator follows where the vendor's documents differ or are silent.
//!
//! Documents: the *guide* is the vendor's "Track Referrals" page, the *reference* is the published
//! description of API v4.0 (its pages and schemas), the *error list* is the vendor's table of codes, the
//! *contract* is what the vendor documents elsewhere on rules, links and settings. The first value of
//! each is the default.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

macro_rules! switches {
    ($($(#[$doc:meta])* $field:ident: $name:ident { $($(#[$value_doc:meta])* $value:ident),+ $(,)? })+) => {
        /// One reading per point on which the vendor's documents differ; see each field.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        pub struct Switches {
            $($(#[$doc])* pub $field: $name,)+
            /// Whether a friend in a customer's referrals carries `gameballId`. The reference's schema
            /// lists none, yet its `startAfter` parameter expects one.
            pub friend_gameball_id: bool,
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub enum $name {
                #[default]
                $($(#[$value_doc])* $value,)+
            }
        )+
    };
}

switches! {
    /// The header of the private key: `TransactionKey` in the guide, `SecretKey` in the reference.
    secret_header: SecretHeader {
        /// Either name is accepted.
        Either,
        /// Only the guide's name.
        TransactionKey,
        /// Only the reference's name.
        SecretKey,
    }
    /// A wrong private key: the error list has 1000 (unauthorized) and 1002 (forbidden) and prefers neither.
    wrong_secret: WrongSecret {
        /// 401 with code 1000.
        Error1000,
        /// 403 with code 1002.
        Error1002,
    }
    /// Keys of create-customer on v4.0: `APIKey` alone in the reference, both in the guide's example.
    create_customer_credentials: CreateCustomerCredentials {
        /// The public key is enough.
        ApiKey,
        /// Both keys are needed.
        Both,
    }
    /// Keys of batch calls on v4.0: both by the reference's security sections; by the text of its page on
    /// order transactions, the private key only on v4.1 or in High Security Mode.
    batch_credentials: BatchCredentials {
        /// Both keys are needed.
        Both,
        /// The public key is enough on v4.0.
        ApiKey,
    }
    /// What create-customer answers: `{gameballId}` in the reference, the customer in the guides (contract).
    create_customer_answer: CreateCustomerAnswer {
        /// `{gameballId}`.
        GameballId,
        /// `{customerId, displayName, email, ...}`.
        Guide,
    }
    /// What get-customer answers: the reference's schema has no personal data, the guide's example has `displayName`.
    get_customer_answer: GetCustomerAnswer {
        /// The reference's schema.
        Reference,
        /// `{customerId, displayName, referralCode, referralLink}`, so neither `isReferred` nor `gameballId`.
        Guide,
    }
    /// The type of a Gameball id: the reference has `number` for the field and `integer` for `startAfter`.
    /// No document has text; it is here for clients that must not lean on the type.
    gameball_id_type: GameballIdType {
        /// A JSON number.
        Number,
        /// A JSON string of digits.
        Text,
    }
    /// Creating a customer who exists: an update in the reference, 7001 in the error list.
    existing_customer: ExistingCustomer {
        /// The profile is updated.
        Update,
        /// 422 with code 7001.
        Error7001,
    }
    /// A code that nobody owns: ignored by the contract, 7006 or 7003 in the error list.
    invalid_code: InvalidCode {
        /// The call succeeds without a link.
        Silent,
        /// 422 with code 7006; nothing is created.
        Error7006,
        /// 404 with code 7003; nothing is created.
        Error7003,
    }
    /// A code for a customer who was referred before: ignored by the contract, 7002 or 7005 in the error list.
    already_referred: AlreadyReferred {
        /// The call succeeds, the first link stays.
        Silent,
        /// 422 with code 7002.
        Error7002,
        /// 422 with code 7005.
        Error7005,
    }
    /// Validating a code that nobody owns: `isValid: false` in the reference, 7003 in the error list.
    validate_unknown: ValidateUnknown {
        /// 200 with `{"isValid": false}`.
        IsValidFalse,
        /// 404 with code 7003.
        Error7003,
    }
    /// When a customer counts as registered: the contract counts from registration, the reference has `joinDate`.
    registration_time: RegistrationTime {
        /// The customer's first appearance at Gameball.
        FirstSeen,
        /// `customerAttributes.joinDate` of the creation, where it lies earlier.
        JoinDate,
    }
    /// Which order's code counts: the guide has it in the first order, the reference's order lists no code at all.
    order_code: OrderCode {
        /// The customer's first order, within the window, if they are not referred yet.
        FirstOrder,
        /// Only an order that creates its customer.
        UnknownCustomerOnly,
        /// None, as if the field did not exist.
        Ignored,
    }
    /// An order of an unknown customer: creates them by the guide and the contract, 7000 in the error list.
    unknown_customer_order: UnknownCustomerOrder {
        /// The customer is created.
        Creates,
        /// 404 with code 7000.
        Error7000,
    }
    /// Two orders of one customer at one instant: fine by the reference, 9003 in the error list.
    transaction_time: TransactionTime {
        /// Both are taken.
        Ignored,
        /// 422 with code 9003 for the second.
        Unique,
    }
    /// When a referral becomes `Active`: after the configured event by the reference (here the first order);
    /// when exactly a referral by an order's code counts is told nowhere.
    referral_completion: ReferralCompletion {
        /// The friend's first order completes it.
        FirstOrder,
        /// Only the control command `completeReferral` does.
        Manual,
    }
    /// `limit` above 200: the reference names a maximum and not what happens beyond it.
    referrals_limit: ReferralsLimit {
        /// 422 with code 3003.
        Error3003,
        /// Taken as 200.
        Capped,
    }
    /// The referral program: one object in the reference's schema, one object or an array in the contract.
    referrals_configuration: ReferralsConfiguration {
        /// One object.
        Object,
        /// An array with two steps.
        Array,
    }
    /// The bonus for every Nth friend: inside `customerReward` in the reference's schema, beside it in the contract.
    extra_reward: ExtraReward {
        /// Inside `customerReward`.
        CustomerReward,
        /// At the top level.
        TopLevel,
    }
    /// A referral link's form: `?ref=` in the guide, `GbReferral=` or a landing page in the contract.
    referral_link: ReferralLink {
        /// `https://yourwebsite.com/signup?ref={code}`.
        Ref,
        /// `https://yourwebsite.com/?GbReferral={code}`.
        GbReferral,
        /// `https://yourwebsite.com/invite/{code}`, from a landing page with the placeholder `{ReferralCode}`.
        LandingPage,
    }
    /// The job's name in a batch answer: `jobId` (a number) in the reference's answers to the posts,
    /// `batchId` (text) in its status call.
    batch_answer: BatchAnswer {
        /// `{"jobId": 1}`.
        JobId,
        /// `{"batchId": "1"}`.
        BatchId,
    }
    /// The shape of an error: the error list's five fields, or the reference's schema `Error`.
    error_body: ErrorBody {
        /// `{code, type, message, documentationUrl, requestId}`.
        Contract,
        /// `{error, message}`.
        ErrorMessage,
    }
    /// Two customers with one e-mail address: merged or separate by account settings in the reference,
    /// 3008 in the error list.
    duplicate_email: DuplicateEmail {
        /// Both are kept apart.
        Allowed,
        /// 422 with code 3008.
        Error3008,
    }
    /// `null` for an optional field: nothing in the reference forbids it, the error list has 3001 (null argument).
    null_optional: NullOptional {
        /// As if the field were absent.
        Absent,
        /// 422 with code 3001.
        Error3001,
    }
    /// What deleting a customer answers: the reference names the status 200 and no body.
    delete_answer: DeleteAnswer {
        /// No body.
        Empty,
        /// `{"message": "..."}`.
        Message,
    }
}

impl Switches {
    /// The same switches with some of them set anew, by their JSON names.
    pub(crate) fn merged(&self, changes: Map<String, Value>) -> Result<Self, String> {
        let mut all = match serde_json::to_value(self) {
            Ok(Value::Object(all)) => all,
            _ => Map::new(),
        };
        for (name, value) in changes {
            if !all.contains_key(&name) {
                let known: Vec<&str> = all.keys().map(String::as_str).collect();
                return Err(format!("no switch is called {name:?}; there are {}", known.join(", ")));
            }
            let before = all.insert(name.clone(), value);
            serde_json::from_value::<Self>(Value::Object(all.clone()))
                .map_err(|error| format!("switch {name:?} (now {}): {error}", before.unwrap_or_default()))?;
        }
        serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())
    }
}
