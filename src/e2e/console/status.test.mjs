/**
 * The operator's status page in a real Chromium, against the bridge of the console's tests.
 *
 * CONSOLE_URL: where that one's page is, http://localhost:8080/ by default.
 * OPERATOR_TOKEN: its setting operator.token.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launch, newPage, SCREENSHOTS } from "./browser.mjs";

const BASE = process.env.CONSOLE_URL ?? "http://localhost:8080/";
const TOKEN = process.env.OPERATOR_TOKEN ?? "token-of-the-tests";
const CHANNEL = { channel: "EchoChannel" };

let browser;
let page;
let complaints;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

beforeEach(async () => {
  ({ page, complaints } = await newPage(browser));
});

afterEach(() => page.context().close());

const open = () => page.goto(BASE + "-/status");
const field = () => page.getByLabel("The operator's token");
async function give(token) {
  await field().fill(token);
  await page.getByRole("button", { name: "Show" }).click();
}
async function show() {
  await open();
  await give(TOKEN);
}
const state = (text) => page.locator("#state", { hasText: text }).waitFor();
const fact = (term) => page.locator(`dt:text-is("${term}") + dd`).first();
const rows = () => page.locator("#sessions tbody tr");

/** A session as a browser has it: a stream, and a subscription. */
async function session() {
  const id = "status-test-" + Math.random().toString(36).slice(2).padEnd(12, "0");
  const headers = { Origin: new URL(BASE).origin };
  const ending = new AbortController();
  const stream = await fetch(BASE + id, {
    headers: { ...headers, Accept: "text/event-stream" },
    signal: ending.signal,
  });
  assert.equal(stream.status, 200);
  headers.Cookie = stream.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
  const body = JSON.stringify([{ identifier: CHANNEL, subscribe: true }]);
  const answer = await fetch(BASE + id, { method: "POST", headers, body });
  assert.equal(answer.status, 200, await answer.text());
  const heard = lines(stream);
  await heard.until('"type":"connected"');
  return {
    heard,
    async leave() {
      ending.abort();
      await fetch(BASE + id, { method: "DELETE", headers });
    },
  };
}

/** What comes on a stream, waited for. */
function lines(stream) {
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    async until(expected) {
      while (!text.includes(expected)) {
        const { value, done } = await reader.read();
        assert.ok(!done, `the stream ended without ${expected}`);
        text += value;
      }
    },
  };
}

test("shows what is held for others, by kind, beside what may be", async () => {
  const { leave } = await session();
  try {
    await show();
    await state("As of");
    const row = page.locator("#memory tr", { hasText: /^log/ });
    await row.waitFor();
    const [held, most] = (await row.locator(".number").allTextContents())
      .slice(0, 2)
      .map((text) => Number(text.replace(/\D/g, "")));
    assert.ok(held > 0 && held < most, `${held} of ${most}`);
  } finally {
    await leave();
  }
});

test("it shows what runs, the sessions, the counts and the settings", async () => {
  const one = await session();
  try {
    await show();
    await state("As of");
    assert.notEqual(await fact("Version").textContent(), "");
    assert.equal(await fact("New sessions").textContent(), "let in");
    assert.ok((await rows().count()) >= 1);
    const counts = await page.locator("#counts").textContent();
    assert.match(counts, /cablestream_events/);
    const settings = await page.locator("#settings").textContent();
    assert.match(settings, /cable\.url/);
    assert.ok(!settings.includes(TOKEN), "the token is no secret any more");
    await page.screenshot({ path: SCREENSHOTS + "status.png", fullPage: true });
    assert.deepEqual(complaints, []);
  } finally {
    await one.leave();
  }
});

test("it shows why tabs need the bridge, now and since the start", async () => {
  const counted = async (why) => {
    const cells = page.locator("#fallbacks tr", { hasText: why }).locator(".number");
    return (await cells.allTextContents()).map(Number);
  };
  await show();
  await state("As of");
  const before = await counted("was cut soon after");
  const ending = new AbortController();
  const id = "status-test-" + Math.random().toString(36).slice(2).padEnd(12, "0");
  const url = BASE + id + "?protocol=actioncable-v1-json&fallback=died";
  const headers = { Origin: new URL(BASE).origin, Accept: "text/event-stream" };
  const stream = await fetch(url, { headers, signal: ending.signal });
  try {
    await lines(stream).until("event: opened");
    await page.getByRole("button", { name: "Refresh" }).click();
    await page
      .locator("#fallbacks tr", { hasText: "was cut soon after" })
      .locator(".number", { hasText: new RegExp(`^${before[1] + 1}$`) })
      .last()
      .waitFor();
    assert.deepEqual(await counted("was cut soon after"), before.map((number) => number + 1));
    assert.match(
      await page.locator("#fallbacks-extent").textContent(),
      / in place of a WebSocket now: [1-9]\d*\. .* since .*\d{4}.*: [1-9]\d*;/,
    );
    await page.screenshot({ path: SCREENSHOTS + "status-fallbacks.png", fullPage: true });
    assert.deepEqual(complaints, []);
  } finally {
    ending.abort();
    await fetch(url, { method: "DELETE", headers });
  }
});

test("its columns sort", async () => {
  const both = [await session(), await session()];
  try {
    await show();
    await state("As of");
    await page.getByRole("button", { name: "Age", exact: true }).click();
    assert.equal(await page.locator('th[aria-sort="descending"]').textContent(), "Age");
    await page.getByRole("button", { name: "Age", exact: true }).click();
    assert.equal(await page.locator('th[aria-sort="ascending"]').textContent(), "Age");
    assert.deepEqual(complaints, []);
  } finally {
    for (const each of both) await each.leave();
  }
});

test("a session is looked at and closed", async () => {
  const one = await session();
  try {
    await show();
    await state("As of");
    await rows().first().getByRole("button").click();
    await page.locator("#session[open]").waitFor();
    assert.match(await fact("Confirmed channels").textContent(), /^[0-9a-f]{32}$/);
    assert.equal(await fact("Address").textContent(), "127.0.0.1");
    assert.match(await fact("User agent").textContent(), /\w/);
    await page.screenshot({ path: SCREENSHOTS + "status-session.png" });
    page.on("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Close this session" }).click();
    await one.heard.until('"type":"closed"');
    await page.locator("#session").waitFor({ state: "hidden" });
    assert.deepEqual(complaints, []);
  } finally {
    await one.leave();
  }
});

test("it is a form and nothing else until it has the token", async () => {
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await open();
  await field().waitFor();
  assert.equal(await page.locator("#status").isVisible(), false);
  assert.ok(!asked.some((path) => path.endsWith("status.json")), "it asks without a token");
  await give("a-token-that-is-wrong");
  await state("token");
  assert.equal(await page.locator("#status").isVisible(), false);
  await give(TOKEN);
  await state("As of");
  assert.equal(await page.locator("#access").isVisible(), false);
  assert.notEqual(await fact("Version").textContent(), "");
});

test("it fits a phone", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await show();
  await state("As of");
  await page.screenshot({ path: SCREENSHOTS + "status-narrow.png", fullPage: true });
  const overflows = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  assert.equal(overflows, false);
});
