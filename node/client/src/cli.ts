#!/usr/bin/env node
/** The command line: `npx gameball-referrals emulator [options]`. */

import { addon } from "./addon.js";

const USAGE = `Usage: gameball-referrals emulator [options]

Starts a local Gameball, for tests and demos without an account. See: gameball-referrals emulator --help
`;

const [command, ...rest] = process.argv.slice(2);
if (command === "emulator") {
  // It runs until a signal stops it, and handles that signal itself, then passes it on to whoever handled it before:
  // Node's own handler would raise it again, for ever. With a listener there is another one, which does not.
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => {});
  }
  process.exitCode = addon.emulatorMain(rest);
} else if (command === "--help" || command === "-h") {
  process.stdout.write(USAGE);
} else {
  process.stderr.write(USAGE);
  process.exitCode = 2;
}
