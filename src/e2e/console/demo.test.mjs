/**
 * The page that interrupts the network, in a real Chromium: each button works, and the counters are
 * correct. The frames that the plain WebSocket has received are read directly from the browser.
 *
 * CONSOLE_URL: where the console is, http://localhost:8080/ by default.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launch, newPage, SCREENSHOTS } from "./browser.mjs";

const DEMO = new URL("-/demo", process.env.CONSOLE_URL ?? "http://localhost:8080/").href;
/** An outage of 10 s, and the time in which Action Cable's client reconnects. */
const OUTAGE = { timeout: 60_000 };

let browser;
let context;
let page;
let complaints;
/** The WebSockets of the page, and the numbers of the ticks that they have received. */
let sockets;
let frames;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

beforeEach(() => open());

afterEach(async () => {
  const control = `${page.url()}/control?mend`;
  await page.evaluate((url) => fetch(url, { method: "POST" }), control);
  await context.close();
});

async function open(options = {}) {
  await context?.close();
  ({ context, page, complaints } = await newPage(browser, options));
  sockets = [];
  frames = [];
  page.on("websocket", (socket) => {
    sockets.push(socket);
    socket.on("framereceived", ({ payload }) => {
      const { message } = JSON.parse(payload);
      if (message?.tick) frames.push(message.tick);
    });
  });
  const response = await page.goto(DEMO);
  await live("plain");
  await live("bridge");
  return response;
}

const lane = (id) => page.locator(`#${id}`);
const live = (id) => lane(id).locator('.chip[data-state="live"]').waitFor(OUTAGE);
const silent = (id) => lane(id).locator('.chip[data-state="silent"]').waitFor(OUTAGE);
const press = (fault) => page.locator(`#${fault}`).click();
const happened = (text) => page.locator("#log li", { hasText: text }).first().waitFor(OUTAGE);

/** The three counters of a column. */
async function counts(id) {
  const numbers = await lane(id).locator("dd").allTextContents();
  const [lost, late, received] = numbers.map(Number);
  return { lost, late, received };
}

/** The number of missing ticks between the first and the last. */
const gaps = (ticks) => ticks.at(-1) - ticks[0] + 1 - new Set(ticks).size;

/** Compared at the same moment: the page updates them ten times per second. */
async function assertTrue() {
  await page.waitForFunction(
    ([expected]) => Number(document.querySelector("#plain .lost dd").textContent) === expected,
    [gaps(frames)],
  );
  const plain = await counts("plain");
  const bridge = await counts("bridge");
  const difference = plain.received + plain.lost - (bridge.received + bridge.lost);
  assert.ok(Math.abs(difference) <= 5, `the lanes differ by ${difference} ticks`);
}

test("it has a strict policy, both clients listen, and there are no errors or warnings", async () => {
  const policy = (await open()).headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  await lane("bridge").locator(".chip", { hasText: "Live, by EventSource" }).waitFor();
  assert.equal(sockets.length, 1);
  assert.deepEqual(complaints, []);
});

test("a network that is cut costs the WebSocket its messages, and Cablestream none", async () => {
  await press("cut");

  await silent("plain");
  await silent("bridge");
  const button = page.locator("#cut");
  await button.filter({ hasText: /\d s left/ }).waitFor();
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await page.screenshot({ path: `${SCREENSHOTS}demo-cut.png` });
  await happened("The network is back.");
  await happened(/Cablestream is back after 1\d\.\d s: nothing lost, \d\d caught up/);
  await happened(/plain WebSocket is back after \d\d\.\d s: \d+ messages lost/);

  await assertTrue();
  const plain = await counts("plain");
  const bridge = await counts("bridge");
  assert.ok(plain.lost >= 40, `${plain.lost} lost`);
  assert.equal(plain.late, 0);
  assert.equal(bridge.lost, 0);
  assert.ok(bridge.late >= 35, `${bridge.late} caught up`);
  await page.screenshot({ path: `${SCREENSHOTS}demo-after.png`, fullPage: true });
});

test("killed WebSockets cost the WebSocket its messages, and Cablestream notices nothing", async () => {
  await press("kill");

  await silent("plain");
  assert.ok(sockets[0].isClosed());
  await happened("WebSockets get through again.");
  await happened(/plain WebSocket is back after \d+\.\d s: \d+ messages lost/);

  await assertTrue();
  assert.ok((await counts("plain")).lost >= 20);
  assert.deepEqual({ ...(await counts("bridge")), received: 0 }, { lost: 0, late: 0, received: 0 });
});

test("a restarting server disconnects both, and both reconnect", async () => {
  await press("restart");

  await silent("plain");
  await silent("bridge");
  await happened("The Action Cable server is back.");
  await happened(/plain WebSocket is back after/);
  await happened(/Cablestream is back after/);

  await assertTrue();
});

test("a reset forgets what was lost before", async () => {
  await press("kill");
  await happened(/plain WebSocket is back after/);
  await page.getByRole("button", { name: "Reset", exact: true }).click();

  const { lost, received } = await counts("plain");
  assert.equal(lost, 0);
  assert.ok(received < 20);
});

test("all of it fits on a phone, in the dark too", async () => {
  await open({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 390);
  for (const button of await page.locator(".plugs button").all()) {
    const { height } = await button.boundingBox();
    assert.ok(height >= 44);
  }
  await page.screenshot({ path: `${SCREENSHOTS}demo-phone.png`, fullPage: true });
});
