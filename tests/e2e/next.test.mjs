// The Next.js storefront with the Django shop behind it, built and started, clicked through in a real browser.
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
const DEMO = fileURLToPath(new URL("../../examples/next_storefront/demo.mjs", import.meta.url));
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PASSWORD = "correct horse battery";

let browser;
let shop;
let demo;
before(async () => {
  assert(CHROMIUM, "no Chromium found: set CHROMIUM to its path");
  mkdirSync(SCREENSHOTS, { recursive: true });
  // NEXT_BUILT=1 saves a minute where it was built before.
  const flags = process.env.NEXT_BUILT ? ["--bare", "--built"] : ["--bare"];
  demo = spawn(process.execPath, [DEMO, ...flags], { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: demo.stdout })) {
    shop = JSON.parse(line);
    break;
  }
  assert(shop, "the storefront did not start");
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
  });
});
after(async () => {
  await browser?.close();
  demo?.stdin.end();
});

async function visitor(t, options = {}) {
  const context = await browser.newContext({
    baseURL: shop.url,
    viewport: { width: 1100, height: 760 },
    ...options,
  });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, []);
  });
  const claim = async () => (await context.cookies(shop.url)).find(({ name }) => name === "gb_claim");
  return { context, page, claim };
}

async function look(page, name) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert(overflow <= 0, `${name}: ${overflow} pixels too wide`);
  await page.screenshot({ path: `${SCREENSHOTS}next-${name}.png`, fullPage: true });
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations } = await page.evaluate(() => axe.run());
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
    [],
    name,
  );
}

async function control(command) {
  const answer = await fetch(`${shop.gameball}/_emulator/control`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(command),
  });
  return await answer.json();
}

async function signUp(page, name) {
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("E-mail").fill(`${name}@shop.example`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("heading", { name: `Hello, ${name}` }).waitFor();
}

/** Waits for the referral to be linked at Gameball: the back end sends it within moments. */
async function linked(name) {
  for (let round = 0; round < 100; round += 1) {
    const { referrals, customers } = await control({ do: "state" });
    const friend = customers.find(({ email }) => email === `${name}@shop.example`);
    if (friend && referrals.some((referral) => referral.friend === friend.customerId)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`${name} was not linked`);
}

const share = (page) => page.getByRole("region", { name: "Invite your friends" });

for (const colorScheme of ["light", "dark"]) {
  test(`a friend's way through the storefront (${colorScheme})`, async (t) => {
    const { page, claim } = await visitor(t, { colorScheme });
    const name = `ben-${colorScheme}`;
    const visit = await page.goto("/?utm_source=mail&ReferralCode=ANN4FRIENDS");
    assert.match((await visit.allHeaders())["cache-control"], /private/);
    const { httpOnly, sameSite } = await claim();
    assert.deepEqual({ httpOnly, sameSite }, { httpOnly: true, sameSite: "Lax" });
    // On the very page of the visit: the server component has read the cookie that the proxy set.
    await page.getByText("A friend sent you.").waitFor();
    await look(page, `home-${colorScheme}`);

    await page.getByRole("link", { name: "Create an account" }).click();
    const field = page.getByLabel("Referral code");
    assert.equal(await field.inputValue(), "ANN4FRIENDS");
    await field.fill("NOBODYS");
    await page.getByText("Nobody has this code.").waitFor();
    await field.fill(`${shop.url}?ref=ANN4FRIENDS`);
    await page.getByText("This code is known.").waitFor();
    await look(page, `sign-up-${colorScheme}`);
    await field.fill("ANN4FRIENDS");
    await signUp(page, name);
    // The claim was signed by Node and read by Python.
    await linked(name);
  });

  for (const [size, viewport] of [
    ["wide", { width: 1100, height: 700 }],
    ["narrow", { width: 340, height: 760 }],
  ]) {
    test(`the share element is accessible (${colorScheme}, ${size})`, async (t) => {
      const { page } = await visitor(t, { colorScheme, viewport });
      await page.goto("/log-in");
      await page.getByLabel("Username").fill("ann");
      await page.getByLabel("Password").fill("demo");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("heading", { name: "Hello, ann" }).waitFor();
      // The back end asks Gameball for the code in the background.
      while ((await page.getByLabel("Your referral link").count()) === 0) {
        await share(page).getByRole("button", { name: "Look again" }).click();
        await page.waitForLoadState();
        await share(page).waitFor();
      }
      assert.equal(await page.getByLabel("Your referral link").inputValue(), `${shop.url}?ref=ANN4FRIENDS`);
      await page.getByRole("img", { name: "QR code" }).waitFor();
      await look(page, `account-${colorScheme}-${size}`);
    });
  }
}

test("a claim of the back end's own pages is read by the storefront", async (t) => {
  const { page, claim } = await visitor(t);
  // Cookies know no ports: as two hosts of one shop do, with a domain for the cookie.
  await page.goto(`${shop.backend}?ref=ANN4FRIENDS`);
  assert.notEqual(await claim(), undefined);
  await page.goto("/");
  await page.getByText("A friend sent you.").waitFor();
  await page.goto("/sign-up");
  assert.equal(await page.getByLabel("Referral code").inputValue(), "ANN4FRIENDS");
});

test("a static page: the script captures, the page itself is the same for everybody", async (t) => {
  const { page, claim } = await visitor(t);
  const plain = await page.goto("/guide");
  assert.match((await plain.allHeaders())["cache-control"], /s-maxage/);
  assert.equal(await page.getByText("A friend sent you.").isVisible(), false);
  const asked = [];
  page.on("request", (request) => request.method() === "POST" && asked.push(new URL(request.url()).pathname));
  const captured = page.waitForResponse("**/gameball/capture");
  const visit = await page.goto("/guide?GBREFERRAL=ANN4FRIENDS");
  assert.equal((await visit.allHeaders())["set-cookie"], undefined);
  assert.equal((await (await captured).json()).captured, true);
  await page.getByText("A friend sent you.").waitFor();
  assert.equal((await claim()).httpOnly, true);
  await look(page, "guide");
  await page.goto("/guide?page=2");
  await page.getByText("A friend sent you.").waitFor();
  assert.deepEqual(asked, ["/gameball/capture"]);
});

test("a static page behind the proxy is nobody else's once it sets a claim", async (t) => {
  const { context } = await visitor(t);
  const headersOf = async (path) => (await context.request.get(path)).headers();
  assert.match((await headersOf("/log-in"))["cache-control"], /s-maxage/);
  const visit = await headersOf("/log-in?ref=ANN4FRIENDS");
  assert.match(visit["set-cookie"], /^gb_claim=/);
  assert.match(visit["cache-control"], /private/);
  assert.doesNotMatch(visit["cache-control"], /s-maxage/);
});

test("the share element as a script: it copies, says so, and takes other texts", async (t) => {
  const { context, page } = await visitor(t);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(shop.url).origin });
  await page.goto("/guide");
  await page.addScriptTag({ url: "/gameball/storefront.js" });
  await page.evaluate(() => {
    document.querySelector("main").innerHTML =
      "<h1>Share</h1><gameball-referral-share theme=dark no-qr></gameball-referral-share>";
    const element = document.querySelector("gameball-referral-share");
    element.addEventListener("gameball-refresh", (event) => {
      event.preventDefault();
      element.setAttribute("link", "https://shop.example/?ref=ANNA1");
      element.setAttribute("friends", "1");
      element.labels = { heading: "Lade Freunde ein", copy: "Kopieren", copied: "Kopiert" };
    });
    element.addEventListener("gameball-share", ({ detail }) => {
      globalThis.shared = detail.way;
    });
  });
  await share(page).getByText("is being prepared").waitFor();
  await look(page, "share-waiting");
  await page.getByRole("button", { name: "Look again" }).click();
  const block = page.getByRole("region", { name: "Lade Freunde ein" });
  await block.getByText("1 friend has joined").waitFor();
  assert.equal(await block.evaluate((section) => getComputedStyle(section).colorScheme), "dark");
  assert.equal(await block.getByRole("img").count(), 0);
  await block.getByRole("button", { name: "Kopieren" }).focus();
  await page.keyboard.press("Enter");
  await block.getByRole("button", { name: "Kopiert" }).waitFor();
  await page.getByRole("status").getByText("The link was copied.").waitFor({ state: "attached" });
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "https://shop.example/?ref=ANNA1");
  assert.equal(await page.evaluate(() => globalThis.shared), "copy");
  await look(page, "share-copied");
});

test("without JavaScript the code is captured, and the form has it", async (t) => {
  const { page } = await visitor(t, { javaScriptEnabled: false });
  await page.goto("/?ref=ANN4FRIENDS");
  await page.getByRole("link", { name: "Create an account" }).click();
  assert.equal(await page.getByLabel("Referral code").inputValue(), "ANN4FRIENDS");
});

test("taking the code out says that there is none", async (t) => {
  const { page } = await visitor(t);
  await page.goto("/sign-up?ref=ANN4FRIENDS");
  await page.getByLabel("Referral code").fill("");
  await signUp(page, "cara");
  for (;;) {
    const { customers } = await control({ do: "state" });
    if (customers.some(({ email }) => email === "cara@shop.example")) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { referrals, customers } = await control({ do: "state" });
  const cara = customers.find(({ email }) => email === "cara@shop.example");
  assert(!referrals.some(({ friend }) => friend === cara.customerId));
});
