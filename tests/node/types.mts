// What TypeScript lets through and what it does not. Checked by `tsc`, never run.

import {
  type BatchJob,
  type BatchStatus,
  type Claim,
  ClaimSigner,
  Client,
  type ConnectionCheck,
  Courier,
  type CreatedCustomer,
  type Customer,
  DEFAULT_PARAMS,
  type ErrorCode,
  type ErrorKind,
  extractReferrerCode,
  type Forecast,
  GameballError,
  type keyEnvironment,
  type LedgerStatus,
  ledgerStatus,
  type Plan,
  type Prepared,
  prepare,
  type Receipt,
  type ReferralsConfiguration,
  type ReferredFriend,
  sessionToken,
  type TrackedOrder,
  type Verdict,
  verifyWebhook,
} from "gameball-referrals";
import { Emulator, type SeenRequest } from "gameball-referrals/testing";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : ["the types differ"]): void {}

export async function types(error: unknown, signal: AbortSignal): Promise<void> {
  const client = new Client({ apiKey: "k", secretKey: null, timeoutMs: 100, apiVersion: "v4.1" });
  // @ts-expect-error There is no client without a key.
  new Client({});
  // @ts-expect-error Only documented versions.
  new Client({ apiKey: "k", apiVersion: "v3" });
  // @ts-expect-error Nobody can read a key back.
  client.apiKey;

  const created = await client.createCustomer(
    { customerId: "1", referrerCode: undefined, attributes: null },
    { signal },
  );
  same<typeof created, CreatedCustomer>();
  // @ts-expect-error `customerId` is required.
  client.createCustomer({});
  // @ts-expect-error Ids are text.
  client.createCustomer({ customerId: 1 });
  // @ts-expect-error No unknown fields.
  client.createCustomer({ customerId: "1", nickname: "x" });
  client.createCustomer({ customerId: "1", attributes: { custom: { anything: [1, new Date()] } } });

  const tracked = await client.trackOrder({
    orderId: "1",
    customerId: "1",
    orderDate: new Date(),
    totalPaid: 100n,
    totalTax: { toJSON: () => "1.10" },
    lineItems: [{ price: "1.10", quantity: 2, category: ["a"] }],
    channel: "web",
  });
  same<typeof tracked, TrackedOrder>();
  same<TrackedOrder["rewardedPoints"], string | null>();
  // @ts-expect-error The amount is required.
  client.trackOrder({ orderId: "1", customerId: "1", orderDate: new Date() });
  // @ts-expect-error No such channel.
  client.trackOrder({ orderId: "1", customerId: "1", orderDate: "x", totalPaid: 1, channel: "shop" });

  const customer = await client.getCustomer("1", { signal });
  same<typeof customer, Customer>();
  same<Customer["isReferred"], boolean | null>();
  // @ts-expect-error Answers are not for changing.
  customer.isReferred = true;

  same<Awaited<ReturnType<Client["validateReferrerCode"]>>, boolean>();
  await client.validateReferrerCode("A", { forCustomerId: "1", signal });
  for await (const friend of client.getCustomerReferrals("1", { limit: 10 }))
    same<typeof friend, ReferredFriend>();
  const steps = await client.getReferralsConfigurations({ lang: "en" });
  same<typeof steps, readonly ReferralsConfiguration[]>();

  const [first, second] = await client.callMany(
    [
      ["getCustomer", { customerId: "1" }],
      ["validateReferrerCode", { code: "A" }],
    ],
    { concurrency: 8 },
  );
  same<typeof first, PromiseSettledResult<Customer>>();
  same<typeof second, PromiseSettledResult<boolean>>();
  // @ts-expect-error Each operation has its own arguments.
  await client.callMany([["getCustomer", { code: "A" }]], { concurrency: 8 });
  // @ts-expect-error No such operation.
  await client.callMany([["fly", {}]], { concurrency: 8 });

  if (GameballError.is(error)) {
    same<typeof error.kind, ErrorKind>();
    same<typeof error.code, ErrorCode>();
    same<typeof error.retryAfterMs, number | null>();
    const code: "GAMEBALL_NOT_FOUND" | ErrorCode = error.code;
    // @ts-expect-error No such code.
    if (code === "GAMEBALL_NOWHERE") return;
  }

  same<ReturnType<ClaimSigner["read"]>, Claim | null>();
  new ClaimSigner(new Uint8Array(32), {
    fallbackKeys: ["old"],
    maxAgeSeconds: 60,
    clock: () => new Date(),
  }).issue("A", { at: new Date() });
  // @ts-expect-error Seconds could be milliseconds: moments are Dates.
  new ClaimSigner("key").issue("A", { at: 1 });
  same<ReturnType<typeof extractReferrerCode>, string | null>();
  extractReferrerCode(new URL("https://shop.example"), { params: DEFAULT_PARAMS });
  sessionToken({ secretKey: "s", customerId: "1", expiresAt: new Date() });
  verifyWebhook(new Uint8Array(), undefined, "s");

  same<Awaited<ReturnType<Client["createCustomers"]>>, BatchJob>();
  same<Awaited<ReturnType<Client["getBatchStatus"]>>, BatchStatus>();
  // @ts-expect-error Each customer has an id.
  client.createCustomers([{ email: "a@shop.example" }]);

  const now = new Date();
  const prepared = prepare(
    "trackOrder",
    { orderId: "1", customerId: "1", orderDate: now, totalPaid: "1.10" },
    { now, referrerCode: null, orders: "all" },
  );
  same<typeof prepared, Prepared>();
  same<Prepared["deadlineAt"], Date | null>();
  // @ts-expect-error Without its time there is no deadline.
  prepare("createCustomer", { customerId: "1" });
  // @ts-expect-error Each operation has its own arguments.
  prepare("createCustomer", { orderId: "1" }, { now });
  // @ts-expect-error No such delivery.
  prepare("getCustomerReferrals", { customerId: "1" }, { now });

  using courier = new Courier({ apiKey: "k", secretKey: null, concurrency: 8, referralWindowMs: 60_000 });
  // @ts-expect-error It is the delivery that is repeated.
  new Courier({ apiKey: "k", maxRetries: 1 });
  const plan = courier.plan(null, now, [{ id: 1, lane: "1", operation: "createCustomer", dueAt: now }], 10);
  same<typeof plan, Plan>();
  // @ts-expect-error Milliseconds could be seconds: moments are Dates.
  courier.plan(null, 1, [], 10);
  const delivery = { id: 1, operation: prepared.operation, arguments: prepared.arguments, slot: plan.slot };
  same<Awaited<ReturnType<Courier["deliver"]>>, Verdict[]>();
  await courier.submit([delivery], async (verdict) => {
    same<typeof verdict, Verdict>();
    same<typeof verdict.receipt, Receipt | null>();
    // @ts-expect-error No such outcome.
    if (verdict.outcome === "done") return;
    const ledger: string = courier.record(plan.ledger, now, [verdict]);
    same<ReturnType<typeof courier.status>, LedgerStatus>();
    ledgerStatus(ledger, now);
  });
  // @ts-expect-error Verdicts need somebody to deal with them.
  courier.submit([delivery]);
  courier.reserve(plan.ledger, now, { other: 1 });
  // @ts-expect-error No such bucket.
  courier.reserve(plan.ledger, now, { orders: 1 });
  same<ReturnType<typeof courier.forecast>, Forecast>();
  same<Awaited<ReturnType<Courier["check"]>>, ConnectionCheck>();
  same<ReturnType<typeof keyEnvironment>, "test" | "live" | "unknown">();

  using emulator = new Emulator({ port: 0, clock: "system", limitWindowsDivisor: 10 });
  same<ReturnType<typeof emulator.requests>, readonly SeenRequest[]>();
  // @ts-expect-error No such fault.
  emulator.inject({ fault: "fire" });
}
