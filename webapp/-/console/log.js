import { oncePerFrame } from "./elements.js";

/**
 * A bounded list that follows its newest entry unless the reader has scrolled away. Once a frame
 * it makes only the entries that will be seen: a burst of 100,000 events costs no more.
 */
export class Log {
  constructor(section, most, render) {
    this.most = most;
    this.render = render;
    this.scroller = section.querySelector(".scroller");
    this.list = section.querySelector("ol");
    this.empty = section.querySelector(".scroller > .empty");
    this.filtered = section.querySelector(".scroller > .filtered");
    this.latest = section.querySelector(".latest");
    this.tally = section.querySelector(".tally");
    this.waiting = [];
    this.total = 0;
    this.paused = false;
    this.following = true;
    this.shows = () => true;
    /** Called after each change of the visible entries. */
    this.updated = () => {};
    this.schedule = oncePerFrame(() => this.#update());
    this.top = 0;
    this.scroller.addEventListener("scroll", () => this.#scrolled());
    this.latest.addEventListener("click", () => this.follow());
    // A reader who opens an entry wants to read it.
    this.list.addEventListener("toggle", ({ target }) => target.open && this.#stay(), true);
    new ResizeObserver(() => this.following && this.follow()).observe(this.list);
  }

  add(item) {
    this.total++;
    this.waiting.push(item);
    if (this.waiting.length > 2 * this.most) this.waiting.splice(0, this.waiting.length - this.most);
    this.schedule();
  }

  pause(paused) {
    this.paused = paused;
    this.schedule();
  }

  clear() {
    this.waiting = [];
    this.total = 0;
    this.list.replaceChildren();
    this.schedule();
  }

  filter(shows) {
    this.shows = shows;
    for (const row of this.list.children) row.hidden = !shows(row.item);
    this.schedule();
  }

  follow() {
    this.following = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.latest.hidden = true;
  }

  #update() {
    if (!this.paused) this.#flush();
    const kept = this.list.childElementCount;
    this.empty.hidden = kept > 0;
    this.filtered.hidden = kept === 0 || this.#shown() > 0;
    this.tally.textContent = this.#count();
    this.updated();
  }

  #flush() {
    const rows = this.waiting.splice(0).slice(-this.most).map((item) => this.#row(item));
    this.list.append(...rows);
    while (this.list.childElementCount > this.most) this.list.firstElementChild.remove();
    if (!this.following && rows.length > 0) this.latest.hidden = false;
  }

  #row(item) {
    const row = this.render(item);
    row.item = item;
    row.hidden = !this.shows(item);
    return row;
  }

  #count() {
    const kept = this.list.childElementCount;
    const shown = this.#shown();
    if (this.total === 0) return "";
    const parts = [this.total.toLocaleString()];
    if (kept < this.total - (this.paused ? this.waiting.length : 0)) parts.push(`last ${kept} kept`);
    if (shown < kept) parts.push(`${shown} shown`);
    return parts.join(" · ");
  }

  #shown() {
    return this.list.querySelectorAll(":scope > li:not([hidden])").length;
  }

  /** Scrolling up stops following; scrolling to the end starts it again. */
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollHeight - scrollTop - clientHeight < 24) {
      this.following = true;
      this.latest.hidden = true;
    } else if (scrollTop < this.top) {
      this.#stay();
    }
    this.top = scrollTop;
  }

  #stay() {
    this.following = false;
    this.latest.hidden = false;
  }
}
