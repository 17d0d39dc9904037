/**
 * A real Chromium, and pages whose errors and warnings are recorded.
 *
 * CHROMIUM: the browser, /usr/bin/chromium by default.
 */
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

export const SCREENSHOTS = new URL("target/screenshots/", import.meta.url).pathname;
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts it, with a directory for screenshots. */
export async function launch() {
  await mkdir(SCREENSHOTS, { recursive: true });
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A page in a context of its own, with its errors, warnings and policy violations. */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.exposeFunction("complain", (text) => complaints.push(text));
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (violation) =>
      window.complain(`policy: ${violation.violatedDirective} ${violation.blockedURI}`),
    ),
  );
  return { context, page, complaints };
}
