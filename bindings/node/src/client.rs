//! The calls to Gameball: from an operation's name and JSON text to a task on the runtime.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use gameball_core::model::arguments::Style;
use gameball_core::model::{Call, Json};
use gameball_core::{Client, Config, Error, Result};
use napi_derive::napi;
use tokio::task::AbortHandle;

use crate::queue::{NativeQueue, Results, Ticket};
use crate::record::{self, thrown};
use crate::{options, runtime::runtime};

/// A client of one Gameball account. Results come through the queue, under the id that JavaScript chose.
#[napi]
pub struct NativeClient {
    account: Arc<Account>,
    results: Arc<Results>,
    cancellable: Mutex<HashMap<u32, AbortHandle>>,
}

/// Configuration and, from the first call on, connections.
struct Account {
    config: Config,
    client: OnceLock<Result<Client>>,
    is_closed: AtomicBool,
}

#[napi]
impl NativeClient {
    /// # Errors
    /// A `configuration` record.
    #[napi(constructor, catch_unwind)]
    pub fn new(options_json: String, queue: &NativeQueue) -> napi::Result<Self> {
        let config = options::read(&options_json).map_err(|error| thrown(&error))?;
        let account = Account { config, client: OnceLock::new(), is_closed: AtomicBool::new(false) };
        Ok(Self { account: Arc::new(account), results: queue.results(), cancellable: Mutex::default() })
    }

    /// Where the client sends its calls.
    #[napi(getter)]
    pub fn base_url(&self) -> &str {
        self.account.config.base_url()
    }

    /// The API version it speaks.
    #[napi(getter)]
    pub fn api_version(&self) -> &str {
        self.account.config.api_version().as_str()
    }

    /// Starts one call. `cancellable` calls can be given up with `cancel`.
    ///
    /// # Errors
    /// An `internal` record where no threads can be had.
    #[napi(catch_unwind)]
    pub fn call(
        &self,
        id: u32,
        operation: String,
        arguments_json: String,
        cancellable: bool,
    ) -> napi::Result<()> {
        let account = Arc::clone(&self.account);
        self.start(id, cancellable, async move { account.call(&operation, &arguments_json).await })
    }

    /// Starts many calls, `concurrency` at a time: `[[operation, arguments], …]`. The answer keeps their order:
    /// `[[0, answer], [1, error record], …]`.
    ///
    /// # Errors
    /// An `internal` record where no threads can be had.
    #[napi(catch_unwind)]
    pub fn call_many(
        &self,
        id: u32,
        calls_json: String,
        concurrency: u32,
        cancellable: bool,
    ) -> napi::Result<()> {
        let account = Arc::clone(&self.account);
        self.start(id, cancellable, async move { account.call_many(&calls_json, concurrency).await })
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
        self.account.is_closed.store(true, Ordering::Release);
    }
}

impl NativeClient {
    fn start(
        &self,
        id: u32,
        cancellable: bool,
        call: impl Future<Output = Result<String>> + Send + 'static,
    ) -> napi::Result<()> {
        let runtime = runtime().map_err(|error| thrown(&error))?;
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

impl Account {
    /// Built by the first call, on the runtime: loading root certificates takes milliseconds.
    fn client(&self) -> Result<&Client> {
        let client = self.client.get_or_init(|| Client::new(self.config.clone()));
        let client = client.as_ref().map_err(Error::clone)?;
        if self.is_closed.load(Ordering::Acquire) {
            client.close();
        }
        Ok(client)
    }

    async fn call(&self, operation: &str, arguments_json: &str) -> Result<String> {
        let arguments = serde_json::from_str(arguments_json).map_err(|error| unreadable(&error))?;
        let call = read(operation, arguments)?;
        json(&self.client()?.call(&call).await?)
    }

    async fn call_many(&self, calls_json: &str, concurrency: u32) -> Result<String> {
        let calls: Vec<(String, Json)> =
            serde_json::from_str(calls_json).map_err(|error| unreadable(&error))?;
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
        let mut replies = self.client()?.call_many(&readable, concurrency).await.into_iter();
        let mut results = String::from("[");
        for refused in refused {
            let result = match refused {
                Some(error) => Err(error),
                None => replies
                    .next()
                    .unwrap_or_else(|| Err(defect("an answer is missing")))
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
}

fn read(operation: &str, arguments: Json) -> Result<Call> {
    #[cfg(feature = "panic-for-tests")]
    #[allow(clippy::manual_assert, clippy::panic, reason = "it is what this is for")]
    if operation == "_panicForTests" {
        panic!("on purpose");
    }
    Call::read(operation, arguments, Style::Camel)
}

fn json(answer: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(answer).map_err(|error| defect(&format!("the answer cannot be written: {error}")))
}

/// The package writes this JSON itself, so that only a defect of it can be the reason.
fn unreadable(error: &serde_json::Error) -> Error {
    defect(&format!("the arguments cannot be read (column {})", error.column()))
}

fn defect(message: &str) -> Error {
    Error::new(gameball_core::Kind::Internal, message)
}
