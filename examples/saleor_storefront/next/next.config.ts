import type { NextConfig } from "next";

// The client is a native addon: required at run time, not bundled.
const config: NextConfig = {
  serverExternalPackages: ["gameball-referrals"],
  // Only since this example lies within another project.
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
};
export default config;
