/** The console page: opens a session, and connects the page's parts. */
import { Bridge } from "./console/bridge.js";
import { Commands } from "./console/commands.js";
import { $, button, clock, element, oncePerFrame } from "./console/elements.js";
import { closing, show as showEvent } from "./console/events.js";
import { elements, members } from "./console/json.js";
import { show as showRequest } from "./console/requests.js";
import { Subscriptions } from "./console/subscriptions.js";

const STATES = {
  idle: "Not connected",
  connecting: "Connecting…",
  open: "Connected",
  reconnecting: "Reconnecting…",
  detached: "Stream dropped; the session lingers",
  closed: "Closed",
  failed: "Not connected",
};

/** Advice for each status of a failed request. */
const HINTS = {
  0: "The developer tools’ network panel may know more.",
  403:
    "Either the session belongs to another caller (other origin, other cookies, other query), or" +
    " the Action Cable server doesn’t let this one in: check the query, and whether you are signed" +
    " in to the application.",
  404: "There is no such session any more. Connect to open it again.",
  410: "An events id that ended for good stays ended for five minutes. Take a new one.",
  502:
    "Is the Action Cable server running, is cablestream.cable.url right, and does the server allow" +
    " this page’s origin?",
  503: "The bridge is full, or about to stop. Try again in a moment.",
  504: "The Action Cable server took the connection but sent no welcome: its log should say why.",
};

/** A change of transport passes through the same state, and is shorter. */
const AWAY_AFTER_MS = 1_000;

const bridge = new Bridge({ state: stateChanged, event: eventArrived, request: showRequest });
const commands = new Commands(post, showProblem);
const subscriptions = new Subscriptions(commands);
const tally = { events: 0, lost: 0, last: null };
/** Actions that wait for the session to open or to fail. */
let opening = [];
let idIsOwn = false;
/** Since when the bridge hasn't answered; null while it answers. */
let awaySince = null;
let awayTimer;
/** The latest such time. */
let lastAway = null;

// -------------------------------------------------------------------- the bridge module's events

function stateChanged(state, detail = {}) {
  showStatus(state, detail);
  showControls(state);
  showAway(state);
  // The banner shows it while the page tries again.
  showProblem(state === "reconnecting" ? null : detail.error);
  if (state === "open") {
    opening.splice(0).forEach(({ resolve }) => resolve());
  }
  if (state === "closed" || state === "failed") {
    subscriptions.lost();
    opening.splice(0).forEach(({ reject }) => reject(detail.error ?? new Error(closing(detail))));
  }
  if (state === "closed" && !idIsOwn) {
    newId();
  }
}

function showStatus(state, detail) {
  const by = bridge.transport === "poll" ? "long poll" : "EventSource";
  const more = { open: ` by ${by}`, closed: `: ${closing(detail)}` }[state] ?? "";
  $("status").dataset.state = state;
  $("status").textContent = STATES[state] + more;
}

function showAway(state) {
  clearTimeout(awayTimer);
  if (state === "reconnecting") {
    awaySince ??= new Date();
    const wait = AWAY_AFTER_MS - (Date.now() - awaySince);
    awayTimer = setTimeout(() => {
      const since = clock(awaySince);
      showBanner("away", `The bridge hasn’t answered since ${since}. This page reconnects by itself.`);
    }, Math.max(0, wait));
  } else {
    showBanner("away", "");
    lastAway = awaySince ?? lastAway;
    awaySince = null;
  }
}

/** A live region is read out whenever its text is set, so an equal text isn't set again. */
function showBanner(name, text) {
  const banner = $(name);
  const paragraph = banner.querySelector("p");
  banner.hidden = !text;
  if (paragraph.textContent !== text) paragraph.textContent = text;
}

/** The page's session has ended, and another has replaced it. */
function renewed() {
  const kept = subscriptions.lost();
  const again = $("resubscribe").checked && kept.length > 0;
  const since = lastAway ? `between ${clock(lastAway)} and ${clock(new Date())}` : "before";
  const what = kept.length === 1 ? "1 channel" : `${kept.length} channels`;
  showBanner(
    "loss",
    `New session: what was sent ${since} is lost.` +
      (again ? ` Subscribed again to ${what}.` : ""),
  );
  if (again) subscriptions.renew(kept);
}

function showControls(state) {
  const live = bridge.listening || state === "detached";
  const focused = document.activeElement;
  $("connect-button").textContent = state === "detached" ? "Resume" : "Connect";
  $("connect-button").hidden = bridge.listening;
  $("detach").hidden = !bridge.listening;
  $("detach-hint").hidden = !bridge.listening;
  $("end").hidden = !live;
  $("new-id").disabled = live;
  for (const id of ["events-id", "query", "cursor", "timeout", "queue"]) $(id).readOnly = live;
  // A button that is hidden would lose the keyboard's focus.
  if (focused?.hidden) {
    $(bridge.listening ? "detach" : "connect-button").focus();
  }
}

function showProblem(error) {
  $("problem").hidden = !error;
  if (!error) return;
  const hint = HINTS[error.status];
  $("problem").replaceChildren(
    element("strong", { textContent: error.status ? `${error.status} ` : "" }),
    error.message || "The bridge said nothing more.",
    ...(hint ? [element("p", { textContent: hint })] : []),
  );
}

function eventArrived(event) {
  if (event.renewed) renewed();
  subscriptions.heard(event);
  showEvent(event);
  tally.events++;
  tally.last = event;
  if (event.type === "gap") tally.lost = event.dropped === null ? NaN : tally.lost + event.dropped;
  showFacts();
}

const showFacts = oncePerFrame(() => {
  const { session_id: session, msg_id: id } = tally.last;
  $("facts").hidden = false;
  $("fact-session").textContent = session;
  $("fact-position").textContent = id?.slice(session.length + 1) ?? "";
  $("fact-events").textContent = tally.events.toLocaleString();
  $("fact-lost").textContent = Number.isNaN(tally.lost) ? "unknown" : tally.lost.toLocaleString();
  subscriptions.showCounts();
});

// ------------------------------------------------------------------------------------- actions

function connect() {
  if (bridge.state === "detached") {
    bridge.resume();
    return;
  }
  if (!$("connect").reportValidity()) return;
  Object.assign(tally, { events: 0, lost: 0 });
  showBanner("loss", "");
  lastAway = null;
  bridge.connect({
    id: $("events-id").value,
    query: $("query").value.trim().replace(/^\?/, ""),
    transport: transport(),
    cursor: $("cursor").value.trim(),
    timeout: Number($("timeout").value),
    queue: Number($("queue").value),
  });
}

function transport() {
  return document.querySelector("input[name='transport']:checked").value;
}

async function post(what, json) {
  await opened();
  return bridge.post(what, json);
}

/** An action without a session opens one first. */
function opened() {
  if (bridge.state === "open" || bridge.state === "detached") return Promise.resolve();
  return new Promise((resolve, reject) => {
    opening.push({ resolve, reject });
    if (!bridge.listening) connect();
  });
}

function newId() {
  idIsOwn = false;
  $("events-id").value = randomId();
  $("cursor").value = "";
}

/** crypto.randomUUID exists on HTTPS and localhost only. */
function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

$("connect").addEventListener("submit", (event) => {
  event.preventDefault();
  connect();
});
$("detach").addEventListener("click", () => bridge.detach());
$("end").addEventListener("click", () => bridge.end().catch(showProblem));
$("new-id").addEventListener("click", newId);
$("dismiss-loss").addEventListener("click", () => {
  showBanner("loss", "");
  $("events").focus();
});
$("events-id").addEventListener("input", () => (idIsOwn = true));
document
  .querySelectorAll("input[name='transport']")
  .forEach((radio) => radio.addEventListener("change", () => bridge.switchTo(transport())));
addEventListener("pagehide", () => bridge.farewell());

/** The demonstration server lists its channels here; the WAR's own list is empty. */
async function offerPresets() {
  const text = await (await fetch("-/console/presets.json")).text();
  const presets = elements(members(text).presets).map(members);
  $("presets").hidden = $("demo").hidden = presets.length === 0;
  $("presets").querySelector("ul").replaceChildren(...presets.map(presetButton));
  if (presets.length > 0) {
    const first = JSON.parse(presets[0].label);
    $("begin").textContent = `press ${first}, a channel of the demonstration server.`;
  }
}

function presetButton({ label, about, identifier, data }) {
  const title = JSON.parse(about);
  const subscribe = () => subscriptions.subscribe(identifier, data);
  return element("li", {}, button(JSON.parse(label), subscribe, { title, ariaDescription: title }));
}

// The focused element must not be below the header of a narrow window.
new ResizeObserver(([{ target }]) => {
  document.documentElement.style.scrollPaddingTop = `${target.offsetHeight + 8}px`;
}).observe(document.querySelector(".stuck"));

newId();
offerPresets();
