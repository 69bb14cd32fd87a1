// Validated replies on their way. An entry is on the disk before it is sent, and leaves it only when the server has
// said what became of it: recorded (its own id comes back), handed back for its form, or no longer asked for.

import { ask, page } from "./server.js";
import * as store from "./store.js";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;
const FORM = new Set(["empty_reply", "malformed_reply", "same_place_twice", "choice_used_twice"]);
const GONE = new Set(["not_on_screen", "answer_conflict", "unknown_item"]);
const AGAIN = new Set(["superseded", "too_many_attempts"]);

export class Outbox {
  // `tell` has a function for each thing that can happen: sending, unheard, recorded, handedBack, gone, held.
  constructor(sitting, address, tell) {
    Object.assign(this, { sitting, address, tell, busy: false, again: false, wait: FIRST_WAIT, timer: 0, stopped: false });
    const now = () => document.hidden || this.nudge();
    addEventListener("online", now);
    addEventListener("pageshow", now);
    document.addEventListener("visibilitychange", now);
  }

  entries() {
    return store.ofSitting("outbox", this.sitting);
  }

  async add(entry) {
    await store.put("outbox", { ...entry, sitting: this.sitting, tries: 0 });
    await this.nudge();
  }

  async drop(entry) {
    await store.remove("outbox", entry.answer_id);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  // Try at once, whatever was waited for.
  async nudge() {
    this.again = true;
    if (this.stopped || this.busy) return;
    clearTimeout(this.timer);
    this.busy = true;
    let heard = true;
    try {
      while (this.again && heard && !this.stopped) {
        this.again = false;
        for (const entry of await this.entries()) heard = (await this.send(entry)) && heard;
      }
    } finally {
      this.busy = false;
    }
    if (heard || this.stopped) {
      this.wait = FIRST_WAIT;
      return;
    }
    this.timer = setTimeout(() => this.nudge(), this.wait * (0.5 + Math.random() / 2));
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  // Whether the server was heard, so that nothing has to be tried again.
  async send(entry) {
    if (entry.bell && (await this.tell.isBellOff?.(entry))) {
      await this.drop(entry);
      return true;
    }
    this.tell.sending?.(entry);
    const fields = [...entry.fields, ["item", entry.item], ["answer_id", entry.answer_id], ["page", page]];
    const reply = await ask(this.address, fields, { keepalive: true });
    const code = reply?.said.code;
    if (reply?.ok && reply.said.recorded === entry.answer_id) {
      await this.drop(entry);
      this.tell.recorded?.(entry, reply.said);
      return true;
    }
    if (!reply || reply.ok || AGAIN.has(code)) {
      await store.put("outbox", { ...entry, tries: entry.tries + 1 });
      this.tell.unheard?.(entry);
      return false;
    }
    if (FORM.has(code)) {
      await this.drop(entry);
      this.tell.handedBack?.(entry, reply.said.error);
    } else if (GONE.has(code)) {
      await this.drop(entry);
      this.tell.gone?.(entry);
    } else if (code) this.tell.held?.(entry, code, reply.said.error);
    else this.tell.unheard?.(entry);
    return true;
  }
}
