/** The operator's status page: shows what status.json returns, and closes sessions. */
const $ = (id) => document.getElementById(id);

const REFRESH_MS = 5_000;
/** The bridge answers within 2 s, whatever its sessions do. */
const ANSWER_MS = 10_000;
const SEARCH_DELAY_MS = 300;
const TOKEN = /^[!-~]+$/;
const WRONG_TOKEN = "That isn't the operator token.";
const TOKEN_KEY = "cablestream.operator-token";

/** The share of the room for sessions above which the tile warns. */
const CROWDED = 0.8;
const MANY_EVENTS = 100;

const COLUMNS = [
  { key: "session", title: "Session" },
  { key: "lag_bytes", title: "Lag", shown: lag },
  { key: "streams", title: "Listeners", shown: listeners },
  { key: "age_seconds", title: "Age", shown: ({ age_seconds }) => duration(age_seconds) },
  { key: "cable", title: "Cable" },
  { key: "mode", title: "Mode" },
  { key: "address", title: "Address" },
  { key: "log_bytes", title: "Log", shown: ({ log_bytes }) => bytes(log_bytes) },
];
const GROUPS = { by_age: "Age", by_transport: "Listening by", by_lag: "Lag", by_cable: "Cable" };

/** In the order of protocol section 9. */
const FALLBACKS = {
  refused: "The WebSocket didn't open",
  silent: "The WebSocket opened, but no data came through",
  died: "The WebSocket opened and was cut soon after",
  forced: "The page's switch or options require it",
  unsupported: "The browser has no WebSocket, or doesn't permit it",
  other: "Another reason",
  unknown: "Unknown: an older script",
};

/** What limits the sessions, by the label of cablestream_sessions_room. */
const ROOM = { setting: "max-sessions", heap: "the heap", descriptors: "file descriptors" };

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

let token = sessionStorage.getItem(TOKEN_KEY);
let sessions = [];
let order = { by: "lag_bytes", down: true };
/** The counts of the previous refresh, and its time. */
let before = null;
/** Aborts the refresh that is in progress. */
let underway = null;
let timer;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function count(number) {
  return number.toLocaleString();
}

function bytes(number) {
  const [unit, size] =
    [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]].find(([, size]) => number >= size) ?? [];
  if (!unit) return `${count(number)} B`;
  return `${(number / size).toLocaleString(undefined, { maximumSignificantDigits: 3 })} ${unit}`;
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

function plural(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

function listeners({ streams, polls }) {
  const parts = [streams && plural(streams, "stream"), polls && plural(polls, "poll")];
  return parts.filter(Boolean).join(", ") || "none";
}

function lag({ lag_events: events, lag_bytes: size }) {
  return events === 0 ? "none" : `${plural(events, "event")}, ${bytes(size)}`;
}

// ------------------------------------------------------------------------------------- requests

async function ask(path, { method = "GET", signal } = {}) {
  const headers = { Authorization: "Bearer " + token };
  const signals = [AbortSignal.timeout(ANSWER_MS), ...(signal ? [signal] : [])];
  let answer;
  let body;
  try {
    answer = await fetch(path, {
      method,
      headers,
      signal: AbortSignal.any(signals),
      cache: "no-store",
      credentials: "omit",
    });
    body = await answer.json();
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw new Error(answer ? `HTTP status ${answer.status}` : "The bridge doesn't answer.");
  }
  if (!answer.ok) {
    const message = answer.status === 401 ? WRONG_TOKEN : body.error;
    throw Object.assign(new Error(message), { status: answer.status });
  }
  return body;
}

async function refresh() {
  underway?.abort();
  underway = new AbortController();
  const { signal } = underway;
  clearTimeout(timer);
  try {
    const status = await ask("status.json", { signal });
    const search = $("search").value.trim();
    // The tiles count all sessions, whatever the search.
    const found = search
      ? await ask(`status.json?search=${encodeURIComponent(search)}`, { signal })
      : status;
    if (signal.aborted) return;
    sessionStorage.setItem(TOKEN_KEY, token);
    signIn(true);
    report(null);
    show(status, found.sessions, search);
    $("updated").textContent = `Updated ${clock.format(new Date())}`;
    $("about").textContent =
      `Version ${status.version}, up ${duration(status.uptime_seconds)}, since ` +
      `${calendar.format(new Date(status.started))}`;
  } catch (failure) {
    if (signal.aborted) return;
    report(failure);
    if (failure.status === 401 || failure.status === 403) signOut();
  }
  schedule();
}

/** Schedules the next refresh; none while the page is hidden. */
function schedule() {
  clearTimeout(timer);
  if (token && $("automatic").checked && !document.hidden) {
    timer = setTimeout(() => (isBeingRead() ? schedule() : refresh()), REFRESH_MS);
  }
}

/** A refresh would remove a selection; behind a dialog it isn't visible. */
function isBeingRead() {
  return $("session").open || !getSelection().isCollapsed;
}

function report(failure) {
  $("problem").hidden = !failure;
  announce($("problem"), failure?.message ?? "");
}

/** A live region is read out whenever its text is set, so an equal text isn't set again. */
function announce(region, text) {
  if (region.textContent !== text) region.textContent = text;
}

function signIn(isOperator) {
  $("access").hidden = isOperator;
  $("status").hidden = !isOperator;
}

function signOut() {
  underway?.abort();
  clearTimeout(timer);
  token = null;
  before = null;
  sessionStorage.removeItem(TOKEN_KEY);
  signIn(false);
  $("token").focus();
}

// ------------------------------------------------------------------------------------- display

function show(status, found, search) {
  // After a restart the counts start again.
  if (before?.started !== status.started) before = null;
  showTiles(status);
  showSessions(found, search);
  showFallbacks(status);
  showMemory(status.counts);
  showCounts(status.counts);
  fill(
    $("settings"),
    status.settings.map(({ name, value, source }) => row([code(name), long(value), source])),
  );
  before = { counts: status.counts, started: status.started, at: performance.now() };
}

function showTiles(status) {
  const { counts, sessions: all } = status;
  const [by, room] = roomFor(counts);
  const crowded = all.total >= CROWDED * room;
  const state = status.accepting && !crowded ? "" : "warn";
  tile("sessions", state, `${count(all.total)} of ${count(room)}`, [
    status.accepting ? `Limited by ${ROOM[by]}.` : "Draining: new sessions are refused.",
  ]);

  const waiting = counts.cablestream_dials_waiting ?? 0;
  tile("cable", { up: "good", down: "bad" }[status.cable] ?? "", status.cable, [
    `${plural(counts.cablestream_cables ?? 0, "connection")} open, ${count(waiting)} waiting.`,
  ]);

  const worst = all.list[0];
  if (worst?.lag_events > 0) {
    const text = `${plural(worst.lag_events, "event")}, session ${worst.session}.`;
    tile("lag", worst.lag_events >= MANY_EVENTS ? "warn" : "", bytes(worst.lag_bytes), [text]);
  } else {
    tile("lag", "", "none", ["No listener is behind."]);
  }

  const refused = series(counts).find(({ name }) => name === "cablestream_requests_refused_total");
  const more = before ? refused.total - refused.totalBefore : 0;
  tile("refused", more > 0 ? "warn" : "", count(refused.total), [
    refused.parts.map(([status, number]) => `${number} × ${status}`).join(", ") ||
      "None since the start.",
    more > 0 ? `${count(more)} since the previous refresh.` : "",
  ]);
}

/** The smallest room for sessions, and its resource. */
function roomFor(counts) {
  const rooms = Object.keys(ROOM)
    .map((by) => [by, counts[`cablestream_sessions_room{by=${by}}`]])
    .filter(([, room]) => room !== undefined);
  return rooms.reduce((least, each) => (each[1] < least[1] ? each : least), [
    "setting",
    counts.cablestream_sessions_limit,
  ]);
}

function tile(name, state, figure, notes) {
  const made = $("tile-" + name);
  made.dataset.state = state;
  made.querySelector(".figure").textContent = figure;
  made.querySelector(".note").textContent = notes.filter(Boolean).join(" ");
}

function showSessions({ total, looked_at: lookedAt, list, ...groups }, search) {
  sessions = list;
  announce($("extent"), extent(total, lookedAt, list.length, search));
  $("groups").replaceChildren(
    ...Object.entries(GROUPS)
      .map(([key, title]) => [title, Object.entries(groups[key])])
      .filter(([, entries]) => entries.length > 0)
      .map(([title, entries]) => {
        const text = entries.map(([word, number]) => `${word}: ${count(number)}`).join(", ");
        const term = element("dt", { textContent: title });
        return element("div", {}, term, element("dd", { textContent: text }));
      }),
  );
  sort();
}

function extent(total, lookedAt, listed, search) {
  const cut = listed < lookedAt ? ` The list has the ${count(listed)} with the greatest lag.` : "";
  if (search) {
    const found = lookedAt === 0 ? "No session matches" : `${plural(lookedAt, "session")} match`;
    return `${found} “${search}”.${cut}`;
  }
  if (total === 0) return "No sessions.";
  const late = lookedAt < total ? `${count(lookedAt)} of ${count(total)} answered in time.` : "";
  return late + cut;
}

function sort() {
  const sign = order.down ? -1 : 1;
  sessions.sort((a, b) => {
    const [x, y] = [a[order.by], b[order.by]];
    return sign * (typeof x === "number" ? x - y : String(x).localeCompare(y));
  });
  const table = $("sessions");
  table.hidden = sessions.length === 0;
  const direction = order.down ? "descending" : "ascending";
  COLUMNS.forEach(({ key }, i) => {
    table.tHead.rows[0].cells[i].ariaSort = key === order.by ? direction : null;
  });
  fill(table.tBodies[0], sessions.map(sessionRow));
}

function sessionRow(session) {
  return row(
    COLUMNS.map(({ key, shown }) => {
      if (key === "session") return element("td", {}, lookButton(session.session));
      return shown ? number(shown(session)) : session[key];
    }),
  );
}

function lookButton(hash) {
  const button = element("button", { type: "button", textContent: hash, className: "code" });
  button.dataset.session = hash;
  button.onclick = () => look(hash);
  return button;
}

/** Replaces the rows, and keeps the keyboard's focus. */
function fill(body, rows) {
  const focused = body.contains(document.activeElement) && document.activeElement.dataset.session;
  body.replaceChildren(...rows);
  if (focused) body.querySelector(`[data-session="${focused}"]`)?.focus();
}

function head({ key, title, shown }) {
  const onclick = () => {
    order = { by: key, down: order.by === key ? !order.down : true };
    sort();
  };
  const button = element("button", { type: "button", textContent: title, onclick });
  return element("th", { scope: "col", className: shown ? "number" : "" }, button);
}

function showFallbacks({ sessions: { by_fallback: byFallback }, counts }) {
  const now = (reason) => byFallback[reason] ?? 0;
  const since = (reason) => counts[`cablestream_fallbacks_total{reason=${reason}}`] ?? 0;
  const reasons = Object.keys(FALLBACKS);
  const total = (of) => reasons.map(of).reduce((sum, each) => sum + each, 0);
  const [tabs, opened] = [plural(total(now), "browser tab"), plural(total(since), "session")];
  $("fallbacks-extent").textContent =
    `${tabs} now, ${opened} since the start: ` +
    "a tab opens another one when it can't resume. Clients of the classic API aren't counted.";
  fill(
    $("fallbacks"),
    reasons.map((reason) =>
      row([long(FALLBACKS[reason]), number(count(now(reason))), number(count(since(reason)))]),
    ),
  );
}

function showMemory(counts) {
  const of = (metric, kind) => counts[`cablestream_account_${metric}{kind=${kind}}`] ?? 0;
  const kinds = Object.keys(counts)
    .map((name) => name.match(/^cablestream_account_bytes\{kind=(\w+)\}$/)?.[1])
    .filter(Boolean);
  fill(
    $("memory"),
    kinds.map((kind) => {
      const [used, limit] = [of("bytes", kind), of("limit_bytes", kind)];
      const share = limit ? ((100 * used) / limit).toFixed(1) + " %" : "";
      const cells = [bytes(used), bytes(limit), share, count(of("refused_total", kind))];
      return row([code(kind), ...cells.map(number)]);
    }),
  );
}

/** One line for each metric; those of the account have their own table. */
function showCounts(counts) {
  const elapsed = before && (performance.now() - before.at) / 1_000;
  const shown = series(counts).filter(({ name }) => !name.startsWith("cablestream_account_"));
  fill(
    $("counts"),
    shown.map(({ name, total, totalBefore, parts }) => {
      const isCounter = name.endsWith("_total");
      const rate = elapsed && isCounter ? ((total - totalBefore) / elapsed).toFixed(1) : "";
      // The rooms for each resource can't be added up.
      const value = name.endsWith("_room") ? "" : amount(name, total);
      const labels = parts.map((part) => part.join(": ")).join(", ");
      return row([metric(name), number(value), number(rate), long(labels)]);
    }),
  );
}

/** The name; a narrow window omits the prefix. */
function metric(name) {
  const [, own, rest] = name.match(/^(cablestream_|)(.*)$/);
  const prefix = element("span", { className: "prefix", textContent: own });
  return element("td", { className: "code" }, prefix, rest);
}

function amount(name, value) {
  return name.includes("_bytes") ? bytes(value) : count(value);
}

/** The counts by metric, each with its labels' values other than 0. */
function series(counts) {
  const metrics = new Map();
  for (const [full, value] of Object.entries(counts)) {
    const [, name, labels = ""] = full.match(/^([^{]+)(?:\{(.*)\})?$/);
    const metric = metrics.get(name) ?? { name, total: 0, totalBefore: 0, parts: [] };
    metrics.set(name, metric);
    metric.total += value;
    metric.totalBefore += before?.counts[full] ?? 0;
    const words = labels.split(",").map((label) => label.slice(label.indexOf("=") + 1));
    if (labels && value !== 0) metric.parts.push([words.join(" "), amount(name, value)]);
  }
  return [...metrics.values()];
}

function list(target, entries) {
  target.replaceChildren(
    ...Object.entries(entries).flatMap(([term, value]) => [
      element("dt", { textContent: term }),
      element("dd", { textContent: value }),
    ]),
  );
}

function row(cells) {
  return element(
    "tr",
    {},
    ...cells.map((cell) => (cell instanceof Node ? cell : element("td", { textContent: cell }))),
  );
}

function long(value) {
  return element("td", { className: "value", textContent: value });
}

function number(value) {
  return element("td", { className: "number", textContent: value });
}

function code(value) {
  return element("td", { className: "code", textContent: value });
}

// ---------------------------------------------------------------------------------- one session

async function look(hash) {
  try {
    const [session] = await ask("session/" + hash);
    $("session-title").textContent = `Session ${hash}`;
    list($("detail"), {
      Mode: session.mode,
      ...(session.fallback && { "Why no WebSocket": FALLBACKS[session.fallback] }),
      Address: session.address,
      Page: session.origin || "unknown",
      Browser: session.user_agent || "unknown",
      Cable: session.cable,
      Age: duration(session.age_seconds),
      Listeners: listeners(session),
      Channels: channels(session),
      Events: count(session.events),
      Lag: lag(session),
      Log: bytes(session.log_bytes),
      "Unsent commands": bytes(session.unsent_bytes),
    });
    $("transitions").replaceChildren(
      ...session.transitions.map((each) => transition(each, session.channel_names)),
    );
    $("close-session").onclick = () => close(hash);
    $("session").showModal();
    $("transitions").scrollTop = $("transitions").scrollHeight;
  } catch (failure) {
    report(failure);
  }
}

/** By class name: parameters may be private, and the bridge doesn't return them. */
function channels({ mode, channels: ids, channel_names: names }) {
  if (mode === "tunnel") return "not known: the bridge doesn't read a tunnel's subscriptions";
  const counts = new Map();
  for (const id of ids) {
    const name = names[id] ?? "unnamed";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].map(([name, times]) => (times > 1 ? `${name} × ${times}` : name));
  return parts.join(", ") || "none";
}

function transition({ at, step, detail, times }, names) {
  const when = new Date(at);
  const id = detail?.length === 8 && Object.keys(names).find((each) => each.startsWith(detail));
  const words = [step, id ? `${names[id]} (${detail})` : detail, times > 1 && `× ${times}`];
  const time = element("time", { dateTime: at, title: calendar.format(when) }, clock.format(when));
  return element("li", {}, time, "  " + words.filter(Boolean).join(" "));
}

async function close(hash) {
  if (!confirm(`Close session ${hash}? Its client doesn't reconnect by itself.`)) return;
  try {
    await ask(`session/${hash}/close`, { method: "POST" });
    $("session").close();
    await refresh();
  } catch (failure) {
    $("session").close();
    report(failure);
  }
}

// ------------------------------------------------------------------------------------- controls

$("sessions").tHead.rows[0].replaceChildren(...COLUMNS.map(head));
$("refresh").onclick = refresh;
$("automatic").onchange = schedule;
$("sign-out").onclick = () => {
  signOut();
  report(null);
};
$("search").oninput = () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, SEARCH_DELAY_MS);
};
document.onvisibilitychange = () => {
  if (!document.hidden && token && $("automatic").checked) refresh();
  else clearTimeout(timer);
};
$("access").onsubmit = (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  $("token").value = "";
  if (TOKEN.test(token)) {
    refresh();
  } else {
    signOut();
    report(new Error(WRONG_TOKEN));
  }
};
if (token) refresh();
