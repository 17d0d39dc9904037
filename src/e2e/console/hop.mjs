/** A proxy in front of the bridge that can make the bridge appear to restart. */
import { once } from "node:events";
import { createServer, request } from "node:http";

const EVENTS_ID = /^\/[\w.~-]{16,128}(?=$|\?)/;

/**
 * A restarted bridge knows none of the earlier sessions: after a restart each events id continues
 * with another suffix, so the bridge knows no such session, and doesn't know the browser's last
 * event.
 */
export class Hop {
  static async to(bridge) {
    const hop = new Hop(new URL(bridge));
    await hop.#listen(0);
    return hop;
  }

  constructor(bridge) {
    this.bridge = bridge;
    this.restarts = 0;
    this.server = createServer((asked, answer) => this.#forward(asked, answer));
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Refuses connections, and breaks the existing ones. */
  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  async restart() {
    this.restarts++;
    await this.#listen(this.port);
  }

  async close() {
    if (this.server.listening) await this.stop();
  }

  async #listen(port) {
    this.server.listen(port, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
  }

  #forward(asked, answer) {
    const path = asked.url.replace(EVENTS_ID, (id) => id + "-restarted".repeat(this.restarts));
    const { hostname, port } = this.bridge;
    const { method, headers } = asked;
    const forwarded = request({ hostname, port, path, method, headers }, (answered) => {
      answer.writeHead(answered.statusCode, answered.headers);
      answered.pipe(answer);
      answered.on("error", () => answer.destroy());
    });
    forwarded.on("error", () => answer.destroy());
    answer.on("close", () => forwarded.destroy());
    asked.pipe(forwarded);
  }
}
