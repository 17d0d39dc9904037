/** The elements of the page. */
import { pretty } from "./json.js";

const SHOWN = 100_000;

export const $ = (id) => document.getElementById(id);

/** @param {string} tag with classes after dots: "span.type" */
export function element(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = Object.assign(document.createElement(name), properties);
  made.classList.add(...classes);
  made.append(...children);
  return made;
}

export function button(label, onclick, properties = {}) {
  return element("button", { type: "button", textContent: label, onclick, ...properties });
}

export function announce(text) {
  $("announcer").textContent = text;
}

const milliseconds = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hour12: false,
});

export function time(date) {
  return element("time", { dateTime: date.toISOString(), textContent: milliseconds.format(date) });
}

/** The time of day, to the second. */
export function clock(date) {
  return date.toLocaleTimeString();
}

/** Formats JSON, with names, strings and numbers distinguished; a long text is truncated. */
export function prettyPrint(text) {
  const cut = text.length > SHOWN;
  const pre = element("pre");
  for (const [kind, piece] of pretty(cut ? text.slice(0, SHOWN) : text)) {
    pre.append(kind ? element(`span.${kind}`, { textContent: piece }) : piece);
  }
  if (cut) pre.append(`\n… ${(text.length - SHOWN).toLocaleString()} characters more`);
  return pre;
}

export function copyButton(what, text) {
  const copy = button("Copy", async () => {
    copy.textContent = (await copied(text)) ? "Copied" : "Select and copy";
    announce(copy.textContent);
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  copy.classList.add("quiet");
  copy.ariaLabel = `Copy ${what}`;
  return copy;
}

/** Calls the function at most once a frame, however often it is requested. */
export function oncePerFrame(update) {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      update();
    });
  };
}

/** The clipboard API exists on HTTPS and localhost only. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea.hidden", { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
