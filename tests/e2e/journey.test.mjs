// The demo shop clicked through in a real browser: a friend's way from the link to the receipt in the admin.
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
const DEMO = fileURLToPath(new URL("../../examples/django_shop/demo.py", import.meta.url));
const PYTHON = process.env.PYTHON ?? "python3";
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PASSWORD = "correct horse battery";

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

async function startShop(t) {
  const shop = spawn(PYTHON, [DEMO, "--bare", "--port", "0"], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => shop.stdin.end());
  for await (const line of createInterface({ input: shop.stdout })) return JSON.parse(line);
  throw new Error("the shop did not start");
}

async function visitor(t, url, options = {}) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1180, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on(
    "response",
    (answer) => answer.status() >= 400 && problems.push(`${answer.status()} ${answer.url()}`),
  );
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, []);
  });
  return page;
}

async function look(page, name) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert(overflow <= 0, `${name}: ${overflow} pixels too wide`);
  await page.screenshot({ path: `${SCREENSHOTS}shop-${name}.png`, fullPage: true });
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations } = await page.evaluate(() => axe.run());
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
    [],
    name,
  );
}

async function logIn(page, name, password, path = "/log-in/") {
  await page.goto(path);
  await page.locator("[name=username]").fill(name);
  await page.locator("[name=password]").fill(password);
  await page.getByRole("button", { name: /log in/i }).click();
}

/** Reloads until it is there: the page asks nobody, and what it shows comes with the sender's answer. */
async function reloadUntil(page, locator) {
  for (let left = 100; left > 0; left--) {
    if (await locator.count()) return;
    await page.reload();
  }
  throw new Error(`never seen on ${page.url()}: ${locator}`);
}

for (const [look_, options] of [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["phone", { colorScheme: "light", viewport: { width: 360, height: 740 } }],
]) {
  test(`a friend's way through the shop (${look_})`, async (t) => {
    const { url, gameball } = await startShop(t);
    const shoot = (page, name) => look(page, `${name}-${look_}`);

    const ann = await visitor(t, url, options);
    await logIn(ann, "ann", "demo");
    const share = ann.getByLabel("Your referral link");
    await reloadUntil(ann, share);
    const link = await share.inputValue();
    assert.equal(link, `${url}?ref=ANN4FRIENDS`);
    await shoot(ann, "1-share");

    const ben = await visitor(t, url, options);
    await ben.goto(link);
    await ben.getByText("A friend sent you.").waitFor();
    await shoot(ben, "2-home");
    await ben.getByRole("link", { name: "Stoneware mug" }).click();
    await shoot(ben, "3-product");
    await ben.getByRole("button", { name: "Add to basket" }).click();
    await ben.getByLabel("Quantity of Stoneware mug").fill("2");
    await ben.getByRole("button", { name: "Update" }).click();
    await ben.getByRole("cell", { name: "€48.00" }).first().waitFor();
    await shoot(ben, "4-basket");

    await ben.getByRole("link", { name: "Sign up" }).click();
    assert.equal(await ben.getByLabel("Referral code").inputValue(), "ANN4FRIENDS");
    await ben.getByLabel("Username").fill("ben");
    await ben.getByLabel("E-mail").fill("ben@shop.example");
    await ben.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await ben.getByLabel("Password confirmation").fill(PASSWORD);
    await shoot(ben, "5-sign-up");
    await ben.getByRole("button", { name: "Create account" }).click();
    await ben.getByText("Your account is ready.").waitFor();
    assert.equal(await ben.getByText("A friend sent you.").count(), 0);

    await ben.getByRole("link", { name: "Basket" }).click();
    await ben.getByRole("link", { name: "Check out" }).click();
    await ben.getByLabel("Name").fill("Ben Book");
    await ben.getByLabel("Address").fill("1 High Street\nLeeds");
    await shoot(ben, "6-checkout");
    await ben.getByRole("button", { name: "Continue to payment" }).click();
    await shoot(ben, "7-payment");
    await ben.getByRole("button", { name: "Pay €48.00" }).click();
    await ben.getByRole("heading", { name: "Thank you" }).waitFor();
    await shoot(ben, "8-confirmation");
    await ben.getByRole("link", { name: "Your account" }).click();
    await reloadUntil(ben, ben.getByLabel("Your referral link"));
    await ben.getByRole("cell", { name: "paid" }).waitFor();
    await shoot(ben, "9-account");

    const operator = await visitor(t, url, options);
    await logIn(operator, "operator", "demo", "/admin/login/?next=/admin/gameball/referral/");
    const row = operator.getByRole("row", { name: /ANN4FRIENDS/ });
    await reloadUntil(operator, row.getByText("linked", { exact: true }));
    await row.getByRole("link").first().click();
    await operator.getByText("This friend counts.").waitFor();
    await reloadUntil(operator, operator.getByText("The order was sent"));
    await operator.screenshot({ path: `${SCREENSHOTS}shop-10-receipt-${look_}.png`, fullPage: true });

    const state = await (await fetch(`${gameball}/_emulator/state`)).json();
    assert.deepEqual(
      state.referrals.map(({ code }) => code),
      ["ANN4FRIENDS"],
    );
    assert.deepEqual(
      state.orders.map(({ totalPaid }) => Number(totalPaid)),
      [48],
    );
  });
}

test("a guest's order counts, too, and an empty basket says what to do", async (t) => {
  const { url, gameball } = await startShop(t);
  const guest = await visitor(t, url);
  await guest.goto("/?ref=ANN4FRIENDS");
  await guest.getByRole("link", { name: /^Basket/ }).click();
  await guest.getByText("Nothing in here yet.").waitFor();
  await look(guest, "basket-empty");
  await guest.getByRole("link", { name: "See what there is" }).click();
  await guest.getByRole("link", { name: "House beans" }).click();
  await guest.getByRole("button", { name: "Add to basket" }).click();
  await guest.getByRole("link", { name: "Check out" }).click();
  await guest.getByText("as a guest").waitFor();
  await guest.getByRole("button", { name: "Continue to payment" }).click();
  assert.match(guest.url(), /checkout/, "the browser asks for what is missing");
  await guest.getByLabel("Name").fill("Gwen Guest");
  await guest.getByLabel("E-mail").fill("gwen@shop.example");
  await guest.getByLabel("Address").fill("2 Low Street\nYork");
  await guest.getByRole("button", { name: "Continue to payment" }).click();
  await guest.getByRole("button", { name: "Pay €14.90" }).click();
  await guest.getByRole("heading", { name: "Thank you" }).waitFor();

  const operator = await visitor(t, url);
  await logIn(operator, "operator", "demo", "/admin/login/?next=/admin/gameball/referral/");
  await reloadUntil(
    operator,
    operator.getByRole("row", { name: /ANN4FRIENDS/ }).getByText("linked", { exact: true }),
  );
  const state = await (await fetch(`${gameball}/_emulator/state`)).json();
  assert.equal(state.referrals.length, 1);
  assert.equal(state.customers.find(({ customerId }) => customerId.startsWith("guest-")).guest, true);
});
