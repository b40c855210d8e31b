/**
 * Arguments as JSON text, without JSON's silences.
 *
 * `JSON.stringify` turns NaN into null and drops functions: an order would leave with another amount than the shop
 * meant. Here everything is written exactly, or refused with its path. Rules:
 *
 * - every part is read once, and what was read is what is written: getters and proxies may answer otherwise next time
 * - `undefined` is left out of objects and refused in lists, as are the holes of a list
 * - numbers by their shortest notation; NaN and infinities are refused; a `bigint` by its digits
 * - text with half of a character (a lone surrogate) is refused, since it would leave as another text
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
  const at: Place = { path: [], parents: [] };
  try {
    return write(value, at);
  } catch (thrown) {
    throw refused(thrown, at, kind);
  }
}

/**
 * What of an object can be written, and why the rest cannot, by path.
 *
 * @internal
 */
export interface Encoded {
  readonly text: string;
  readonly refused: ReadonlyMap<string, Left>;
}

/**
 * Why something was left out.
 *
 * @internal
 */
export interface Left {
  readonly problem: string;
  readonly error: GameballError;
}

/**
 * The same of an object of named arguments, of which each that cannot be written is left out; so are those of the
 * plain objects among them.
 *
 * @throws GameballError `invalid_argument` if it is no such object.
 * @internal
 */
export function encodeSome(value: object): Encoded {
  const at: Place = { path: [], parents: [] };
  const left = new Map<string, Left>();
  try {
    return { text: isPlain(value) ? some(value, at, left, 1) : write(value, at), refused: left };
  } catch (thrown) {
    throw refused(thrown, at, "invalid_argument");
  }
}

function refused(thrown: unknown, at: Place, kind: ErrorKind): GameballError {
  // What is no refusal comes from code of the shop's: a getter, a proxy's trap, `toJSON`.
  const isRefusal = thrown instanceof Refusal;
  const field = shown(at.path);
  const message = field === "" ? `what was given ${problem(thrown)}` : problem(thrown);
  return new GameballError({ kind, field, message }, isRefusal ? undefined : { cause: thrown });
}

function problem(thrown: unknown): string {
  return thrown instanceof Refusal ? thrown.message : "cannot be read: see the cause";
}

/** Where writing has come to; where something throws, it stays there. */
interface Place {
  /** Keys and indices. */
  readonly path: (string | number)[];
  readonly parents: object[];
}

/** Why something cannot be written. */
class Refusal extends Error {}

const NO_DATA = "is no plain object, list, text, number or date";

/** What JSON writes as it is: most text. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;

function shown(path: Place["path"]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") {
      text += `[${step}]`;
    } else {
      text += text === "" ? step : `.${step}`;
    }
  }
  return text;
}

function write(value: unknown, at: Place): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "number":
      if (!Number.isFinite(value)) {
        throw new Refusal(`is ${value}, which is no amount and no JSON`);
      }
      return String(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : object(value, at);
    case "undefined":
      throw new Refusal("is undefined");
    default:
      throw new Refusal(`is a ${typeof value}, which is no data`);
  }
}

function quoted(value: string): string {
  if (PLAIN_TEXT.test(value)) {
    return `"${value}"`;
  }
  if (!value.isWellFormed()) {
    throw new Refusal("is broken text: it has half of a character (a lone surrogate)");
  }
  return JSON.stringify(value);
}

function object(value: object, at: Place): string {
  if (at.parents.includes(value)) {
    throw new Refusal("contains itself");
  }
  if (at.parents.length >= defaults.maxDepth) {
    throw new Refusal(`is nested more than ${defaults.maxDepth} levels deep`);
  }
  at.parents.push(value);
  const text = Array.isArray(value) ? list(value, at) : unlisted(value, at);
  at.parents.pop();
  return text;
}

function list(value: readonly unknown[], at: Place): string {
  let text = "[";
  // By index, because a list's own iteration may skip holes or be another one; and what is not there is undefined.
  const { length } = value;
  for (let index = 0; index < length; index += 1) {
    at.path.push(index);
    const item = write(value[index], at);
    text += index === 0 ? item : `,${item}`;
    at.path.pop();
  }
  return `${text}]`;
}

function unlisted(value: object, at: Place): string {
  if (ArrayBuffer.isView(value)) {
    throw new Refusal(NO_DATA);
  }
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON !== "function") {
    return fields(value as Record<string, unknown>, toJSON, at);
  }
  if (types.isDate(value) && Number.isNaN(Date.prototype.getTime.call(value))) {
    throw new Refusal("is an invalid Date");
  }
  return write(toJSON.call(value, ""), at);
}

/** The object's own fields, of which `toJSON` has been read before. */
function fields(value: Record<string, unknown>, toJSON: unknown, at: Place): string {
  let text = "{";
  for (const key of seen(value)) {
    at.path.push(key);
    const field = key === "toJSON" ? toJSON : value[key];
    if (field !== undefined) {
      const separator = text === "{" ? "" : ",";
      text += `${separator}${quoted(key)}:${write(field, at)}`;
    }
    at.path.pop();
  }
  return `${text}}`;
}

/** The object's own fields that can be written; in plain objects so many levels down it is decided field by field. */
function some(value: object, at: Place, left: Map<string, Left>, levels: number): string {
  at.parents.push(value);
  const [path, parents] = [at.path.length, at.parents.length];
  const written: string[] = [];
  for (const key of seen(value)) {
    at.path.push(key);
    try {
      const field = (value as Record<string, unknown>)[key];
      if (field !== undefined) {
        const text = levels > 0 && isPlain(field) ? some(field, at, left, levels - 1) : write(field, at);
        written.push(`${quoted(key)}:${text}`);
      }
    } catch (thrown) {
      const error = refused(thrown, at, "invalid_argument");
      left.set(shown(at.path), { problem: problem(thrown), error });
    }
    at.path.length = path;
    at.parents.length = parents;
  }
  at.parents.pop();
  return `{${written.join(",")}}`;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || types.isProxy(value)) {
    return false;
  }
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !("toJSON" in value);
}

/** The keys of an object none of whose parts would be left out unnoticed. */
function seen(value: object): string[] {
  // Nothing can be unseen of the usual object.
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) {
    refuseUnseen(value);
  }
  return Object.keys(value);
}

/** Refuses what has parts that are no fields of its own, which would be left out unnoticed. */
function refuseUnseen(value: object): void {
  if (Object.prototype.toString.call(value) !== "[object Object]") {
    throw new Refusal(NO_DATA);
  }
  if (
    Object.getOwnPropertySymbols(value).some((key) => Object.prototype.propertyIsEnumerable.call(value, key))
  ) {
    throw new Refusal("has a key that is not a string");
  }
  // The last prototype is Object's own, which has `__proto__`.
  let parent: object | null = Object.getPrototypeOf(value);
  for (let next: object | null; parent !== null; parent = next) {
    next = Object.getPrototypeOf(parent);
    const getters = next === null ? [] : Object.entries(Object.getOwnPropertyDescriptors(parent));
    const hidden = getters.find(([name, { get }]) => get !== undefined && !Object.hasOwn(value, name));
    if (hidden !== undefined) {
      throw new Refusal(`is an object of a class with a getter, ${hidden[0]}: pass a plain object`);
    }
  }
}
