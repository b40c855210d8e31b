/** The calls to Gameball. */

import { inspect } from "node:util";
import { addon } from "./addon.js";
import { queue, settled } from "./calls.js";
import { encode } from "./encode.js";
import { GameballError, guarded, invalidArgument } from "./errors.js";
import type { NativeClient } from "./native.js";
import type {
  BatchCall,
  BatchResults,
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
  validateReferrerCode(
    code: string,
    { forCustomerId, ...options }: CallOptions & { readonly forCustomerId?: string | null | undefined } = {},
  ): Promise<boolean> {
    return this.#call("validateReferrerCode", { code, forCustomerId }, options);
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
    { limit, ...options }: CallOptions & { readonly limit?: number | null | undefined } = {},
  ): AsyncGenerator<ReferredFriend, void, undefined> {
    let startAfter: number | null = null;
    do {
      const input = { customerId, limit, startAfter };
      const page: ReferralsPage = await this.#call("getCustomerReferrals", input, options);
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
  getReferralsConfigurations({
    lang,
    ...options
  }: CallOptions & { readonly lang?: string | null | undefined } = {}): Promise<
    readonly ReferralsConfiguration[]
  > {
    return this.#call("getReferralsConfigurations", { lang }, options);
  }

  /**
   * Many calls with one crossing into native code, `concurrency` of them in flight. It is the cheapest way to send
   * many; pages of 50 to 200 are best. Each call has its own deadline and its own result.
   *
   * @throws GameballError `invalid_argument` if one of them is no such pair. What else fails is told in the results.
   *
   * @example
   * const results = await gameball.callMany([["getCustomer", { customerId: "42" }]], { concurrency: 8 });
   */
  async callMany<const Calls extends readonly BatchCall[]>(
    calls: Calls,
    { concurrency, signal }: CallOptions & { readonly concurrency: number },
  ): Promise<BatchResults<Calls>> {
    const refused = new Map<number, GameballError>();
    const text = encodeCalls(calls, refused);
    const start = (native: NativeClient, id: number, cancellable: boolean) =>
      native.callMany(id, text, concurrency, cancellable);
    const answers = ((await settled(this.#native, signal, start)) as [0 | 1, never][]).values();
    const results = calls.map((_, index): PromiseSettledResult<unknown> => {
      const reason = refused.get(index);
      if (reason !== undefined) {
        return { status: "rejected", reason };
      }
      const [failed, value] = answers.next().value as [0 | 1, never];
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

  // The answer's type is what the bridge promises for the operation.
  async #call<Answer>(
    operation: keyof Operations | "getCustomerReferrals",
    input: object,
    options: CallOptions | undefined,
  ): Promise<Answer> {
    const text = encode(input);
    const start = (native: NativeClient, id: number, cancellable: boolean) =>
      native.call(id, operation, text, cancellable);
    return (await settled(this.#native, options?.signal, start)) as Answer;
  }
}

/** The calls as JSON text, without those that cannot be written: what is wrong with them is put into `refused`. */
function encodeCalls(calls: readonly BatchCall[], refused: Map<number, GameballError>): string {
  for (const [index, call] of calls.entries()) {
    if (!Array.isArray(call) || call.length !== 2 || typeof call[0] !== "string") {
      throw invalidArgument(`calls[${index}]`, "is no pair of an operation and its arguments");
    }
  }
  try {
    return encode(calls);
  } catch {
    const texts: string[] = [];
    for (const [index, call] of calls.entries()) {
      try {
        // Arguments alone, so that the path in an error is the one within them.
        texts.push(`[${encode(call[0])},${encode(call[1])}]`);
      } catch (error) {
        if (!GameballError.is(error)) {
          throw error;
        }
        refused.set(index, error);
      }
    }
    return `[${texts.join(",")}]`;
  }
}
