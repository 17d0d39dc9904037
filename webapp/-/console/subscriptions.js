/** The list of subscriptions, each with its state and its actions. */
import { $, announce, button, element } from "./elements.js";
import { channelName } from "./events.js";
import { compact, object, prepend, without } from "./json.js";

/** The subscriptions that the page knows; another page in the same session may have made some. */
export class Subscriptions {
  /** @param {import("./commands.js").Commands} commands */
  constructor(commands) {
    this.commands = commands;
    /** @type {Set<Subscription>} */
    this.all = new Set();
    $("subscribe").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#subscribeAsTyped();
    });
  }

  #subscribeAsTyped() {
    const error = $("subscribe-error");
    error.hidden = true;
    try {
      this.subscribe(prepend("channel", $("channel").value.trim(), $("parameters").value));
    } catch (problem) {
      error.textContent = `Parameters: ${problem.message}`;
      error.hidden = false;
      $("parameters").focus();
    }
  }

  /**
   * @param {string} identifier JSON
   * @param {string} data JSON that the form for sending begins with
   */
  subscribe(identifier, data) {
    const known = this.#find({ key: compact(identifier) });
    (known ?? this.#add(identifier, data)).subscribe();
  }

  /** @param {object} event from the bridge module */
  heard(event) {
    if (!event.identifierText) return;
    const key = compact(event.identifierText);
    const known = this.#find({ key, channelId: event.chan_id });
    (known ?? this.#add(event.identifierText)).heard(event);
  }

  /**
   * The session has ended, and with it all subscriptions.
   *
   * @returns {Subscription[]} those that the session had
   */
  lost() {
    const kept = [...this.all].filter((subscription) => subscription.kept);
    this.all.forEach((subscription) => subscription.become("not subscribed"));
    return kept;
  }

  /** @param {Subscription[]} those subscriptions to repeat in a new session */
  renew(those) {
    if (those.length > 0) this.commands.send(those.map((each) => each.subscribing()));
  }

  showCounts() {
    this.all.forEach((subscription) => subscription.showCount());
  }

  /** Equivalent identifiers have the same channel id. */
  #find({ key, channelId }) {
    return [...this.all].find(
      (each) => each.key === key || (channelId && each.channelId === channelId),
    );
  }

  #add(identifier, data) {
    const subscription = new Subscription(identifier, data, this.commands, () =>
      this.all.delete(subscription),
    );
    this.all.add(subscription);
    $("subscriptions").append(subscription.card);
    return subscription;
  }
}

class Subscription {
  constructor(identifier, data, commands, removed) {
    this.identifier = identifier;
    this.key = compact(identifier);
    this.name = channelName(identifier)[0] || this.key;
    this.commands = commands;
    this.removed = removed;
    this.received = 0;
    this.stateText = element("span.state");
    this.count = element("span.count");
    this.again = button("Subscribe", () => this.subscribe());
    this.leave = button("Unsubscribe", () => this.#leave());
    this.sending = this.#sendForm(...without("action", data ?? "{}"));
    this.error = element("p.error", { role: "alert", hidden: true });
    this.card = this.#card();
    this.become("not subscribed");
  }

  #card() {
    this.again.classList.add("quiet");
    this.leave.classList.add("quiet");
    const buttons = element("div.buttons", {}, this.again, this.leave);
    return element(
      "li.subscription",
      {},
      element("h3", {}, ...channelName(this.identifier)),
      element("div.standing", {}, this.stateText, this.count, buttons),
      this.sending,
      this.error,
    );
  }

  #sendForm(action, data) {
    const code = { autocomplete: "off", autocapitalize: "off", spellcheck: false };
    this.action = element("input.code", { ...code, value: action ?? "", placeholder: "receive" });
    this.data = element("textarea.code", { ...code, value: data, rows: 1 });
    const form = element(
      "form",
      {},
      element("label", {}, "Action", this.action),
      element("label", {}, "Data", this.data),
      element("button", { textContent: "Send", ariaLabel: `Send to ${this.name}` }),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    const title = element("summary", { textContent: "Send" });
    return element("details.send", { open: action !== undefined }, title, form);
  }

  /**
   * @param {"not subscribed"|"subscribing"|"connected"|"rejected"|"unconfirmed"|"disconnected"}
   *   state
   */
  become(state) {
    this.state = state;
    this.card.dataset.state = state;
    this.stateText.textContent = state;
    this.sending.hidden = state === "rejected";
    this.again.hidden = this.kept;
    this.#name(this.again, state === "not subscribed" ? "Subscribe" : "Subscribe again");
    this.#name(this.leave, this.kept ? "Unsubscribe" : "Remove");
  }

  #name(button, label) {
    button.textContent = label;
    button.ariaLabel = `${label}: ${this.name}`;
  }

  /** Whether the bridge has the subscription. */
  get kept() {
    return ["subscribing", "connected", "disconnected"].includes(this.state);
  }

  heard(event) {
    this.channelId = event.chan_id;
    if (event.type === "received") {
      this.received++;
      return;
    }
    const unconfirmed = event.message?.reason === "unconfirmed";
    this.become(unconfirmed ? "unconfirmed" : event.type);
    announce(`${this.name}: ${this.state}`);
  }

  showCount() {
    this.count.textContent = this.received ? `${this.received.toLocaleString()} received` : "";
  }

  subscribe() {
    this.commands.issue(this.subscribing());
  }

  /** The command that subscribes. */
  subscribing() {
    return this.#command("subscribe", '"subscribe": true', {
      begun: () => this.state === "connected" || this.become("subscribing"),
      failed: () => this.become("not subscribed"),
    });
  }

  #leave() {
    if (this.kept) {
      const done = () => this.#remove();
      this.commands.issue(this.#command("unsubscribe", '"unsubscribe": true', { done }));
    } else {
      this.#remove();
    }
  }

  /** Moves the keyboard's focus to a neighbour. */
  #remove() {
    const next = this.card.nextElementSibling ?? this.card.previousElementSibling;
    const focused = this.card.contains(document.activeElement);
    this.card.remove();
    this.removed();
    if (focused) {
      (next?.querySelector(".buttons > :not([hidden])") ?? $("channel")).focus();
    }
  }

  #send() {
    let data;
    try {
      const action = this.action.value.trim();
      data = action ? prepend("action", action, this.data.value) : object(this.data.value);
    } catch (problem) {
      this.#fail(`Data: ${problem.message}`);
      this.data.focus();
      return;
    }
    this.commands.issue(this.#command("send to", `"send": ${data}`));
  }

  #command(verb, member, { begun, done, failed } = {}) {
    this.#fail("");
    return {
      label: `${verb} ${this.name}`,
      json: `{"identifier": ${this.identifier}, ${member}}`,
      begun,
      settled: ({ chan_id: channelId, error }) => {
        this.channelId = channelId ?? this.channelId;
        if (error) this.#fail(`${verb} ${this.name}: ${error}`);
        (error ? failed : done)?.();
      },
    };
  }

  #fail(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }
}
