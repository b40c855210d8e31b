/**
 * Arguments as JSON text, without JSON's silences.
 *
 * `JSON.stringify` turns NaN into null and drops functions: an order would leave with another amount than the shop
 * meant. Here everything is written exactly, or refused with its path. Rules:
 *
 * - `undefined` is left out of objects and refused in lists
 * - numbers by their shortest notation; NaN and infinities are refused; a `bigint` by its digits
 * - `Date` as ISO 8601 in UTC; an invalid one is refused
 * - objects with a `toJSON` (decimal libraries) by what it returns
 * - functions, symbols, Map, Set, buffers and the like, and whatever contains itself, are refused
 */

import { types } from "node:util";
import { defaults } from "./addon.js";
import { invalidArgument } from "./errors.js";

/** @internal */
export function encode(value: unknown, path = ""): string {
  if (isExact(value, 0)) {
    const text = JSON.stringify(value);
    // Half of a character leaves as such an escape; it, and text that merely looks like it, takes the other way.
    if (!text.includes("\\ud")) {
      return text;
    }
  }
  return write(value, path, []);
}

/**
 * Whether `JSON.stringify`, which is several times faster, would write the same as {@link write}. Everything rare is
 * left to that one, refusals among them.
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
    return true;
  }
  if (depth === defaults.maxDepth) {
    return false;
  }
  if (value instanceof Date) {
    return !Number.isNaN(value.getTime());
  }
  if ("toJSON" in value) {
    return false;
  }
  if (Array.isArray(value)) {
    for (const item of value) {
      if (!isExact(item, depth + 1)) {
        return false;
      }
    }
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) {
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
        throw invalidArgument(path, `is ${value}, which is no amount and no JSON`);
      }
      return String(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : object(value, path, parents);
    case "undefined":
      throw invalidArgument(path, "is undefined");
    default:
      throw invalidArgument(path, `is a ${typeof value}, which is no data`);
  }
}

function text(value: string, path: string): string {
  if (!value.isWellFormed()) {
    throw invalidArgument(path, "is broken text: it has half of a character (a lone surrogate)");
  }
  return JSON.stringify(value);
}

function object(value: object, path: string, parents: readonly object[]): string {
  if (types.isDate(value) && Number.isNaN(value.getTime())) {
    throw invalidArgument(path, "is an invalid Date");
  }
  if (parents.includes(value)) {
    throw invalidArgument(path, "contains itself");
  }
  if (parents.length >= defaults.maxDepth) {
    throw invalidArgument(path, `is nested more than ${defaults.maxDepth} levels deep`);
  }
  const within = [...parents, value];
  if (Array.isArray(value)) {
    // `from`, because `map` would skip the holes of a list.
    return `[${Array.from(value, (item, index) => write(item, `${path}[${index}]`, within)).join(",")}]`;
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return write(value.toJSON(), path, within);
  }
  if (Object.prototype.toString.call(value) !== "[object Object]") {
    throw invalidArgument(path, "is no plain object, list, text, number or date");
  }
  let fields = "";
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined) {
      const at = path === "" ? key : `${path}.${key}`;
      fields += `${fields === "" ? "" : ","}${text(key, at)}:${write(field, at, within)}`;
    }
  }
  return `{${fields}}`;
}
