/** The same, for `import`. */

export type * from "./express.js";
export { referralCapture } from "./express.js";
