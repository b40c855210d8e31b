/**
 * Arguments as JSON text, without JSON's silences.
 *
 * `JSON.stringify` turns NaN into null and drops functions: an order would leave with another amount than the shop
 * meant. Here everything is written exactly, or refused with its path. Rules:
 *
 * - `undefined` is left out of objects and refused in lists, as are the holes of a list
 * - numbers by their shortest notation; NaN and infinities are refused; a `bigint` by its digits
 * - `Date` as ISO 8601 in UTC; an invalid one is refused
 * - objects with a `toJSON` (decimal libraries) by what it returns
 * - objects of a class by their own fields; those whose class has getters are refused, since they would be left out
 * - functions, symbols, keys that are symbols, Map, Set, buffers and the like, and whatever contains itself, are
 *   refused; so is what throws when it is read, with the thrown error as `cause`
 */

import { types } from "node:util";
import { defaults } from "./addon.js";
import { type ErrorKind, GameballError } from "./errors.js";

/**
 * @throws GameballError of the kind, naming the path of what cannot be written.
 * @internal
 */
export function encode(value: unknown, kind: ErrorKind = "invalid_argument"): string {
  const text = stringified(value);
  if (text !== undefined) {
    return text;
  }
  try {
    return write(value, "", []);
  } catch (error) {
    if (error instanceof Refusal) {
      const options = error.cause === undefined ? undefined : { cause: error.cause };
      throw new GameballError({ kind, field: error.path, message: error.message }, options);
    }
    throw error;
  }
}

const NO_DATA = "is no plain object, list, text, number or date";

/** Something that cannot be written, and where it is. */
class Refusal extends Error {
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** What `JSON.stringify` writes, if that is the same as {@link write} would; it is several times faster. */
function stringified(value: unknown): string | undefined {
  hasNull = false;
  try {
    if (isExact(value, 0)) {
      const text = JSON.stringify(value);
      // Half of a character leaves as such an escape, and what has a number only when it is first read, as null. These,
      // and text that merely looks like it, take the other way.
      if (!text.includes("\\ud") && (hasNull || !text.includes("null"))) {
        return text;
      }
    }
  } catch {
    // Reading it throws: the other way tells where.
  }
  return undefined;
}

/** Whether {@link isExact} has come across a null. */
let hasNull = false;

const { toJSON: dateToJSON, toISOString: dateToISOString } = Date.prototype;

/**
 * Whether `JSON.stringify` would write the same as {@link write}. Everything rare is left to that one, refusals among
 * them.
 */
function isExact(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) {
    hasNull = true;
    return true;
  }
  if (depth === defaults.maxDepth) {
    return false;
  }
  if (value instanceof Date) {
    return (
      value.toJSON === dateToJSON && value.toISOString === dateToISOString && !Number.isNaN(value.getTime())
    );
  }
  if ("toJSON" in value) {
    return false;
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      if (!isExact(value[index], depth + 1)) {
        return false;
      }
    }
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) {
    return false;
  }
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== undefined && !isExact(field, depth + 1)) {
      return false;
    }
  }
  return true;
}

function write(value: unknown, path: string, parents: readonly object[]): string {
  switch (typeof value) {
    case "string":
      return text(value, path);
    case "number":
      if (!Number.isFinite(value)) {
        throw new Refusal(path, `is ${value}, which is no amount and no JSON`);
      }
      return String(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : object(value, path, parents);
    case "undefined":
      throw new Refusal(path, "is undefined");
    default:
      throw new Refusal(path, `is a ${typeof value}, which is no data`);
  }
}

function text(value: string, path: string): string {
  if (!value.isWellFormed()) {
    throw new Refusal(path, "is broken text: it has half of a character (a lone surrogate)");
  }
  return JSON.stringify(value);
}

function object(value: object, path: string, parents: readonly object[]): string {
  if (parents.includes(value)) {
    throw new Refusal(path, "contains itself");
  }
  if (parents.length >= defaults.maxDepth) {
    throw new Refusal(path, `is nested more than ${defaults.maxDepth} levels deep`);
  }
  const within = [...parents, value];
  if (read(path, () => Array.isArray(value))) {
    return list(value as unknown[], path, within);
  }
  if (types.isDate(value) && Number.isNaN(Date.prototype.getTime.call(value))) {
    throw new Refusal(path, "is an invalid Date");
  }
  if (ArrayBuffer.isView(value)) {
    throw new Refusal(path, NO_DATA);
  }
  const toJSON = read(path, () => (value as { toJSON?: unknown }).toJSON);
  if (typeof toJSON === "function") {
    return write(
      read(path, () => toJSON.call(value, "")),
      path,
      within,
    );
  }
  return fields(value as Record<PropertyKey, unknown>, path, within);
}

function list(value: unknown[], path: string, within: readonly object[]): string {
  const items: string[] = [];
  // By index, because a list's own iteration may skip holes or be another one; and what is not there is undefined.
  const length = read(path, () => value.length);
  for (let index = 0; index < length; index += 1) {
    const at = `${path}[${index}]`;
    items.push(
      write(
        read(at, () => value[index]),
        at,
        within,
      ),
    );
  }
  return `[${items.join(",")}]`;
}

function fields(value: Record<PropertyKey, unknown>, path: string, within: readonly object[]): string {
  const keys = read(path, () => {
    refuseUnseen(value, path);
    return Object.keys(value);
  });
  const texts: string[] = [];
  for (const key of keys) {
    const at = path === "" ? key : `${path}.${key}`;
    const field = read(at, () => value[key]);
    if (field !== undefined) {
      texts.push(`${text(key, at)}:${write(field, at, within)}`);
    }
  }
  return `{${texts.join(",")}}`;
}

/** Refuses what has parts that are no fields of its own, which would be left out unnoticed. */
function refuseUnseen(value: object, path: string): void {
  if (Object.prototype.toString.call(value) !== "[object Object]") {
    throw new Refusal(path, NO_DATA);
  }
  if (
    Object.getOwnPropertySymbols(value).some((key) => Object.prototype.propertyIsEnumerable.call(value, key))
  ) {
    throw new Refusal(path, "has a key that is not a string");
  }
  // The last prototype is Object's own, which has `__proto__`.
  let parent: object | null = Object.getPrototypeOf(value);
  for (let next: object | null; parent !== null; parent = next) {
    next = Object.getPrototypeOf(parent);
    const getters = next === null ? [] : Object.entries(Object.getOwnPropertyDescriptors(parent));
    const hidden = getters.find(([name, { get }]) => get !== undefined && !Object.hasOwn(value, name));
    if (hidden !== undefined) {
      throw new Refusal(path, `is an object of a class with a getter, ${hidden[0]}: pass a plain object`);
    }
  }
}

/** Runs what may be code of the shop's: a getter, a proxy's trap, `toJSON`. */
function read<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof Refusal ? cause : new Refusal(path, "cannot be read: see the cause", { cause });
  }
}
