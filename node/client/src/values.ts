/**
 * Values on their way into the addon, refused here by name if they are of another type.
 *
 * The addon would refuse them itself, but in an error that quotes them, and they may be keys. It would also put
 * another character in place of half of one.
 */

import { types } from "node:util";
import { GameballError, invalidArgument } from "./errors.js";

/**
 * Text that leaves as it is.
 *
 * @internal
 */
export function text(field: string, value: unknown): string {
  const any = anyText(field, value);
  if (!any.isWellFormed()) {
    throw invalidArgument(field, "is broken text: it has half of a character (a lone surrogate)");
  }
  return any;
}

/**
 * Text of strangers, which is only compared or searched: half of a character is not worth an error there.
 *
 * @internal
 */
export function anyText(field: string, value: unknown): string {
  if (typeof value !== "string") {
    throw invalidArgument(field, `must be a string, not ${typeName(value)}`);
  }
  return value;
}

/** @internal */
export function optionalText(field: string, value: unknown): string | null {
  return value == null ? null : text(field, value);
}

/** @internal */
export function bytes(field: string, value: unknown): Uint8Array {
  if (typeof value === "string") {
    return Buffer.from(text(field, value), "utf8");
  }
  if (types.isUint8Array(value)) {
    return value;
  }
  throw invalidArgument(field, `must be a string or bytes (a Uint8Array or Buffer), not ${typeName(value)}`);
}

/**
 * A list, each of whose items is read once, under its own name.
 *
 * @internal
 */
export function list<T>(field: string, value: unknown, item: (field: string, value: unknown) => T): T[] {
  return reading(field, () => {
    if (!Array.isArray(value)) {
      throw invalidArgument(field, `must be a list, not ${typeName(value)}`);
    }
    const items: T[] = [];
    const { length } = value;
    for (let index = 0; index < length; index += 1) {
      const name = `${field}[${index}]`;
      items.push(
        item(
          name,
          reading(name, () => value[index]),
        ),
      );
    }
    return items;
  });
}

/**
 * Whole seconds since 1970.
 *
 * @internal
 */
export function seconds(field: string, at: unknown): number {
  return Math.floor(millis(field, at) / 1000);
}

/**
 * Milliseconds since 1970.
 *
 * @internal
 */
export function millis(field: string, at: unknown): number {
  const milliseconds = types.isDate(at) ? Date.prototype.getTime.call(at) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw invalidArgument(field, "is not a valid Date");
  }
  return milliseconds;
}

/** @internal */
export function date(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** @internal */
export function whole(field: string, value: unknown): number {
  if (!Number.isSafeInteger(value)) {
    throw invalidArgument(field, "must be a whole number");
  }
  return value as number;
}

/**
 * How many there are of something.
 *
 * @internal
 */
export function natural(field: string, value: unknown): number {
  const number = whole(field, value);
  if (number < 0 || number > MAX_NATURAL) {
    throw invalidArgument(field, `must be from 0 to ${MAX_NATURAL}`);
  }
  return number;
}

/** As the addon counts. */
const MAX_NATURAL = 2 ** 32 - 1;

/** @internal */
export function optional<T>(
  field: string,
  value: unknown,
  read: (field: string, value: unknown) => T,
): T | null {
  return value == null ? null : read(field, value);
}

/** @internal */
export function flag(field: string, value: unknown): boolean {
  if (value != null && typeof value !== "boolean") {
    throw invalidArgument(field, `must be true or false, not ${typeName(value)}`);
  }
  return value ?? false;
}

/**
 * The named parts of an object, each read once, as they would be by taking it apart.
 *
 * @internal
 */
export function parts<T extends object>(
  field: string,
  value: T | undefined,
  names: readonly (keyof T & string)[],
): Partial<T> {
  if (typeof value !== "object" || value === null) {
    throw invalidArgument(field, `must be an object, not ${typeName(value)}`);
  }
  const read: Partial<T> = {};
  for (const name of names) {
    read[name] = reading(name, () => value[name]);
  }
  return read;
}

/**
 * The same of options, which need not be given.
 *
 * @internal
 */
export function given<T extends object>(
  value: T | undefined,
  names: readonly (keyof T & string)[],
): Partial<T> {
  return value === undefined ? {} : parts("options", value, names);
}

/**
 * Runs what may be code of the shop's: a getter, a proxy's trap, a clock.
 *
 * @internal
 */
export function reading<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw GameballError.is(cause)
      ? cause
      : invalidArgument(field, "cannot be read: see the cause", { cause });
  }
}

/** What it is, without what is in it. */
function typeName(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  if (typeof value !== "object") {
    return `a ${typeof value}`;
  }
  // A proxy may throw when it is asked.
  return !types.isProxy(value) && Array.isArray(value) ? "a list" : "an object";
}
