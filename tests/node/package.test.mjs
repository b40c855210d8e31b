// The packed package, installed elsewhere: ES modules, CommonJS and TypeScript can use it.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { execute, node } from "./support.mjs";

const require = createRequire(import.meta.url);
const PACKAGE = dirname(dirname(require.resolve("gameball-referrals")));
const TSC = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
const TYPES = dirname(dirname(require.resolve("@types/node/package.json")));
/** Nothing is asked of a registry: the package has no dependencies. */
const NPM = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"];

describe("the packed package", () => {
  let project = "";

  before(async () => {
    project = mkdtempSync(join(tmpdir(), "gameball-referrals-"));
    const packed = await execute("npm", ["pack", PACKAGE, "--json", "--pack-destination", project]);
    assert.equal(packed.code, 0, packed.stderr);
    const [tarball] = readdirSync(project).filter((file) => file.endsWith(".tgz"));
    writeFileSync(join(project, "package.json"), '{"private":true}');
    const installed = await execute("npm", ["install", ...NPM, `./${tarball}`], { cwd: project });
    assert.equal(installed.code, 0, installed.stderr);
    // What a TypeScript project has besides; without them nothing of Node is known.
    symlinkSync(TYPES, join(project, "node_modules/@types"));
  });

  after(() => rmSync(project, { recursive: true }));

  test("holds what it needs and nothing else", () => {
    const folder = join(project, "node_modules/gameball-referrals");
    assert.deepEqual(readdirSync(folder).sort(), [
      "LICENSE-APACHE",
      "LICENSE-MIT",
      "README.md",
      "dist",
      "package.json",
    ]);
    const files = readdirSync(join(folder, "dist"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(join(folder, "dist"), join(entry.parentPath, entry.name)));
    assert.equal(files.filter((file) => file.endsWith(".node")).length, 1);
    for (const file of files.filter((file) => !file.endsWith(".node"))) {
      const text = readFileSync(join(folder, "dist", file), "utf8");
      assert.ok(
        !/["' (]\/(work|home|tmp|root)\//.test(text),
        `${file} names a folder of the machine it was built on`,
      );
    }
  });

  for (const [file, load] of [
    [
      "use.mjs",
      'import { Client } from "gameball-referrals"; import { Emulator } from "gameball-referrals/testing";',
    ],
    [
      "use.cjs",
      'const { Client } = require("gameball-referrals"); const { Emulator } = require("gameball-referrals/testing");',
    ],
  ]) {
    test(`works from ${file}`, async () => {
      const program = `${load}
        const emulator = new Emulator();
        const client = new Client({ apiKey: emulator.apiKey, baseUrl: emulator.url });
        client.createCustomer({ customerId: "ann" }).then(({ gameballId }) => { console.log(typeof gameballId); emulator.stop(); });`;
      writeFileSync(join(project, file), program);
      const { stdout, stderr, code } = await node([file], { cwd: project });
      assert.deepEqual([code, stderr, stdout], [0, "", "number\n"]);
    });
  }

  test("has its command", async () => {
    const { stdout } = await execute("npx", ["--no-install", "gameball-referrals", "emulator", "--help"], {
      cwd: project,
    });
    assert.match(stdout, /--high-security/);
  });

  test("every way in loads, as either kind of module", async () => {
    const names = ["express", "fastify", "next"].map((name) => `gameball-referrals/${name}`);
    const program = (/** @type {string} */ load) => `
      (async () => {
        for (const name of ${JSON.stringify(names)}) if (typeof (await ${load}(name)).referralCapture !== "function") throw name;
        if (typeof (await ${load}("gameball-referrals/storefront")).storeClient !== "function") throw "storefront";
      })();`;
    for (const [file, load] of [
      ["ways.mjs", "(name => import(name))"],
      ["ways.cjs", "require"],
    ]) {
      writeFileSync(join(project, file ?? ""), program(load ?? ""));
      const { stderr, code } = await node([file ?? ""], { cwd: project });
      assert.deepEqual([code, stderr], [0, ""], file);
    }
  });

  for (const [module, moduleResolution, file] of [
    ["node16", "node16", "use.mts"],
    ["node16", "node16", "use.cts"],
    ["esnext", "bundler", "use.ts"],
  ]) {
    test(`type-checks as ${file} with moduleResolution ${moduleResolution}`, async () => {
      const program = `
        import { Client, GameballError, type Customer } from "gameball-referrals";
        import { Emulator } from "gameball-referrals/testing";
        import { referralCapture as onExpress, type CurrentClaim } from "gameball-referrals/express";
        import { referralCapture as onNext } from "gameball-referrals/next";
        import { storeClient } from "gameball-referrals/storefront";
        export const middleware = onExpress({ key: "k", attribution: "first" });
        export const claim: CurrentClaim | null = onNext({ key: "k" }).currentClaim({ get: () => undefined });
        export const answer: Promise<"valid" | "invalid" | "unknown"> = storeClient().validate("CODE");
        // @ts-expect-error Options are checked.
        onExpress({ key: "k", attribution: "middle" });
        export async function use(emulator: Emulator): Promise<string | null> {
          const client: Client = emulator.client({ timeoutMs: 100 });
          const customer: Customer = await client.getCustomer("ann");
          // @ts-expect-error Types are really there.
          customer.nonsense;
          for await (const friend of client.getCustomerReferrals("ann")) friend.customerId;
          return customer.referralCode;
        }
        export const known = (error: unknown) => error instanceof GameballError && error.kind === "timeout";`;
      writeFileSync(join(project, file ?? ""), program);
      const options = {
        module,
        moduleResolution,
        target: "es2022",
        strict: true,
        noEmit: true,
        types: ["node"],
      };
      const config = { compilerOptions: { ...options, skipLibCheck: false }, files: [file] };
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
      const { code, stdout } = await node([TSC, "--project", "."], { cwd: project });
      assert.equal(stdout, "");
      assert.equal(code, 0);
    });
  }
});
