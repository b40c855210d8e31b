/** Times in the reader's language and time zone. */

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** As seen from now: *5 minutes ago*, *in 20 seconds*. Seconds up to two minutes. */
export function relative(at: string, language: string, now: number = Date.now()): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= 2 * length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(
    Math.trunc(seconds / length),
    unit,
  );
}

/** A length of time since then: *5 minutes*. */
export function since(at: string, language: string, now: number = Date.now()): string {
  const seconds = Math.max(Math.round((now - Date.parse(at)) / 1000), 0);
  const [unit, length] = UNITS.find(([, length]) => seconds >= 2 * length) ?? ["second", 1];
  const number = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
  return number.format(Math.trunc(seconds / length));
}

/** To the second, with the day where it is not today. */
export function exact(at: string, language: string, now: number = Date.now()): string {
  const date = new Date(at);
  const today = date.toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(language, {
    ...(today ? {} : { day: "numeric", month: "short", year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(date);
}

/** A day of UTC, such as `2026-11-26`. */
export function dayOf(day: string, language: string): string {
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** Whether it is no longer to come: what was fetched grows old on the screen. */
export function isPast(at: string, now: number = Date.now()): boolean {
  return Date.parse(at) <= now;
}
