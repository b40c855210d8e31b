/** The calls to Gameball. */

import { inspect } from "node:util";
import { addon } from "./addon.js";
import { queue, settled } from "./calls.js";
import { encode } from "./encode.js";
import { type ErrorDetails, GameballError, guarded, invalidArgument } from "./errors.js";
import type { NativeClient } from "./native.js";
import type {
  BatchCall,
  BatchJob,
  BatchResults,
  BatchStatus,
  CallOptions,
  ClientOptions,
  CreateCustomerInput,
  CreatedCustomer,
  Customer,
  Operations,
  ReferralsConfiguration,
  ReferralsCount,
  ReferredFriend,
  TrackedOrder,
  TrackOrderInput,
} from "./types.js";
import { given, list, parts, reading, whole } from "./values.js";

/** Of the calls in flight, as the addon counts them. */
const MAX_CONCURRENCY = 2 ** 32 - 1;

/** One page, as the core gives it. */
interface ReferralsPage {
  readonly referredFriends: readonly ReferredFriend[];
  readonly nextStartAfter: number | null;
}

/**
 * A client of one Gameball account. Make one and keep it: it holds the connections.
 *
 * A call has one deadline (`timeoutMs`), within which it is repeated only where that is safe. Every failure is a
 * {@link GameballError}. Nothing is sent, and no thread is started, before the first call; a pending call keeps the
 * process alive, as `fetch` does. Properties and `util.inspect` never show a key.
 *
 * @example
 * const gameball = new Client({ apiKey, secretKey });
 * await gameball.createCustomer({ customerId: "42", referrerCode: "REF123456" });
 */
export class Client {
  readonly #native: NativeClient;

  /** @throws GameballError `configuration`, whose `field` is the option that cannot work. */
  constructor(options: ClientOptions) {
    if (typeof options !== "object" || options === null) {
      const message = "the options must be an object, with an apiKey at least";
      throw new GameballError({ kind: "configuration", message });
    }
    const text = encode(options, "configuration");
    this.#native = guarded(() => new addon.NativeClient(text, queue()));
  }

  /** Where calls are sent. */
  get baseUrl(): string {
    return this.#native.baseUrl;
  }

  /** `v4.0` or `v4.1`. */
  get apiVersion(): string {
    return this.#native.apiVersion;
  }

  /**
   * `POST customers`: creates a customer, with the code of whoever referred them, or updates one.
   *
   * An unknown code is no error: Gameball ignores it silently. {@link Client.validateReferrerCode} before, or
   * {@link Customer.isReferred} after, tells.
   *
   * @throws GameballError of any kind but `not_found`.
   */
  createCustomer(input: CreateCustomerInput, options?: CallOptions): Promise<CreatedCustomer> {
    return this.#call("createCustomer", input, options);
  }

  /**
   * `POST orders`: tracks a paid order. It needs the secret key.
   *
   * @throws GameballError of any kind; `conflict` (Gameball code 9004) if the order was tracked before.
   */
  trackOrder(input: TrackOrderInput, options?: CallOptions): Promise<TrackedOrder> {
    return this.#call("trackOrder", input, options);
  }

  /**
   * `GET customers/{customerId}`: the profile, with the customer's own code and whether they were referred.
   *
   * @throws GameballError of any kind; `not_found` if Gameball does not know the customer.
   */
  getCustomer(customerId: string, options?: CallOptions): Promise<Customer> {
    return this.#call("getCustomer", { customerId }, options);
  }

  /**
   * `DELETE customers/{customerId}`: erases the customer at Gameball. It needs the secret key.
   *
   * @throws GameballError of any kind; `not_found` if Gameball did not know the customer.
   */
  async deleteCustomer(customerId: string, options?: CallOptions): Promise<void> {
    await this.#call("deleteCustomer", { customerId }, options);
  }

  /**
   * `GET referrals/validate`: whether the code exists and, with `forCustomerId`, whether that customer may use it
   * (nobody refers themselves).
   *
   * @throws GameballError of any kind. That the code is unknown is an answer, not an error.
   */
  async validateReferrerCode(
    code: string,
    options?: CallOptions & { readonly forCustomerId?: string | null | undefined },
  ): Promise<boolean> {
    const { forCustomerId, signal } = given(options, ["forCustomerId", "signal"]);
    return await this.#call("validateReferrerCode", { code, forCustomerId }, { signal });
  }

  /**
   * `GET customers/{customerId}/referrals`: the friends a customer has brought, oldest first. Pages are fetched as
   * they are reached, `limit` friends each (1 to 200, the default). It needs the secret key.
   *
   * @throws GameballError of any kind, while iterating.
   *
   * @example
   * for await (const friend of gameball.getCustomerReferrals("42")) console.log(friend.status);
   */
  async *getCustomerReferrals(
    customerId: string,
    options?: CallOptions & { readonly limit?: number | null | undefined },
  ): AsyncGenerator<ReferredFriend, void, undefined> {
    const { limit, signal } = given(options, ["limit", "signal"]);
    let startAfter: number | null = null;
    do {
      const input = { customerId, limit, startAfter };
      const page: ReferralsPage = await this.#call("getCustomerReferrals", input, { signal });
      yield* page.referredFriends;
      startAfter = page.nextStartAfter;
    } while (startAfter !== null);
  }

  /**
   * `GET customers/{customerId}/referrals/count`. It needs the secret key.
   *
   * @throws GameballError of any kind; `not_found` if Gameball does not know the customer.
   */
  getCustomerReferralsCount(customerId: string, options?: CallOptions): Promise<ReferralsCount> {
    return this.#call("getCustomerReferralsCount", { customerId }, options);
  }

  /**
   * `GET configurations/referrals`: the program's steps, with texts in `lang` (`en`, `pt-BR`) where Gameball has
   * them.
   *
   * @throws GameballError of any kind.
   */
  async getReferralsConfigurations(
    options?: CallOptions & { readonly lang?: string | null | undefined },
  ): Promise<readonly ReferralsConfiguration[]> {
    const { lang, signal } = given(options, ["lang", "signal"]);
    return await this.#call("getReferralsConfigurations", { lang }, { signal });
  }

  /**
   * `POST batch/customers`: hands over many customers, to be created or updated soon. It needs both keys. A few hundred
   * at a time keep the call short; that a customer was refused, only {@link Client.getBatchStatus} tells.
   *
   * @throws GameballError of any kind; `invalid_argument` at such as `customers[3].email`.
   */
  createCustomers(customers: readonly CreateCustomerInput[], options?: CallOptions): Promise<BatchJob> {
    return this.#call("createCustomers", { customers }, options);
  }

  /**
   * `GET batches/{jobId}/status`: how far a batch is, and what went wrong. It needs both keys.
   *
   * @throws GameballError of any kind; `not_found` if Gameball knows no such job.
   */
  getBatchStatus(jobId: string, options?: CallOptions): Promise<BatchStatus> {
    return this.#call("getBatchStatus", { jobId }, options);
  }

  /**
   * Many calls with one crossing into native code, `concurrency` of them in flight. It is the cheapest way to send
   * many; pages of 50 to 200 are best. Each call has its own deadline and its own result.
   *
   * @throws GameballError `invalid_argument` at `calls[i]` if that is no such pair, and at `concurrency` if that is no
   *   whole number from 1 on; then nothing is sent. What else fails is told in the results.
   *
   * @example
   * const results = await gameball.callMany([["getCustomer", { customerId: "42" }]], { concurrency: 8 });
   */
  async callMany<const Calls extends readonly BatchCall[]>(
    calls: Calls,
    options: CallOptions & { readonly concurrency: number },
  ): Promise<BatchResults<Calls>> {
    const pairs = list("calls", calls, pair);
    const { concurrency, signal } = parts("options", options, ["concurrency", "signal"]);
    const width = whole("concurrency", concurrency);
    if (width < 1 || width > MAX_CONCURRENCY) {
      throw invalidArgument("concurrency", `must be from 1 to ${MAX_CONCURRENCY}`);
    }
    const outcomes = pairs.map(encodedCall);
    const text = `[${outcomes.filter((outcome) => typeof outcome === "string").join(",")}]`;
    const start = (native: NativeClient, id: number, cancellable: boolean) =>
      native.callMany(id, text, width, cancellable);
    const answers = ((await settled(this.#native, abortSignal(signal), start)) as Answer[]).values();
    const results = outcomes.map((outcome): PromiseSettledResult<unknown> => {
      if (typeof outcome !== "string") {
        return { status: "rejected", reason: outcome };
      }
      const [failed, value] = answers.next().value as Answer;
      return failed
        ? { status: "rejected", reason: new GameballError(value) }
        : { status: "fulfilled", value };
    });
    return results as unknown as BatchResults<Calls>;
  }

  /** Refuses every later call with `closed`; pending ones go on. */
  close(): void {
    this.#native.close();
  }

  /** The same as {@link Client.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    const { baseUrl, apiVersion } = this;
    return `Client ${inspect({ baseUrl, apiVersion }, options)}`;
  }

  // The result's type is what the bridge promises for the operation.
  async #call<Result>(
    operation: keyof Operations | "getCustomerReferrals",
    input: object,
    options: CallOptions | undefined,
  ): Promise<Result> {
    if (typeof input !== "object" || input === null) {
      throw invalidArgument("input", "must be an object of named arguments");
    }
    const text = encode(input);
    const { signal } = given(options, ["signal"]);
    const start = (native: NativeClient, id: number, cancellable: boolean) =>
      native.call(id, operation, text, cancellable);
    return (await settled(this.#native, abortSignal(signal), start)) as Result;
  }
}

/** One of many answers as it crosses: whether the call failed, and its answer or the error's record. */
type Answer = readonly [failed: 0, answer: unknown] | readonly [failed: 1, ErrorDetails];

/** An operation and its arguments, which may still be anything. */
type Pair = readonly [operation: string, input: unknown];

function pair(field: string, call: unknown): Pair {
  return reading(field, () => {
    if (Array.isArray(call) && call.length === 2) {
      const [operation, input] = call;
      if (typeof operation === "string") {
        return [operation, input];
      }
    }
    throw invalidArgument(field, "is no pair of an operation and its arguments");
  });
}

/** The call as JSON text, or why it cannot be written. The path in an error is the one within the arguments. */
function encodedCall([operation, input]: Pair): string | GameballError {
  try {
    return `[${encode(operation)},${encode(input)}]`;
  } catch (error) {
    if (GameballError.is(error)) {
      return error;
    }
    throw error;
  }
}

function abortSignal(signal: AbortSignal | null | undefined): AbortSignal | null | undefined {
  // By what it can do: it may be another realm's.
  const isSignal = (signal: AbortSignal) =>
    typeof signal.aborted === "boolean" &&
    typeof signal.throwIfAborted === "function" &&
    typeof signal.addEventListener === "function";
  if (signal == null || reading("signal", () => isSignal(signal))) {
    return signal;
  }
  throw invalidArgument("signal", "is no AbortSignal");
}
