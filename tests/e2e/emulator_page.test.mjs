// The emulator's page in a real browser: what it shows, what its buttons do, and that nobody's data is markup.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Emulator } from "gameball-referrals/testing";
import { chromium } from "playwright-core";

const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const HOSTILE = `<img src=x onerror="document.title='owned'">`;

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

async function open(t, gameball, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, ...options });
  const problems = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(gameball.url);
  t.after(async () => {
    await context.close();
    gameball.stop();
  });
  return { page, problems };
}

test("an empty emulator says what to do", async (t) => {
  const gameball = new Emulator();
  const { page, problems } = await open(t, gameball);
  await page.getByText("No faults are waiting").waitFor();
  await page.screenshot({ path: `${SCREENSHOTS}emulator-empty.png`, fullPage: true });
  assert.deepEqual(problems, []);
});

for (const colorScheme of ["light", "dark"]) {
  test(`a referral, an ignored code and an order are seen without reloading (${colorScheme})`, async (t) => {
    const gameball = new Emulator();
    const { page, problems } = await open(t, gameball, { colorScheme });
    const client = gameball.client();
    await client.createCustomer({ customerId: "ann" });
    const { referralCode } = await client.getCustomer("ann");
    await client.createCustomer({ customerId: "ben", referrerCode: referralCode });
    await client.createCustomer({ customerId: "carl", referrerCode: "NOBODYS" });
    await client.createCustomer({ customerId: HOSTILE, attributes: { displayName: HOSTILE } });
    await client.trackOrder({
      orderId: "order-1",
      customerId: "ben",
      orderDate: new Date(),
      totalPaid: "100.10",
    });

    await page.getByRole("cell", { name: "100.10" }).waitFor();
    await page.getByText("no customer has this code").waitFor();
    await page.getByRole("cell", { name: HOSTILE, exact: true }).first().waitFor();
    assert.equal(await page.locator("img").count(), 0);
    assert.notEqual(await page.title(), "owned");
    await page.screenshot({ path: `${SCREENSHOTS}emulator-${colorScheme}.png`, fullPage: true });
    assert.deepEqual(problems, []);
  });
}

test("the clock can be moved and the data reset", async (t) => {
  const gameball = new Emulator();
  const { page } = await open(t, gameball);
  await gameball.client().createCustomer({ customerId: "ann" });
  await page.getByRole("cell", { name: "ann", exact: true }).waitFor();
  const before = Date.parse(gameball.state().clock.now);
  await page.getByRole("button", { name: "Advance 5 min" }).click();
  await page.waitForResponse((response) => response.url().includes("/_emulator/"));
  assert(Date.parse(gameball.state().clock.now) - before >= 300_000);
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Reset data" }).click();
  await page.getByRole("cell", { name: "ann", exact: true }).waitFor({ state: "detached" });
  assert.deepEqual(gameball.state().customers, []);
});
