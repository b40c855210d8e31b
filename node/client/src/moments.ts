/** Dates as the addon takes them: whole seconds since 1970. */

import { invalidArgument } from "./errors.js";

/** @internal */
export function seconds(field: string, at: Date): number {
  const milliseconds = at instanceof Date ? at.getTime() : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw invalidArgument(field, "is not a valid Date");
  }
  return Math.floor(milliseconds / 1000);
}

/** @internal */
export function date(seconds: number): Date {
  return new Date(seconds * 1000);
}
