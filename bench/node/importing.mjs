// How long loading takes in a fresh process: `importing.mjs NATIVE_FILE`.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const began = performance.now();
require(process.argv[2]);
const native = performance.now();
await import("../../node/client/dist/index.mjs");
const whole = performance.now();
console.log(JSON.stringify({ native_ms: native - began, package_ms: whole - began }));
