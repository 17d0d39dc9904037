/** The list of events, readable, searchable and accessible by keyboard. */
import { $, copyButton, element, prettyPrint, time } from "./elements.js";
import { compact, members } from "./json.js";
import { Log } from "./log.js";

const MAX = 500;
const BRIEF = 300;

const log = new Log($("events"), MAX, row);

/** @param {object} event from the bridge module */
export function show(event) {
  log.add({ ...event, at: event.time ? new Date(event.time) : new Date() });
}

function row(event) {
  const summary = element(
    "summary",
    { tabIndex: -1 },
    time(event.at),
    element("span.type", { textContent: event.type }),
    element("span.channel", {}, ...channelName(event.identifierText)),
    element("span.brief", { textContent: brief(event) }),
  );
  const details = element("details", {}, summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(detail(event));
  });
  const made = element("li.event", {}, details);
  made.dataset.type = event.type;
  return made;
}

function detail(event) {
  const id = element("code", { textContent: event.msg_id ? `id ${event.msg_id}` : "" });
  return element(
    "div.detail",
    {},
    prettyPrint(event.messageText ?? event.text),
    element("p", {}, id, copyButton("the event", event.text)),
  );
}

/** The channel, followed by its parameters. */
export function channelName(identifier) {
  if (!identifier) return [];
  const { channel, ...parameters } = members(identifier);
  const name = channel === undefined ? "" : String(JSON.parse(channel));
  const rest = Object.entries(parameters).map(([key, value]) => `${key} ${compact(value)}`);
  const voice = element("span.parameters", { textContent: rest.join(", ") });
  return rest.length > 0 ? [name, " ", voice] : [name];
}

function brief(event) {
  switch (event.type) {
    case "received":
      return compact(event.messageText.slice(0, 2 * BRIEF)).slice(0, BRIEF);
    case "joined":
      return event.resumed ? "resumed: nothing lost" : `session ${event.session_id}`;
    case "connected":
      return event.reconnected ? "subscribed again, by the bridge" : "subscribed";
    case "rejected":
      return "the channel refused the subscription";
    case "disconnected":
      return disconnection(event.message ?? {});
    case "gap":
      return event.dropped === null
        ? "an unknown number of events can’t be replayed"
        : `${event.dropped} events can’t be replayed`;
    case "closed":
      return closing(event);
    default:
      return compact(event.text.slice(0, BRIEF));
  }
}

function disconnection({ reason, reconnect }) {
  if (reason === "unconfirmed") return "not confirmed within 10 s: is there such a channel?";
  const why = reason ? `${reason}: ` : "";
  return why + (reconnect === false ? "for good" : "the bridge will come back");
}

const CLOSINGS = {
  replaced: "another listener has taken over",
  ended: "the session has ended",
  refused: "the Action Cable server refused the caller",
  unauthorized: "the Action Cable server doesn’t let this caller in",
  drained: "the bridge is about to stop",
};

/** Why a session has ended, in words. */
export function closing({ reason, reconnect }) {
  return (CLOSINGS[reason] ?? reason ?? CLOSINGS.ended) + (reconnect ? "; the page reconnects" : "");
}

$("filter").addEventListener("input", filter);
$("type").addEventListener("change", filter);

function filter() {
  const text = $("filter").value.trim().toLowerCase();
  const type = $("type").value;
  log.filter(
    (event) =>
      (!type || event.type === type) &&
      (!text || `${event.type} ${event.text}`.toLowerCase().includes(text)),
  );
}

$("pause").addEventListener("click", () => {
  log.pause(!log.paused);
  $("pause").ariaPressed = String(log.paused);
});
$("clear").addEventListener("click", () => log.clear());

log.updated = () => {
  const waiting = log.waiting.length;
  $("pause").textContent = log.paused ? `Go on${waiting ? ` (${waiting})` : ""}` : "Pause";
  if (!log.list.querySelector("summary[tabindex='0']")) stopAt(summaries().at(-1));
};

// The whole list is one stop for the Tab key; the arrow keys move within it.

function summaries() {
  return [...log.list.querySelectorAll(":scope > li:not([hidden]) > details > summary")];
}

function stopAt(summary) {
  log.list.querySelectorAll("summary[tabindex='0']").forEach((each) => (each.tabIndex = -1));
  if (summary) summary.tabIndex = 0;
}

log.list.addEventListener("focusin", ({ target }) => {
  if (target.matches("summary")) stopAt(target);
});
log.list.addEventListener("keydown", (event) => {
  if (!event.target.matches("summary")) return;
  const all = summaries();
  const at = all.indexOf(event.target);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
});
