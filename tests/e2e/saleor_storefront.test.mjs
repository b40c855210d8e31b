// The storefront examples in a real browser: a visit's claim reaches Saleor's three mutations, and nothing else does.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startSaleor } from "./saleor_storefront/saleor.mjs";

const PLAIN = new URL("../../examples/saleor_storefront/plain/", import.meta.url);
const NEXT = new URL("../../examples/saleor_storefront/next/", import.meta.url);
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const KEY = "gameball_claim";
const CLAIM_KEY = "a key that the storefront shares with the app";

let browser;
let saleor;
before(async () => {
  assert(CHROMIUM, "no Chromium found: set CHROMIUM to its path");
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-quic"] });
  saleor = await startSaleor(PLAIN);
});
after(async () => {
  await browser?.close();
  saleor?.close();
});

async function visitor(t) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, []);
  });
  saleor.calls.length = 0;
  return { context, page };
}

async function register(page, { email = "ben@shop.test", typed = "" } = {}) {
  await page.fill("#register [name=email]", email);
  await page.fill("#register [name=password]", "a long password");
  await page.fill("#register [name=typed]", typed);
  await page.click("#register button");
  await page.waitForFunction(() => document.querySelector("output").textContent);
}

async function order(page) {
  await page.fill("#order [name=email]", "guest@shop.test");
  await page.click("#order button");
  await page.waitForFunction(() => document.querySelector("output").textContent.includes("T3JkZXI6MQ=="));
}

const value = () => saleor.calls.at(-1).metadata[0]?.value;

test("plain: a visit's link goes with the registration, days and pages later", async (t) => {
  const { page } = await visitor(t);
  await page.goto(`${saleor.url}/?utm_source=mail&Ref=ANNA1&email=ben%40shop.test`);
  await page.goto(saleor.url);
  await register(page);
  assert.deepEqual(saleor.calls, [
    { mutation: "accountRegister", metadata: [{ key: KEY, value: `${saleor.url}/?Ref=ANNA1` }] },
  ]);
});

test("plain: and with a guest's order, both on creation and on completion", async (t) => {
  const { page } = await visitor(t);
  await page.goto(`${saleor.url}/#/welcome?GbReferral=ANNA1`);
  await page.reload();
  await order(page);
  const metadata = [{ key: KEY, value: `${saleor.url}/?GbReferral=ANNA1` }];
  assert.deepEqual(saleor.calls, [
    { mutation: "checkoutCreate", metadata },
    { mutation: "checkoutComplete", metadata },
  ]);
  await order(page);
  assert.deepEqual(saleor.calls.at(-1).metadata, []);
});

test("plain: a refused registration forgets nothing, an accepted one does", async (t) => {
  const { page } = await visitor(t);
  await page.goto(`${saleor.url}/?ref=ANNA1`);
  await register(page, { email: "bad@shop.test" });
  assert.equal(await page.textContent("output"), "It is too short.");
  await register(page);
  assert.equal(value(), `${saleor.url}/?ref=ANNA1`);
  await page.goto(saleor.url);
  await register(page);
  assert.deepEqual(saleor.calls.at(-1).metadata, []);
});

test("plain: a typed code wins, and a later link", async (t) => {
  const { page } = await visitor(t);
  await page.goto(`${saleor.url}/?ref=ANNA1`);
  await page.goto(`${saleor.url}/?ref=CARLA`);
  await register(page, { email: "bad@shop.test" });
  assert.equal(value(), `${saleor.url}/?ref=CARLA`);
  await register(page, { typed: " TYPED1 " });
  assert.equal(value(), "TYPED1");
});

test("plain: without consent, after 30 days, and of hostile links, nothing is sent", async (t) => {
  const { page } = await visitor(t);
  await page.goto(saleor.url);
  const told = await page.evaluate(async () => {
    const { captureVisit, referralMetadata } = await import("./gameball-storefront.js");
    const day = 86_400_000;
    const found = {};
    captureVisit({ url: "https://shop.example/?ref=ANNA1", consent: false });
    found.refused = referralMetadata();
    captureVisit({ url: "https://shop.example/?ref=ANNA1", now: Date.now() - 31 * day });
    found.old = referralMetadata();
    captureVisit({ url: `https://shop.example/?ref=${"x".repeat(5000)}` });
    found.long = referralMetadata({ typed: "y".repeat(5000) });
    localStorage.setItem("gameball_claim", "{no json");
    found.broken = referralMetadata();
    captureVisit({ url: "https://shop.example/?ref=%20&ref=<b>&x=1" });
    found.odd = referralMetadata();
    return found;
  });
  const { odd, ...others } = told;
  assert.deepEqual(others, { refused: [], old: [], long: [], broken: [] });
  // Whether it is a code is for the app to say; what travels is one encoded parameter.
  assert.equal(odd[0].value, "https://shop.example/?ref=%3Cb%3E");
});

async function startNext(t) {
  const program = fileURLToPath(new URL("node_modules/next/dist/bin/next", NEXT));
  assert(
    existsSync(fileURLToPath(new URL(".next/BUILD_ID", NEXT))),
    "the Next.js example is not built: make test-e2e",
  );
  const server = spawn(process.execPath, [program, "start", "--port", "0", "--hostname", "127.0.0.1"], {
    cwd: fileURLToPath(NEXT),
    env: {
      ...process.env,
      NEXT_TELEMETRY_DISABLED: "1",
      SALEOR_API_URL: `${saleor.url}/graphql/`,
      GAMEBALL_SALEOR_CLAIM_KEY: CLAIM_KEY,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => server.kill());
  for await (const line of createInterface({ input: server.stdout })) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found) return found[0];
  }
  throw new Error("Next.js did not start");
}

test("next: the claim is signed, hidden from scripts, and goes with all three calls", async (t) => {
  const { ClaimSigner } = createRequire(new URL("package.json", NEXT))("gameball-referrals");
  const url = await startNext(t);
  const { context, page } = await visitor(t);
  await page.goto(`${url}/?ref=ANNA1`);
  const [cookie] = await context.cookies();
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ["gb_claim", true, "Lax"]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  await page.goto(url);
  await register(page, { email: "bad@shop.test" });
  assert.equal(new ClaimSigner(CLAIM_KEY).read(value()).code, "ANNA1");
  await order(page);
  assert.deepEqual(
    saleor.calls.map(({ mutation, metadata }) => [mutation, metadata.map((item) => [item.key, item.value])]),
    ["accountRegister", "checkoutCreate", "checkoutComplete"].map((mutation) => [
      mutation,
      [[KEY, cookie.value]],
    ]),
  );
  assert.deepEqual(await context.cookies(), []);
  await page.goto(`${url}/?ref=<script>`);
  assert.deepEqual(await context.cookies(), []);
  await register(page, { typed: "TYPED1" });
  assert.equal(value(), "TYPED1");
});

test("what the guide prints is what was just tested", async () => {
  const files = ["gameball-storefront.js", "saleor.js", "index.html"].map((name) => new URL(name, PLAIN));
  files.push(...["proxy.ts", "lib/referral.ts", "lib/saleor.ts"].map((name) => new URL(name, NEXT)));
  const flat = (text) => text.replace(/\s+/g, " ").trim();
  const examples = flat((await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n"));
  const guide = await readFile(new URL("../../docs/saleor-storefront.md", import.meta.url), "utf8");
  const printed = [...guide.matchAll(/```(?:js|ts)\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block.split("\n\n"),
  );
  assert(printed.length >= 8);
  for (const part of printed) {
    // The page imports everything at once.
    if (/^import \{ captureVisit \}/.test(part)) continue;
    assert(examples.includes(flat(part)), part);
  }
});
