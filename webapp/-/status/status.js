/** The operator's status page: shows what status.json says, and closes sessions. */
const $ = (id) => document.getElementById(id);

const COLUMNS = [
  ["session", "Session"],
  ["mode", "Mode"],
  ["cable", "Cable"],
  ["age_seconds", "Age", duration],
  ["streams", "Streams", count],
  ["polls", "Polls", count],
  ["lag_events", "Lag, events", count],
  ["lag_bytes", "Lag, bytes", count],
  ["log_bytes", "Log, bytes", count],
];
const GROUPS = { by_age: "Age", by_transport: "Listening by", by_lag: "Lag", by_cable: "Cable" };

/** In the order of protocol section 9. */
const FALLBACKS = {
  refused: "The WebSocket didn't open",
  silent: "The WebSocket opened, but no data came through",
  died: "The WebSocket opened and was cut soon after",
  forced: "The page's switch or options say so",
  unsupported: "The browser has no WebSocket, or doesn't permit it",
  other: "Another reason",
  unknown: "Unknown: an older script",
};

/** Kept in this page only: it goes with it. */
let token = null;
let sessions = [];
let order = { by: "lag_bytes", down: true };
/** The counts of the refresh before, and when that was. */
let before = null;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function count(number) {
  return number.toLocaleString();
}

function duration(seconds) {
  const units = [[86_400, "d"], [3_600, "h"], [60, "m"], [1, "s"]];
  const parts = [];
  for (const [size, name] of units) {
    if (seconds >= size) parts.push(Math.floor(seconds / size) + " " + name);
    seconds %= size;
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

async function ask(path, method = "GET") {
  const headers = { Authorization: "Bearer " + token };
  const answer = await fetch(path, { method, headers, cache: "no-store", credentials: "omit" });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.error), { status: answer.status });
  return body;
}

function say(text, bad = false) {
  $("state").textContent = text;
  $("state").toggleAttribute("data-bad", bad);
}

async function refresh() {
  try {
    const status = await ask("status.json");
    letIn(true);
    show(status);
    say("As of " + new Date().toLocaleTimeString());
  } catch (failure) {
    say(failure.message, true);
    if (failure.status === 401 || failure.status === 403) {
      token = null;
      letIn(false);
      $("token").focus();
    }
  }
}

function letIn(isOperator) {
  $("access").hidden = isOperator;
  $("status").hidden = !isOperator;
  $("refresh").hidden = !isOperator;
}

function show(status) {
  list($("about"), {
    Version: status.version,
    Up: `${duration(status.uptime_seconds)}, since ${status.started}`,
    "New sessions": status.accepting ? "let in" : "refused: draining",
    "ActionCable server": status.cable,
  });
  showSessions(status.sessions);
  showFallbacks(status);
  showMemory(status.counts);
  showCounts(status.counts);
  $("settings").replaceChildren(
    ...status.settings.map(({ name, value, source }) => row([name, text(value), source])),
  );
}

function list(target, entries) {
  target.replaceChildren(
    ...Object.entries(entries).flatMap(([term, value]) => [
      element("dt", { textContent: term }),
      element("dd", { textContent: value }),
    ]),
  );
}

function text(value) {
  return element("td", { className: "text", textContent: value });
}

function row(cells) {
  return element(
    "tr",
    {},
    ...cells.map((cell) => (cell instanceof Node ? cell : element("td", { textContent: cell }))),
  );
}

function number(value) {
  return element("td", { className: "number", textContent: value });
}

function showFallbacks({ sessions, counts, started }) {
  const now = (reason) => sessions.by_fallback[reason] ?? 0;
  const since = (reason) => counts[`cablestream_fallbacks_total{reason=${reason}}`] ?? 0;
  const reasons = Object.keys(FALLBACKS);
  const total = (of) => count(reasons.map(of).reduce((sum, each) => sum + each, 0));
  $("fallbacks-extent").textContent =
    `Browser tabs that use the bridge in place of a WebSocket now: ${total(now)}. Sessions that tabs ` +
    `opened for that since ${new Date(started).toLocaleString()}: ${total(since)}; a tab opens ` +
    "another one when it can't resume. Clients of the classic API aren't counted.";
  $("fallbacks").replaceChildren(
    ...reasons.map((reason) =>
      row([text(FALLBACKS[reason]), number(count(now(reason))), number(count(since(reason)))]),
    ),
  );
}

/** The account, by kind: it stands among the counts, too, but nobody would add it up there. */
function showMemory(counts) {
  const of = (metric, kind) => counts[`cablestream_account_${metric}{kind=${kind}}`] ?? 0;
  const kinds = Object.keys(counts)
    .map((name) => name.match(/^cablestream_account_bytes\{kind=(\w+)\}$/)?.[1])
    .filter(Boolean);
  $("memory").replaceChildren(
    ...kinds.map((kind) => {
      const [held, most] = [of("bytes", kind), of("limit_bytes", kind)];
      const share = most ? ((100 * held) / most).toFixed(1) + " %" : "";
      const cells = [count(held), count(most), share, count(of("refused_total", kind))];
      return row([kind, ...cells.map(number)]);
    }),
  );
}

function showCounts(counts) {
  const now = performance.now();
  const rows = Object.entries(counts).map(([name, value]) => {
    const counts = name.includes("_total");
    const rate =
      counts && before ? ((value - (before.counts[name] ?? 0)) * 1_000) / (now - before.at) : null;
    return row([name, number(count(value)), number(rate === null ? "" : rate.toFixed(1))]);
  });
  $("counts").replaceChildren(...rows);
  before = { counts, at: now };
}

function showSessions(all) {
  sessions = all.list;
  const listed = all.list.length < all.looked_at ? `, the ${all.list.length} worst listed` : "";
  $("extent").textContent = `${count(all.total)} now, ${count(all.looked_at)} looked at${listed}.`;
  $("groups").replaceChildren(
    ...Object.entries(GROUPS).map(([key, title]) => {
      const group = element("dl");
      list(group, all[key]);
      return element("div", {}, element("strong", { textContent: title }), group);
    }),
  );
  sort();
}

function sort() {
  const sign = order.down ? -1 : 1;
  sessions.sort((a, b) => {
    const [x, y] = [a[order.by], b[order.by]];
    return sign * (typeof x === "number" ? x - y : String(x).localeCompare(y));
  });
  $("sessions").tHead.rows[0].replaceChildren(...COLUMNS.map(head));
  $("sessions").tBodies[0].replaceChildren(
    ...sessions.map((session) =>
      row(
        COLUMNS.map(([key, , shown]) => {
          if (key === "session") return element("td", {}, lookButton(session.session));
          return shown ? number(shown(session[key])) : session[key];
        }),
      ),
    ),
  );
}

function head([key, title, shown]) {
  const button = element("button", {
    type: "button",
    textContent: title,
    onclick: () => {
      order = { by: key, down: order.by === key ? !order.down : true };
      sort();
    },
  });
  const cell = element("th", { scope: "col", className: shown ? "number" : "" }, button);
  if (order.by === key) cell.ariaSort = order.down ? "descending" : "ascending";
  return cell;
}

function lookButton(hash) {
  return element("button", { type: "button", textContent: hash, onclick: () => look(hash) });
}

async function look(hash) {
  try {
    const [session] = await ask("session/" + hash);
    list($("detail"), {
      Hash: session.session,
      Mode: session.mode,
      ...(session.fallback && { "Why no WebSocket": FALLBACKS[session.fallback] }),
      Address: session.address,
      "User agent": session.user_agent || "unknown",
      Cable: session.cable,
      Age: duration(session.age_seconds),
      Listeners: `${session.streams} streams, ${session.polls} polls`,
      "Events so far": count(session.events),
      Lag: `${count(session.lag_events)} events, ${count(session.lag_bytes)} bytes`,
      Log: `${count(session.log_bytes)} bytes`,
      "Commands unsent": `${count(session.unsent_bytes)} bytes`,
      "Confirmed channels": session.channels.join(", ") || "none",
    });
    $("close-session").onclick = () => close(hash);
    $("session").showModal();
  } catch (failure) {
    say(failure.message, true);
  }
}

async function close(hash) {
  if (!confirm(`Close session ${hash}? Its client is told not to come back by itself.`)) return;
  try {
    await ask(`session/${hash}/close`, "POST");
    $("session").close();
    await refresh();
  } catch (failure) {
    $("session").close();
    say(failure.message, true);
  }
}

$("refresh").onclick = refresh;
$("access").onsubmit = (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  $("token").value = "";
  refresh();
};
