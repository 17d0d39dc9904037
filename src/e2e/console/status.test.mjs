/**
 * The operator's status page in a real Chromium, with the bridge of the console's tests.
 *
 * CONSOLE_URL: the console's address, http://localhost:8080/ by default.
 * OPERATOR_TOKEN: the setting operator.token.
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
  // A headless browser has no other way to hide a tab.
  await page.addInitScript(() => {
    window.setVisibility = (state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    };
  });
});

afterEach(() => page.context().close());

const open = () => page.goto(BASE + "-/status");
const field = () => page.getByLabel("Operator token");
async function give(token) {
  await field().fill(token);
  await page.getByRole("button", { name: "Show" }).click();
}
async function show() {
  await open();
  await give(TOKEN);
}
const updated = () => page.locator("#updated", { hasText: "Updated" }).waitFor();
const problem = (text) => page.locator("#problem", { hasText: text }).waitFor();
const tile = (name) => page.locator("#tile-" + name);
/** Waits for the response to the next request for that path. */
const answered = (path) => page.waitForResponse((response) => response.url().includes(path));
const fact = (term) => page.locator(`dt:text-is("${term}") + dd`).first();
const rows = () => page.locator("#sessions tbody tr");

/** A browser's session: a stream and a subscription. */
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
  const hash = stream.headers.get("cablestream-session");
  await heard.until('"type":"connected"');
  return {
    heard,
    hash,
    async leave() {
      ending.abort();
      await fetch(BASE + id, { method: "DELETE", headers });
    },
  };
}

/** The lines of a stream, to be awaited. */
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
    await updated();
    const row = page.locator("#memory tr", { hasText: /^log/ });
    await row.waitFor();
    const [used, limit] = await row.locator(".number").allTextContents();
    assert.match(used, /^[1-9][\d.,]* (B|KiB|MiB)$/);
    assert.match(limit, /^[1-9][\d.,]* (MiB|GiB)$/);
  } finally {
    await leave();
  }
});

test("it shows what runs, the sessions, the counts and the settings", async () => {
  const one = await session();
  try {
    await show();
    await updated();
    assert.match(await tile("sessions").textContent(), /Sessions[1-9]\d* of [\d,]+Limited by /);
    const about = await page.locator("#about").textContent();
    assert.match(about, /^Version \S+, up .*, since .*\d:\d\d:\d\d/);
    assert.match(await tile("cable").textContent(), /up[1-9]\d* connections? open, 0 waiting/);
    assert.equal(await tile("cable").getAttribute("data-state"), "good");
    assert.match(await tile("lag").textContent(), /none|event/);
    assert.match(await tile("refused").textContent(), /Refused requests\d/);
    assert.ok((await rows().count()) >= 1);
    const names = await page.locator("#counts td:first-child").allTextContents();
    assert.ok(names.includes("cablestream_events_logged_total"));
    assert.deepEqual(names, [...new Set(names)], "a metric has more than one line");
    const opened = page.locator("#counts tr", { hasText: "cablestream_sessions_opened_total" });
    assert.match(await opened.textContent(), /eventsource: [1-9]/);
    const settings = await page.locator("#settings").textContent();
    assert.match(settings, /cable\.url/);
    assert.ok(!settings.includes(TOKEN), "the token is no secret any more");
    await page.screenshot({ path: SCREENSHOTS + "status.png", fullPage: true });
    assert.deepEqual(complaints, []);
  } finally {
    await one.leave();
  }
});

test("a metric of the virtual machine keeps its name", async () => {
  await page.route("**/status.json*", async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    json.counts.jvm_threads_current = 7;
    await route.fulfill({ response, json });
  });
  await show();
  await updated();
  const names = await page.locator("#counts td:first-child").allTextContents();
  assert.ok(names.includes("jvm_threads_current"), names.join(" "));
});

test("it shows why tabs need the bridge, now and since the start", async () => {
  const counted = async (why) => {
    const cells = page.locator("#fallbacks tr", { hasText: why }).locator(".number");
    return (await cells.allTextContents()).map(Number);
  };
  await show();
  await updated();
  const before = await counted("was cut soon after");
  const ending = new AbortController();
  const id = "status-test-" + Math.random().toString(36).slice(2).padEnd(12, "0");
  const url = BASE + id + "?protocol=actioncable-v1-json&fallback=died";
  const headers = { Origin: new URL(BASE).origin, Accept: "text/event-stream" };
  const stream = await fetch(url, { headers, signal: ending.signal });
  try {
    await lines(stream).until("event: opened");
    await page.getByRole("button", { name: "Refresh", exact: true }).click();
    await page
      .locator("#fallbacks tr", { hasText: "was cut soon after" })
      .locator(".number", { hasText: new RegExp(`^${before[1] + 1}$`) })
      .last()
      .waitFor();
    assert.deepEqual(await counted("was cut soon after"), before.map((number) => number + 1));
    assert.match(
      await page.locator("#fallbacks-extent").textContent(),
      /^[1-9]\d* browser tabs? now, [1-9]\d* sessions? since the start/,
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
    await updated();
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
    await updated();
    await rows().getByRole("button", { name: one.hash }).click();
    await page.locator("#session[open]").waitFor();
    assert.equal(await fact("Channels").textContent(), "EchoChannel");
    const transitions = await page.locator("#transitions li").allTextContents();
    assert.match(transitions[0], /^\d.*:\d\d:\d\d.* opened eventsource$/);
    assert.match(transitions.at(-1), / subscribed EchoChannel \([0-9a-f]{8}\)$/);
    assert.equal(await fact("Address").textContent(), "127.0.0.1");
    assert.match(await fact("Browser").textContent(), /\w/);
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

test("it is only a form until it has the token", async () => {
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await open();
  await field().waitFor();
  assert.equal(await page.locator("#status").isVisible(), false);
  assert.ok(!asked.some((path) => path.endsWith("status.json")), "it asks without a token");
  for (const wrong of ["a-token-that-is-wrong", "žluť"]) {
    await give(wrong);
    await problem("That isn't the operator token.");
    assert.equal(await page.locator("#status").isVisible(), false);
  }
  await give(TOKEN);
  await updated();
  assert.equal(await page.locator("#access").isVisible(), false);
  assert.equal(await page.locator("#problem").isVisible(), false);
});

test("the token survives a reload of the tab, until the operator signs out", async () => {
  await show();
  await updated();
  await page.reload();
  await updated();
  await page.getByRole("button", { name: "Sign out" }).click();
  await field().waitFor();
  await page.reload();
  await field().waitFor();
  assert.equal(await page.locator("#status").isVisible(), false);
  assert.deepEqual(complaints, []);
});

test("it refreshes by itself while switched on and visible, and keeps the focus", async () => {
  const one = await session();
  try {
    await page.clock.install();
    await show();
    await updated();
    await rows().first().getByRole("button").focus();
    const hash = await page.locator(":focus").textContent();
    let answer = answered("status.json");
    await page.clock.runFor(5_000);
    await answer;
    await page.clock.runFor(1_000);
    assert.equal(await page.locator(":focus").textContent(), hash);

    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.evaluate(() => setVisibility("hidden"));
    await page.clock.runFor(60_000);
    assert.deepEqual(asked, []);
    answer = answered("status.json");
    await page.evaluate(() => setVisibility("visible"));
    await answer;

    await page.getByLabel("Refresh every 5 s").uncheck();
    await updated();
    asked.length = 0;
    await page.clock.runFor(60_000);
    assert.deepEqual(asked, []);
    assert.deepEqual(complaints, []);
  } finally {
    await one.leave();
  }
});

test("an unreachable bridge and a wrong token have different messages", async () => {
  await show();
  await updated();
  await page.route("**/status.json", (route) => route.abort());
  await page.getByRole("button", { name: "Refresh", exact: true }).click();
  await problem("The bridge doesn't answer.");
  assert.equal(await page.locator("#status").isVisible(), true);
  await page.unroute("**/status.json");
  await page.getByRole("button", { name: "Refresh", exact: true }).click();
  await page.locator("#problem").waitFor({ state: "hidden" });
});

test("a search finds sessions by what an operator knows, and the tiles stay", async () => {
  const one = await session();
  try {
    await show();
    await updated();
    const sessions = await tile("sessions").locator(".figure").textContent();
    const search = page.getByLabel("Search the sessions");
    await search.fill("no such browser");
    await page.locator("#extent", { hasText: "No session matches “no such browser”." }).waitFor();
    assert.equal(await rows().count(), 0);
    assert.equal(await tile("sessions").locator(".figure").textContent(), sessions);
    await search.fill("127.0.0.1");
    await page.locator("#extent", { hasText: "match “127.0.0.1”." }).waitFor();
    assert.ok((await rows().count()) >= 1);
    assert.deepEqual(complaints, []);
  } finally {
    await one.leave();
  }
});

test("it leads to the other pages", async () => {
  await open();
  const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  assert.deepEqual(await links.allTextContents(), ["Console", "Diagnosis", "Status"]);
  for (const link of await links.evaluateAll((all) => all.map((each) => each.href))) {
    assert.equal((await fetch(link)).status, 200, link);
  }
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 390, 1440]) {
    test(`it fits a window of ${width} pixels, ${colorScheme}`, async () => {
      const one = await session();
      try {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        await open();
        await page.screenshot({ path: `${SCREENSHOTS}status-token-${width}-${colorScheme}.png` });
        await give(TOKEN);
        await updated();
        await fits();
        const path = `${SCREENSHOTS}status-${width}-${colorScheme}.png`;
        await page.screenshot({ path, fullPage: true });
        await rows().getByRole("button", { name: one.hash }).click();
        await page.locator("#session[open]").waitFor();
        await fits();
        await page.screenshot({ path: `${SCREENSHOTS}status-session-${width}-${colorScheme}.png` });
        assert.deepEqual(complaints, []);
      } finally {
        await one.leave();
      }
    });
  }
}

async function fits() {
  const overflows = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  assert.equal(overflows, false);
}
