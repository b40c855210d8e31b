/** @type {import("next").NextConfig} */
export default {
  // A native addon cannot be bundled.
  serverExternalPackages: ["gameball-referrals"],
  // Only because this example lies in a repository with other lock files.
  turbopack: { root: import.meta.dirname },
};
