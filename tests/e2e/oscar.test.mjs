// The page in Oscar's dashboard, in a real browser; needs the Oscar site's Python (`make test-e2e` has it).
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
const SITE = fileURLToPath(new URL("../django/oscar/serve.py", import.meta.url));
const PYTHON =
  process.env.OSCAR_PYTHON ?? fileURLToPath(new URL("../../.venv-oscar/bin/python", import.meta.url));
const CHROMIUM =
  process.env.CHROMIUM ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

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

async function startSite(t) {
  const site = spawn(PYTHON, [SITE], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => site.stdin.end());
  for await (const line of createInterface({ input: site.stdout })) return JSON.parse(line).url;
  throw new Error("the site did not start");
}

test("staff find out from Oscar's menu what became of referred friends", async (t) => {
  const url = await startSite(t);
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1180, height: 760 } });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto("/dashboard/login/");
  await page.locator("[name=username]").fill("boss@shop.example");
  await page.locator("[name=password]").fill("demo");
  await page.locator("[name=password]").press("Enter");
  await page.getByRole("button", { name: "Customers" }).click();
  await page.getByRole("link", { name: "Referrals" }).click();
  await page.getByRole("heading", { name: "Referrals" }).waitFor();
  await page.screenshot({ path: `${SCREENSHOTS}oscar-dashboard.png`, fullPage: true });
  assert.equal(await page.locator("tbody tr").count(), 6);

  // Neither Oscar's frame around it nor its colours (Bootstrap's) are ours to judge.
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations } = await page.evaluate(() =>
    axe.run(".page-content", { rules: { "color-contrast": { enabled: false } } }),
  );
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
    [],
  );

  await page.getByRole("link", { name: "Rejected" }).click();
  await page.getByRole("cell", { name: "ANN4FREINDS" }).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 1);
  await page.locator("tbody a").click();
  await page.getByText("Why did this friend (not) count?").first().waitFor();
});
