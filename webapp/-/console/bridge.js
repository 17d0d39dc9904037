/**
 * One session with the bridge: opens it, listens by EventSource or long poll, posts commands,
 * reconnects, and sends the farewell. It doesn't depend on the page.
 */
import { elements, members } from "./json.js";

const FIRST_RETRY = 1000;
const LAST_RETRY = 8000;
/** The bridge dials for 10 s at most; after that only a proxy can delay a stream. */
const FIRST_BYTES = 12000;
const UNOPENED_STREAMS = 3;
/** When a page is being left, its stream fails shortly before its pagehide event. */
const LEAVING = 300;
const NO_STREAMS =
  "The session is there, but its stream doesn’t get through: something in between holds it back." +
  " The long poll should work.";

/** A failed request, with the bridge's error. */
export class BridgeError extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** The session has ended permanently: 204 to a GET, 410 to other requests. */
  get ended() {
    return this.status === 204 || this.status === 410;
  }

  /** A repetition may succeed: there was no answer, or the server failed. */
  get passing() {
    return this.status === 0 || this.status >= 500;
  }
}

/**
 * @typedef {"idle"|"connecting"|"open"|"reconnecting"|"detached"|"closed"|"failed"} State
 * @typedef {{what: string, method: string, url: string, headers: Object<string, string>,
 *   body?: string, stream?: boolean, polls?: boolean}} Request
 */
export class Bridge {
  /**
   * @param {{state: (state: State, detail?: object) => void, event: (event: object) => void,
   *   request: (request: Request) => (outcome: object) => void}} on the page's callbacks;
   *   `request` returns the callback for the outcome
   */
  constructor(on) {
    this.on = on;
    this.state = "idle";
  }

  /** @param {{id: string, query: string, transport: string, cursor: string, timeout: number, queue: number}} options */
  connect(options) {
    Object.assign(this, options);
    this.sessionId = null;
    this.everOpen = false;
    this.unopened = 0;
    this.posted = Promise.resolve();
    this.#listen();
  }

  /** Continues after the last event. */
  resume() {
    this.#listen();
  }

  /** Changes the transport of the same session. */
  switchTo(transport) {
    this.transport = transport;
    if (this.listening) {
      this.#listen();
    }
  }

  /** Ends only the listener: the session lingers. */
  detach() {
    this.#stop();
    this.#become("detached");
  }

  async end() {
    this.#stop();
    this.#become("closed", { reason: "ended" });
    await this.#fetch({ what: "End the session", method: "DELETE", url: this.#url([]) });
  }

  /** The page is being left: only a beacon can still be sent. */
  farewell() {
    if (!this.sessionId || this.state === "closed" || this.state === "failed") return;
    this.#stop();
    const url = this.#url([["session-id", this.sessionId]]);
    this.on.request({ what: "Farewell", method: "POST", url, headers: {}, body: "" })({
      note: "beacon",
    });
    navigator.sendBeacon(url);
    this.#become("closed", { reason: "ended" });
  }

  /**
   * One POST after the other, as a later one may otherwise arrive first.
   *
   * @param {string} what for the list of requests
   * @param {string[]} commands each one's JSON
   * @returns {Promise<object[]>} the replies, one for each
   */
  async post(what, commands) {
    const request = {
      what,
      method: "POST",
      url: this.#url([]),
      headers: { "Content-Type": "application/json" },
      body: `[${commands.join(", ")}]`,
    };
    const answered = this.posted.then(() => this.#fetch(request));
    this.posted = answered.catch(() => {});
    return JSON.parse((await answered).text);
  }

  get listening() {
    return ["connecting", "open", "reconnecting"].includes(this.state);
  }

  #listen() {
    this.#stop();
    this.attempt = new AbortController();
    this.#become(this.everOpen ? "reconnecting" : "connecting");
    const { signal } = this.attempt;
    this.#run(signal).catch((error) => {
      if (signal.aborted) return;
      this.#stop();
      if (error.ended) {
        this.#become("closed", { reason: "ended" });
      } else {
        this.#become("failed", { error });
      }
    });
  }

  #stop() {
    this.attempt?.abort();
  }

  #become(state, detail) {
    this.state = state;
    this.on.state(state, detail);
  }

  async #run(signal) {
    for (let failures = 0; !signal.aborted; ) {
      try {
        if (this.transport === "poll") {
          await this.#poll(signal);
        } else {
          await this.#stream(signal);
        }
        failures = 0;
      } catch (error) {
        if (signal.aborted || !error.passing || !this.everOpen) throw error;
        this.#become("reconnecting", { error });
        const delay = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** failures++);
        await sleep(Math.max(delay, 1000 * (error.retryAfter || 0)), signal);
      }
    }
  }

  /** One long poll; the caller's loop sends the next. */
  async #poll(signal) {
    const began = performance.now();
    const response = await this.#ask("Poll", this.timeout, signal);
    if (signal.aborted) return;
    const answer = this.#answered(response.text);
    if (this.state === "reconnecting") await sleep(FIRST_RETRY, signal);
    // Another page that polls the same session ends each of this page's polls at once, with no
    // events.
    if (answer.length === 0 && performance.now() - began < 500 * this.timeout) {
      await sleep(1000, signal);
    }
  }

  async #ask(what, timeout, signal) {
    const url = this.#url([
      ["timeout", timeout],
      ["poll-queue", this.queue],
      ...this.#cursorParameter(),
    ]);
    const headers = { Accept: "application/json" };
    return this.#fetch({ what, method: "GET", url, headers, polls: true }, signal);
  }

  #answered(text) {
    const events = elements(members(text).messages ?? "[]");
    this.#opened();
    events.forEach((event) => this.#arrived(event));
    return events;
  }

  /** Returns when the stream has ended and the browser doesn't reconnect by itself. */
  async #stream(signal) {
    const opened = await new Promise((resolve) => this.#openStream(signal, resolve));
    await sleep(LEAVING, signal);
    if (signal.aborted) return;
    // An EventSource doesn't report why it failed. The same request without a stream returns a
    // status and a reason; its events are handled like those of any other response.
    this.#answered((await this.#ask("Ask why the stream ended", 0, signal)).text);
    this.unopened = opened ? 0 : this.unopened + 1;
    if (this.unopened === UNOPENED_STREAMS) throw new BridgeError(null, NO_STREAMS);
    await sleep(FIRST_RETRY, signal);
  }

  #openStream(signal, ended) {
    const url = this.#url(this.#cursorParameter());
    const headers = { Accept: "text/event-stream" };
    const request = { what: "Listen", method: "GET", url, headers, stream: true };
    let outcome = this.on.request(request);
    let opened = false;
    const source = new EventSource(url);
    const end = (note) => {
      clearTimeout(deadline);
      if (source.readyState !== EventSource.CLOSED || note === "failed") outcome({ note });
      source.close();
      ended(opened);
    };
    const deadline = setTimeout(() => end("nothing came"), FIRST_BYTES);
    signal.addEventListener("abort", () => end("closed"));
    source.onopen = () => {
      clearTimeout(deadline);
      opened = true;
      outcome({ status: 200, note: "stream" });
      this.#opened();
    };
    source.onmessage = ({ data }) => this.#arrived(data);
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) {
        end("failed");
        return;
      }
      outcome({ note: "broken off" });
      this.#become("reconnecting");
      outcome = this.on.request({
        ...request,
        what: "Listen again, by the browser itself",
        headers: { ...headers, ...(this.cursor && { "Last-Event-ID": this.cursor }) },
      });
    };
  }

  #opened() {
    this.everOpen = true;
    if (this.state !== "open") {
      this.#become("open");
    }
  }

  #arrived(text) {
    const event = { ...JSON.parse(text), text };
    const { identifier, message } = members(text);
    this.cursor = event.msg_id ?? this.cursor;
    const renewed = this.sessionId !== null && event.session_id !== this.sessionId;
    this.sessionId = event.session_id;
    this.on.event({ ...event, identifierText: identifier, messageText: message, renewed });
    if (event.type !== "closed") return;
    if (event.reconnect) {
      // The server ended the stream, or will answer the next poll after its restart.
      this.#become("reconnecting");
    } else {
      this.#stop();
      this.#become("closed", { reason: event.reason });
    }
  }

  #cursorParameter() {
    return this.cursor ? [["last-event-id", this.cursor]] : [];
  }

  /** The application's query first, unchanged, then the bridge's own parameters. */
  #url(parameters) {
    const own = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const query = [this.query, ...own].filter((part) => part !== "").join("&");
    return new URL(encodeURIComponent(this.id) + (query && `?${query}`), document.baseURI).href;
  }

  async #fetch(request, signal) {
    const { method, url, headers = {}, body } = request;
    const outcome = this.on.request({ ...request, headers });
    const began = performance.now();
    const took = () => Math.round(performance.now() - began);
    let response;
    let text;
    try {
      response = await fetch(url, { method, headers, body, signal, cache: "no-store" });
      text = await response.text();
    } catch (error) {
      outcome({ note: signal?.aborted ? "abandoned" : "no answer", took: took() });
      throw new BridgeError(0, "No answer. Is the bridge running, and the network up?");
    }
    outcome({ status: response.status, text, took: took() });
    const expected = method === "DELETE" ? 204 : 200;
    if (response.status !== expected) throw failure(response, text);
    return { text };
  }
}

function failure(response, text) {
  const retryAfter = Number(response.headers.get("Retry-After"));
  let message;
  try {
    message = JSON.parse(text).error;
  } catch {
    message = text && "The answer isn’t the bridge’s own: something in front of it has answered.";
  }
  return new BridgeError(response.status, message ?? "", retryAfter);
}

function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
    if (signal.aborted) resolve();
  });
}
