//! Batch jobs: their life from pending to completed, and the rules their items follow.

use serde_json::json;

use crate::client::{Api, order};

#[test]
fn a_job_moves_on_with_each_poll() {
    let api = Api::new(json!({})).referrer();
    let items = json!([
        {"customerId": "b1", "referrerCode": "ANNA"}, {"customerId": "b2", "referrerCode": "NOBODY"},
        {"email": "x@y.z"}, {"customerId": "b1", "email": "b1@example.com"},
    ]);
    let job = api.post("batch/customers", &json!({"body": items})).ok()["jobId"].as_u64().unwrap();
    let poll = || api.get(&format!("batches/{job}/status")).ok();
    let first = poll();
    assert_eq!(first["status"], "pending");
    assert_eq!(first["batchId"], job.to_string());
    assert_eq!((first["totalItems"].as_u64(), first["processedItems"].as_u64()), (Some(4), Some(0)));
    let second = poll();
    assert_eq!((second["status"].as_str(), second["processedItems"].as_u64()), (Some("processing"), Some(2)));
    assert_eq!(second["progress"], 50);
    let third = poll();
    assert_eq!(third["status"], "completed");
    assert_eq!((third["processedItems"].as_u64(), third["failedItems"].as_u64()), (Some(4), Some(1)));
    assert_eq!(third["results"].as_array().unwrap().len(), 3);
    assert_eq!(third["results"][0]["customerId"], "b1");
    assert_eq!(
        (third["errors"][0]["index"].as_u64(), third["errors"][0]["code"].as_u64()),
        (Some(2), Some(3000))
    );
    assert_eq!(poll(), third);
    assert_eq!(api.referrer_of("b1").as_deref(), Some("anna"));
    assert_eq!(api.ignored(), "invalidCode");
    assert_eq!(api.state()["customers"][1]["createdBy"], "batch");
}

#[test]
fn a_job_moves_on_with_the_clock() {
    let api = Api::new(json!({}));
    let body = json!({"body": [order("c1", "o1"), order("c1", "o1"), order("c2", "o2")]});
    api.post("batch/orders", &body).ok();
    assert_eq!(api.state()["batches"][0]["status"], "pending");
    api.advance(1.0);
    assert_eq!(api.state()["batches"][0]["status"], "processing");
    api.advance(1.0);
    let state = api.state();
    assert_eq!(state["batches"][0]["status"], "completed");
    assert_eq!(state["batches"][0]["errors"][0]["code"], 9004);
    assert_eq!(state["counters"]["orders"], 2);
}

#[test]
fn a_jobs_orders_keep_their_exact_amounts() {
    let api = Api::new(json!({}));
    let body = format!(r#"{{"body":[{}]}}"#, crate::client::order_text("c1", "o1"));
    api.call("POST", "batch/orders", Some(&body)).ok();
    api.advance(5.0);
    assert_eq!(api.state()["orders"][0]["totalPaid"], "100.10");
}

#[test]
fn a_job_whose_items_all_fail_has_failed() {
    let api = Api::new(json!({}));
    api.post("batch/customers", &json!({"body": [1, {}]})).ok();
    api.advance(5.0);
    assert_eq!(api.state()["batches"][0]["status"], "failed");
}

#[test]
fn a_batch_without_items_is_refused() {
    let api = Api::new(json!({}));
    assert_eq!(api.post("batch/customers", &json!({})).failure(), (400, 3000));
    assert_eq!(api.post("batch/customers", &json!({"body": null})).failure(), (422, 3001));
    for body in [json!([]), json!({}), json!("x")] {
        assert_eq!(api.post("batch/orders", &json!({"body": body})).failure(), (422, 3003));
    }
    for id in ["9999", "x"] {
        assert_eq!(api.get(&format!("batches/{id}/status")).failure(), (404, 4004));
    }
}
