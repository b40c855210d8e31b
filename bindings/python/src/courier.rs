//! The courier, and the pure parts of delivery, with JSON text in and out.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use gameball_core::delivery::prepare::{self as core, Options, Orders};
use gameball_core::delivery::{Courier as CoreCourier, Delivery, Millis, Verdict, bridge, courier};
use gameball_core::model::Json;
use gameball_core::model::arguments::Style;
use gameball_core::{Error, Kind};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde::Serialize;
use tokio::time::Instant;

use crate::async_client::{self, Submission};
use crate::client::wait;
use crate::completions::{Answer, Completions, Settled};
use crate::errors::{Failure, Outcome, entry, panicked};
use crate::slot::{Driver, Slot};
use crate::{convert, options};

/// Sends deliveries.
#[pyclass(frozen, module = "gameball_referrals._native")]
pub(crate) struct Courier {
    slot: Slot<CoreCourier>,
    /// For deliveries that nobody waits for, and those of greenlets; without a thread where there are none.
    worker: Slot<CoreCourier>,
    credentials: String,
}

#[pymethods]
impl Courier {
    #[new]
    fn new(py: Python<'_>, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        entry(py, || {
            let options = options::read_courier(options)?;
            Ok(Self {
                credentials: courier::credentials(&options.0),
                slot: Slot::new(Driver::Waiters, options.clone()),
                worker: Slot::new(Driver::Worker, options),
            })
        })
    }

    #[getter]
    fn base_url(&self) -> &str {
        self.slot.options().0.base_url()
    }

    #[getter]
    fn api_version(&self) -> &'static str {
        self.slot.options().0.api_version().as_str()
    }

    #[getter]
    fn credentials(&self) -> &str {
        &self.credentials
    }

    /// Sends deliveries and waits; both they and the verdicts are lists in JSON.
    fn deliver(&self, py: Python<'_>, deliveries: &str) -> PyResult<String> {
        entry(py, || {
            let deliveries = read(deliveries)?;
            let engine = self.slot.engine()?;
            let (runtime, courier) = &**engine;
            Ok(text(&wait(py, runtime, courier.deliver(&deliveries))?)?)
        })
    }

    /// The same on the worker thread, for greenlets.
    fn submit_deliver(
        &self,
        py: Python<'_>,
        completions: &Completions,
        number: u64,
        deliveries: &str,
    ) -> PyResult<Submission> {
        entry(py, || {
            let deliveries = read(deliveries)?;
            async_client::start(&self.worker, completions, number, move |engine| async move {
                Answer::One(text(&engine.1.deliver(&deliveries).await))
            })
        })
    }

    /// Starts to send deliveries on the worker thread; `completions` will have each verdict under its delivery's place.
    fn submit(&self, py: Python<'_>, completions: &Completions, deliveries: &str) -> PyResult<usize> {
        entry(py, || {
            let deliveries = read(deliveries)?;
            let engine = self.worker.engine()?;
            let received = Instant::now();
            for (place, delivery) in (0..).zip(&deliveries) {
                let (queue, engine_of_task) = (completions.queue(), Arc::clone(&engine));
                let delivery = delivery.clone();
                engine.0.spawn(async move {
                    let sending = AssertUnwindSafe(engine_of_task.1.send(&delivery, received));
                    let verdict = sending.catch_unwind().await.unwrap_or_else(|_| {
                        let defect = panicked();
                        Verdict::broken(&delivery, &defect)
                    });
                    queue.push(place, Answer::One(text(&verdict)));
                });
            }
            Ok(deliveries.len())
        })
    }

    fn check(&self, py: Python<'_>) -> PyResult<String> {
        entry(py, || {
            let engine = self.slot.engine()?;
            let (runtime, courier) = &**engine;
            Ok(text(&wait(py, runtime, courier.check())?)?)
        })
    }

    fn submit_check(&self, py: Python<'_>, completions: &Completions, number: u64) -> PyResult<Submission> {
        entry(py, || {
            async_client::start(&self.worker, completions, number, |engine| async move {
                Answer::One(text(&engine.1.check().await))
            })
        })
    }

    fn close(&self) {
        self.slot.close();
        self.worker.close();
    }
}

/// Calls one of the core's pure functions of delivery; input and output are JSON.
#[pyfunction]
pub(crate) fn delivery(py: Python<'_>, function: &str, given: &Bound<'_, PyString>) -> PyResult<String> {
    entry(py, || Ok(bridge::call(function, &convert::text("given", given)?)?))
}

/// Prepares a delivery; the output is JSON.
#[pyfunction]
#[pyo3(signature = (operation, arguments, now_ms, referrer_code, referral_window_ms, orders))]
pub(crate) fn prepare(
    py: Python<'_>,
    operation: &str,
    arguments: &Bound<'_, PyDict>,
    now_ms: Millis,
    referrer_code: Option<&Bound<'_, PyString>>,
    referral_window_ms: Millis,
    orders: &str,
) -> PyResult<String> {
    entry(py, || {
        let referrer_code = referrer_code.map(|code| convert::text("referrer_code", code)).transpose()?;
        let mut refused = Vec::new();
        let arguments = crossing(arguments, "", &mut refused)?;
        let options = Options {
            style: Style::Snake,
            now: now_ms,
            referrer_code: referrer_code.as_deref(),
            referral_window: referral_window_ms,
            orders: Orders::named(orders)?,
        };
        Ok(text(&core::prepare(operation, arguments, refused, options)?)?)
    })
}

/// The arguments that can cross, and why others cannot: it is the core that knows which of them may be missing.
fn crossing(fields: &Bound<'_, PyDict>, parent: &str, refused: &mut Vec<Error>) -> Outcome<Json> {
    let mut object = Vec::with_capacity(fields.len());
    // Taken at once: what is converted below may run code of the shop's, which may change the dict.
    let entries: Vec<_> = fields.iter().collect();
    for (key, value) in entries {
        let Ok(key) = key.extract::<String>() else {
            const PROBLEM: &str = "has a key that is not a string";
            if parent.is_empty() {
                return Err(Error::invalid_argument("", PROBLEM).into());
            }
            let path = format!("{parent}.<{}>", key.get_type().name()?);
            refused.push(Error::invalid_argument(path, PROBLEM));
            continue;
        };
        let path = if parent.is_empty() { key.clone() } else { format!("{parent}.{key}") };
        let crossed = match value.cast::<PyDict>() {
            Ok(inner) if parent.is_empty() => crossing(inner, &path, refused),
            _ => convert::json(&value),
        };
        match crossed {
            Ok(value) => object.push((key, value)),
            Err(Failure::Core(error)) => refused.push(error.inside(&path)),
            Err(failure) => return Err(failure),
        }
    }
    Ok(Json::Object(object))
}

fn read(deliveries: &str) -> Outcome<Vec<Delivery>> {
    Ok(serde_json::from_str(deliveries)
        .map_err(|error| Error::invalid_argument("deliveries", error.to_string()))?)
}

fn text(value: &impl Serialize) -> Settled {
    serde_json::to_string(value)
        .map_err(|error| Error::new(Kind::Internal, format!("the result cannot be written: {error}")))
}
