/**
 * The same request as a command line for a POSIX shell. Browsers add some headers themselves: the
 * origin, and the cookies that a script can read, are added here.
 */
export function curl({ method, url, headers, body, stream }) {
  const words = ["curl"];
  if (stream) words.push("-N");
  // curl expands brackets and braces in URLs.
  if (/[[\]{}]/.test(url)) words.push("-g");
  if (method !== "GET" && !(method === "POST" && body !== undefined)) words.push("-X", method);
  const lines = [[...words, quote(url)].join(" ")];
  for (const [name, value] of Object.entries(headers)) {
    lines.push(`-H ${quote(`${name}: ${value}`)}`);
  }
  lines.push(`-H ${quote(`Origin: ${location.origin}`)}`);
  if (document.cookie) lines.push(`-b ${quote(document.cookie)}`);
  if (body !== undefined) lines.push(`--data-raw ${quote(body)}`);
  return lines.join(" \\\n  ");
}

function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
