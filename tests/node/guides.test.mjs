// The JavaScript blocks of the guides run, one after the other, as a reader would type them.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Emulator } from "gameball-referrals/testing";

/**
 * The blocks of a page, as one text.
 *
 * @param {string} page
 */
async function blocks(page) {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
  const found = [...text.matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block);
  assert.ok(found.length > 0, page);
  return found.join("\n");
}

/**
 * Runs a module that imports the package by its name.
 *
 * @param {string} source
 */
async function run(source) {
  const folder = await mkdtemp(join(fileURLToPath(new URL(".", import.meta.url)), ".guide-"));
  try {
    const file = join(folder, "guide.mjs");
    await writeFile(file, source);
    await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("the Node guide", async () => run(await blocks("docs/node.md")));

test("the storefront guide", async () => run(await blocks("docs/storefront.md")));

test("the emulator's readme", async () => run(`${await blocks("docs/emulator.md")}\ngameball.stop();`));

test("the readme", async (context) => {
  const emulator = new Emulator({ apiKey: "YOUR_API_KEY", secretKey: "YOUR_SECRET_KEY" });
  context.after(() => emulator.stop());
  emulator.addCustomer({ customerId: "ann", referralCode: "REF123456" });
  const local = `secretKey: "YOUR_SECRET_KEY", baseUrl: ${JSON.stringify(emulator.url)}`;
  await run((await blocks("README.md")).replace('secretKey: "YOUR_SECRET_KEY"', local));
  assert.equal(emulator.state().referrals[0]?.friend, "new_user_123");
});

for (const name of ["express_shop", "fastify_shop"]) {
  test(`the example ${name}`, async () => {
    await run(await readFile(new URL(`../../examples/${name}.mjs`, import.meta.url), "utf8"));
  });
}
