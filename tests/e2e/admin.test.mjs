// The app's part of the Django admin in a real browser, under a content security policy that allows nothing inline.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
const SHOP = fileURLToPath(new URL("admin/shop.py", import.meta.url));
const PYTHON = process.env.PYTHON ?? "python3";
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  narrow: { colorScheme: "light", viewport: { width: 380, height: 800 } },
};

let browser;
let shop;
let lines;
let site;

before(async () => {
  assert(CHROMIUM, "no Chromium found: set CHROMIUM to its path");
  mkdirSync(SCREENSHOTS, { recursive: true });
  shop = spawn(PYTHON, [SHOP], { stdio: ["pipe", "pipe", "inherit"] });
  lines = createInterface({ input: shop.stdout })[Symbol.asyncIterator]();
  site = await answer();
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
  });
});
after(async () => {
  await browser?.close();
  shop?.stdin.end();
});

async function answer() {
  const { value, done } = await lines.next();
  assert(!done, "the shop ended");
  return JSON.parse(value);
}

async function command(what) {
  shop.stdin.write(`${JSON.stringify(what)}\n`);
  return answer();
}

let current;

// A test that only looks takes the state as another has left it.
async function scenario(name, { fresh = false } = {}) {
  if (fresh || current?.name !== name) current = { name, rows: await command({ scenario: name }) };
  return current.rows;
}

async function signIn(t, look = LOOKS.light, user = "admin") {
  const context = await browser.newContext(look);
  const problems = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    const ours = !message.location().url.endsWith("/favicon.ico") && !examined.has(page);
    if (message.type() === "error" && ours) problems.push(message.text());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, []);
  });
  await page.goto(`${site.url}/admin/login/?next=/admin/gameball/`);
  await page.getByLabel("Username").fill(user);
  await page.getByLabel("Password").fill(site.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

const open = (page, path) => page.goto(`${site.url}/admin/gameball/${path}`);

// Pages that axe looks at. It is no part of them, and tries what the policy forbids.
const examined = new WeakSet();

async function accessible(page) {
  examined.add(page);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run());
  examined.delete(page);
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
    [],
  );
}

async function secretless(page) {
  const html = await page.content();
  for (const secret of [site.apiKey, site.secretKey, "gb_test_wrong_key", "private@example.org"]) {
    assert(!html.includes(secret), `${page.url()} shows ${secret.slice(0, 12)}…`);
  }
}

const PAGES = {
  empty: () => ({
    "empty-dashboard": "dashboard/",
    "empty-deliveries": "delivery/",
    "empty-referrals": "referral/",
    "empty-account": "account/default/change/",
  }),
  "lived-in": ({ referrals, deliveries }) => ({
    index: "",
    dashboard: "dashboard/",
    "dashboard-90-days": "dashboard/?days=90",
    accounts: "account/",
    account: "account/default/change/",
    "account-new": "account/add/",
    deliveries: "delivery/",
    "deliveries-failed": "delivery/?state=dead",
    "deliveries-not-found": "delivery/?q=nobody",
    "delivery-failed": `delivery/${deliveries.failed}/change/`,
    "delivery-exhausted": `delivery/${deliveries.exhausted}/change/`,
    "delivery-waiting": `delivery/${deliveries.waiting}/change/`,
    "delivery-cancelled": `delivery/${deliveries.cancelled}/change/`,
    "delivery-history": `delivery/${deliveries.failed}/history/`,
    referrals: "referral/",
    "referrals-lost": "referral/?receipt=lost",
    "referrals-not-found": "referral/?q=6006",
    "referral-linked": `referral/${referrals.linked}/change/`,
    "referral-late": `referral/${referrals.late}/change/`,
    "referral-rejected": `referral/${referrals.rejected}/change/`,
    "referral-not-linked": `referral/${referrals["not-linked"]}/change/`,
    "referral-already": `referral/${referrals.already}/change/`,
    "referral-pending": `referral/${referrals.pending}/change/`,
    customer: "referral/customer/",
    "customer-unreferred": "referral/customer/?id=6006",
    "customer-unknown": "referral/customer/?id=nobody",
  }),
  held: ({ referrals }) => ({
    "held-dashboard": "dashboard/",
    "held-account": "account/default/change/",
    "held-referral": `referral/${referrals.pending}/change/`,
  }),
  rush: () => ({ "rush-dashboard": "dashboard/", "rush-referrals": "referral/" }),
};

for (const [name, pages] of Object.entries(PAGES)) {
  for (const [look, options] of Object.entries(LOOKS)) {
    test(`every page of a shop that is ${name} is accessible and tells no secret (${look})`, async (t) => {
      const found = pages(await scenario(name));
      const page = await signIn(t, options);
      const failures = [];
      for (const [title, path] of Object.entries(found)) {
        await open(page, path);
        await page.screenshot({ path: `${SCREENSHOTS}admin-${title}-${look}.png`, fullPage: true });
        try {
          await accessible(page);
          await secretless(page);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert(overflow <= 0, `${overflow} pixels too wide`);
        } catch (error) {
          failures.push(`${title}: ${error.message}`);
        }
      }
      assert.deepEqual(failures, []);
    });
  }
}

test("keys go in, are tested, and never come out", async (t) => {
  await scenario("empty", { fresh: true });
  current = undefined;
  const page = await signIn(t);
  const save = page.getByRole("button", { name: "Save and test connection" });
  const apiKey = page.getByLabel("API key:", { exact: true });
  const secretKey = page.getByLabel("Secret key:", { exact: true });
  await open(page, "account/default/change/");
  await page.getByText("There is no API key yet").waitFor();

  await page.getByLabel("Base URL:").fill(site.baseUrl);
  await apiKey.fill("the same key twice".replaceAll(" ", "-"));
  await secretKey.fill("the-same-key-twice");
  await save.click();
  await page.getByText("API key and secret key are the same.").waitFor();
  assert.equal(await apiKey.inputValue(), "");
  await page.screenshot({ path: `${SCREENSHOTS}admin-account-refused-light.png`, fullPage: true });
  await accessible(page);

  await apiKey.fill(`${site.apiKey}x`);
  await secretKey.fill(site.secretKey);
  await save.click();
  await page.getByRole("listitem").filter({ hasText: "Gameball refuses" }).first().waitFor();
  await secretless(page);
  await page.screenshot({ path: `${SCREENSHOTS}admin-account-wrong-key-light.png`, fullPage: true });

  await apiKey.fill(site.apiKey);
  await page.getByRole("button", { name: "Save and continue editing" }).click();
  await page.getByText("That was with other keys").waitFor();
  await page.getByRole("button", { name: "Test connection", exact: true }).click();
  await page.getByRole("listitem").filter({ hasText: "Gameball accepts the keys." }).waitFor();
  await page
    .locator("time", { hasText: "ago" })
    .or(page.locator("time", { hasText: "now" }))
    .first()
    .waitFor();
  await accessible(page);
  await secretless(page);
  await page.screenshot({ path: `${SCREENSHOTS}admin-account-works-light.png`, fullPage: true });

  await page.getByLabel("Remove the saved secret key").check();
  await page.getByRole("button", { name: "Save and continue editing" }).click();
  await page.getByText("Also called transaction key").waitFor();

  await open(page, "account/default/history/");
  await page
    .getByRole("cell", { name: /Changed/ })
    .first()
    .waitFor();
  await secretless(page);
});

test("what failed is replayed, what waits is retried, and a cancellation is confirmed", async (t) => {
  const { deliveries } = await scenario("lived-in", { fresh: true });
  current = undefined;
  const page = await signIn(t);
  await open(page, "delivery/?state=dead");
  await page.getByRole("row", { name: "2026-5002" }).getByRole("checkbox").check();
  await page.getByLabel("Action:").selectOption({ label: "Replay failed ones" });
  await page
    .getByRole("button", { name: "Go" })
    .or(page.getByRole("button", { name: "Run" }))
    .click();
  await page.getByText("1 delivery is sent again.").waitFor();
  assert.equal(await page.getByRole("row", { name: "2026-5002" }).count(), 0);

  await open(page, `delivery/${deliveries.failed}/change/`);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("1 delivery will never be sent.").waitFor();
  await accessible(page);
  await page.screenshot({ path: `${SCREENSHOTS}admin-cancel-light.png`, fullPage: true });
  await page.getByRole("link", { name: "No, take me back" }).click();
  await page.getByRole("heading", { name: "Failed" }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Yes, cancel" }).click();
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("cell", { name: "Cancel" }).waitFor();
  await page.screenshot({ path: `${SCREENSHOTS}admin-delivery-log-light.png`, fullPage: true });

  await open(page, `delivery/${deliveries.later}/change/`);
  await page.getByRole("button", { name: "Retry now" }).click();
  await page.getByText("1 delivery is due now").waitFor();
  assert.equal(await page.getByRole("button", { name: "Retry now" }).count(), 0);
});

test("a request id is copied", async (t) => {
  const { deliveries } = await scenario("lived-in", { fresh: true });
  const page = await signIn(t);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: site.url });
  await open(page, `delivery/${deliveries.exhausted}/change/`);
  const id = page.getByRole("definition").filter({ hasText: "0HN7Q2K4M8E1B" });
  await id.getByRole("button").click();
  await id.getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "0HN7Q2K4M8E1B:00000411");
});

test("anybody is looked up, and an e-mail address stays out of the URL", async (t) => {
  await scenario("lived-in");
  const page = await signIn(t);
  await open(page, "dashboard/");
  await page.getByRole("textbox", { name: "Customer" }).fill("6006");
  await page.getByRole("button", { name: "Look up" }).click();
  await page.getByRole("heading", { name: "This customer was not referred by anybody." }).waitFor();
  await page.getByRole("textbox", { name: "Customer" }).fill("guest@example.org");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "The shop has recorded nothing" }).waitFor();
  assert.match(page.url(), /id=guest-[0-9a-f]{32}$/);
  await open(page, "referral/?q=6006");
  await page.getByRole("link", { name: "Look up 6006 among all customers" }).click();
  await page.getByRole("heading", { name: "This customer was not referred by anybody." }).waitFor();
});

test("the chart has a table, and two periods", async (t) => {
  await scenario("lived-in");
  const page = await signIn(t);
  await open(page, "dashboard/");
  const linked = await page.getByRole("listitem").filter({ hasText: "Linked" }).locator("strong").innerText();
  await page.getByText("The same as a table").click();
  const rows = await page.getByRole("group", { name: "Receipts by day" }).getByRole("row").allInnerTexts();
  const sum = rows.slice(1).reduce((total, row) => total + Number(row.split("\t")[1]), 0);
  assert.equal(sum, Number(linked));
  await page.screenshot({ path: `${SCREENSHOTS}admin-dashboard-table-light.png`, fullPage: true });
  await page.getByRole("link", { name: "90 days" }).click();
  await page.getByRole("heading", { name: "Friends of the last 90 days" }).waitFor();
});

test("whoever may only look sees everything and can do nothing", async (t) => {
  const { deliveries } = await scenario("lived-in");
  const page = await signIn(t, LOOKS.light, "viewer");
  await open(page, `delivery/${deliveries.failed}/change/`);
  await page.getByRole("heading", { name: "Failed" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /Replay|Cancel/ }).count(), 0);
  await open(page, "delivery/");
  assert.equal(await page.getByLabel("Action:").count(), 0);
  await open(page, "account/default/change/");
  await page.screenshot({ path: `${SCREENSHOTS}admin-account-viewer-light.png`, fullPage: true });
  assert.equal(await page.getByRole("button", { name: /Test|Save/ }).count(), 0);
  assert.equal(await page.locator("input[type=password]").count(), 0);
  await accessible(page);
  await secretless(page);
});
