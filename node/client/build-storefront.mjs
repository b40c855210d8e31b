// Builds what runs in browsers: `dist/storefront` for bundlers, `dist/browser` for `<script>`, each whole in itself.

import { copyFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const source = (name) => join(import.meta.dirname, "src/storefront", name);
const target = (name) => join(import.meta.dirname, "dist", name);
const shared = {
  bundle: true,
  target: ["es2022", "safari16.4"],
  loader: { ".css": "text" },
  charset: "utf8",
  logLevel: "warning",
};
const notice = "/*! gameball-referrals, MIT OR Apache-2.0; QR codes by lean-qr, MIT: see LICENSE-lean-qr */";

/** Style sheets without the space and the comments that only people need. */
const lean = {
  name: "lean-css",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        minify: true,
        write: false,
        charset: "utf8",
      });
      return { contents: outputFiles[0].text, loader: "text" };
    }),
};

await Promise.all([
  build({
    ...shared,
    plugins: [lean],
    entryPoints: [source("index.ts")],
    outfile: target("storefront/index.mjs"),
    format: "esm",
    banner: { js: notice },
  }),
  build({
    ...shared,
    plugins: [lean],
    entryPoints: [source("index.ts")],
    outfile: target("storefront/index.js"),
    format: "cjs",
    banner: { js: notice },
  }),
  build({
    ...shared,
    plugins: [lean],
    entryPoints: [source("script.ts")],
    outfile: target("browser/storefront.js"),
    format: "iife",
    globalName: "Gameball",
    minify: true,
    banner: { js: notice },
  }),
  build({
    ...shared,
    entryPoints: [source("capture-script.ts")],
    outfile: target("browser/capture.js"),
    format: "iife",
    minify: true,
  }),
]);
const license = join(dirname(require.resolve("lean-qr")), "LICENSE");
await Promise.all(
  ["storefront", "browser"].map((folder) => copyFile(license, target(`${folder}/LICENSE-lean-qr`))),
);
// Types of what is no way in.
await Promise.all(
  ["capture-script", "script"].map((name) => rm(target(`storefront/${name}.d.ts`), { force: true })),
);
