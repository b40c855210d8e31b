//! Failures on demand: what a network, a proxy or a bad day at the vendor does to a call.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::{Operation, default_status};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    Latency,
    Status,
    Html,
    Empty,
    Truncated,
    ResetBefore,
    ResetAfter,
    BlackHole,
    SlowBody,
    EndlessBody,
    Redirect,
    Garbage,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Status => "status",
            Self::Html => "html",
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::ResetBefore => "resetBefore",
            Self::ResetAfter => "resetAfter",
            Self::BlackHole => "blackHole",
            Self::SlowBody => "slowBody",
            Self::EndlessBody => "endlessBody",
            Self::Redirect => "redirect",
            Self::Garbage => "garbage",
        }
    }
}

/// One fault as the `inject` command describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Fault {
    #[serde(rename = "fault")]
    pub(crate) kind: Kind,
    operation: Option<String>,
    customer_id: Option<String>,
    /// How often it strikes; null means until it is cleared.
    #[serde(default = "once")]
    times: Option<u64>,
    /// Whether the call is carried out before the answer goes wrong.
    #[serde(default)]
    after_apply: bool,
    /// A delay before the answer goes wrong; for `latency`, the delay itself.
    pub(crate) ms: Option<u64>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<u16>,
    retry_after: Option<Value>,
    pub(crate) location: Option<String>,
    pub(crate) body: Option<String>,
}

// `times` given as null is "until cleared"; left out it is once.
#[expect(clippy::unnecessary_wraps, reason = "a serde default has its field's type")]
fn once() -> Option<u64> {
    Some(1)
}

impl Fault {
    pub(crate) fn parse(command: Value) -> Result<Self, String> {
        let fault: Self = serde_json::from_value(command).map_err(|error| error.to_string())?;
        if let Some(name) = &fault.operation
            && !Operation::ALL.iter().any(|operation| operation.name() == name)
        {
            let known: Vec<&str> = Operation::ALL.iter().map(|operation| operation.name()).collect();
            return Err(format!("no operation is called {name:?}; there are {}", known.join(", ")));
        }
        if fault.times == Some(0) {
            return Err("times must be at least 1, or null for \"until cleared\"".to_owned());
        }
        if fault.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("status must be between 200 and 599".to_owned());
        }
        if let Some(value) = &fault.retry_after
            && !(value.is_u64()
                || value.as_str().is_some_and(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte))))
        {
            return Err("retryAfter must be a number of seconds or a header's text".to_owned());
        }
        if fault.location.as_ref().is_some_and(|text| !text.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err("location must be a URL".to_owned());
        }
        Ok(fault)
    }

    /// Whether the call is carried out although the answer goes wrong.
    pub(crate) fn applies(&self) -> bool {
        self.after_apply || self.kind == Kind::ResetAfter
    }

    /// The status and code it answers with; none where it does not answer.
    pub(crate) fn told(&self) -> (Option<u16>, Option<u16>) {
        let status = match self.kind {
            Kind::ResetBefore | Kind::ResetAfter | Kind::BlackHole => return (None, None),
            Kind::Status => self.status.or(self.code.map(default_status)).unwrap_or(500),
            Kind::Html => self.status.unwrap_or(502),
            Kind::Redirect => self.status.unwrap_or(302),
            _ => self.status.unwrap_or(200),
        };
        let by_status = match status {
            401 => 1000,
            403 => 1002,
            404 => 4004,
            422 => 3003,
            429 => 3011,
            503 => 5003,
            500..=599 => 5000,
            _ => 4000,
        };
        (Some(status), (self.kind == Kind::Status).then(|| self.code.unwrap_or(by_status)))
    }

    /// The value of a Retry-After header, if there is to be one.
    pub(crate) fn retry_after(&self) -> Option<String> {
        let value = self.retry_after.as_ref()?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    fn matches(&self, operation: Option<&str>, customer_id: Option<&str>) -> bool {
        (self.operation.is_none() || self.operation.as_deref() == operation)
            && (self.customer_id.is_none() || self.customer_id.as_deref() == customer_id)
    }

    fn to_json(&self, id: u64) -> Value {
        json!({
            "id": id,
            "fault": self.kind,
            "operation": self.operation,
            "customerId": self.customer_id,
            "timesLeft": self.times,
            "afterApply": self.applies(),
            "ms": self.ms,
            "status": self.status,
            "code": self.code,
        })
    }
}

#[derive(Default)]
pub(crate) struct Faults {
    pending: Vec<(u64, Fault)>,
    injected: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn inject(&mut self, fault: Fault) -> u64 {
        self.injected += 1;
        self.pending.push((self.injected, fault));
        self.injected
    }

    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.pending).len()
    }

    /// The first fault that fits a call, used up by one.
    pub(crate) fn strike(
        &mut self,
        operation: Option<&str>,
        customer_id: impl FnOnce() -> Option<String>,
    ) -> Option<Fault> {
        if self.pending.is_empty() {
            return None;
        }
        let customer_id = customer_id();
        let index =
            self.pending.iter().position(|(_, fault)| fault.matches(operation, customer_id.as_deref()))?;
        let (_, fault) = self.pending.get_mut(index)?;
        let struck = fault.clone();
        self.struck += 1;
        if let Some(times) = &mut fault.times {
            *times -= 1;
            if *times == 0 {
                self.pending.remove(index);
            }
        }
        Some(struck)
    }

    pub(crate) fn struck(&self) -> u64 {
        self.struck
    }

    pub(crate) fn to_json(&self) -> Value {
        self.pending.iter().map(|(id, fault)| fault.to_json(*id)).collect()
    }
}
