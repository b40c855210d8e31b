// The storefront's parts in a real browser, on a shop whose content security policy allows no inline script or style.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
const SHOP = fileURLToPath(new URL("storefront/shop.py", import.meta.url));
const PYTHON = process.env.PYTHON ?? "python3";
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const LINK = "ref=ANNA1";

let browser;
before(async () => {
  assert(CHROMIUM, "no Chromium found: set CHROMIUM to its path");
  mkdirSync(SCREENSHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
  });
});
after(() => browser?.close());

async function startShop(t, settings = {}) {
  const shop = spawn(PYTHON, [SHOP, JSON.stringify(settings)], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => shop.stdin.end());
  for await (const line of createInterface({ input: shop.stdout })) return JSON.parse(line).url;
  throw new Error("the shop did not start");
}

async function open(t, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
  const problems = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, []);
  });
  const arrange = async (what, data = {}) => {
    const answer = await context.request.post(`${url}/_test/${what}/`, { data });
    assert(answer.ok(), await answer.text());
    return answer.json();
  };
  return { context, page, arrange };
}

async function accessible(page) {
  // Not as a script of the page, whose policy would not let it in.
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations } = await page.evaluate(() => axe.run());
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
    [],
  );
}

const share = (page) => page.getByRole("region", { name: "Invite your friends" });

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of [
    ["wide", { width: 900, height: 560 }],
    ["narrow", { width: 340, height: 760 }],
  ]) {
    test(`the share block is accessible (${colorScheme}, ${size})`, async (t) => {
      const url = await startShop(t);
      const { page, arrange } = await open(t, url, { colorScheme, viewport });
      await arrange("customer", { name: "anna", code: "ANNA1", friends: 3 });
      await page.goto(`${url}/account/`);
      await page.getByRole("button", { name: "Copy" }).waitFor();
      await accessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert(overflow <= 0, `${overflow} pixels too wide`);
      await page.screenshot({ path: `${SCREENSHOTS}share-${colorScheme}-${size}.png`, fullPage: true });
    });
  }
}

test("copying puts the link on the clipboard and says so", async (t) => {
  const url = await startShop(t);
  const { context, page, arrange } = await open(t, url);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  await arrange("customer", { name: "anna", code: "ANNA1" });
  await page.goto(`${url}/account/`);
  const copy = share(page).getByRole("button");
  await copy.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("The link was copied.").waitFor({ state: "attached" });
  assert.equal(await copy.textContent().then((text) => text.trim()), "Copied");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${url}/?${LINK}`);
  await page.screenshot({ path: `${SCREENSHOTS}share-copied.png` });
});

test("where a browser refuses to copy, the link is selected and the keys are named", async (t) => {
  const url = await startShop(t);
  const { page, arrange } = await open(t, url);
  await arrange("customer", { name: "anna", code: "ANNA1" });
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
    document.execCommand = () => false;
  });
  await page.goto(`${url}/account/`);
  await share(page).getByRole("button").click();
  await share(page).getByText("press Ctrl+C").waitFor();
  assert.equal(await page.evaluate(() => getSelection().toString()), `${url}/?${LINK}`);
  await accessible(page);
  await page.screenshot({ path: `${SCREENSHOTS}share-refused.png` });
});

test("a browser with a share sheet offers it", async (t) => {
  const url = await startShop(t);
  const { page, arrange } = await open(t, url, { viewport: { width: 390, height: 780 } });
  await arrange("customer", { name: "anna", code: "ANNA1" });
  await page.addInitScript(() => {
    navigator.share = async (data) => {
      globalThis.shared = data;
    };
  });
  await page.goto(`${url}/account/`);
  await share(page).getByRole("button", { name: "More ways" }).click();
  assert.equal((await page.evaluate(() => globalThis.shared)).url, `${url}/?${LINK}`);
  await accessible(page);
  await page.screenshot({ path: `${SCREENSHOTS}share-sheet.png` });
});

test("without JavaScript the link, WhatsApp, e-mail and the QR code are there, and nothing that cannot work", async (t) => {
  const url = await startShop(t);
  const { page, arrange } = await open(t, url, { javaScriptEnabled: false });
  await arrange("customer", { name: "anna", code: "ANNA1" });
  await page.goto(`${url}/account/`);
  assert.equal(await page.getByLabel("Your referral link").inputValue(), `${url}/?${LINK}`);
  assert.equal(await share(page).getByRole("button").count(), 0);
  const whatsapp = new URL(await page.getByRole("link", { name: "WhatsApp" }).getAttribute("href"));
  assert(whatsapp.searchParams.get("text").endsWith(`${url}/?${LINK}`));
  assert(await page.getByRole("link", { name: "E-mail" }).isVisible());
  assert(await page.getByRole("img", { name: "QR code" }).isVisible());
  await page.screenshot({ path: `${SCREENSHOTS}share-no-js.png` });
});

test("before the code is there the block says so", async (t) => {
  const url = await startShop(t);
  const { page, arrange } = await open(t, url);
  await arrange("customer", { name: "anna" });
  await page.goto(`${url}/account/`);
  await share(page).getByText("is being prepared").waitFor();
  await accessible(page);
  await page.screenshot({ path: `${SCREENSHOTS}share-empty.png` });
  await arrange("customer", { name: "anna", code: "ANNA1" });
  await page.getByRole("link", { name: "Look again" }).click();
  await page.getByLabel("Your referral link").waitFor();
});

test("a shop's theme wins over the visitor's, and its colours are its own", async (t) => {
  const url = await startShop(t);
  const { page, arrange } = await open(t, url, { colorScheme: "dark" });
  await arrange("customer", { name: "anna", code: "ANNA1" });
  await page.goto(`${url}/account/?theme=light`);
  const background = () => share(page).evaluate((block) => getComputedStyle(block).backgroundColor);
  assert.equal(await background(), "rgb(255, 255, 255)");
  await page.evaluate(() => document.body.style.setProperty("--gameball-surface", "rgb(255, 240, 220)"));
  assert.equal(await background(), "rgb(255, 240, 220)");
});

for (const colorScheme of ["light", "dark"]) {
  test(`whom a friend sent is told so, and finds the code in the form (${colorScheme})`, async (t) => {
    const url = await startShop(t);
    const { page, arrange } = await open(t, url, { colorScheme });
    await arrange("gameball", { do: "addCustomer", customerId: "anna", referralCode: "ANNA1" });
    await page.goto(url);
    assert.equal(await page.getByText("A friend sent you.").count(), 0);
    await page.goto(`${url}/?${LINK}`);
    await page.getByText("A friend sent you.").waitFor();
    await accessible(page);
    await page.screenshot({ path: `${SCREENSHOTS}banner-${colorScheme}.png` });

    await page.getByRole("link", { name: "Create an account" }).click();
    const field = page.getByLabel("Referral code");
    assert.equal(await field.inputValue(), "ANNA1");
    await field.fill("NOBODYS");
    await page.getByText("Nobody has this code.").waitFor();
    await field.fill(`${url}/?${LINK}`);
    await page.getByText("This code is known.").waitFor();
    await accessible(page);
    await page.screenshot({ path: `${SCREENSHOTS}code-${colorScheme}.png` });
    await page.getByLabel("Username").fill("ben");
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.waitForURL(`${url}/`);
    const { receipts } = await arrange("receipts");
    assert.deepEqual(
      receipts.map(({ referrer_code }) => referrer_code),
      ["ANNA1"],
    );
  });
}

test("pages from a cache: the script captures, the page itself sets no cookie", async (t) => {
  const url = await startShop(t, { CACHE_SAFE: true });
  const { context, page } = await open(t, url);
  const claim = async () => (await context.cookies()).find(({ name }) => name === "gb_claim");
  const answer = await page.goto(url);
  assert.equal((await answer.allHeaders())["set-cookie"], undefined);
  const asked = [];
  page.on("request", (request) => request.method() === "POST" && asked.push(request.url()));

  const captured = page.waitForResponse(`${url}/gameball/capture/`);
  const visit = await page.goto(`${url}/?utm_source=mail&GBREFERRAL=ANNA1`);
  assert.equal((await visit.allHeaders())["set-cookie"], undefined);
  assert.deepEqual(await captured.then((response) => response.json()).then(({ captured }) => captured), true);
  await page.getByText("A friend sent you.").waitFor();
  const { httpOnly, sameSite } = await claim();
  assert.deepEqual({ httpOnly, sameSite }, { httpOnly: true, sameSite: "Lax" });

  await page.goto(`${url}/?page=2`);
  await page.getByText("A friend sent you.").waitFor();
  assert.deepEqual(asked, [`${url}/gameball/capture/`]);

  await page.goto(`${url}/sign-up/`);
  assert.equal(await page.getByLabel("Referral code").inputValue(), "ANNA1");
});

async function signUpReferred(t, next) {
  const url = await startShop(t);
  const { page, arrange } = await open(t, url);
  await arrange("gameball", { do: "addCustomer", customerId: "anna", referralCode: "ANNA1" });
  await page.goto(`${url}/sign-up/?next=${next}&${LINK}`);
  await page.getByLabel("Username").fill("ben");
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.waitForURL(`${url}${next}`);
  return { url, page, arrange };
}

const creations = async (arrange) =>
  (await arrange("gameball", { do: "requests", operation: "createCustomer" })).requests.length;

test("the widget waits until the customer is at Gameball with their referrer, and the referral links", async (t) => {
  const { url, page, arrange } = await signUpReferred(t, "/");
  // The page asks, is told no, and starts nothing.
  await page.waitForResponse(`${url}/gameball/widget/`);
  assert.equal(await page.locator("script[src='/stub-widget.js']").count(), 0);
  assert.equal(await creations(arrange), 0);

  await arrange("deliver");
  await page.locator("body[data-widget-started]").waitFor();
  assert.equal(JSON.parse(await page.locator("body").getAttribute("data-widget")).playerUniqueId, "1");
  assert.equal(await creations(arrange), 2);
  const { receipts } = await arrange("receipts");
  assert.deepEqual(receipts, [
    { customer_id: "1", referrer_code: "ANNA1", receipt: "linked", reason: receipts[0].reason },
  ]);
  const state = await arrange("gameball", { do: "state" });
  assert.equal(state.referrals.length, 1);

  // On the next page there is nothing to wait for.
  await page.goto(url);
  await page.locator("body[data-widget-started]").waitFor();
});

test("nor does it start while the shop's own creation is on its way", async (t) => {
  const { url, page, arrange } = await signUpReferred(t, "/");
  await arrange("gameball", { do: "inject", fault: "latency", ms: 2000, operation: "createCustomer" });
  const delivered = arrange("deliver");
  while ((await arrange("receipts")).creation !== "in_flight");
  const answer = await page.context().request.get(`${url}/gameball/widget/`);
  assert.deepEqual(await answer.json(), { ready: false });
  assert.equal(await page.locator("script[src='/stub-widget.js']").count(), 0);
  await delivered;
  await page.locator("body[data-widget-started]").waitFor();
  const { receipts } = await arrange("receipts");
  assert.equal(receipts[0].receipt, "linked");
});

test("without holding the widget back the same referral is lost", async (t) => {
  const { page, arrange } = await signUpReferred(t, "/naive/");
  await page.locator("body[data-widget-started]").waitFor();
  await arrange("deliver");
  const { receipts } = await arrange("receipts");
  assert.equal(receipts[0].receipt, "lost");
  const state = await arrange("gameball", { do: "state" });
  assert.deepEqual(state.referrals, []);
});
