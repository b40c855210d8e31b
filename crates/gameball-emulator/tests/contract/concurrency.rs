//! One write at a time per customer: error 2001 under real concurrency.

use std::{sync::Barrier, thread};

use serde_json::json;

use crate::client::{Api, eventually, order};

#[test]
fn only_one_of_many_writes_at_once_gets_through() {
    let api = Api::new(json!({"processingMs": 400}));
    let barrier = Barrier::new(8);
    let write = |n: usize| {
        barrier.wait();
        if n.is_multiple_of(2) {
            api.create(&json!({"customerId": "c1"}))
        } else {
            api.order(&order("c1", &format!("o{n}")))
        }
    };
    let replies: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn({
                    let write = &write;
                    move || write(n)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.failure(), (422, 2001));
    }
    assert_eq!(api.state()["counters"]["refusedInFlight"], 7);
    api.create(&json!({"customerId": "c1"})).ok();
}

#[test]
fn different_customers_do_not_meet_and_reading_is_free() {
    let api = Api::new(json!({"processingMs": 200}));
    thread::scope(|scope| {
        for n in 0..8 {
            let api = &api;
            scope.spawn(move || api.create(&json!({"customerId": format!("c{n}")})).ok());
        }
        eventually(|| (api.state()["counters"]["customers"] != 0).then_some(()));
        let first = api.state()["customers"][0]["customerId"].as_str().unwrap().to_owned();
        api.get(&format!("customers/{first}")).ok();
    });
    assert_eq!(api.state()["counters"]["customers"], 8);
}

#[test]
fn a_client_that_hangs_up_does_not_undo_its_call_nor_hold_its_customer() {
    let api = Api::new(json!({"processingMs": 50, "limits": false}));
    let stream = api
        .send("POST", "/api/v4.0/integrations/customers", &crate::client::KEYS, br#"{"customerId":"c1"}"#)
        .unwrap();
    eventually(|| (api.state()["counters"]["customers"] != 0).then_some(()));
    drop(stream);
    eventually(|| (api.create(&json!({"customerId": "c1"})).status == 200).then_some(()));
}
