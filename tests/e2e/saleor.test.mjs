// The app's page inside a (fake) Saleor Dashboard, in a real browser: from its installation to a receipt that reads linked.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
const SHOP = fileURLToPath(new URL("saleor/shop.py", import.meta.url));
const PYTHON = process.env.PYTHON ?? "python3";
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser;
let shop;
let lines;
let site;
const pages = {};

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
  for (const at of ["one", "other"]) pages[at] = await command({ do: "install", at });
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

// Opens the Dashboard at the app's page, and returns it with the frame in it.
async function openDashboard(t, { at = "one", width = 1280, height = 900, expected = [], ...query } = {}) {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    const ours = !message.location().url.endsWith("/favicon.ico") && !page.examined;
    if (message.type() === "error" && ours) problems.push(message.text());
  });
  t.after(async () => {
    await context.close();
    const unexpected = problems.filter((text) => !expected.some((each) => text.includes(each)));
    assert.deepEqual(unexpected, []);
  });
  await page.goto(`${site.saleors[at]}/dashboard/?${new URLSearchParams({ app: pages[at].app, ...query })}`);
  const app = page.frameLocator("#place iframe");
  return { page, app };
}

const picture = async (page, name) => {
  await page.waitForTimeout(250);
  await page.screenshot({ path: `${SCREENSHOTS}saleor-${name}.png` });
};

async function frameOf(page) {
  return page.frames().find((frame) => frame.url().startsWith(site.url));
}

async function accessible(page) {
  page.examined = true;
  const frame = await frameOf(page);
  // The page's own policy keeps scripts of others out; the browser's evaluation is none of the page's.
  await frame.evaluate(AXE);
  const { violations } = await frame.evaluate(() => axe.run());
  page.examined = false;
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
    [],
  );
}

async function secretless(page) {
  const html = await (await frameOf(page)).content();
  for (const secret of [site.apiKey, site.secretKey, "@example.org"]) {
    assert(!html.includes(secret), `the page shows ${secret.slice(0, 9)}…`);
  }
}

async function saveKeys(app) {
  await app.getByRole("button", { name: "Settings" }).click();
  await app.getByLabel(/^API key/).fill(site.apiKey);
  await app.getByLabel(/^Secret key/).fill(site.secretKey);
  await app.getByRole("button", { name: "Save" }).click();
  await app.getByText("Saved. What waits for these keys").waitFor();
}

// Has the list shown anew until it has what is looked for: the server may be about to store it.
async function refreshUntilVisible(app, wanted) {
  for (let tries = 0; tries < 100; tries += 1) {
    await app.getByRole("button", { name: "Refresh" }).click();
    await app.locator("#part:not([aria-busy])").waitFor();
    if (await wanted.first().isVisible()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it does not appear");
}

async function rows(app, count) {
  const last = app.locator("tbody tr").nth(count - 1);
  await last.waitFor();
  for (let tries = 0; tries < 100 && (await app.locator("tbody tr").count()) !== count; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(await app.locator("tbody tr").count(), count);
}

test("from the installation to a receipt that reads linked", async (t) => {
  const { page, app } = await openDashboard(t, { expected: ["422"] });
  await app.getByText("One step is left").waitFor();
  await picture(page, "1-welcome");
  await accessible(page);
  assert.deepEqual(
    (await page.evaluate(() => window.dashboard.received)).map(({ type }) => type),
    ["notifyReady"],
  );

  // A mistake is said where it was made, and nothing is saved.
  await app.getByLabel(/^API key/).fill("a key");
  await app.getByRole("button", { name: "Save" }).click();
  await app.getByText("There is a space or a line break in it").waitFor();
  await picture(page, "2-mistake");

  await saveKeys(app);
  await secretless(page);
  await app.getByRole("button", { name: "Test connection" }).click();
  await app.getByText("Gameball accepts the keys.").waitFor();
  await picture(page, "3-settings");
  await accessible(page);
  await secretless(page);

  await command({ do: "register", email: "bo@example.org", metadata: { gameball_claim: "ANNA1" } });
  await command({ do: "pay", email: "bo@example.org" });
  const sent = await command({ do: "deliver" });
  assert.deepEqual(sent, [
    { event: "CUSTOMER_CREATED", attempts: [200] },
    { event: "ORDER_FULLY_PAID", attempts: [200] },
  ]);
  for (;;) {
    const { customers, orders } = await command({ do: "gameball" });
    if (customers.some(({ isReferred }) => isReferred) && orders.length === 1) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await app.getByRole("button", { name: "Referrals", exact: true }).click();
  await app.getByRole("row", { name: /ANNA1/ }).waitFor();
  await refreshUntilVisible(app, app.getByRole("cell", { name: "linked", exact: true }));
  await secretless(page);
  await app.getByRole("button", { name: "User 2" }).click();
  await app.getByText("This friend counts.").waitFor();
  await app.getByText("The shop passed on the code ANNA1").waitFor();
  await picture(page, "11-evidence");
  await accessible(page);
  await secretless(page);
  await app.getByRole("button", { name: "Sent" }).click();
  await refreshUntilVisible(app, app.getByRole("cell", { name: "Receipt: linked" }));
  await rows(app, 2);
});

test("the page, lived in: light, dark and narrow", async (t) => {
  await command({ do: "live-in" });
  for (const look of [
    { name: "light", theme: "light" },
    { name: "dark", theme: "dark" },
    { name: "narrow", theme: "light", width: 400, height: 820 },
  ]) {
    const { page, app } = await openDashboard(t, look);
    await app.getByRole("cell", { name: "rejected" }).waitFor();
    assert.equal(await app.locator("html").getAttribute("data-theme"), look.theme);
    await picture(page, `4-referrals-${look.name}`);
    await accessible(page);
    await app.getByRole("button", { name: "Sent" }).click();
    await app.locator("td .chip", { hasText: "failed" }).waitFor();
    await app.locator("summary").first().click();
    await picture(page, `5-sent-${look.name}`);
    await accessible(page);
    await app.getByRole("button", { name: "Settings" }).click();
    await app.getByRole("button", { name: "Save" }).waitFor();
    await picture(page, `6-settings-${look.name}`);
    await accessible(page);
    const frame = await frameOf(page);
    const overflow = await frame.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(overflow, 0, `${look.name}: the page is wider than its frame`);
    await secretless(page);
  }
});

test("lists are filtered, and what failed is sent again", async (t) => {
  const { page, app } = await openDashboard(t);
  await app.getByRole("button", { name: "Show them" }).click();
  await app.locator("td .chip", { hasText: "failed" }).waitFor();
  await rows(app, 1);
  await app.getByRole("button", { name: "Send again" }).click();
  await app.getByText("None.").waitFor();
  await app.getByRole("button", { name: "Referrals", exact: true }).click();
  await app.getByLabel("Receipt").selectOption("lost");
  await app.getByText("42 minutes too late").waitFor();
  await rows(app, 1);
  await app.getByLabel("Receipt").selectOption("waiting");
  await app.getByText("None.").waitFor();
  await page.evaluate(() => window.dashboard.theme("dark"));
  await app.locator("html[data-theme=dark]").waitFor();

  // Another language loads the words anew, and the Dashboard greets the page again.
  const inGerman = page.waitForRequest(
    (request) => request.url().endsWith("/app/status") && request.headers()["gameball-locale"] === "de",
  );
  await page.evaluate(() => window.dashboard.locale("de"));
  await inGerman;
  await app.getByRole("heading", { name: "Gameball referrals" }).waitFor();
  assert.equal(await app.locator("html").getAttribute("data-theme"), "dark");
});

test("a hold says what to do, and new keys end it", async (t) => {
  const { page, app } = await openDashboard(t);
  await command({ do: "configure-gameball", options: { disabled: true } });
  await command({ do: "register", email: "cy@example.org" });
  await command({ do: "deliver" });
  await refreshUntilVisible(app, app.getByText("Gameball is disabled for this account"));
  await picture(page, "7-held");
  await accessible(page);
  await command({ do: "configure-gameball", options: { disabled: false } });
  await app.getByRole("button", { name: "Open settings" }).click();
  await app.getByRole("button", { name: "Test connection" }).click();
  await app.getByText("Gameball accepts the keys.").waitFor();
});

test("two shops never see each other's", async (t) => {
  const { page, app } = await openDashboard(t, { at: "other", expected: ["frame-ancestors"] });
  await app.getByText("One step is left").waitFor();
  await app.getByRole("button", { name: "Referrals", exact: true }).click();
  await app.getByText("No friend has registered with a referral code yet").waitFor();
  await picture(page, "8-empty");
  await accessible(page);

  // The first shop's page is not for the other's Dashboard: the browser itself refuses to show it there.
  const violations = [];
  page.on("console", (message) => violations.push(message.text()));
  await page.evaluate((src) => {
    document.querySelector("iframe").src = src;
  }, pages.one.page);
  await page.waitForTimeout(800);
  assert(
    violations.some((text) => text.includes("frame-ancestors")),
    violations.join("\n"),
  );
});

test("the token is renewed, and whoever may not see the page is told so", async (t) => {
  // It has expired when the page first uses it.
  const expired = await openDashboard(t, { life: -60, expected: ["401"] });
  await expired.app.getByText("The Dashboard's permission has ended").waitFor();
  await picture(expired.page, "9-signed-out");
  await expired.page.evaluate(() => window.dashboard.refresh());
  await expired.app.getByRole("heading", { name: "Gameball referrals" }).waitFor();

  const visitor = await openDashboard(t, { permissions: "MANAGE_PRODUCTS", expected: ["403"] });
  await visitor.app.getByText("You may not see this page").waitFor();
  await accessible(visitor.page);
});

test("nobody but the Dashboard is heard", async (t) => {
  const { page, app } = await openDashboard(t, { silent: "yes" });
  const frame = await frameOf(page);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  // From the page's own window, and from a frame of another origin within the Dashboard.
  await frame.evaluate(() =>
    window.postMessage({ type: "handshake", payload: { token: "somebody's", version: 1 } }, "*"),
  );
  await page.evaluate((target) => {
    const other = document.createElement("iframe");
    other.sandbox = "allow-scripts";
    other.srcdoc = `<script>parent.frames[0].postMessage({type: "handshake", payload: {token: "somebody's"}}, "${target}")</script>`;
    document.body.append(other);
  }, site.url);
  await page.evaluate(() => {
    window.dashboard.post("unknown", { token: "x" });
    window.dashboard.post("handshake", null);
  });
  await page.waitForTimeout(500);
  assert.deepEqual(
    asked.filter((url) => url.startsWith(site.url)),
    [],
  );
  await app.getByText("Connecting to the Dashboard").waitFor();
  await page.evaluate(() => window.dashboard.handshake());
  await app.getByRole("heading", { name: "Gameball referrals" }).waitFor();
});

test("opened on its own, the page says where it belongs", async (t) => {
  const context = await browser.newContext({ viewport: { width: 900, height: 600 } });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(pages.one.page);
  await page.clock.runFor(11_000);
  await page.getByText("Open this page in the Saleor Dashboard").waitFor();
  await page.screenshot({ path: `${SCREENSHOTS}saleor-10-outside.png` });
  const unknown = await page.goto(`${site.url}/saleor/app?saleorApiUrl=https://nobody.example/graphql/`);
  assert.equal(unknown.status(), 404);
  assert.match(unknown.headers()["content-security-policy"], /frame-ancestors 'none'/);
});
