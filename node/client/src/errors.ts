/** What can go wrong: one class, told apart by `kind` and `code`. */

/**
 * What happened, in one word. Source: the table of errors that Rust, Python and Node share.
 *
 * | kind | meaning |
 * | --- | --- |
 * | `configuration` | an option cannot work, see {@link GameballError.field}; nothing was sent |
 * | `invalid_argument` | an argument is malformed, see {@link GameballError.field}; nothing was sent |
 * | `authentication` | Gameball does not accept the keys |
 * | `permission` | the keys are right, the account may not do this |
 * | `not_found` | Gameball knows no such customer |
 * | `conflict` | it exists already, or is being written right now |
 * | `referral` | the referral itself was refused |
 * | `rate_limited` | over the account's limits |
 * | `api` | any other refusal |
 * | `server` | Gameball failed |
 * | `timeout` | the deadline passed; whether the call took effect is unknown |
 * | `connection` | the connection could not be made, or broke |
 * | `decode` | the answer is not what Gameball documents |
 * | `closed` | the client was closed |
 * | `internal` | a defect of this library |
 */
export type ErrorKind =
  | "configuration"
  | "invalid_argument"
  | "authentication"
  | "permission"
  | "not_found"
  | "conflict"
  | "referral"
  | "rate_limited"
  | "api"
  | "server"
  | "timeout"
  | "connection"
  | "decode"
  | "closed"
  | "internal";

/** The kind as a constant in Node's fashion, such as `GAMEBALL_NOT_FOUND`. */
export type ErrorCode = `GAMEBALL_${Uppercase<ErrorKind>}`;

/** What an error is made of; what is not known is null or left out. */
export interface ErrorDetails {
  readonly kind: ErrorKind;
  /** What happened and what to do, without the field. */
  readonly message: string;
  readonly field?: string | null;
  readonly status?: number | null;
  readonly gameballCode?: number | null;
  readonly requestId?: string | null;
  readonly retryAfterMs?: number | null;
  readonly attempts?: number;
  readonly retryable?: boolean;
}

/** Two installed copies of this package know each other's errors by it. */
const BRAND = Symbol.for("gameball-referrals.GameballError");

/**
 * A failed call or a refused argument.
 *
 * Neither its text nor its properties ever hold a key, a request's body or an answer's. `instanceof` and
 * {@link GameballError.is} also recognise the errors of another installed copy of this package.
 */
export class GameballError extends Error {
  /** What happened, in one word. */
  readonly kind: ErrorKind;
  /** The kind in Node's fashion. */
  readonly code: ErrorCode;
  /** The refused option, or the path of the refused argument, such as `lineItems[0].price`; null where none was. */
  readonly field: string | null;
  /** HTTP status of the answer; null where none came. */
  readonly status: number | null;
  /** Gameball's own error code, such as 7006; null where the answer had none. */
  readonly gameballCode: number | null;
  /** Gameball's id of the request, to quote to their support; null where the answer had none. */
  readonly requestId: string | null;
  /** How long Gameball asked to wait, in milliseconds; null where it did not. */
  readonly retryAfterMs: number | null;
  /** How often the request was sent; 0 if not at all. */
  readonly attempts: number;
  /** Whether the same call may succeed later without anybody's intervention. */
  readonly retryable: boolean;

  constructor(details: ErrorDetails, options?: ErrorOptions) {
    super(text(details), options);
    this.kind = details.kind;
    this.code = `GAMEBALL_${details.kind.toUpperCase() as Uppercase<ErrorKind>}`;
    this.field = details.field || null;
    this.status = details.status ?? null;
    this.gameballCode = details.gameballCode ?? null;
    this.requestId = details.requestId ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.attempts = details.attempts ?? 0;
    this.retryable = details.retryable ?? false;
  }

  /** Whether a value is such an error, of this copy of the package or another one. */
  static is(value: unknown): value is GameballError {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === GameballError ? GameballError.is(value) : Error[Symbol.hasInstance].call(this, value);
  }

  /** All of it but the stack, for logs. */
  toJSON(): Record<string, unknown> {
    const { name, message, kind, code, field, status, gameballCode, requestId } = this;
    const { retryAfterMs, attempts, retryable } = this;
    return {
      name,
      message,
      kind,
      code,
      field,
      status,
      gameballCode,
      requestId,
      retryAfterMs,
      attempts,
      retryable,
    };
  }
}

Object.defineProperty(GameballError.prototype, "name", { value: "GameballError" });
Object.defineProperty(GameballError.prototype, BRAND, { value: true });

function text({ message, field, status, gameballCode, requestId }: ErrorDetails): string {
  let text = field ? `${field}: ${message}` : message;
  if (status != null) {
    text += gameballCode == null ? ` (HTTP ${status})` : ` (HTTP ${status}, Gameball code ${gameballCode})`;
  }
  return requestId == null ? text : `${text} [request ${requestId}]`;
}

/** @internal */
export function invalidArgument(field: string, message: string, options?: ErrorOptions): GameballError {
  return new GameballError({ kind: "invalid_argument", field, message }, options);
}

/**
 * Calls into the addon, which throws error records as JSON text.
 *
 * @internal
 */
export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw GameballError.is(thrown) ? thrown : decoded(thrown);
  }
}

function decoded(thrown: unknown): GameballError {
  const error = new GameballError(record(thrown) ?? DEFECT);
  Error.captureStackTrace(error, guarded);
  return error;
}

/** For whatever is no record: a panic, or a refusal of napi's own, whose text may quote a key. */
const DEFECT: ErrorDetails = {
  kind: "internal",
  message: "the call has failed inside gameball-referrals: please report it",
};

function record(thrown: unknown): ErrorDetails | undefined {
  try {
    const details = JSON.parse((thrown as Error).message);
    return typeof details.kind === "string" && typeof details.message === "string" ? details : undefined;
  } catch {
    return undefined;
  }
}
