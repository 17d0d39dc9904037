/** The list of requests: each as an equivalent command line, with its outcome. */
import { curl } from "./curl.js";
import { $, copyButton, element, time } from "./elements.js";
import { Log } from "./log.js";

const MAX = 200;
const SHOWN = 2000;

const log = new Log($("requests"), MAX, ({ row }) => row);

/**
 * @param {import("./bridge.js").Request} request
 * @returns {(outcome: {status?: number, note?: string, took?: number, text?: string}) => void}
 */
export function show(request) {
  const status = element("span.outcome", { textContent: "…" });
  const row = element("li.request", {}, head(request, status), command(curl(request)));
  log.add({ row, polls: request.polls });
  return (outcome) => settle(row, status, outcome);
}

function head({ method, what }, status) {
  return element(
    "p.head",
    {},
    time(new Date()),
    element("span.method", { textContent: method }),
    element("span.what", { textContent: what }),
    status,
  );
}

function command(line) {
  const text = element("pre", { textContent: line });
  return element("div.command", {}, text, copyButton("the command", line));
}

function settle(row, status, { status: code, note, took, text }) {
  status.textContent = [code, note, took >= 0 && `${took} ms`].filter(Boolean).join(" · ");
  row.dataset.failed = String(code >= 400 || note === "no answer");
  if (text) row.append(answer(text));
}

function answer(text) {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return element(
    "details.answer",
    {},
    element("summary", { textContent: "Answer" }),
    element("pre", { textContent: shown }),
  );
}

$("polls").addEventListener("change", () => {
  log.filter((request) => $("polls").checked || !request.polls);
});
$("clear-requests").addEventListener("click", () => log.clear());
