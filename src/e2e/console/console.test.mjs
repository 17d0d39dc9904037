/**
 * The console page in a real Chromium, against a running bridge whose cable is the demonstration
 * server, as mvn jetty:run starts them.
 *
 * CONSOLE_URL: where the page is, http://localhost:8080/ by default.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import { launch, newPage, SCREENSHOTS } from "./browser.mjs";
import { Hop } from "./hop.mjs";

const BASE = process.env.CONSOLE_URL ?? "http://localhost:8080/";
const BIG = "9007199254740993";

let browser;
let context;
let page;
let complaints;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

beforeEach(() => open());

afterEach(() => context.close());

/** A page with its errors, warnings and policy violations. */
async function open({ url = BASE, ...options } = {}) {
  await context?.close();
  ({ context, page, complaints } = await newPage(browser, options));
  const response = await page.goto(url);
  await page.locator("#presets").waitFor();
  return response;
}

const press = (name) => page.getByRole("button", { name, exact: true }).click();
const status = (text) => page.locator("#status", { hasText: text }).waitFor();
const event = (type, text) =>
  page.locator(`.event[data-type="${type}"]`, text && { hasText: text });
const card = (name) => page.locator(".subscription", { hasText: name });
const request = (what) => page.locator(".request", { hasText: what });

/** The numbers of the ticks on the page. */
async function ticks() {
  const briefs = await event("received", "TickChannel").locator(".brief").allTextContents();
  return briefs.map((brief) => JSON.parse(brief).tick);
}

async function tickAfter(last) {
  await event("received", `"tick":${last + 1},`).waitFor();
}

function assertConsecutive(numbers) {
  assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
}

function noComplaints() {
  assert.deepEqual(complaints, []);
}

test("it has a strict policy and loads without errors or warnings", async () => {
  const policy = (await open()).headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.match(await page.title(), /Cablestream/);
  noComplaints();
});

test("one click connects, subscribes and shows what arrives", async () => {
  await press("Tick");
  await status("Connected by EventSource");
  await event("joined").waitFor();
  await event("connected", "TickChannel").waitFor();
  await tickAfter(1);
  await card("TickChannel").filter({ hasText: "connected" }).waitFor();
  noComplaints();
});

test("what is sent to the echo comes back, its numbers untouched", async () => {
  await press("Echo");
  await page.getByLabel("Data").fill(`{"n": ${BIG}, "quote": "it's"}`);
  await press("Send to EchoChannel");
  await event("received", BIG).locator("summary").click();
  const detail = await event("received", BIG).locator(".detail pre").textContent();
  assert.match(detail, new RegExp(`^  "n": ${BIG},$`, "m"));
  noComplaints();
});

test("a send doesn't overtake its subscribe", async () => {
  let first = true;
  await page.route("**", async (route) => {
    if (first && route.request().method() === "POST") {
      first = false;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    await route.continue();
  });
  await press("Echo");
  await page.getByLabel("Data").fill(`{"n": ${BIG}}`);
  await press("Send to EchoChannel");
  await event("received", BIG).waitFor();
});

test("JSON is taken apart and laid out without being read as numbers and strings", async () => {
  const results = await page.evaluate(async (big) => {
    const { compact, elements, members, pretty } = await import("./-/console/json.js");
    const text = String.raw`{ "a\"b" : [ {}, [], "}],\\", -1.50e+3 ], "c":{"d" : null}, "c" : ${big} }`;
    const long = `["${"x".repeat(4_000_000)}"]`;
    return {
      names: Object.entries(members(text)),
      parts: elements(members(text)['a"b']),
      compact: compact(text),
      pretty: pretty('{"a":[1,{}],"b":{}}').map(([, piece]) => piece).join(""),
      none: [elements("[]"), elements("{}"), Object.keys(members("{ }")), Object.keys(members("1"))],
      long: elements(long)[0].length,
    };
  }, BIG);
  const array = String.raw`[ {}, [], "}],\\", -1.50e+3 ]`;
  assert.deepEqual(results.names, [
    ['a"b', array],
    ["c", BIG],
  ]);
  assert.deepEqual(results.parts, ["{}", "[]", String.raw`"}],\\"`, "-1.50e+3"]);
  assert.equal(
    results.compact,
    String.raw`{"a\"b":[{},[],"}],\\",-1.50e+3],"c":{"d":null},"c":${BIG}}`,
  );
  assert.equal(results.pretty, '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {}\n}');
  assert.deepEqual(results.none, [[], [], [], []]);
  assert.equal(results.long, 4_000_002);
});

test("by long poll it shows the same, and asks from where it was", async () => {
  await page.getByLabel("Long poll").check();
  await press("Tick");
  await status("Connected by long poll");
  await tickAfter(2);
  assertConsecutive(await ticks());
  await request("last-event-id=").first().waitFor();
  noComplaints();
});

test("a session goes from stream to poll and back without losing a tick", async () => {
  await press("Tick");
  await tickAfter(1);
  await page.getByLabel("Long poll").check();
  await status("Connected by long poll");
  await tickAfter((await ticks()).at(-1) + 1);
  await page.getByLabel("EventSource").check();
  await status("Connected by EventSource");
  await tickAfter((await ticks()).at(-1) + 1);
  assertConsecutive(await ticks());
  noComplaints();
});

test("a dropped stream continues where it broke", async () => {
  await press("Tick");
  await tickAfter(1);
  await press("Drop the stream");
  await status("the session lingers");
  const seen = (await ticks()).length;
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.equal((await ticks()).length, seen);
  await press("Resume");
  await event("joined", "resumed").waitFor();
  await tickAfter(seen + 2);
  assertConsecutive(await ticks());
  noComplaints();
});

test("a rejection is shown, and may be tried again", async () => {
  await press("Reject");
  await event("rejected", "RejectChannel").waitFor();
  await press("Subscribe again: RejectChannel");
  await event("rejected", "RejectChannel").nth(1).waitFor();
  await press("Remove: RejectChannel");
  assert.equal(await card("RejectChannel").count(), 0);
  noComplaints();
});

test("any channel can be subscribed to, with parameters, and left again", async () => {
  await page.getByLabel("Channel", { exact: true }).fill("ChatChannel");
  await page.getByLabel("Parameters").fill('{"room": 7');
  await press("Subscribe");
  await page.getByRole("alert").filter({ hasText: "Parameters" }).waitFor();
  await page.getByLabel("Parameters").fill('{"room": 7}');
  await press("Subscribe");
  await event("connected", "ChatChannel room 7").waitFor();
  await press("Unsubscribe: ChatChannel");
  await card("ChatChannel").waitFor({ state: "detached" });
  noComplaints();
});

test("the application's query reaches the server", async () => {
  await page.getByLabel("Query").fill("user=Ada");
  await press("Chat");
  await event("connected", "ChatChannel").waitFor();
  await press("Send to ChatChannel");
  await event("received", '"user":"Ada"').waitFor();
});

test("collected commands go in one POST, in order", async () => {
  await page.getByLabel("Collect commands").check();
  await press("Echo");
  await press("Send to EchoChannel");
  await press("Tick");
  await press("Post all 3");
  await event("received", "greeting").waitFor();
  await event("connected", "TickChannel").waitFor();
  assert.equal(await request("3 commands").count(), 1);
  assert.equal(await page.locator(".request .method", { hasText: "POST" }).count(), 1);
  noComplaints();
});

test("a burst leaves the page quick and its list bounded", async () => {
  await press("Burst");
  await page.getByLabel("Data").fill('{"count": 20000}');
  await press("Send to BurstChannel");
  await event("received", '"n":20000,').waitFor({ timeout: 60_000 });
  assert.equal(await page.locator(".event").count(), 500);
  await page.locator("#facts", { hasText: /Lost\s*0/ }).waitFor();
  noComplaints();
});

test("the list can be paused, filtered and cleared", async () => {
  await press("Tick");
  await press("Echo");
  await event("connected", "EchoChannel").waitFor();
  await press("Pause");
  const paused = (await ticks()).length;
  await page.getByRole("button", { name: "Go on (2)" }).waitFor();
  assert.equal((await ticks()).length, paused);
  await page.getByRole("button", { name: /Go on/ }).click();
  await tickAfter(paused + 1);
  await page.getByLabel("Show events of type").selectOption("connected");
  assert.equal(await page.locator(".event:visible").count(), 2);
  await page.getByLabel("Show events that contain").fill("tickchannel");
  assert.equal(await page.locator(".event:visible").count(), 1);
  await page.locator("#clear").click();
  assert.equal(await page.locator(".event:visible").count(), 0);
});

test("a filter that nothing matches says so", async () => {
  await press("Echo");
  await event("connected", "EchoChannel").waitFor();
  const empty = page.getByText("No event matches the filter.");
  assert.equal(await empty.isVisible(), false);
  await page.getByLabel("Show events that contain").fill("no such text");
  await empty.waitFor();
  await page.getByLabel("Show events that contain").fill("");
  await empty.waitFor({ state: "hidden" });
  await page.locator("#clear").click();
  await page.getByText("No events yet.").waitFor();
  assert.equal(await empty.isVisible(), false);
});

for (const transport of ["EventSource", "Long poll"]) {
  test(`after a restart it announces the loss and continues, by ${transport}`, async () => {
    const hop = await Hop.to(BASE);
    try {
      await open({ url: hop.url });
      await page.getByLabel(transport).check();
      await press("Tick");
      await tickAfter(1);
      await press("Echo");
      await event("connected", "EchoChannel").waitFor();
      await hop.stop();
      await page.locator("#away", { hasText: "The bridge hasn’t answered since" }).waitFor();
      await hop.restart();
      const loss = /between .* is lost\. Subscribed again to 2 channels\.$/;
      await page.locator("#loss p", { hasText: loss }).waitFor();
      await page.locator("#away").waitFor({ state: "hidden" });
      await event("connected", "TickChannel").nth(1).waitFor();
      await card("TickChannel").filter({ hasText: "connected" }).waitFor();
      await card("EchoChannel").filter({ hasText: "connected" }).waitFor();
      await press("Dismiss");
      await page.locator("#loss").waitFor({ state: "hidden" });
    } finally {
      await hop.close();
    }
  });
}

test("with the switch off a restart leaves the channels unsubscribed", async () => {
  const hop = await Hop.to(BASE);
  try {
    await open({ url: hop.url });
    await page.getByLabel("Subscribe again after a restart").uncheck();
    await press("Tick");
    await tickAfter(1);
    await hop.stop();
    await hop.restart();
    await page.locator("#loss p", { hasText: /is lost\.$/ }).waitFor();
    await card("TickChannel").filter({ hasText: "not subscribed" }).waitFor();
  } finally {
    await hop.close();
  }
});

test("it describes itself, the first steps, and links to the other pages", async () => {
  const intro = (await page.locator(".intro").textContent()).replace(/\s+/g, " ");
  assert.match(intro, /^This console connects to the bridge as .* To begin, press Tick/);
  const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  assert.deepEqual(await links.allTextContents(), ["Console", "Demo", "Diagnosis", "Status"]);
  for (const link of await links.evaluateAll((all) => all.map((each) => each.href))) {
    assert.equal((await fetch(link)).status, 200, link);
  }
});

test("nothing that has the focus is covered on a phone", async () => {
  // With reduced motion, an element with the focus is scrolled into view at once.
  await open({ viewport: { width: 390, height: 740 }, reducedMotion: "reduce" });
  await press("Tick");
  await tickAfter(1);
  await press("Pause");
  const focusable = page.locator("a, button, input, select, textarea, summary, [tabindex='0']");
  for (const each of await focusable.filter({ visible: true }).all()) {
    await each.focus();
    const covering = await each.evaluate((focused) => {
      const { left, top, width, height } = focused.getBoundingClientRect();
      const y = Math.min(Math.max(top + height / 2, 0), innerHeight - 1);
      const seen = document.elementFromPoint(left + width / 2, y);
      return focused.contains(seen) || seen.contains(focused) ? null : seen.outerHTML.slice(0, 200);
    });
    assert.equal(covering, null, await each.evaluate((it) => it.outerHTML.slice(0, 200)));
  }
});

test("the curl lines do what the page did", async () => {
  await press("Echo");
  await event("connected", "EchoChannel").waitFor();
  await page.getByLabel("Data").fill('{"text": "it\'s $HOME `x` \\"y\\""}');
  await press("Send to EchoChannel");
  await event("received", "it's $HOME").waitFor();
  const line = await request("send to EchoChannel").locator(".command pre").textContent();
  const { stdout } = await promisify(execFile)("sh", ["-c", `${line.replace("curl", "curl -s")}`]);
  assert.match(JSON.parse(stdout)[0].chan_id, /^[0-9a-f]{32}$/);
  await event("received", "it's $HOME").nth(1).waitFor();
  const listening = await request("Listen").locator(".command pre").textContent();
  assert.match(listening, /-H 'Accept: text\/event-stream'/);
  assert.match(listening, new RegExp(`-H 'Origin: ${new URL(BASE).origin}'`));
});

test("a refusal gives its reason and what to do", async () => {
  await page.getByLabel("Query").fill("unauthorized=1");
  await press("Connect");
  await page.locator("#problem", { hasText: "403" }).waitFor();
  await page.locator("#problem", { hasText: "signed in" }).waitFor();
  await status("Not connected");
});

test("a session that the server ends for good is closed, and the next has a new id", async () => {
  await press("Connection");
  await event("connected", "ConnectionChannel").waitFor();
  const id = await page.getByLabel("Events id").inputValue();
  await page.getByLabel("Data").fill('{"reconnect": false}');
  await press("Send to ConnectionChannel");
  await event("closed").waitFor();
  await status("Closed");
  assert.notEqual(await page.getByLabel("Events id").inputValue(), id);
  await press("Tick");
  await tickAfter(1);
  noComplaints();
});

test("ending the session ends it", async () => {
  await press("Tick");
  await tickAfter(1);
  await press("End the session");
  await status("Closed");
  await request("End the session").locator(".outcome", { hasText: "204" }).waitFor();
  noComplaints();
});

test("a page that is left sends a DELETE", async () => {
  await press("Tick");
  await tickAfter(1);
  const session = new URL(await page.getByLabel("Events id").inputValue(), BASE);
  assert.equal(await answerToNoCommands(session), 200);
  await page.goto("about:blank");
  const deadline = Date.now() + 5000;
  while ((await answerToNoCommands(session)) !== 404) {
    assert.ok(Date.now() < deadline, "the session is still there");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

/** A POST opens no session, so its status shows whether there is one. */
async function answerToNoCommands(session) {
  const headers = { Origin: new URL(BASE).origin };
  return (await fetch(session, { method: "POST", headers, body: "[]" })).status;
}

test("all of it works with the keyboard alone", async () => {
  await page.keyboard.press("Tab");
  assert.match(await page.locator(":focus").textContent(), /Skip/);
  await tabTo("Tick");
  await page.keyboard.press("Enter");
  await tickAfter(1);
  await press("Pause");
  await page.locator("#clear").focus();
  await page.keyboard.press("Tab");
  assert.equal(await page.locator(":focus").evaluate((focused) => focused.tagName), "SUMMARY");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.locator(".event details[open]").waitFor();
  const outline = await page
    .locator(":focus")
    .evaluate((focused) => getComputedStyle(focused).outlineStyle);
  assert.equal(outline, "solid");
  noComplaints();
});

async function tabTo(name) {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    if ((await page.locator(":focus").textContent()) === name) return;
  }
  assert.fail(`${name} can't be reached by Tab`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const [name, viewport] of [
    ["narrow", { width: 360, height: 740 }],
    ["phone", { width: 390, height: 844 }],
    ["medium", { width: 1024, height: 768 }],
    ["wide", { width: 1440, height: 900 }],
    ["widest", { width: 1920, height: 1080 }],
  ]) {
    test(`it fits a ${name} window, ${colorScheme}`, async () => {
      await open({ viewport, colorScheme });
      for (const preset of ["Tick", "Echo", "Reject", "Chat"]) await press(preset);
      await press("Send to EchoChannel");
      await event("received", "greeting").waitFor();
      await tickAfter(1);
      await page.screenshot({ path: `${SCREENSHOTS}${name}-${colorScheme}.png` });
      if (viewport.width < 960) {
        const path = `${SCREENSHOTS}${name}-${colorScheme}-whole.png`;
        await page.screenshot({ path, fullPage: true });
      }
      const overflows = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      assert.equal(overflows, false);
      noComplaints();
    });
  }
}
