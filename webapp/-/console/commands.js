/** Commands for the bridge: sent one at a time, or collected for one POST. */
import { $, announce, button, element } from "./elements.js";

/**
 * @typedef {{label: string, json: string, begun?: () => void,
 *   settled: (reply: {chan_id?: string, error?: string}) => void}} Command `begun` when it is
 *   about to be posted; a request that fails as a whole settles each of its commands
 */
export class Commands {
  /**
   * @param {(what: string, commands: string[]) => Promise<object[]>} post gives a reply for each
   * @param {(error: Error) => void} failed called when a whole request fails
   */
  constructor(post, failed) {
    this.post = post;
    this.failed = failed;
    /** @type {Command[]} */
    this.collected = [];
    this.area = $("batch");
    $("batching").addEventListener("change", () => this.#empty());
    $("discard-batch").addEventListener("click", () => this.#empty());
    $("post-batch").addEventListener("click", () => this.send(this.#empty()));
    this.#show();
  }

  /** @param {Command} command */
  issue(command) {
    if ($("batching").checked) {
      this.collected.push(command);
      this.#show();
      announce(`Commands collected: ${this.collected.length}`);
    } else {
      this.send([command]);
    }
  }

  /**
   * Posts the commands together, at once.
   *
   * @param {Command[]} commands at least one
   */
  async send(commands) {
    commands.forEach((command) => command.begun?.());
    const what = commands.length > 1 ? `${commands.length} commands` : commands[0].label;
    try {
      const replies = await this.post(what, commands.map(({ json }) => json));
      replies.forEach((reply, i) => commands[i].settled(reply));
    } catch (error) {
      commands.forEach((command) => command.settled({ error: "not posted" }));
      this.failed(error);
    }
  }

  #empty() {
    const commands = this.collected;
    this.collected = [];
    this.#show();
    return commands;
  }

  #show() {
    const count = this.collected.length;
    this.area.hidden = !$("batching").checked;
    this.area.querySelector(".empty").hidden = count > 0;
    this.area.querySelector(".buttons").hidden = count === 0;
    this.area.querySelector("ol").replaceChildren(...this.collected.map((each) => this.#item(each)));
    $("post-batch").textContent = count === 1 ? "Post the command" : `Post all ${count}`;
  }

  #item(command) {
    const withdraw = button("Remove", () => {
      this.collected = this.collected.filter((each) => each !== command);
      this.#show();
    });
    withdraw.classList.add("quiet");
    withdraw.ariaLabel = `Remove ${command.label}`;
    return element("li", {}, element("code", { textContent: command.json }), withdraw);
  }
}
