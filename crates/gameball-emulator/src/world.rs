//! Everything one emulator knows, behind one lock, and the few things that concern all of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use crate::{
    account::Account,
    api::{Batch, Limits, RequestIds},
    clock::Clock,
    faults::Faults,
    log::RequestLog,
    options::Options,
    webhooks::Webhooks,
};

pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) clock: Clock,
    pub(crate) account: Account,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) webhooks: Webhooks,
    pub(crate) batches: BTreeMap<u64, Batch>,
    /// Customers a write holds at this moment: another write for them fails with 2001.
    pub(crate) in_flight: HashSet<String>,
    pub(crate) refused_in_flight: u64,
    pub(crate) calls: HashMap<&'static str, u64>,
    pub(crate) request_ids: RequestIds,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            clock: Clock::new(options.clock),
            options,
            account: Account::default(),
            limits: Limits::default(),
            faults: Faults::default(),
            log: RequestLog::default(),
            webhooks: Webhooks::default(),
            batches: BTreeMap::new(),
            in_flight: HashSet::new(),
            refused_in_flight: 0,
            calls: HashMap::new(),
            request_ids: RequestIds::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Forgets all data, faults and log entries; options and clock stay as they are.
    pub(crate) fn reset(&mut self) {
        self.account = Account::default();
        self.limits = Limits::default();
        self.faults = Faults::default();
        self.log = RequestLog::default();
        self.webhooks.clear();
        self.batches.clear();
        self.in_flight.clear();
        self.refused_in_flight = 0;
        self.calls.clear();
    }

    /// Tells the shop's webhook, if there is one, that a customer's profile changed.
    pub(crate) fn profile_updated(&mut self, customer_id: &str) {
        if self.options.webhook_url.is_some() {
            self.queue_webhook("customer.profile.updated", customer_id);
        }
    }
}
