//! The floor: a plain loop around reqwest on a current-thread runtime, with nothing of ours in it.
//!
//! `floor sequential|in-flight URL REQUESTS SECONDS` prints one line of JSON, as every client here does.
#![allow(clippy::print_stdout, reason = "the line is what it prints")]

use std::cell::Cell;
use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Url};
use serde::{Deserialize, Serialize};
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const IN_FLIGHT: usize = 32;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the vendor's names")]
struct Order {
    order_id: String,
    customer_id: String,
    order_date: &'static str,
    total_paid: f64,
    total_price: f64,
    total_discount: f64,
    line_items: [LineItem; 1],
    email: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LineItem {
    product_id: &'static str,
    sku: &'static str,
    title: &'static str,
    quantity: u32,
    price: f64,
    taxes: f64,
    category: [&'static str; 1],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tracked {
    customer_id: String,
    rewarded_points: f64,
}

fn order(number: u32) -> Order {
    Order {
        order_id: format!("order-{number:06}"),
        customer_id: format!("customer-{number:06}"),
        order_date: "2026-11-02T10:15:00Z",
        total_paid: 100.25,
        total_price: 118.25,
        total_discount: 18.0,
        line_items: [LineItem {
            product_id: "product-1001",
            sku: "SKU-1001-BLUE-M",
            title: "Linen shirt, blue",
            quantity: 2,
            price: 59.5,
            taxes: 8.25,
            category: ["shirts"],
        }],
        email: "friend@shop.example",
    }
}

struct Floor {
    http: Client,
    url: Url,
    headers: HeaderMap,
    number: Cell<u32>,
}

impl Floor {
    async fn track(&self) -> Result<Duration> {
        let number = self.number.replace(self.number.get() + 1);
        let began = Instant::now();
        let body = serde_json::to_vec(&order(number))?;
        let request = self.http.post(self.url.clone()).headers(self.headers.clone()).body(body);
        let answer = request.send().await?.error_for_status()?.bytes().await?;
        let tracked: Tracked = serde_json::from_slice(&answer)?;
        let is_right = tracked.customer_id.strip_prefix("customer-").and_then(|text| text.parse().ok())
            == Some(number)
            && (tracked.rewarded_points - 100.25).abs() < 1e-9;
        if !is_right {
            return Err(format!("a wrong answer to order {number}").into());
        }
        Ok(began.elapsed())
    }

    /// Calls one after the other until there are enough or it is late; their durations.
    async fn run(&self, until: Instant, requests: u32) -> Result<Vec<Duration>> {
        let mut durations = Vec::with_capacity(100_000);
        while self.number.get() < requests && Instant::now() < until {
            durations.push(self.track().await?);
        }
        Ok(durations)
    }
}

fn cpu() -> Result<Duration> {
    // This process has one thread.
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds = text.split(' ').next().ok_or("no schedstat")?.parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, url, requests, seconds] = arguments.as_slice() else {
        return Err("floor sequential|in-flight URL REQUESTS SECONDS".into());
    };
    let (requests, seconds): (u32, f64) = (requests.parse()?, seconds.parse()?);
    let mut headers = HeaderMap::new();
    for name in ["apikey", "transactionkey", "secretkey"] {
        headers.insert(name, HeaderValue::from_static("bench-key-0123456789abcdef"));
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let http = Client::builder().user_agent("floor").no_proxy().tcp_nodelay(true).build()?;
    let url = format!("{url}/api/v4.0/integrations/orders").parse()?;
    let floor = Floor { http, url, headers, number: Cell::new(0) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let lanes = if mode == "sequential" { 1 } else { IN_FLIGHT };
    let lane = |until, requests| {
        let lanes = (0..lanes).map(|_| floor.run(until, requests));
        runtime.block_on(futures_util::future::try_join_all(lanes))
    };
    // Warm-up: connections, caches, branch predictors. With a number of requests given it is a hundredth of them.
    lane(Instant::now() + Duration::from_secs_f64(seconds / 4.0), requests.div_ceil(100))?;
    let (warm, began, cpu_before) = (floor.number.get(), Instant::now(), cpu()?);
    let durations = lane(began + Duration::from_secs_f64(seconds), requests)?;
    let (wall, cpu) = (began.elapsed(), cpu()?.saturating_sub(cpu_before));
    let mut durations: Vec<Duration> = durations.into_iter().flatten().collect();
    durations.sort_unstable();
    let done = f64::from(floor.number.get() - warm);
    let p50 = durations.get(durations.len() / 2).ok_or("nothing was measured")?;
    println!(
        "{}",
        json!({
            "requests": done,
            "wall_us": wall.as_secs_f64() * 1e6 / done,
            "cpu_us": cpu.as_secs_f64() * 1e6 / done,
            "p50_us": p50.as_secs_f64() * 1e6,
        })
    );
    Ok(())
}
