// A reporter that lets no test be skipped in CI unless tests/allowed-skips.json has its reason.

import { readFileSync } from "node:fs";

const allowed = JSON.parse(readFileSync(new URL("../allowed-skips.json", import.meta.url), "utf8"));

/** @param {AsyncIterable<import("node:test/reporters").TestEvent>} events */
export default async function* skips(events) {
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { skip, name } = event.data;
    if (skip === undefined || skip === false || (typeof skip === "string" && skip in allowed)) continue;
    if (process.env.CI) {
      process.exitCode = 1;
      yield `skipped without leave: ${name} (${skip})\n`;
    }
  }
}
