//! The requests the API has seen: enough to tell what a client sent, without any key's value.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

/// Beyond these the oldest entries go: a long benchmark must not eat the machine.
const MAX_ENTRIES: usize = 20_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) operation: Option<&'static str>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// What was answered; none where the connection was reset or left hanging.
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<u16>,
    pub(crate) request_id: String,
    pub(crate) fault: Option<&'static str>,
    /// Whether the API carried the call out, whatever was answered.
    pub(crate) applied: bool,
}

impl Entry {
    fn to_json(&self) -> Value {
        let headers: serde_json::Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        json!({
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation": self.operation,
            "headers": headers,
            "body": self.body,
            "status": self.status,
            "code": self.code,
            "requestId": self.request_id,
            "fault": self.fault,
            "applied": self.applied,
        })
    }
}

#[derive(Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<Entry>,
    bytes: usize,
    total: u64,
    statuses: BTreeMap<u16, u64>,
}

impl RequestLog {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.total += 1;
        if let Some(status) = entry.status {
            *self.statuses.entry(status).or_default() += 1;
        }
        self.bytes += entry.body.len();
        self.entries.push_back(entry);
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.body.len();
        }
    }

    /// How many requests there were, those forgotten included.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// How often each status was answered.
    pub(crate) fn statuses(&self) -> &BTreeMap<u16, u64> {
        &self.statuses
    }

    /// The entries, oldest first; with `last`, only so many of the newest.
    pub(crate) fn to_json(&self, operation: Option<&str>, last: Option<usize>) -> Value {
        let skipped = last.map_or(0, |last| self.entries.len().saturating_sub(last));
        self.entries
            .iter()
            .skip(skipped)
            .filter(|entry| operation.is_none() || entry.operation == operation)
            .map(Entry::to_json)
            .collect()
    }
}

/// A header's value as the log may show it: a key is told only to be present, by a word in its place.
pub(crate) fn redact(name: &str, value: &str) -> String {
    const SECRET: [&str; 5] = ["apikey", "transactionkey", "secretkey", "authorization", "cookie"];
    if SECRET.contains(&name) { "[redacted]".to_owned() } else { value.to_owned() }
}
