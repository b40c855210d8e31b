//! The calls to Gameball: from an operation's name and JSON text to a task on the runtime.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gameball_core::model::arguments::Style;
use gameball_core::model::{Call, Json};
use gameball_core::{Client, Error, Kind, Result};
use napi_derive::napi;
use tokio::task::AbortHandle;

use crate::account::Account;
use crate::queue::{NativeQueue, Results, Ticket};
use crate::record::{self, json, thrown, unreadable};
use crate::{options, runtime::runtime};

/// A client of one Gameball account. Results come through the queue, under the id that JavaScript chose.
#[napi]
pub struct NativeClient {
    account: Arc<Account<Client>>,
    results: Arc<Results>,
    cancellable: Mutex<HashMap<u32, AbortHandle>>,
}

#[napi]
impl NativeClient {
    /// # Errors
    /// A `configuration` record.
    #[napi(constructor, catch_unwind)]
    pub fn new(options_json: String, queue: &NativeQueue) -> napi::Result<Self> {
        let config = options::read(&options_json).map_err(|error| thrown(&error))?;
        Ok(Self {
            account: Arc::new(Account::new(config)),
            results: queue.results(),
            cancellable: Mutex::default(),
        })
    }

    /// Where the client sends its calls.
    #[napi(getter)]
    pub fn base_url(&self) -> &str {
        self.account.options().base_url()
    }

    /// The API version it speaks.
    #[napi(getter)]
    pub fn api_version(&self) -> &str {
        self.account.options().api_version().as_str()
    }

    /// Starts one call. `cancellable` calls can be given up with `cancel`.
    ///
    /// # Errors
    /// A `closed` record, or an `internal` one where no threads can be had.
    #[napi(catch_unwind)]
    pub fn call(
        &self,
        id: u32,
        operation: String,
        arguments_json: String,
        cancellable: bool,
    ) -> napi::Result<()> {
        let account = Arc::clone(&self.account);
        self.start(id, cancellable, async move { called(&account, &operation, &arguments_json).await })
    }

    /// Starts many calls, `concurrency` at a time: `[[operation, arguments], …]`. The answer keeps their order:
    /// `[[0, answer], [1, error record], …]`.
    ///
    /// # Errors
    /// A `closed` record, or an `internal` one where no threads can be had.
    #[napi(catch_unwind)]
    pub fn call_many(
        &self,
        id: u32,
        calls_json: String,
        concurrency: u32,
        cancellable: bool,
    ) -> napi::Result<()> {
        let account = Arc::clone(&self.account);
        self.start(id, cancellable, async move { many_called(&account, &calls_json, concurrency).await })
    }

    /// Gives up a call. Whether Gameball has carried it out is unknown.
    #[napi(catch_unwind)]
    pub fn cancel(&self, id: u32) {
        let task = self.cancellable.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(task) = task {
            task.abort();
        }
    }

    /// Refuses every later call.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.account.close();
    }
}

impl NativeClient {
    fn start(
        &self,
        id: u32,
        cancellable: bool,
        call: impl Future<Output = Result<String>> + Send + 'static,
    ) -> napi::Result<()> {
        let runtime = self.account.open().and_then(|()| runtime()).map_err(|error| thrown(&error))?;
        let ticket = Ticket::new(id, Arc::clone(&self.results));
        let task = runtime.spawn(async move { ticket.settle(call.await) });
        if cancellable {
            let mut tasks = self.cancellable.lock().unwrap_or_else(PoisonError::into_inner);
            tasks.retain(|_, task| !task.is_finished());
            tasks.insert(id, task.abort_handle());
        }
        Ok(())
    }
}

async fn called(account: &Account<Client>, operation: &str, arguments_json: &str) -> Result<String> {
    let arguments = serde_json::from_str(arguments_json).map_err(|error| unreadable(&error))?;
    let call = read(operation, arguments)?;
    json(&account.caller()?.call(&call).await?)
}

async fn many_called(account: &Account<Client>, calls_json: &str, concurrency: u32) -> Result<String> {
    let calls: Vec<(String, Json)> = serde_json::from_str(calls_json).map_err(|error| unreadable(&error))?;
    let mut readable = Vec::with_capacity(calls.len());
    let mut refused = Vec::with_capacity(calls.len());
    for (operation, arguments) in calls {
        match read(&operation, arguments) {
            Ok(call) => {
                readable.push(call);
                refused.push(None);
            }
            Err(error) => refused.push(Some(error)),
        }
    }
    let concurrency = usize::try_from(concurrency).unwrap_or(usize::MAX);
    let mut replies = account.caller()?.call_many(&readable, concurrency).await.into_iter();
    let mut results = String::from("[");
    for refused in refused {
        let result = match refused {
            Some(error) => Err(error),
            None => replies
                .next()
                .unwrap_or_else(|| Err(Error::new(Kind::Internal, "an answer is missing")))
                .and_then(|reply| json(&reply)),
        };
        let (outcome, json) = match &result {
            Ok(answer) => ("[0,", answer),
            Err(error) => ("[1,", &record::of(error)),
        };
        let separator = if results.len() > 1 { "," } else { "" };
        for part in [separator, outcome, json, "]"] {
            results.push_str(part);
        }
    }
    results.push(']');
    Ok(results)
}

fn read(operation: &str, arguments: Json) -> Result<Call> {
    #[cfg(feature = "panic-for-tests")]
    panic_for_tests(operation);
    Call::read(operation, arguments, Style::Camel).map_err(|error| match error.kind() {
        // To the core a name that it does not know is a defect of its host. Here it may be the shop's.
        Kind::Internal => Error::invalid_argument("operation", "is none of Gameball's operations"),
        _ => error,
    })
}

#[cfg(feature = "panic-for-tests")]
#[allow(clippy::manual_assert, clippy::panic, reason = "it is what this is for")]
pub fn panic_for_tests(operation: &str) {
    if operation == "_panicForTests" {
        panic!("on purpose");
    }
}
