/**
 * A local Gameball to test against, of the vendor's documented behaviour. It listens on loopback only.
 *
 * @packageDocumentation
 */

import { addon } from "./addon.js";
import { Client } from "./client.js";
import { encode } from "./encode.js";
import { guarded } from "./errors.js";
import type { NativeEmulator } from "./native.js";
import type { ClientOptions, PlainObject } from "./types.js";
import { anyText, bytes, date, given, parts, reading, seconds, text } from "./values.js";

/** How an emulator is set up. What is left out is as at a new Gameball account. */
export interface EmulatorOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  readonly apiKey?: string;
  /** Default a test key of the 32 bytes that session tokens need. */
  readonly secretKey?: string;
  /** Every call needs both keys. */
  readonly highSecurity?: boolean;
  /** The oldest API version that is answered. Default `v4.0`. */
  readonly minVersion?: string;
  /** Gameball is switched off for this account: every call fails with 6000. */
  readonly disabled?: boolean;
  /** Whatever touches referrals fails with 8000. */
  readonly planLacksReferrals?: boolean;
  /** How long a write holds its customer, in milliseconds: another one meanwhile fails with 2001. Default 2. */
  readonly processingMs?: number;
  /** How long after a registration a referral may still be linked. Default 300. */
  readonly linkWindowSeconds?: number;
  /** Whether a guest may be referred. Default true. */
  readonly guestReferrals?: boolean;
  /** Whether the documented limits apply. Default true. */
  readonly limits?: boolean;
  /** Shortens both windows of every limit, the ratio kept, for tests of what waits for them. Default 1; at most 100. */
  readonly limitWindowsDivisor?: number;
  /** `"system"`, or the moment at which time stands still until it is moved. Default `"system"`. */
  readonly clock?: "system" | Date | string;
  /** Where webhooks go: an `http://` URL of this machine. */
  readonly webhookUrl?: string | null;
  /** The reading chosen where the vendor's documents differ. */
  readonly switches?: PlainObject;
}

/** What goes wrong, with which call, and how often. */
export interface Fault {
  readonly fault:
    | "latency"
    | "status"
    | "html"
    | "empty"
    | "truncated"
    | "resetBefore"
    | "resetAfter"
    | "blackHole"
    | "slowBody"
    | "endlessBody"
    | "redirect"
    | "garbage";
  /** The vendor's `operationId`; default any. */
  readonly operation?: string;
  readonly customerId?: string;
  /** How often; null until `clearFaults`. Default once. */
  readonly times?: number | null;
  /** Whether the call is carried out before the answer goes wrong. */
  readonly afterApply?: boolean;
  /** A delay before the answer, in milliseconds. */
  readonly ms?: number;
  readonly status?: number;
  /** Gameball's error code. */
  readonly code?: number;
  /** Seconds, or the header's text. */
  readonly retryAfter?: number | string;
  /** Where a redirect points. */
  readonly location?: string;
  readonly body?: string;
}

/** A customer that is there from the beginning. */
export interface SeedCustomer {
  readonly customerId: string;
  readonly referralCode?: string;
  readonly guest?: boolean;
  readonly email?: string;
  readonly mobile?: string;
  readonly attributes?: PlainObject;
  readonly registeredAt?: Date | string;
  /** The customer who referred this one. */
  readonly referredBy?: string;
}

/** A request as the emulator saw it; keys are told only to be present. */
export interface SeenRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly operation: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number | null;
  readonly code: number | null;
  readonly requestId: string;
  readonly fault: string | null;
  readonly applied: boolean;
}

/** Everything the emulator knows. */
export interface EmulatorState {
  readonly customers: readonly (PlainObject & {
    readonly customerId: string;
    readonly gameballId: number;
    readonly referralCode: string;
    readonly isReferred: boolean;
    readonly referredBy: string | null;
  })[];
  readonly orders: readonly (PlainObject & { readonly orderId: string; readonly customerId: string })[];
  readonly referrals: readonly (PlainObject & {
    readonly referrer: string;
    readonly friend: string;
    readonly code: string;
    readonly status: string;
  })[];
  readonly ignoredCodes: readonly (PlainObject & { readonly code: string; readonly reason: string })[];
  readonly requests: readonly SeenRequest[];
  readonly counters: PlainObject & { readonly requests: number };
  readonly [more: string]: unknown;
}

/** Those that run, so that one lives until it is stopped although nobody keeps it. */
const running = new Set<NativeEmulator>();

/**
 * A running emulator, on a thread of its own, until it is stopped; it does not keep the process alive.
 *
 * @example
 * using emulator = new Emulator();
 * emulator.addCustomer({ customerId: "ann", referralCode: "REF123456" });
 * const gameball = emulator.client();
 */
export class Emulator {
  readonly #native: NativeEmulator;
  #apiKey: string;
  #secretKey: string;

  /**
   * Starts it; it listens when this returns.
   *
   * @throws GameballError `configuration` if an option cannot work or the port is taken.
   */
  constructor(options: EmulatorOptions = {}) {
    const json = encode(options, "configuration");
    this.#native = guarded(() => new addon.NativeEmulator(json));
    running.add(this.#native);
    this.#apiKey = this.#native.apiKey;
    this.#secretKey = this.#native.secretKey;
  }

  /** Where it listens: `http://127.0.0.1:PORT`. A browser sees a page there that shows what happened. */
  get url(): string {
    return this.#native.url;
  }

  /** The public key it expects. */
  get apiKey(): string {
    return this.#apiKey;
  }

  /** The private key it expects. */
  get secretKey(): string {
    return this.#secretKey;
  }

  /** A client of it, with both keys unless told otherwise. */
  client(options: Partial<ClientOptions> = {}): Client {
    return new Client({ apiKey: this.apiKey, secretKey: this.secretKey, baseUrl: this.url, ...options });
  }

  /** Everything it knows; with `last`, only so many of the latest of each list. */
  state(options?: { readonly last?: number }): EmulatorState {
    const { last } = given(options, ["last"]);
    return this.control("state", { last }) as EmulatorState;
  }

  /** The requests it has seen, oldest first; with `operation`, those of one call. */
  requests(options?: { readonly operation?: string }): readonly SeenRequest[] {
    const { operation } = given(options, ["operation"]);
    return (this.control("requests", { operation }) as { requests: readonly SeenRequest[] }).requests;
  }

  /** Moves its clock on. */
  advance(seconds: number): void {
    this.control("advance", { seconds });
  }

  /** Makes calls fail. Returns the fault's id. */
  inject(fault: Fault): number {
    return (this.control("inject", fault) as { id: number }).id;
  }

  /** Forgets all faults that have not struck yet. */
  clearFaults(): void {
    this.control("clearFaults");
  }

  /** Puts a customer there, as if registered before. */
  addCustomer(customer: SeedCustomer): void {
    this.control("addCustomer", customer);
  }

  /** Changes options while it runs: a key is rotated, a mode switched on. */
  configure(changes: EmulatorOptions): void {
    this.control("configure", changes);
    const { apiKey, secretKey } = parts("changes", changes, ["apiKey", "secretKey"]);
    this.#apiKey = apiKey ?? this.#apiKey;
    this.#secretKey = secretKey ?? this.#secretKey;
  }

  /** Forgets all data, faults and requests; options and clock stay. */
  reset(): void {
    this.control("reset");
  }

  /**
   * Any command: `setClock`, `freeze`, `resume`, `removeCustomer`, `widgetInit`, `completeReferral`, `sendWebhook`
   * and those with methods of their own.
   *
   * @throws GameballError `invalid_argument` if there is no such command or it cannot be carried out.
   */
  control(command: string, details: object = {}): unknown {
    const json = encode({ ...reading("details", () => ({ ...details })), do: text("command", command) });
    return JSON.parse(guarded(() => this.#native.control(json)));
  }

  /** Stops it. Stopping again does nothing. */
  stop(): void {
    guarded(() => this.#native.stop());
    running.delete(this.#native);
  }

  /** The same as {@link Emulator.stop}, for `using`. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /** The same as {@link Emulator.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }
}

/** The signature (`X-GB-Signature`) that Gameball would send with a body, to test a webhook route. */
export function signWebhook(rawBody: string | Uint8Array, secretKey: string): string {
  const [body, key] = [bytes("rawBody", rawBody), text("secretKey", secretKey)];
  return guarded(() => addon.signWebhook(body, key));
}

/** What a session token says. */
export interface Session {
  readonly customerId: string;
  readonly expiresAt: Date;
  readonly email: string | null;
  readonly mobile: string | null;
}

/** What a session token says, or null if it is not genuine or has expired at `now` (default the system's time). */
export function readSessionToken(
  secretKey: string,
  token: string,
  options?: { readonly now?: Date },
): Session | null {
  const { now = new Date() } = given(options, ["now"]);
  const [key, read, moment] = [text("secretKey", secretKey), anyText("token", token), seconds("now", now)];
  const session = guarded(() => addon.readSessionToken(key, read, moment));
  return (
    session && {
      customerId: session.customerId,
      expiresAt: date(session.expiresAt),
      email: session.email ?? null,
      mobile: session.mobile ?? null,
    }
  );
}
