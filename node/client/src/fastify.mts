/** The same, for `import`. */

export type * from "./fastify.js";
export { referralCapture } from "./fastify.js";
