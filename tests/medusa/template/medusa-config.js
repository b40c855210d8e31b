/** The tests' and the demo's shop. Everything that differs from run to run comes from the environment. */

const { defineConfig } = require("@medusajs/framework/utils");

const { env } = process;
const origins = env.SHOP_CORS ?? "http://localhost:8000";
const redis = env.REDIS_URL
  ? [
      { resolve: "@medusajs/medusa/event-bus-redis", options: { redisUrl: env.REDIS_URL } },
      { resolve: "@medusajs/medusa/workflow-engine-redis", options: { redis: { redisUrl: env.REDIS_URL } } },
    ]
  : [];

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: env.DATABASE_URL,
    databaseDriverOptions: { ssl: false, connection: { ssl: false } },
    // Plain HTTP: without this the admin's session is not kept.
    cookieOptions: { secure: false },
    redisUrl: env.REDIS_URL,
    http: {
      storeCors: origins,
      adminCors: origins,
      authCors: origins,
      jwtSecret: "a secret of the demo's shop",
      cookieSecret: "another secret of the demo's shop",
    },
  },
  admin: { disable: env.SHOP_ADMIN !== "on" },
  plugins: [
    ...(env.SHOP_PLUGIN === "off"
      ? []
      : [
          {
            resolve: "medusa-plugin-gameball-referrals",
            options: env.GAMEBALL_OPTIONS ? JSON.parse(env.GAMEBALL_OPTIONS) : {},
          },
        ]),
    ...(env.SHOP_BESIDE ? [{ resolve: env.SHOP_BESIDE, options: {} }] : []),
  ],
  modules: redis,
});
