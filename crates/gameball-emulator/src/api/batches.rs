//! Batch jobs: many customers or orders in one call, worked off later by the rules of single calls.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Call, Failure, Operation, Success, customers, orders, payload::Payload};
use crate::{account::CreatedBy, switches::BatchAnswer, world::World};

const FIRST_JOB_ID: u64 = 5001;

/// How far a job is. It moves on with every second of the clock and with every poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Pending,
    Processing,
    Done,
}

#[derive(Clone, Debug)]
pub(crate) struct Batch {
    operation: Operation,
    items: Vec<String>,
    started_at: Timestamp,
    polls: i64,
    stage: Stage,
    processed: usize,
    results: Vec<Value>,
    errors: Vec<Value>,
}

impl Batch {
    fn due(&self, now: Timestamp) -> Stage {
        let seconds = now.duration_since(self.started_at).max(SignedDuration::ZERO).as_secs();
        match seconds + self.polls {
            0 => Stage::Pending,
            1 => Stage::Processing,
            _ => Stage::Done,
        }
    }

    fn status(&self) -> &'static str {
        match self.stage {
            Stage::Pending => "pending",
            Stage::Processing => "processing",
            Stage::Done if self.results.is_empty() => "failed",
            Stage::Done => "completed",
        }
    }

    pub(crate) fn to_json(&self, id: u64) -> Value {
        json!({
            "batchId": id.to_string(),
            "status": self.status(),
            "progress": self.processed * 100 / self.items.len().max(1),
            "totalItems": self.items.len(),
            "processedItems": self.processed,
            "failedItems": self.errors.len(),
            "results": self.results,
            "errors": self.errors,
        })
    }
}

pub(super) fn start(world: &mut World, call: &Call, operation: Operation) -> Result<Success, Failure> {
    let payload = Payload::parse(&call.body, world.options.switches.null_optional)?;
    let items = payload.batch_items()?;
    let id = world.batches.last_key_value().map_or(FIRST_JOB_ID, |(last, _)| last + 1);
    let batch = Batch {
        operation,
        items,
        started_at: world.now(),
        polls: 0,
        stage: Stage::Pending,
        processed: 0,
        results: Vec::new(),
        errors: Vec::new(),
    };
    world.batches.insert(id, batch);
    Ok(Success::read(match world.options.switches.batch_answer {
        BatchAnswer::JobId => json!({"jobId": id}),
        BatchAnswer::BatchId => json!({"batchId": id.to_string()}),
    }))
}

pub(super) fn status(world: &mut World, call: &Call) -> Result<Success, Failure> {
    let id = call.route.batch_id.as_deref().and_then(|id| id.parse::<u64>().ok()).unwrap_or_default();
    let batch = world.batches.get_mut(&id).ok_or_else(|| Failure::new(4004, "there is no such batch"))?;
    let body = batch.to_json(id);
    batch.polls += 1;
    Ok(Success::read(body))
}

impl World {
    /// Works off what is due: half of a job's items once it is processing, the rest when it is done.
    pub(crate) fn advance_batches(&mut self) {
        let now = self.now();
        let due: Vec<u64> = self
            .batches
            .iter()
            .filter(|(_, batch)| batch.due(now) > batch.stage)
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(mut batch) = self.batches.remove(&id) else { continue };
            batch.stage = batch.due(now);
            let upto = if batch.stage == Stage::Done { batch.items.len() } else { batch.items.len() / 2 };
            for index in batch.processed..upto {
                let item = batch.items.get(index).cloned().unwrap_or_default();
                match self.batch_item(batch.operation, &item) {
                    Ok(result) => batch.results.push(result),
                    Err(failure) => batch.errors.push(json!({
                        "index": index,
                        "code": failure.code,
                        "message": failure.message,
                    })),
                }
            }
            batch.processed = upto;
            self.batches.insert(id, batch);
        }
    }

    fn batch_item(&mut self, operation: Operation, item: &str) -> Result<Value, Failure> {
        let payload = Payload::parse(item, self.options.switches.null_optional)?;
        if operation == Operation::BatchOrders {
            return orders::record(self, &payload, CreatedBy::Batch);
        }
        let customer_id = payload.id("customerId")?.to_owned();
        let mut answer = customers::upsert(self, &payload, CreatedBy::Batch)?;
        // A batch's result names its customer, which the answer of a single call need not.
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("customerId".to_owned(), Value::from(customer_id));
        }
        Ok(answer)
    }
}
