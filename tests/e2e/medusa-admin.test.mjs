// The plugin's pages in a real Medusa admin, from the packed tarball, in a real browser.
//
// Its shop is made by tests/medusa/run.mjs: run alone, this file hands itself to it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { eventually, OPERATOR } from "../medusa/app.mjs";
import * as answers from "./medusa-admin/answers.mjs";

const FILE = fileURLToPath(import.meta.url);
const RUN = fileURLToPath(new URL("../medusa/run.mjs", import.meta.url));
const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const LOOKS = {
  light: { theme: "light", viewport: { width: 1280, height: 900 } },
  dark: { theme: "dark", viewport: { width: 1280, height: 900 } },
  narrow: { theme: "light", viewport: { width: 390, height: 844 } },
};
const API_KEY = "gb_test_public_of_the_browser";
const SECRET_KEY = "gb_test_private_of_the_browser_1";
const WRONG_KEY = "gb_test_mistyped_key_0000000";

if (process.env.GAMEBALL_TEST_SEED === undefined) {
  test("the pages of the Medusa admin", async () => {
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const child = spawn(process.execPath, [RUN, "--admin", FILE], { stdio: "inherit", env });
    const status = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(status, 0, "see above");
  });
} else {
  const { ENCRYPTION_KEY, World } = await import("../medusa/world.mjs");
  describe("the pages of the Medusa admin", { concurrency: 1 }, () => pages(World, ENCRYPTION_KEY));
}

function pages(World, encryptionKey) {
  const world = World.create();
  let browser;
  let emulator;
  let shop;
  let api;
  let customer;
  let order;

  before(async () => {
    assert(CHROMIUM, "no Chromium found: set CHROMIUM to its path");
    mkdirSync(SCREENSHOTS, { recursive: true });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
    });
    emulator = await world.emulator({ apiKey: API_KEY, secretKey: SECRET_KEY });
    const databaseUrl = await world.database();
    ({ shop, api } = await world.shop({
      databaseUrl,
      env: { SHOP_ADMIN: "on", GAMEBALL_ENCRYPTION_KEY: encryptionKey },
    }));
  });
  after(async () => {
    await browser?.close();
    await world.close();
  });

  /** An operator's browser. @param {import("node:test").TestContext} t */
  async function signIn(t, { look = LOOKS.light, url = shop.url } = {}) {
    const context = await browser.newContext({ viewport: look.viewport, permissions: ["clipboard-read"] });
    await context.addInitScript((theme) => localStorage.setItem("medusa_admin_theme", theme), look.theme);
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    // Whatever crosses: no key comes back.
    page.on("response", async (response) => {
      if (!response.url().includes("/admin/gameball/")) return;
      const body = await response.text().catch(() => "");
      for (const key of [API_KEY, SECRET_KEY, WRONG_KEY]) {
        if (body.includes(key)) problems.push(`${response.url()} answers with a key`);
      }
    });
    t.after(async () => {
      await context.close();
      assert.deepEqual(problems, []);
    });
    await page.goto(`${url}/app/login`);
    await page.locator("input[name=email]").fill(OPERATOR.email);
    await page.locator("input[name=password]").fill(OPERATOR.password);
    await page.getByRole("button", { name: /continue|sign in|log in/i }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("/login"));
    return page;
  }

  const open = (page, path, url = shop.url) => page.goto(`${url}/app/${path}`);

  /** Axe on what is the plugin's; Medusa's own frame is not looked at. */
  async function accessible(page) {
    await page.mouse.move(0, 0);
    // What fades in is paler until it is there.
    await page.evaluate(() => {
      const ending = document
        .getAnimations()
        .filter((each) => each.effect?.getTiming().iterations !== Infinity);
      return Promise.allSettled(ending.map((each) => each.finished));
    });
    await page.evaluate(AXE);
    const violations = await page.evaluate(async () => {
      const overlay = "[role=dialog],[role=alertdialog],[role=menu]";
      const include = document.querySelector(overlay) ? overlay : "[data-gameball]";
      const { violations } = await globalThis.axe.run({ include: [include] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    });
    assert.deepEqual(violations, []);
  }

  /** No key of the catalogue is shown in place of its text, and no key of Gameball's at all. */
  async function proper(page) {
    const text = await page.locator("body").innerText();
    const html = await page.content();
    assert.doesNotMatch(text, /\b(common|dashboard|deliver(y|ies)|evidence|order|settings)\.[a-z]+[A-Z\b]/);
    for (const key of [API_KEY, SECRET_KEY, WRONG_KEY]) {
      assert(!html.includes(key), `${page.url()} shows a key`);
    }
  }

  async function picture(page, name) {
    // What scrolls within the page is to be seen.
    const viewport = page.viewportSize();
    const height = await page.evaluate(() => {
      const tall = [...document.querySelectorAll("main, main *")].map((each) => each.scrollHeight);
      return Math.max(...tall, 0) + 60;
    });
    const isOverlay = (await page.locator("[role=dialog],[role=alertdialog],[role=menu]").count()) > 0;
    if (!isOverlay) {
      await page.setViewportSize({ ...viewport, height: Math.min(Math.max(height, viewport.height), 3_200) });
    }
    await page.screenshot({ path: `${SCREENSHOTS}medusa-${name}.png` });
    await page.setViewportSize(viewport);
  }

  const toast = (page, text) => page.getByText(text, { exact: true }).first().waitFor();

  // --- With the plugin's own routes ---------------------------------------------------------------------------

  test("without an encryption key the settings say what to do", async (t) => {
    const databaseUrl = await world.database();
    const bare = await world.shop({ databaseUrl, env: { SHOP_ADMIN: "on" } });
    const page = await signIn(t, { url: bare.shop.url });
    await open(page, "settings/gameball", bare.shop.url);
    await page.getByText("Keys cannot be saved here yet").waitFor();
    await page.getByText("GAMEBALL_ENCRYPTION_KEY").first().waitFor();
    assert(await page.getByRole("button", { name: "Edit keys" }).isDisabled());
    await accessible(page);
    await picture(page, "no-encryption-real");
    await open(page, "gameball", bare.shop.url);
    await page.getByRole("main").getByRole("link", { name: /keys/i }).first().click();
    await page.waitForURL("**/settings/gameball");
    await bare.shop.kill();
  });

  test("keys go in, are tested, and never come out; wrong ones hold, right ones resume", async (t) => {
    const page = await signIn(t);
    await open(page, "settings/gameball");
    await page.getByRole("heading", { level: 1, name: "Gameball referrals" }).waitFor();
    await page.getByText("The connection was never tested").waitFor();
    await proper(page);

    await page.getByRole("button", { name: "Edit connection" }).click();
    await page.getByLabel("Base URL").fill("gameball.example");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Enter a URL that begins with https://").waitFor();
    await page.getByLabel("Base URL").fill(emulator.url);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Calls go to an emulator on this machine, and never reach Gameball.").waitFor();

    await saveKeys(page, { api: WRONG_KEY, secret: SECRET_KEY });
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByText("The connection does not work").first().waitFor();
    await page.getByText("API key: refused").waitFor();
    await proper(page);
    await picture(page, "keys-refused-real");

    const claim = await api.visit("https://shop.example/?ref=FRIEND42");
    customer = await api.signUp("frida@friends.example", { headers: { "x-gameball-claim": claim } });
    await eventually(async () => {
      const { json } = await api.admin("GET", "/gameball/dashboard");
      return json.alerts.some(({ about }) => about === "hold");
    });
    await open(page, `customers/${customer.id}`);
    await page.getByText("It is not decided yet whether this friend counts.").waitFor();
    await accessible(page);
    await picture(page, "customer-held-real");
    await open(page, "gameball");
    await page.getByRole("heading", { level: 1, name: "Referrals" }).waitFor();
    await page
      .getByRole("main")
      .getByRole("link", { name: /settings|keys/i })
      .first()
      .waitFor();
    await picture(page, "dashboard-held-real");

    await open(page, "settings/gameball");
    await saveKeys(page, { api: API_KEY });
    await page.getByText("This was tested with other keys or another address. Test again.").waitFor();
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByText("The connection works").first().waitFor();
    await page.getByText("Test data").first().waitFor();
    await proper(page);
    await accessible(page);
    await picture(page, "settings-real");

    await open(page, `customers/${customer.id}`);
    await page.getByText("This friend counts.").waitFor();
    await page.getByText("Visited the shop by a link with the code FRIEND42").waitFor();
    await proper(page);
    await accessible(page);
    await picture(page, "customer-linked-real");
  });

  async function saveKeys(page, { api: apiKey, secret }) {
    await page.getByRole("button", { name: "Edit keys" }).click();
    await page.getByLabel("API key", { exact: true }).fill(apiKey);
    if (secret) await page.getByLabel("Secret key", { exact: true }).fill(secret);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await toast(page, "Saved");
    await closed(page);
  }

  const closed = (page) => page.getByRole("dialog").waitFor({ state: "detached" });

  test("an order says whether Gameball has it, and leads to the friend", async (t) => {
    order = await api.order("frida@friends.example", { token: customer.token });
    await eventually(async () => {
      const { json } = await api.admin("GET", `/gameball/orders/${order.id}`);
      return json.delivery?.state === "applied";
    });
    const page = await signIn(t);
    await open(page, `orders/${order.id}`);
    const widget = page.getByRole("region", { name: "Referral" });
    await widget.getByText("This friend counts.").waitFor();
    await widget.getByText("Delivered").waitFor();
    await accessible(page);
    await proper(page);
    await picture(page, "order-real");
    await widget.getByRole("link", { name: "Open the friend's evidence" }).click();
    await page.waitForURL(`**/customers/${customer.id}`);
  });

  test("a failed delivery is found, explained and replayed; a waiting one is retried or cancelled", async (t) => {
    emulator.inject({ fault: "status", status: 422, code: 3008, operation: "createCustomer" });
    const rita = await api.signUp("rita@friends.example");
    await state(rita.id, "dead");
    emulator.inject({ fault: "status", status: 503, operation: "createCustomer", times: 30 });
    const [otto, olga] = [await api.signUp("otto@friends.example"), await api.signUp("olga@friends.example")];
    for (const { id } of [otto, olga]) await tried(id);

    const page = await signIn(t);
    await open(page, "gameball/deliveries");
    await page.getByRole("heading", { level: 1, name: "Deliveries" }).waitFor();
    await accessible(page);
    await proper(page);
    await picture(page, "deliveries-real");
    await page.getByRole("button", { name: /^Failed/ }).click();
    await page.waitForURL("**state=dead**");
    const row = page.getByRole("row").filter({ has: page.getByText("Failed", { exact: true }) });
    await row.getByText("code 3008").waitFor();
    await row.getByRole("button", { name: "Copy: Request id" }).waitFor();
    await row.getByRole("link", { name: "Registration" }).click();
    await page.getByText("When the cause is mended, press Replay", { exact: false }).waitFor();
    await accessible(page);
    await picture(page, "delivery-failed-real");
    emulator.clearFaults();
    await page.getByRole("button", { name: "Replay" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Replay" }).click();
    await toast(page, "1 delivery changed");
    await state(rita.id, "applied");
    await page.getByText("Gameball has it.").waitFor();

    emulator.inject({ fault: "status", status: 503, operation: "createCustomer", times: 30 });
    for (const name of ["paul", "pia"]) {
      await tried((await api.signUp(`${name}@friends.example`)).id);
    }
    await open(page, "gameball/deliveries?state=pending");
    await page.getByRole("checkbox", { name: "Select all on this page" }).click();
    await page.getByText("Cancel delivery").waitFor();
    await accessible(page);
    await page.getByText("Cancel delivery").click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Keep it" }).click();
    await page
      .getByRole("button", { name: /Actions for delivery/ })
      .first()
      .click();
    await page.getByRole("menuitem", { name: "Cancel delivery" }).click();
    await accessible(page);
    await page.getByRole("alertdialog").getByRole("button", { name: "Cancel delivery" }).click();
    await toast(page, "1 delivery changed");
    emulator.clearFaults();
    await page
      .getByRole("button", { name: /Actions for delivery/ })
      .first()
      .click();
    await page.getByRole("menuitem", { name: "Retry now" }).click();
    await toast(page, "1 delivery changed");
    await eventually(async () => {
      const { json } = await api.admin("GET", "/gameball/deliveries?state=pending");
      return json.count === 0;
    });
    await page.getByText("No delivery matches").waitFor({ timeout: 20_000 });
    await page.getByRole("button", { name: "Clear filters" }).first().click();
    await page.getByRole("button", { name: /^Cancelled/ }).click();
    await page
      .getByRole("row")
      .filter({ has: page.getByText("Cancelled", { exact: true }) })
      .first()
      .waitFor();
    await page.getByLabel("Id of a customer, an order or a request").fill(order.id);
    await page.keyboard.press("Enter");
    await page.getByText("No delivery matches").waitFor();
    await page.getByRole("button", { name: /^All/ }).click();
    await page.getByRole("row").filter({ hasText: "Order" }).first().waitFor();
  });

  async function deliveriesOf(id) {
    return (await api.admin("GET", `/gameball/customers/${id}`)).json.deliveries ?? [];
  }

  const state = (id, wanted) =>
    eventually(async () => (await deliveriesOf(id)).some((each) => each.state === wanted), { what: wanted });

  const tried = (id) =>
    eventually(async () => (await deliveriesOf(id)).some((each) => each.problem !== null), { what: "a try" });

  test("the dashboard counts what came of the friends", async (t) => {
    const page = await signIn(t);
    await open(page, "gameball");
    await page.getByText("Nothing needs you: calls go out as they should.").waitFor();
    await page.getByRole("img", { name: "Referred friends per day, by receipt" }).waitFor();
    await page.getByText("As a table").click();
    await page.getByRole("cell", { name: "1", exact: true }).first().waitFor();
    await page.getByLabel("Period").click();
    await page.getByRole("option", { name: "7 days" }).click();
    await page.waitForURL("**days=7");
    await accessible(page);
    await proper(page);
    await picture(page, "dashboard-real");
  });

  test("settings of capture and orders are kept, and what cannot be is refused", async (t) => {
    const page = await signIn(t);
    await open(page, "settings/gameball");
    await page.getByRole("button", { name: "Edit capture" }).click();
    await page.getByLabel("Days a code is remembered").fill("400");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Enter whole days from 1 to 365.").waitFor();
    await accessible(page);
    await page.getByLabel("Days a code is remembered").fill("14");
    await page.getByRole("radio", { name: /The first/ }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await closed(page);
    await page.getByText("14 days").waitFor();
    await page.getByRole("button", { name: "Edit orders" }).click();
    await page.getByRole("radio", { name: /The payment is captured/ }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await closed(page);
    await page.getByText("The payment is captured").waitFor();
    const { settings } = (await api.admin("GET", "/gameball/settings")).json;
    assert.deepEqual(
      [settings.claim_days, settings.attribution, settings.order_moment],
      [14, "first", "captured"],
    );
    await page.getByRole("switch", { name: "Sending" }).click();
    await toast(page, "Sending is off");
    await open(page, "gameball");
    await page.getByRole("main").getByRole("link", { name: /on/i }).first().waitFor();
    await open(page, "settings/gameball");
    await page.getByRole("switch", { name: "Sending" }).click();
    await toast(page, "Sending is on");
  });

  // --- States that a test cannot wait for ---------------------------------------------------------------------

  const refusal = (status, message) => ({ status, json: { type: "unknown_error", message } });
  const STATES = {
    dashboard: ["gameball", { dashboard: answers.dashboard(30) }],
    "dashboard-empty": ["gameball", { dashboard: answers.emptyDashboard }],
    "dashboard-held": ["gameball", { dashboard: answers.heldDashboard }],
    "dashboard-loading": ["gameball", {}],
    "dashboard-error": ["gameball", { dashboard: refusal(500, "The database does not answer.") }],
    deliveries: ["gameball/deliveries", { deliveries: answers.deliveries() }],
    "deliveries-empty": ["gameball/deliveries", { deliveries: answers.noDeliveries }],
    "deliveries-error": ["gameball/deliveries", { deliveries: refusal(500, "") }],
    "delivery-waiting": ["gameball/deliveries/4213", { "deliveries/4213": answers.waitingDelivery }],
    "delivery-failed": ["gameball/deliveries/4205", { "deliveries/4205": answers.failedDelivery }],
    "delivery-missing": [
      "gameball/deliveries/9",
      { "deliveries/9": refusal(404, "There is no delivery 9.") },
    ],
    settings: ["settings/gameball", { settings: answers.settings() }],
    "settings-no-keys": ["settings/gameball", { settings: answers.noKeys }],
    "settings-no-encryption": ["settings/gameball", { settings: answers.noEncryption }],
    "settings-refused": ["settings/gameball", { settings: answers.refusedKeys }],
    "settings-by-options": ["settings/gameball", { settings: answers.byOptions }],
    "customer-lost": ["customers/CUSTOMER", { "customers/CUSTOMER": answers.lostFriend }],
    "customer-held": ["customers/CUSTOMER", { "customers/CUSTOMER": answers.heldFriend }],
    "customer-stranger": ["customers/CUSTOMER", { "customers/CUSTOMER": answers.stranger }],
    "customer-error": ["customers/CUSTOMER", { "customers/CUSTOMER": refusal(500, "") }],
    "order-lost": ["orders/ORDER", { "orders/ORDER": answers.order }],
    "order-second": ["orders/ORDER", { "orders/ORDER": answers.secondOrder }],
  };

  for (const [look, how] of Object.entries(LOOKS)) {
    test(`every state of every page: ${look}`, async (t) => {
      const page = await signIn(t, { look: how });
      let told = {};
      await page.route("**/admin/gameball/**", async (route) => {
        const path = new URL(route.request().url()).pathname.replace("/admin/gameball/", "");
        const answer = told[path.replace(customer.id, "CUSTOMER").replace(order.id, "ORDER")];
        // What is not told hangs.
        if (answer !== undefined) await route.fulfill("status" in answer ? answer : { json: answer });
      });
      for (const [name, [path, states]] of Object.entries(STATES)) {
        await t.test(name, async () => {
          told = states;
          await open(page, path.replace("CUSTOMER", customer.id).replace("ORDER", order.id));
          const isFailure = /error|missing/.test(name);
          const ours = page.locator("[data-gameball]").first();
          await ours.waitFor();
          if (name.endsWith("loading")) await page.locator("[data-gameball][aria-busy=true]").waitFor();
          else await page.locator("[data-gameball][aria-busy=true]").waitFor({ state: "detached" });
          if (isFailure) await page.locator("[data-gameball] [role=alert]").waitFor();
          await accessible(page);
          await proper(page);
          await picture(page, `${name}-${look}`);
        });
      }
    });
  }
}
