/**
 * What goes into the calls and what comes out, in the vendor's names.
 *
 * In: null and `undefined` mean "not given". Out: what an answer lacks is null, never missing.
 */

/**
 * An exact amount in the shop's currency (not in cents): `"100.10"`, `100`, `100n`, or an object of a decimal
 * library whose `toJSON` returns one. A number goes by its shortest notation: write `"100.10"` where the trailing
 * zero matters. Negative amounts and more than 28 digits are refused.
 */
export type Amount = string | number | bigint | { toJSON(): string | number };

/** A moment: a `Date`, or ISO 8601 text with a zone (`2024-01-15T10:30:00Z`). It is sent in UTC. */
export type Moment = Date | string;

/** Plain data that passes untouched: what JSON can say, `Date` and `bigint`. */
export interface PlainObject {
  readonly [name: string]: unknown;
}

/** Where a customer or an order came from. */
export type Channel = "mobile" | "pos" | "web" | "callcenter";

/** Options of a client. The defaults are the core's. */
export interface ClientOptions {
  /** The public key, from the Gameball dashboard. */
  readonly apiKey: string;
  /**
   * The private key. On v4.0 it is needed for orders, friends and erasure only; on v4.1 and in High Security Mode
   * for everything.
   */
  readonly secretKey?: string | null | undefined;
  /** Default `https://api.gameball.co`. */
  readonly baseUrl?: string | null | undefined;
  /** Default `v4.0`. */
  readonly apiVersion?: "v4.0" | "v4.1" | null | undefined;
  /** Whether the account is in High Security Mode: every call takes both keys. Default false. */
  readonly highSecurity?: boolean | null | undefined;
  /** The deadline of one call in milliseconds, retries and all. Default 10,000; at most 600,000. */
  readonly timeoutMs?: number | null | undefined;
  /** How often one call is repeated at most, where that is safe. Default 2; at most 10. */
  readonly maxRetries?: number | null | undefined;
  /** Whether keys may travel over plain HTTP to other machines. Default false. */
  readonly allowPlainHttp?: boolean | null | undefined;
}

/** Options of a single call. */
export interface CallOptions {
  /** Gives the call up: its promise is rejected with the signal's reason. Gameball may have carried it out. */
  readonly signal?: AbortSignal | null | undefined;
}

/** Arguments of `createCustomer`. Source: the vendor's `UpsertCustomerRequest`. */
export interface CreateCustomerInput {
  /** The shop's own id, which must never change (a database id, not an e-mail address). At most 255 characters. */
  readonly customerId: string;
  /** The code of whoever referred them. It counts in the customer's first call only. */
  readonly referrerCode?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly mobile?: string | null | undefined;
  readonly guest?: boolean | null | undefined;
  readonly attributes?: CustomerAttributes | null | undefined;
}

/** `customerAttributes` of a creation. */
export interface CustomerAttributes {
  readonly displayName?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly mobile?: string | null | undefined;
  readonly gender?: string | null | undefined;
  /** `1990-02-28` */
  readonly dateOfBirth?: string | null | undefined;
  /** `2024-01-15`, or a moment. */
  readonly joinDate?: Moment | null | undefined;
  readonly country?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly zip?: string | null | undefined;
  readonly preferredLanguage?: string | null | undefined;
  readonly source?: string | null | undefined;
  readonly channel?: Channel | null | undefined;
  readonly totalSpent?: Amount | null | undefined;
  readonly totalOrders?: number | bigint | null | undefined;
  readonly avgOrderAmount?: Amount | null | undefined;
  /** `2024-01-15`, or a moment. */
  readonly lastOrderDate?: Moment | null | undefined;
  readonly utms?: readonly unknown[] | null | undefined;
  readonly devices?: readonly unknown[] | null | undefined;
  readonly paymentMethods?: readonly string[] | null | undefined;
  /** The shop's own attributes; they pass untouched. */
  readonly custom?: PlainObject | null | undefined;
}

/** Answer of `createCustomers`. */
export interface BatchJob {
  /** The job's id. */
  readonly jobId: string;
}

/** Answer of `getBatchStatus`: how far a batch is. */
export interface BatchStatus {
  /** `pending`, `processing`, `completed`, or `failed` if all items failed. */
  readonly status: string | null;
  readonly totalItems: number | null;
  readonly processedItems: number | null;
  readonly failedItems: number | null;
  readonly errors: readonly BatchError[];
}

/** What went wrong with one item of a batch. Gameball documents no fields. */
export interface BatchError {
  /** The item's place in the call, from 0. */
  readonly index: number | null;
  readonly customerId: string | null;
  /** Gameball's error code. */
  readonly code: number | null;
  readonly message: string | null;
}

/** Arguments of `trackOrder`. Source: the vendor's `trackOrder`. */
export interface TrackOrderInput {
  /** The shop's id of the order: case-sensitive, never reused. At most 255 characters. */
  readonly orderId: string;
  readonly customerId: string;
  readonly orderDate: Moment;
  /** What the customer really paid; rewards are computed from it. */
  readonly totalPaid: Amount;
  readonly totalPrice?: Amount | null | undefined;
  readonly totalDiscount?: Amount | null | undefined;
  readonly totalShipping?: Amount | null | undefined;
  readonly totalTax?: Amount | null | undefined;
  readonly lineItems?: readonly LineItem[] | null | undefined;
  /** The code of whoever referred the customer. It counts on the first order only. */
  readonly referrerCode?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly mobile?: string | null | undefined;
  readonly guest?: boolean | null | undefined;
  readonly channel?: Channel | null | undefined;
  readonly cartId?: string | null | undefined;
  /** The shop's own facts; they pass untouched. */
  readonly extra?: PlainObject | null | undefined;
}

/** One line of an order. */
export interface LineItem {
  readonly productId?: string | null | undefined;
  readonly sku?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly quantity?: Amount | null | undefined;
  /** Of one unit. */
  readonly price?: Amount | null | undefined;
  readonly category?: readonly string[] | null | undefined;
  readonly collection?: readonly string[] | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly vendor?: string | null | undefined;
  readonly weight?: Amount | null | undefined;
  /** Of the whole line. */
  readonly taxes?: Amount | null | undefined;
  /** Of the whole line. */
  readonly discount?: Amount | null | undefined;
  /** The shop's own facts; they pass untouched. */
  readonly extra?: PlainObject | null | undefined;
}

/** Answer of `createCustomer`. */
export interface CreatedCustomer {
  /** Gameball's own id. */
  readonly gameballId: number | null;
}

/** Answer of `trackOrder`. Points are exact decimals. */
export interface TrackedOrder {
  readonly customerId: string | null;
  readonly redeemedPoints: string | null;
  readonly rewardedPoints: string | null;
}

/** Answer of `getCustomer`: the profile, without personal data. Source: the vendor's `CustomerResponse`. */
export interface Customer {
  /** Gameball's own id. */
  readonly gameballId: number | null;
  readonly customerId: string | null;
  /** The customer's own code, to share. */
  readonly referralCode: string | null;
  /** A link that carries the code. */
  readonly referralLink: string | null;
  /** Whether Gameball counts this customer as referred: the proof of a referral. */
  readonly isReferred: boolean | null;
  /** A link for mobile apps. */
  readonly dynamicReferralLink: string | null;
  readonly attributes: ProfileAttributes | null;
}

/** What else Gameball tells of a customer. Amounts and counts are exact decimals. */
export interface ProfileAttributes {
  readonly gender: string | null;
  readonly country: string | null;
  readonly city: string | null;
  readonly zip: string | null;
  readonly source: string | null;
  readonly tags: readonly string[] | null;
  readonly paymentMethods: readonly string[] | null;
  readonly totalSpent: string | null;
  readonly totalOrders: string | null;
  readonly lastOrderDate: string | null;
  readonly custom: unknown;
}

/** One friend. Source: the vendor's `CustomerReferralsResponse`. */
export interface ReferredFriend {
  readonly customerId: string | null;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly mobileNumber: string | null;
  readonly joinDate: string | null;
  /** `Active` once the friend did what the program asks for, `Pending` before. */
  readonly status: string | null;
}

/** Answer of `getCustomerReferralsCount`. */
export interface ReferralsCount {
  readonly count: number | null;
  readonly totalPending: number | null;
  readonly totalActive: number | null;
}

/** One step of the referral program. Source: the vendor's `ReferralConfiguration`. */
export interface ReferralsConfiguration {
  /** `CustomerOnly` or `CustomerAndFriend`. */
  readonly referralMethod: string | null;
  /** What the friend must do, such as `place_order`. */
  readonly eventName: string | null;
  readonly eventMetaData: unknown;
  readonly customerReward: Reward | null;
  readonly friendReward: Reward | null;
  readonly extraReward: Reward | null;
}

/** What somebody gets. Amounts are exact decimals. */
export interface Reward {
  readonly score: string | null;
  readonly point: string | null;
  /** As the vendor describes coupons. */
  readonly coupon: unknown;
  /** For extra rewards: once for every so many friends. */
  readonly forEvery: string | null;
  readonly extraReward: Reward | null;
}

/** What each call takes and gives, for `Client.callMany`. The names are the vendor's `operationId`s; for batches it has none. */
export interface Operations {
  createCustomer: { arguments: CreateCustomerInput; answer: CreatedCustomer };
  trackOrder: { arguments: TrackOrderInput; answer: TrackedOrder };
  getCustomer: { arguments: { readonly customerId: string }; answer: Customer };
  deleteCustomer: { arguments: { readonly customerId: string }; answer: null };
  validateReferrerCode: {
    arguments: { readonly code: string; readonly forCustomerId?: string | null | undefined };
    answer: boolean;
  };
  getCustomerReferralsCount: { arguments: { readonly customerId: string }; answer: ReferralsCount };
  getReferralsConfigurations: {
    arguments: { readonly lang?: string | null | undefined };
    answer: readonly ReferralsConfiguration[];
  };
  createCustomers: {
    arguments: { readonly customers: readonly CreateCustomerInput[] };
    answer: BatchJob;
  };
  getBatchStatus: { arguments: { readonly jobId: string }; answer: BatchStatus };
}

/** One of many calls: the operation and its arguments. */
export type BatchCall = {
  readonly [O in keyof Operations]: readonly [operation: O, arguments: Operations[O]["arguments"]];
}[keyof Operations];

/** The answers of many calls, in their order, as `Promise.allSettled` would tell them. */
export type BatchResults<Calls extends readonly BatchCall[]> = {
  readonly [Index in keyof Calls]: Calls[Index] extends readonly [infer O extends keyof Operations, unknown]
    ? PromiseSettledResult<Operations[O]["answer"]>
    : never;
};
