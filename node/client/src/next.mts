/** The same, for `import`. */

export type * from "./next.js";
export { referralCapture } from "./next.js";
