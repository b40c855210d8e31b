/** The same, for `import`. */

export type * from "./testing.js";
export { Emulator, readSessionToken, signWebhook } from "./testing.js";
