// What all Node clients share: the same orders, the same checks, the same clock, one line of JSON at the end.
//
// A client's script makes its connections, says how it tracks one order, and calls `measure`:
// `SCRIPT sequential|in-flight|batch URL REQUESTS SECONDS`.

import { readFileSync } from "node:fs";

export const IN_FLIGHT = 32;
/** Calls a batch: a page of deliveries. */
export const PAGE = 200;

export const [mode, url] = process.argv.slice(2);
const [last, seconds] = process.argv.slice(4).map(Number);
export const ordersUrl = `${url}/api/v4.0/integrations/orders`;
export const key = "bench-key-0123456789abcdef";
export const headers = { apikey: key, transactionkey: key, secretkey: key };

/** The body of an order, as it goes over the wire. */
export function order(number) {
  const id = String(number).padStart(6, "0");
  return {
    orderId: `order-${id}`,
    customerId: `customer-${id}`,
    orderDate: "2026-11-02T10:15:00Z",
    totalPaid: 100.25,
    totalPrice: 118.25,
    totalDiscount: 18.0,
    lineItems: [
      {
        productId: "product-1001",
        sku: "SKU-1001-BLUE-M",
        title: "Linen shirt, blue",
        quantity: 2,
        price: 59.5,
        taxes: 8.25,
        category: ["shirts"],
      },
    ],
    email: "friend@shop.example",
  };
}

/** Every answer is the one to this very order, or the whole run is void. */
export function check(number, { customerId, rewardedPoints }) {
  if (customerId !== `customer-${String(number).padStart(6, "0")}` || Number(rewardedPoints) !== 100.25) {
    throw new Error(`a wrong answer to order ${number}: ${customerId}, ${rewardedPoints}`);
  }
}

/** As many lanes as calls are to be in flight, each with one after the other; `step` orders at a time. */
export async function measure(track, { lanes = mode === "sequential" ? 1 : IN_FLIGHT, step = 1 } = {}) {
  const warmUp = new Stint(0, last, seconds / 4, step);
  await warmUp.run(track, lanes);
  const stint = new Stint(warmUp.number, last, seconds, step);
  await stint.run(track, lanes);
  stint.report();
}

/** A stretch of work, ended by the clock or by the number of the last order. */
class Stint {
  #durations = [];
  #step;
  #last;
  #main = mainThread();
  #cpu = process.cpuUsage();
  #began = performance.now();
  #deadline;

  constructor(number, last, seconds, step) {
    this.number = number;
    this.#last = last;
    this.#step = step;
    this.#deadline = this.#began + seconds * 1000;
  }

  async run(track, lanes) {
    const lane = async () => {
      let began = performance.now();
      while (began < this.#deadline && this.number < this.#last) {
        const number = this.number;
        this.number += this.#step;
        await track(number);
        const ended = performance.now();
        this.#durations.push(ended - began);
        began = ended;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  report() {
    const wall = (performance.now() - this.#began) * 1000;
    const { user, system } = process.cpuUsage(this.#cpu);
    const main = mainThread() - this.#main;
    const durations = this.#durations.sort((a, b) => a - b);
    const requests = durations.length * this.#step;
    const figures = {
      requests,
      wall_us: wall / requests,
      cpu_us: (user + system) / requests,
      main_us: main / requests,
      p50_us: durations[durations.length >> 1] * 1000,
    };
    console.log(JSON.stringify(figures));
  }
}

/** Microseconds that the thread of JavaScript has run. */
function mainThread() {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "latin1").split(" ", 1)) / 1000;
}
