/**
 * JSON as text. JSON.parse would round numbers and lose the form that the bridge preserves; the
 * console shows and sends the original text.
 */

const TOKEN = /[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/gs;

/** The slices of an object's members by name, or of an array's elements by index. */
function parts(text, open, close) {
  const slices = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (depth === 1 && (token === "," || token === close)) {
      slices.push(text.slice(start, index).trim());
      start = index + 1;
    }
    if (token === "{" || token === "[") {
      depth++;
      if (depth === 1) {
        if (token !== open) return [];
        start = index + 1;
      }
    } else if (token === "}" || token === "]") {
      depth--;
    }
  }
  return slices.filter((slice) => slice !== "");
}

/** @returns {string[]} each element's text */
export function elements(text) {
  return parts(text, "[", "]");
}

/** @returns {Object<string, string>} each member's text by its name; the last of a duplicate */
export function members(text) {
  const found = Object.create(null);
  for (const slice of parts(text, "{", "}")) {
    const name = slice.match(/^"[^"\\]*(?:\\.[^"\\]*)*"/s)?.[0];
    if (name !== undefined) {
      found[JSON.parse(name)] = slice.slice(name.length).replace(/^\s*:\s*/, "");
    }
  }
  return found;
}

/** The text without white space between tokens. */
export function compact(text) {
  return (text.match(TOKEN) ?? []).join("");
}

/** @returns {[kind: string, text: string][]} the pieces of an indented rendering */
export function pretty(text) {
  const tokens = text.match(TOKEN) ?? [];
  const pieces = [];
  let depth = 0;
  const line = () => pieces.push(["", "\n" + "  ".repeat(Math.max(0, depth))]);
  tokens.forEach((token, i) => {
    const next = tokens[i + 1];
    if (token === "{" || token === "[") {
      pieces.push(["", token]);
      depth++;
      if (next !== "}" && next !== "]") line();
    } else if (token === "}" || token === "]") {
      depth--;
      if (tokens[i - 1] !== "{" && tokens[i - 1] !== "[") line();
      pieces.push(["", token]);
    } else if (token === ",") {
      pieces.push(["", ","]);
      line();
    } else if (token === ":") {
      pieces.push(["", ": "]);
    } else {
      pieces.push([kind(token, next), token]);
    }
  });
  return pieces;
}

function kind(token, next) {
  if (token[0] === '"') return next === ":" ? "name" : "string";
  return /^[-\d]/.test(token) ? "number" : "literal";
}

/**
 * The text of an object, `{}` if it is empty.
 *
 * @throws {SyntaxError} with the problem
 */
export function object(text) {
  const trimmed = text.trim() || "{}";
  const parsed = JSON.parse(trimmed);
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
    throw new SyntaxError('an object is needed, such as {"room": 1}');
  }
  return trimmed;
}

/**
 * The object's text with one more member, before the others.
 *
 * @throws {SyntaxError} with the problem
 */
export function prepend(name, value, text) {
  const others = object(text);
  if (name in members(others)) {
    throw new SyntaxError(`“${name}” is given twice`);
  }
  const rest = others.slice(1, -1).trim();
  return `{${JSON.stringify(name)}: ${JSON.stringify(value)}${rest && ", "}${rest}}`;
}

/** The reverse: a member's value, and the object's text without it. */
export function without(name, text) {
  const { [name]: value, ...others } = members(text);
  const rest = Object.entries(others).map(([key, slice]) => `${JSON.stringify(key)}: ${slice}`);
  return [value === undefined ? undefined : JSON.parse(value), `{${rest.join(", ")}}`];
}
